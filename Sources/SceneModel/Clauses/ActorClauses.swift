// What stands in an actor's block.
import Base
import Diagnostics
import Motion
import SceneSyntax

extension Resolution {
    func readActor(_ reader: ClauseReader, _ actor: inout ActorLayer, _ persona: Asset) {
        switch reader.clause.word {
        case "speaks": if let speech = speaks(reader) { actor.speech.append(speech) }
        case "pose": if let pose = pose(reader, persona) { actor.poses.append(pose) }
        case "blinks": actor.blinks = blinks(reader, persona)
        case "background": actor.showsOwnBackground = reader.requiredWord("original")
        case "torso":
            guard let on = reader.flag("on or off") else { return }
            if on, persona.facts?.persona?.hasTorso == false {
                reader.fail("no-torso", "`\(persona.name)` was recorded without a torso", reader.clause.headRange, help: "write `torso off`")
                return
            }
            actor.torso = Setting(written: on, reader.place)
        case "identity":
            let count = persona.facts?.persona?.identityCount ?? 100_000
            actor.identity = reader.integer("an identity", in: 0...max(0, count - 1))
        case "performs": actor.performance = performs(reader)
        default: break
        }
    }

    private func speaks(_ reader: ClauseReader) -> SpeechClause? {
        guard let asset = asset(reader, [.audio, .video], "an audio asset") else { return nil }
        var result = SpeechClause(asset: asset.name, from: nil, to: nil, isSilent: false, place: reader.place)
        if reader.word("silently") { result.isSilent = true }
        if reader.word("from") || reader.word("at") { result.from = reader.time() }
        if reader.word("to") { result.to = reader.time() }
        if reader.word("silently") { result.isSilent = true }
        return reader.hasFailed ? nil : result
    }

    private func pose(_ reader: ClauseReader, _ persona: Asset) -> PoseClause? {
        var result = PoseClause(source: .recorded, offset: nil, speed: Rational(1), loops: false, smooth: nil, place: reader.place)
        let options = ["offset", "speed", "loop", "smooth"]
        if let block = reader.clause.block, reader.isAtEnd || options.contains(reader.peek?.word ?? "") {
            result.source = .motion(motion(.path, block, reader))
        } else if let block = reader.clause.block {
            reader.fail("unexpected-block", "`pose` has a name and a block", TextRange(block.range.start, block.range.start + 1), help: "keep one of them")
            return nil
        } else if reader.peek?.word == "recorded", reader.scope.motions["recorded"] == nil {
            _ = reader.word("recorded")
            if let facts = persona.facts?.persona, facts.recordedFrames == 0 {
                reader.fail("not-recorded", "`\(persona.name)` has no recorded motion", reader.clause.headRange, help: "name a path, or leave `pose` away")
                return nil
            }
        } else {
            guard let source = motion(.path, named: reader) else { return nil }
            result.source = .motion(source)
        }
        while !reader.isAtEnd, !reader.hasFailed {
            if reader.word("offset") { result.offset = reader.time("an offset") }
            else if reader.word("speed") { if let speed = reader.rational("a speed", in: 0.01...100) { result.speed = speed } }
            else if reader.word("loop") { result.loops = true }
            else if reader.word("smooth") { result.smooth = reader.duration("a smoothing time") } else { break }
        }
        return reader.hasFailed ? nil : result
    }

    private func blinks(_ reader: ClauseReader, _ persona: Asset) -> BlinkClause? {
        if let block = reader.clause.block, reader.isAtEnd { return BlinkClause(source: .motion(motion(.blink, block, reader)), place: reader.place) }
        if let block = reader.clause.block {
            reader.fail("unexpected-block", "`blinks` has a name and a block", TextRange(block.range.start, block.range.start + 1), help: "keep one of them")
            return nil
        }
        if let word = reader.peek?.word, reader.scope.motions[word] == nil {
            if reader.word("never") { return BlinkClause(source: .motion(.never), place: reader.place) }
            if reader.word("every") { return BlinkClause(source: .motion(everyClause(reader)), place: reader.place) }
            if reader.word("recorded") {
                if let facts = persona.facts?.persona, facts.recordedFrames == 0 {
                    reader.fail("not-recorded", "`\(persona.name)` has no recorded blinks", reader.clause.headRange, help: "write `blinks every 4s ± 1.2s`")
                    return nil
                }
                return BlinkClause(source: .recorded, place: reader.place)
            }
        }
        return motion(.blink, named: reader).map { BlinkClause(source: .motion($0), place: reader.place) }
    }

