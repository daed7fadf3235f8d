// Laws of the parts of a capture: closures, squares, sets of pixels, plates.
@testable import Capture
import Engines
import Foundation
import Interchange
import Motion
import Testing

@Suite struct FootagePartsTests {
    @Test func `blinks are shut, an open eye's unrest is not`() {
        var ratios = (0..<200).map { Float(0.3 + 0.006 * sin(Double($0))) }
        for (k, value) in [(50, 0.2), (51, 0.08), (52, 0.06), (53, 0.15), (120, 0.07)] as [(Int, Float)] { ratios[k] = value }
        let closures = EyeClosure.closures(ratios)
        #expect(closures[52] > 0.95 && closures[51] > 0.85 && closures[120] > 0.9)
        #expect(closures.enumerated().filter { ![50, 51, 52, 53, 120].contains($0.offset) }.allSatisfy { $0.element < 0.1 })
        // A clip without a blink has none.
        #expect(EyeClosure.closures((0..<100).map { Float(0.3 + 0.01 * sin(Double($0))) }).allSatisfy { $0 < 0.15 })
        #expect(EyeClosure.closures([]).isEmpty)
    }

    @Test func `another tracker's closures are taken at the pictures' own times`() throws {
        let folder = ScratchFolder(), path = folder.path + "/of.csv"
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        // Thirty pictures a second, two seconds; shut at 1 s; the picture after that was not seen. Blanks as OpenFace writes them.
        var text = "frame, face_id, timestamp, confidence, success, AU01_r, AU45_r\n"
        for n in 0..<60 { text += "\(n + 1), 0, \(Double(n) / 30), 0.98, \(n == 31 ? 0 : 1), 0.3, \(n == 31 ? 0 : abs(n - 30) < 4 ? 2.4 - 0.6 * Double(abs(n - 30)) : 0.1)\n" }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let closures = try EyeClosure.table(path, start: 0.2, frames: 40)
        // Picture 20 lies at 1 s, where twice and more is shut; picture 5 at 0.4 s.
        #expect(closures.count == 40 && closures[20] == 1 && abs(closures[5] - 0.05) < 1e-5 && closures[21] > 0.75 && closures[24] < 0.31, "\(closures)")
        let early = #expect(throws: CaptureRefusal.self) { try EyeClosure.table(path, start: 2, frames: 50) }
        #expect(early?.reason.contains("from 0.00 to 1.97 s, the pictures lie between 2.00 and 3.96 s") == true, "\(String(describing: early))")
        try "frame, timestamp, AU01_r\n1, 0, 0\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: InterchangeError.self) { try EyeClosure.table(path, start: 0, frames: 25) }
    }

    private func look(_ x: Float, _ y: Float, _ height: Float) -> FaceSighting {
        FaceSighting(center: SIMD2(x, y), size: SIMD2(0.8 * height, height), landmarks: [], yaw: 0, pitch: 0, roll: 0, presence: 1)
    }

    @Test func `the square holds the head over all looks and stays in the picture`() {
        let wide = FootageCrop(looks: (0..<50).map { look(900 + Float($0), 400, 200) }, width: 1920, height: 1080, size: 512)
        #expect(wide.side == 380 && wide.x < 800 && wide.x + wide.side > 1040 && wide.y >= 0 && wide.y + wide.side <= 1080)
        // A head as high as the picture: all of it.
        #expect(FootageCrop(looks: [look(256, 256, 300)], width: 512, height: 512, size: 256) == FootageCrop(x: 0, y: 0, side: 512, size: 256))
        // One that goes from side to side: the square grows with it.
        let walking = FootageCrop(looks: (0..<100).map { look(300 + 6 * Float($0), 400, 200) }, width: 1920, height: 1080, size: 512)
        #expect(walking.side > 700 && walking.x <= 240 && walking.x + walking.side >= 960)
        // At the border it does not leave the film.
        let border = FootageCrop(looks: [look(40, 60, 200)], width: 1280, height: 720, size: 512)
        #expect(border.x == 0 && border.y == 0)
    }

