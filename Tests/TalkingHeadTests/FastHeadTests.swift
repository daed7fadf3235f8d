// Fast frames against exact ones, on the persona that comes with the program; the file that keeps a baked field.
import Base
import Engines
import Foundation
import Imaging
import Kernels
import TestSupport
import Testing
@testable import TalkingHead

@Suite(.serialized) struct FastHeads {
    static let nova = [SharedFolder.projectRoot + "/personas/nova.persona"].first { FileManager.default.fileExists(atPath: $0) }

    /// Decibels between two pictures, over all numbers.
    static func decibels(_ a: Frame, _ b: Frame) -> Double {
        a.withPixels { a in b.withPixels { b in
            let sum = zip(a, b).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
            return -10 * Foundation.log10(max(sum / Double(a.count), 1e-12))
        } }
    }

    @Test(.enabled(if: nova != nil, "personas/nova.persona is missing")) func fastFramesAreTheExactOnesWithin45Decibels() throws {
        let source = try #require(Self.nova)
        let folder = NSTemporaryDirectory() + "fast-heads-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/nova.persona"
        try FileManager.default.copyItem(atPath: source, toPath: path)
        let exact = try ErnerfPersona(path: path), fast = try ErnerfPersona(path: path, quality: .fast)
        #expect(exact.contentKey != fast.contentKey)
        let speech = SampleSpeech.rows(channels: try PersonaPackage.read(path).weights.tensors["audio_net.encoder_conv.0.weight"].map { $0.shape[1] } ?? 32)
        let codes = try exact.audioCodes(for: SpeechFeatures(rows: Array(speech.prefix(40)), channels: speech[0].count / 16, steps: 16))
        var pictures: [Frame] = []
        for (frame, eye) in [(7, Float(0)), (19, 0.5), (31, 0)] {
            let pose = try #require(exact.recordedPose(frame * 61))
            let conditions = ActorConditions(pose: pose, eyeClosure: eye, audioCode: codes[frame])
            let drawn = try fast.render(conditions, budget: ComputeBudget(threads: 2))
            let difference = Self.decibels(try exact.render(conditions, budget: ComputeBudget(threads: 2)), drawn)
            #expect(difference >= 45, "frame \(frame): \(difference) dB")
            let work = fast.headCost(conditions), whole = exact.headCost(conditions)
            #expect(work.multiplyAdds < whole.multiplyAdds, "\(work) against \(whole)")
            pictures.append(drawn)
        }
        // Again, from the file, on one thread, in another order: the same bytes.
        #expect(fast.bakedStorage == .file(folder + "/nova.persona.baked"))
        let again = try ErnerfPersona(path: path, quality: .fast)
        for (index, (frame, eye)) in [(7, Float(0)), (19, 0.5), (31, 0)].enumerated().reversed() {
            let pose = try #require(exact.recordedPose(frame * 61))
            let drawn = try again.render(ActorConditions(pose: pose, eyeClosure: eye, audioCode: codes[frame]), budget: .single)
            let same = drawn.withPixels { a in pictures[index].withPixels { b in a.elementsEqual(b) } }
            #expect(same, "frame \(frame)")
        }
        #expect(again.bakedStorage == .file(folder + "/nova.persona.baked"))
    }

    /// A field with one brick.
    static func small() -> BakedField {
        let cells = Buffer<Int32>(count: OccupancyGrid.cellCount), table = Buffer<BakedCell>(count: 3), bricks = BrickStore(count: 2)
        cells.pointer[5] = 1
        cells.pointer[70_000] = 2
        (table.pointer[1].holds, table.pointer[1].asks, table.pointer[1].asksMoving) = (.max, .max, .max)
        (table.pointer[2].holds, table.pointer[2].asksMoving, table.pointer[2].brick) = (0x00FF_0000_1234_0000, 0x0000_0000_1200_0000, 1)
        for i in 0..<Brick.pitch { bricks.brick(1)[i] = Float16(Float(i % 17) / 17).bitPattern }
        let sounds = SoundAxes((0..<9).map { k in (0..<AudioNetwork.code).map { Float((k * 7 + $0 * 5) % 11) / 11 } })
        return BakedField(cells: cells, table: table, bricks: bricks, views: ViewRange([SIMD3(0.2, 4, 0.1), SIMD3(-0.1, 4.2, -0.4)]), sounds: sounds)
    }

    @Test func aFieldComesBackFromItsFileAndDamageIsNeverBelieved() throws {
        let path = NSTemporaryDirectory() + "field-\(UUID().uuidString).baked"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let field = Self.small(), key = ContentKey("test", version: 1)
        try BakedFieldFile.write(field, key: key, to: path)
        let back = try #require(BakedFieldFile.read(path, key: key))
        #expect(back.views == field.views && back.sounds == field.sounds)
        let same = back.cells.elements.elementsEqual(field.cells.elements) && back.table.elements.elementsEqual(field.table.elements)
            && back.bricks.memory.elements.elementsEqual(field.bricks.memory.elements)
        #expect(same)
        var other = key
        other.mix(1)
        #expect(BakedFieldFile.read(path, key: other) == nil)
        let whole = try #require(FileManager.default.contents(atPath: path))
        for length in [0, 10, 60, 100, whole.count / 2, whole.count - 1] {
            try whole.prefix(length).write(to: URL(fileURLWithPath: path))
            #expect(BakedFieldFile.read(path, key: key) == nil, "cut to \(length) bytes")
        }
        // Every number of the head set to nonsense, one after the other.
        for offset in stride(from: 0, to: 110, by: 3) {
            var broken = whole
            for k in 0..<4 { broken[offset + k] = 0x7F }
            try broken.write(to: URL(fileURLWithPath: path))
            _ = BakedFieldFile.read(path, key: key)
        }
        #expect(throws: (any Error).self) { try BakedFieldFile.write(field, key: key, to: "/nowhere/at/all.baked") }
        withExtendedLifetime((field, back)) {}
    }

    @Test func viewsReachFromOneSideToTheOther() {
        let views = ViewRange([SIMD3(0.3, 4, 1.2), SIMD3(-0.2, 4.1, -1)])
        for (u, v) in [(Float(0), Float(0)), (1, 0), (-1, 0.5)] {
            let factors = views.factors(views.origin(u, v))
            #expect(abs(factors.x - u) < 1e-4 && abs(factors.y - v) < 1e-4 && abs(factors.z - u * u) < 1e-4)
        }
    }
}
