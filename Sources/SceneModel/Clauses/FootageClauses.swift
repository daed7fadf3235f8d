// What stands in a footage block: lip-dub edits and sound.
import Base
import Diagnostics
import SceneSyntax

extension Resolution {
    func readFootage(_ reader: ClauseReader, _ footage: inout FootageLayer) {
        switch reader.clause.word {
        case "dub": if let dub = dub(reader) { footage.dubs.append(dub) }
        case "face": if let face = face(reader) { footage.face = face }
        case "lips":
            if reader.isString() {
                guard let (path, place) = reader.string("a lip-dub model") else { return }
                let joined = AssetPath.join(path, relativeToFile: reader.scope.file.path)
                guard isAllowed(joined, path, place) else { return }
                do throws(AssetProblem) { _ = try resolver.facts(of: .lipdub, path: joined) } catch { report(problem: error, path, place) }
                footage.lips = joined
            } else if let model = asset(reader, [.lipdub], "a lip-dub model") { footage.lips = model.path }
        case "reference": reference(reader, &footage)
        case "tune": footage.tune = reader.integer("a number of steps", in: 0...100_000) ?? 0
        case "blend": footage.blend = reader.length("a blend")
        case "original":
            if reader.word("off") { footage.original = Setting(written: nil, reader.place) }
            else if let level = reader.decibels("a level") { footage.original = Setting(written: level, reader.place) }
        case "silence":
            if reader.word("source") { footage.silence = .source; return }
            guard reader.choice(["close", "source"], "what the mouth does") != nil else { return }
            footage.silence = .close(after: reader.word("after") ? reader.duration("a time") : nil)
        case "when": when(reader, &footage)
        case "mute": footage.isMuted = true
        case "gain": footage.gain = reader.decibels("a gain") ?? 0
        case "volume": footage.volume = volume(reader)
        case "speed": if let speed = reader.rational("a speed", in: 0.05...20) { footage.speed = speed }
        default: break
        }
    }

    private func dub(_ reader: ClauseReader) -> DubClause? {
        guard let line = asset(reader, [.audio, .video], "an audio asset") else { return nil }
        var result = DubClause(asset: line.name, from: nil, to: nil, isOpen: true, place: reader.place)
        if reader.word("from") {
            result.from = reader.time()
            if reader.word("to") { result.to = reader.time(); result.isOpen = false }
        } else if reader.word("at") { result.from = reader.time() }
        if reader.word("on") {
            guard reader.requiredWord("face") else { return nil }
            result.face = face(reader)
        }
        visit(reader.clause.block?.clauses ?? [], .dub, reader.scope) { inner in
            switch inner.clause.word {
            case "stretch":
                guard inner.requiredWord("up"), inner.requiredWord("to") else { return }
                result.stretch = inner.percent("a stretch", in: 0...50) ?? 0
            case "face":
                if result.face != nil { inner.fail("repeated-clause", "the face is said twice", inner.clause.headRange) } else { result.face = face(inner) }
            default: break
            }
        }
        return reader.hasFailed ? nil : result
    }

    private func face(_ reader: ClauseReader) -> FaceChoice? {
        switch reader.choice(["largest", "left", "right", "nearest", "id"], "a face") {
        case "largest": return .largest
        case "left": return .left
        case "right": return .right
        case "nearest":
            guard let x = reader.length("a position"), let y = reader.length("a position") else { return nil }
            return .nearest(x, y)
        case "id": return reader.integer("the number of a face", in: 1...1000).map { .id($0) }
        default: return nil
        }
    }

    private func reference(_ reader: ClauseReader, _ footage: inout FootageLayer) {
        if reader.word("auto") {
            if let count = reader.integer("a number of frames", in: 1...5) { footage.reference = .automatic(count) }
            return
        }
        guard reader.requiredWord("at") else { return }
        var times: [TimeExpression] = []
        repeat {
            guard let time = reader.time() else { return }
            times.append(time)
        } while reader.optionalMark(",")
        guard times.count <= 5 else {
            reader.fail("out-of-range", "a model looks at up to 5 reference frames", times[5].place.range, help: "name 5 times")
            return
        }
        footage.reference = .times(times)
    }

    private func when(_ reader: ClauseReader, _ footage: inout FootageLayer) {
        guard let what = reader.choice(["lost", "turned", "covered"], "a case") else { return }
        if what == "turned", reader.word("beyond") { footage.turnLimit = reader.angle("an angle") }
        guard let then = reader.choice(DubLoss.self, "what to do") else { return }
        switch what {
        case "lost": footage.whenLost = then
        case "turned": footage.whenTurned = then
        default: footage.whenCovered = then
        }
    }
}