    @Test func `an outline holds its inside, and what hangs together is found`() {
        let box = PixelSet(size: 10, inside: [SIMD2(2, 3), SIMD2(6, 3), SIMD2(6, 7), SIMD2(2, 7)])
        #expect(box.members.count { $0 } == 16 && box.members[3 * 10 + 2] && !box.members[3 * 10 + 6])
        var island = box
        island.members[99] = true
        var seed = PixelSet(size: 10)
        seed.members[2 * 10 + 3] = true
        #expect(island.joined(to: seed).members == box.members)
    }

    @Test func `means over boxes know the edge`() {
        let field = PixelField(size: 5, values: (0..<25).map { Float($0) })
        #expect(field.mean(radius: 1).values[0] == 3 && field.mean(radius: 1).values[12] == 12 && field.mean(radius: 9).values[7] == 12)
        #expect(field.greatest(radius: 1).values[0] == 6)
    }

    @Test func `a plate is what stands behind a person who moves, and a moving background is told`() {
        let size = 24
        func picture(_ shift: Int, person: Int) -> (rgb: [UInt8], cut: PixelField) {
            var rgb: [UInt8] = [], cut = PixelField(size: size)
            for y in 0..<size { for x in 0..<size {
                let isPerson = abs(x - person) < 3 && y > 8
                rgb += isPerson ? [250, 0, 0] : [UInt8(((x + shift) * 37) % 200), UInt8(y * 8), 90]
                if isPerson { cut.values[y * size + x] = 1 }
            } }
            return (rgb, cut)
        }
        var still = BackgroundGathering(size: size), moving = BackgroundGathering(size: size)
        for k in 0..<12 {
            let a = picture(0, person: 4 + k), b = picture(k, person: 4 + k)
            still.add(a.rgb, a.cut)
            moving.add(b.rgb, b.cut)
        }
        let plate = still.plate(), empty = picture(0, person: -50).rgb
        #expect(plate.seen == 1 && plate.unrest == 0 && plate.rgb == empty)
        #expect(moving.plate().unrest > 0.5)
        // What nobody ever saw is filled from around it.
        var hidden = BackgroundGathering(size: size)
        for _ in 0..<3 { let a = picture(0, person: 12); hidden.add(a.rgb, a.cut) }
        let guess = hidden.plate()
        #expect(guess.seen < 1 && abs(Int(guess.rgb[3 * (20 * size + 12) + 1]) - 160) < 40)
    }

    @Test func `the neck goes on under the head, and the head is no part of the body`() {
        let size = 64
        // Head above row 30, neck below it between columns 24 and 40, body from row 44 on.
        var classes = [UInt8](repeating: ParsingClass.background.rawValue, count: size * size), rgb = [UInt8](repeating: 0, count: 3 * size * size)
        for y in 0..<size { for x in 0..<size {
            let i = y * size + x
            if y < 30, (16..<48).contains(x) { classes[i] = ParsingClass.head.rawValue } else if y >= 44 { classes[i] = ParsingClass.torso.rawValue } else if y >= 30, (24..<40).contains(x) { classes[i] = ParsingClass.neck.rawValue }
            if classes[i] == ParsingClass.neck.rawValue { (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = (200, 150, 120) }
        } }
        var body = TorsoPicture(rgb: rgb, classes: classes, cut: PixelField(size: size, 1))
        let rgba = body.painted()
        #expect(rgba[4 * (35 * size + 30) + 3] == 255 && rgba[4 * (28 * size + 30) + 3] == 255 && (100...200).contains(rgba[4 * (28 * size + 30)]))
        #expect(rgba[4 * (10 * size + 30) + 3] == 0 && rgba[4 * (28 * size + 18) + 3] == 0)
    }
}
