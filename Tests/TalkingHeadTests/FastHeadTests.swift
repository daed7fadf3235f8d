// Fast frames against exact ones, on the persona that comes with the program; the file that keeps a baked field.
import Base
import Engines
import Foundation
import Imaging
import Kernels
import Synchronization
import TestSupport
import Testing
@testable import TalkingHead

@Suite(.serialized) struct FastHeads {
    static let nova = [SharedFolder.projectRoot + "/personas/nova.persona"].first { FileManager.default.fileExists(atPath: $0) }

    @Test(.enabled(if: nova != nil, "personas/nova.persona is missing")) func fastFramesAreTheExactOnesWithin45DecibelsAndDoNotFlicker() throws {
        let folder = NSTemporaryDirectory() + "fast-heads-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/nova.persona", both = ComputeBudget(threads: 2)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: try #require(Self.nova), toPath: path)
        let exact = try ErnerfPersona(path: path), fast = try ErnerfPersona(path: path, quality: .fast)
        #expect(exact.contentKey != fast.contentKey)
        let codes = exact.sampleSpeech(40)
        func conditions(_ frame: Int, eye: Float) throws -> ActorConditions {
            ActorConditions(pose: try #require(exact.recordedPose(frame)), eyeClosure: eye, audioCode: codes[frame % codes.count])
        }
        // Mouths that nobody makes are among these.
        let chosen = [try conditions(427, eye: 0), try conditions(1159, eye: 0.5), try conditions(1891, eye: 0)]
        var pictures: [Frame] = [], far = FilmDifference()
        for conditions in chosen {
            let drawn = try fast.render(conditions, budget: both)
            far.add(reference: try exact.render(conditions, budget: both), other: drawn)
            let work = try fast.headCost(conditions), whole = try exact.headCost(conditions)
            #expect(2 * work.multiplyAdds < whole.multiplyAdds, "\(work) against \(whole)")
            pictures.append(drawn)
        }
        #expect(far.decibels.allSatisfy { $0 >= 45 }, "\(far.decibels)")
        // A piece of a film: what stands still in exact frames stands still in fast ones.
        var film = FilmDifference()
        for frame in 12..<20 {
            let conditions = try conditions(frame, eye: exact.recordedClosure(frame) ?? 0)
            film.add(reference: try exact.render(conditions, budget: both), other: try fast.render(conditions, budget: both))
        }
        #expect(film.decibels.allSatisfy { $0 >= 45 }, "\(film.decibels)")
        #expect(film.flicker <= 1.1, "\(film.flicker)")
        // The head held still while the voice goes on.
        var still = FilmDifference()
        let held = try #require(exact.recordedPose(0))
        for code in codes.prefix(8) {
            let conditions = ActorConditions(pose: held, eyeClosure: 0, audioCode: code)
            still.add(reference: try exact.render(conditions, budget: both), other: try fast.render(conditions, budget: both))
        }
        #expect(still.decibels.allSatisfy { $0 >= 45 }, "\(still.decibels)")
        #expect(still.flicker <= 1.1, "\(still.flicker)")
        // Lids on their way: they are thin, and nothing that was fitted stands just there.
        var closing = FilmDifference()
        for eye: Float in [0.18, 0.33, 0.44, 0.57, 0.69, 0.93] {
            let conditions = try conditions(1159, eye: eye)
            closing.add(reference: try exact.render(conditions, budget: both), other: try fast.render(conditions, budget: both))
        }
        #expect(closing.decibels.allSatisfy { $0 >= 45 }, "\(closing.decibels)")
        // Again, from the file, on one thread, in another order: the same bytes.
        #expect(fast.bakedStorage == .file(path + ".baked"))
        let again = try ErnerfPersona(path: path, quality: .fast)
        for index in chosen.indices.reversed() {
            let drawn = try again.render(chosen[index], budget: .single)
            let same = drawn.withPixels { a in pictures[index].withPixels { b in a.elementsEqual(b) } }
            #expect(same, "picture \(index)")
        }
        #expect(again.bakedStorage == .file(path + ".baked"))
    }

    @Test(.enabled(if: nova != nil, "personas/nova.persona is missing")) func bakingSaysHowFarItIsAndStopsWhereItIsAsked() throws {
        let folder = try ScratchFolder()
        let path = folder.file("nova.persona")
        try SmallPersona.write(to: path, side: 128)
        let persona = try ErnerfPersona(path: path, quality: .fast)
        let heard = Mutex<[ProgressReport]>([])
        let refusal = #expect(throws: EngineError.self) {
            try persona.prepare(budget: ComputeBudget(threads: 2)) { (report: ProgressReport) -> Bool in heard.withLock { $0.append(report); return $0.count < 3 } }
        }
        if case .interrupted? = refusal {} else { Issue.record("\(String(describing: refusal))") }
        let reports = heard.withLock { $0 }
        #expect(reports.map(\.phase) == ["bake", "bake", "bake"])
        #expect(reports[0].done < reports[1].done && reports[1].done < reports[2].done && reports[2].done < reports[2].total)
        #expect(persona.bakedStorage == nil && !PersonaOpening.isKept(path))
        // Who only draws a few pictures does not bake.
        let few = try PersonaOpening.open(PersonaPackage.read(path), path: path, baking: .never)
        #expect(few.contentKey == (try ErnerfPersona(path: path, quality: .exact)).contentKey)
    }

