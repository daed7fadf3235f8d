// Torsos whose pixels are polynomials of the pose, against their network.
import Base
import Foundation
import Tensors
import TestSupport
import Testing
@testable import TalkingHead

@Suite struct BakedTorsos {
    /// Nova's torso in small pictures, and her recorded cameras.
    static func nova(side: Int) throws -> (torso: TorsoRenderer, cameras: [RayCamera]) {
        let folder = try ScratchFolder()
        let path = folder.file("small.persona")
        try SmallPersona.write(to: path, side: side)
        let package = try PersonaPackage.read(path), manifest = package.manifest
        let configuration = try FieldConfiguration(checking: package.weights, path: path), shapes = ParameterLayout(configuration.torsoShapes)
        let grid = try #require(package.weights.tensors["density_grid_torso"])
        let torso = TorsoRenderer(layout: shapes, block: shapes.block(from: package.weights.tensors),
                                  occupancy: TorsoOccupancy(values: grid.values, threshold: min(0.01, package.weights.meanDensityTorso)))
        let conversion = PoseConversion(manifest)
        let cameras = package.poses(conversion).map {
            RayCamera(cameraToWorld: conversion.camera(for: $0).rows, focal: SIMD2(repeating: manifest.focal), center: SIMD2(manifest.center[0], manifest.center[1]), width: side, height: side)
        }
        return (torso, cameras)
    }

    /// The torso alone, premultiplied.
    static func picture(_ torso: TorsoRenderer, _ baked: BakedTorso?, _ camera: RayCamera) -> [Float] {
        let pixels = Buffer<Float>(count: 4 * camera.width * camera.height)
        TorsoLayer(torso, baked, camera).draw(rows: 0..<camera.height, under: pixels.pointer)
        return Array(pixels.elements)
    }

    @Test(.enabled(if: FastHeads.nova != nil, "personas/nova.persona is missing")) func mostPixelsOfATorsoNeedNoNetwork() throws {
        let (torso, cameras) = try Self.nova(side: 64)
        let baked = try #require(TorsoBaker(torso: torso, cameras: cameras).bake(ComputeBudget(threads: 2)))
        let known = baked.runs.reduce(0) { $0 + Int($1.count) }, asked = baked.asking.reduce(0) { $0 + Int($1.count) }
        #expect(known > 4 * asked, "\(known) known, \(asked) asked")
        for index in [11, 502, 1733] {
            let own = Self.picture(torso, baked, cameras[index]), wanted = Self.picture(torso, nil, cameras[index])
            var error: Float = 0
            for (a, b) in zip(own, wanted) { error += (a - b) * (a - b) }
            #expect(-10 * log10(error / Float(own.count)) > 50, "pose \(index)")
            // One band of rows alone is the same.
            let alone = Buffer<Float>(count: own.count)
            TorsoLayer(torso, baked, cameras[index]).draw(rows: 40..<56, under: alone.pointer)
            let same = alone.elements[(4 * 64 * 40)..<(4 * 64 * 56)].elementsEqual(own[(4 * 64 * 40)..<(4 * 64 * 56)])
            #expect(same)
        }
        let data = baked.encoded()
        let back = try #require(data.withUnsafeBytes { BakedTorso(decoding: $0) })
        #expect(back.runs == baked.runs && back.asking == baked.asking && back.axes == baked.axes && back.reach == baked.reach)
        let same = back.values.elements.elementsEqual(baked.values.elements)
        #expect(same)
        for length in [0, 7, 100, data.count / 2, data.count - 1] {
            #expect(data.prefix(length).withUnsafeBytes { BakedTorso(decoding: $0) } == nil, "cut to \(length) bytes")
        }
        for offset in stride(from: 0, to: 400, by: 3) {
            var broken = data
            for k in 0..<4 { broken[broken.startIndex + offset + k] = 0x7F }
            // Never a trap; what is accepted can be drawn.
            if let odd = broken.withUnsafeBytes({ BakedTorso(decoding: $0) }) { _ = Self.picture(torso, odd, cameras[0]) }
        }
        #expect(TorsoBaker(torso: torso, cameras: Array(cameras.prefix(5))).bake(.single) == nil)
        withExtendedLifetime((back, baked)) {}
    }

    @Test func aFitFindsThePolynomialThatMadeItsNumbers() throws {
        func coordinate(_ k: Int, _ axis: Int) -> Float {
            let number: Int = k * 7 + axis * 13 + k * k * (axis + 1)
            return Float(number % 23) / 11 - 1
        }
        func product(_ a: [Float], _ b: [Float]) -> Float {
            var sum: Float = 0
            for (x, y) in zip(a, b) { sum += x * y }
            return sum
        }
        let places: [[Float]] = (0..<40).map { (k: Int) -> [Float] in [coordinate(k, 0), coordinate(k, 1), coordinate(k, 2)] }
        let rows: [[Float]] = places.map { BakedTorso.factors($0) }
        let wanted: [Float] = (0..<BakedTorso.terms).map { (t: Int) -> Float in 0.3 + 0.1 * Float(t) }
        let values: [Float] = rows.map { product($0, wanted) }
        let solution = try #require(TorsoBaker.solution(rows))
        for t in wanted.indices {
            let found = product(solution[t], values)
            #expect(abs(found - wanted[t]) < 1e-3, "term \(t)")
        }
        // A direction that never changes says nothing.
        let flat = try #require(TorsoBaker.solution(places.map { (p: [Float]) -> [Float] in BakedTorso.factors([p[0], p[1], 0]) }))
        #expect(flat.allSatisfy { (row: [Float]) in row.allSatisfy(\.isFinite) })
        #expect(flat[3].allSatisfy { (value: Float) in value == 0 })
    }
}