    private static let performWords = ["listening", "seed", "energy", "guidance", "from"]

    private func performs(_ reader: ClauseReader) -> PerformanceClause? {
        var result = PerformanceClause(place: reader.place)
        while !reader.isAtEnd, !reader.hasFailed {
            guard let word = reader.optionalChoice(Self.performWords) else { break }
            performWord(word, reader, &result)
        }
        visit(reader.clause.block?.clauses ?? [], .performs, reader.scope) { inner in
            if Self.performWords.contains(inner.clause.word) { performWord(inner.clause.word, inner, &result) } else { performClause(inner, &result) }
        }
        if case .take(let take) = result.use, take > result.takes, !reader.hasFailed, reader.isAtEnd {
            // `use N` alone samples only take N.
            if result.takes == 1 { result.takes = take } else {
                reader.fail("out-of-range", "take \(take) of \(result.takes) does not exist", reader.clause.headRange, help: "write `use \(result.takes)` or less, or `use best`")
            }
        }
        return result
    }

    private func performWord(_ word: String, _ reader: ClauseReader, _ result: inout PerformanceClause) {
        switch word {
        case "listening":
            guard reader.requiredWord("to"), let other = asset(reader, [.audio, .video], "an audio asset") else { return }
            result.listeningTo = other.name
        case "seed": result.seed = reader.integer("a seed", in: 0...4_294_967_295)
        case "energy": result.energy = reader.number("an energy", in: 0...2) ?? 1
        case "guidance": result.guidance = reader.number("a guidance", in: 1...10) ?? 2
        case "from":
            result.from = reader.time()
            if reader.requiredWord("to") { result.to = reader.time() }
        default: break
        }
    }

    private func performClause(_ reader: ClauseReader, _ result: inout PerformanceClause) {
        switch reader.clause.word {
        case "takes": result.takes = reader.integer("a number of takes", in: 1...64) ?? 1
        case "use": if reader.word("best") { result.use = .best } else if let take = reader.integer("a take", in: 1...64) { result.use = .take(take) }
        case "style": result.style = reader.name("the name of a style")?.0
        case "steps":
            let legal = [5, 10, 20, 25, 40, 50, 100]
            guard let range = reader.peek?.range, let steps = reader.integer("a number of steps", in: 1...1000) else { return }
            guard legal.contains(steps) else {
                let near = legal.sorted { abs($0 - steps) < abs($1 - steps) }.prefix(2).sorted().map(String.init).joined(separator: " or ")
                reader.fail("bad-steps", "\(steps) steps cannot be spaced evenly", range, help: "write \(near)")
                return
            }
            result.steps = steps
        case "diversity": result.diversity = reader.number("a diversity", in: 0.01...1) ?? 0.94
        case "blink-rate": result.blinkRate = reader.number("a blink rate", in: 0...10) ?? 1
        case "channels":
            var channels: Set<String> = []
            repeat {
                guard let channel = reader.choice(["head", "blink", "face", "sway"], "a channel of the performance") else { return }
                channels.insert(channel)
            } while reader.optionalMark(",")
            result.channels = channels
        case "still":
            guard reader.requiredWord("from"), let from = reader.time(), reader.requiredWord("to"), let to = reader.time() else { return }
            result.stills.append((from, to))
        case "nod":
            guard reader.requiredWord("at"), let at = reader.time() else { return }
            let angle = reader.isAtEnd ? 3 * Double.pi / 180 : reader.angle("an angle")
            if let angle { result.nods.append(.init(at: at, angle: angle)) }
        case "motion":
            if reader.word("procedural") { result.model = .procedural } else if let (path, _) = reader.string("the path of a motion model") {
                result.model = .file(AssetPath.join(path, relativeToFile: reader.scope.file.path))
            }
        default: break
        }
    }
}