    @Test(.enabled(if: nova != nil, "personas/nova.persona is missing")) func smallPicturesAreDrawnExactlyBecauseBakingWouldCostMore() throws {
        let folder = try ScratchFolder()
        try SmallPersona.write(to: folder.file("nova.persona"))
        let exact = try ErnerfPersona(path: folder.file("nova.persona")), fast = try ErnerfPersona(path: folder.file("nova.persona"), quality: .fast)
        let conditions = ActorConditions(pose: .neutral, eyeClosure: 0, audioCode: exact.silentCode)
        let same = try exact.render(conditions, budget: .single).withPixels { a in
            try fast.render(conditions, budget: .single).withPixels { b in a.elementsEqual(b) }
        }
        #expect(same && fast.contentKey == exact.contentKey && fast.bakedStorage == nil)
        #expect(!folder.exists("nova.persona.baked"))
    }

    /// A field with one brick.
    static func small() -> BakedField {
        let bricks = BrickStore(count: 2)
        var unknown = BakedCell(), known = BakedCell()
        (unknown.holds, unknown.asks, unknown.asksMoving) = (.max, .max, .max)
        (known.holds, known.asksMoving, known.brick) = (0x00FF_0000_1234_0000, 0x0000_0000_1200_0000, 1)
        for i in 0..<bricks.memory.count { bricks.memory[i] = UInt8(i * 7 % 251) }
        let sounds = PrincipalAxes((0..<9).map { k in (0..<AudioNetwork.code).map { Float((k * 7 + $0 * 5) % 11) / 11 } }, count: PrincipalAxes.sounds)
        return BakedField([(70_000, known), (5, unknown)], bricks: bricks, views: ViewRange([SIMD3(0.2, 4, 0.1), SIMD3(-0.1, 4.2, -0.4)]), sounds: sounds)
    }

    @Test func aFieldComesBackFromItsFileAndDamageIsNeverBelieved() throws {
        let path = NSTemporaryDirectory() + "field-\(UUID().uuidString).baked"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let field = Self.small(), key = ContentKey("test", version: 1)
        try BakedFieldFile.write(BakedPersona(field: field, torso: nil), key: key, to: path)
        let back = try #require(BakedFieldFile.read(path, key: key)?.field)
        #expect(back.views == field.views && back.sounds == field.sounds)
        let same = back.columns.elements.elementsEqual(field.columns.elements) && back.table.elements.elementsEqual(field.table.elements)
            && back.bricks.memory.elements.elementsEqual(field.bricks.memory.elements)
        #expect(same && back.occupied == [5, 70_000])
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
        #expect(throws: (any Error).self) { try BakedFieldFile.write(BakedPersona(field: field, torso: nil), key: key, to: "/nowhere/at/all.baked") }
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
