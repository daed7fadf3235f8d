// Paths, blinks and curves: declared ones and those written in place.
import Base
import Diagnostics
import Motion
import SceneSyntax

extension Resolution {
    func readMotion(_ kind: MotionDeclaration.Kind, _ reader: ClauseReader, _ scope: Scope) {
        reader.context = .file
        guard let (name, place) = reader.newName() else { return }
        let isNew = declare(name, place, scope)
        var source = MotionSource.hole
        if reader.optionalMark("=") {
            if let (written, filePlace) = reader.string("the path of a file"), reader.finish() {
                source = fileMotion(kind, reader, written, filePlace)
            }
        } else if reader.finish() {
            if let block = reader.clause.block { source = motion(kind, block, reader) }
            else { reader.fail("missing-block", "`\(reader.clause.word) \(name)` needs a block or `= \"file\"`", reader.clause.headRange) }
        }
        if isNew { scope.motions[name] = MotionDeclaration(name: name, kind: kind, source: source, place: place) }
    }

    private func fileMotion(_ kind: MotionDeclaration.Kind, _ reader: ClauseReader, _ written: String, _ place: Place) -> MotionSource {
        var column: String?
        var scale = 1.0
        visit(reader.clause.block?.clauses ?? [], .motionFile, reader.scope) { inner in
            switch inner.clause.word {
            case "column": column = inner.string("the name of a column")?.0
            case "scale": scale = inner.number("a scale") ?? 1
            default: break
            }
        }
        let path = AssetPath.join(written, relativeToFile: reader.scope.file.path)
        guard isAllowed(path, written, place) else { return .hole }
        do throws(AssetProblem) {
            _ = try resolver.readText(path)
            let held = try resolver.motion(kind, path: path, column: column, scale: scale)
            if kind == .curve, case .values(let samples)? = held { return .samples(samples, path: path) }
        } catch {
            report(problem: error, written, place)
            return .hole
        }
        return .file(path: path, place: place, column: column, scale: scale)
    }

    /// The block of a motion.
    func motion(_ kind: MotionDeclaration.Kind, _ block: Block, _ reader: ClauseReader) -> MotionSource {
        kind == .path ? pathMotion(block, reader) : scalarMotion(kind, block, reader)
    }

    private func pathMotion(_ block: Block, _ reader: ClauseReader) -> MotionSource {
        var keys: [MotionSource.PoseKey] = []
        var other: MotionSource?
        var failed = false
        var first: ClauseReader?
        visit(block.clauses, .path, reader.scope) { inner in
            if let before = first, before.clause.word != inner.clause.word {
                inner.fail("mixed-motion", "`\(inner.clause.word)` does not go together with `\(before.clause.word)`", inner.clause.wordRange,
                           help: "write two paths and two `pose` clauses: they add up", labels: [before.wordPlace.label()])
            }
            first = first ?? inner
            switch inner.clause.word {
            case "at":
                guard let time = inner.time() else { failed = true; break }
                let values = channels(inner)
                let easing = inner.word("ease") ? inner.easing() : .easeInOut
                if let easing, !values.isEmpty { keys.append(.init(time: time, values: values, easing: easing, place: inner.place)) } else { failed = true }
            case "hold":
                let zero = TimeExpression(.seconds(.zero), inner.place)
                other = .poseKeys([.init(time: zero, values: channels(inner), easing: .easeInOut, place: inner.place)])
            case "wander":
                let amplitudes = channels(inner)
                var period = TimeExpression(.seconds(Rational(3)), inner.place)
                var seed: Int?
                while !inner.isAtEnd, !inner.hasFailed {
                    if inner.word("period") { if let value = inner.duration("a period") { period = value } }
                    else if inner.word("seed") { seed = inner.integer("a seed", in: 0...4_294_967_295) } else { break }
                }
                other = .wander(amplitudes: amplitudes, period: period, seed: seed)
            default: break
            }
            failed = failed || inner.hasFailed
        }
        if first == nil, !failed, block.clauses.isEmpty { reader.fail("empty-motion", "this path has no keyframes", reader.clause.headRange, help: "add `at 0s yaw 0deg`") }
        if failed || first == nil { return .hole }
        return other ?? .poseKeys(keys)
    }

    /// `yaw 14deg pitch -4deg x 2cm`
    private func channels(_ reader: ClauseReader) -> [PoseChannel: Double] {
        var result: [PoseChannel: Double] = [:]
        let words = PoseChannel.allCases.map(\.rawValue)
        repeat {
            guard let argument = reader.peek, let word = argument.word else { reader.missing("a channel (\(words.joined(separator: ", ")))"); break }
            guard let name = reader.choice(words, "a channel"), let channel = PoseChannel(rawValue: name) else { break }
            if result[channel] != nil { reader.fail("repeated-channel", "`\(word)` stands here twice", argument.range); break }
            guard let value = channel.isAngle ? reader.angle("an angle") : reader.centimetres("an offset") else { break }
            result[channel] = value
        } while !reader.isAtEnd && !["ease", "period", "seed"].contains(reader.peek?.word ?? "")
        return result
    }

    private func scalarMotion(_ kind: MotionDeclaration.Kind, _ block: Block, _ reader: ClauseReader) -> MotionSource {
        let context: ClauseContext = kind == .blink ? .blink : .curve
        var keys: [MotionSource.ScalarKey] = []
        var repeats: TimeExpression?
        var other: MotionSource?
        var failed = false
        var range = 0.0...1.0
        if kind == .curve, let clause = block.clauses.first(where: { $0.word == "range" }) {
            let inner = self.reader(clause, reader.scope)
            if let low = inner.number("a number"), inner.requiredWord("to"), let high = inner.number("a number") {
                if low <= high { range = low...high } else { inner.fail("out-of-range", "a range goes from the smaller to the larger number", clause.headRange) }
            }
            failed = inner.hasFailed
        }
        visit(block.clauses, context, reader.scope) { inner in
            switch inner.clause.word {
            case "at":
                guard let time = inner.time(), let value = inner.number("a value", in: range) else { break }
                let easing = inner.word("ease") ? inner.easing() : .easeInOut
                if let easing { keys.append(.init(time: time, value: value, easing: easing, place: inner.place)) }
            case "hold":
                if let value = inner.number("a value", in: range) {
                    keys.append(.init(time: TimeExpression(.seconds(.zero), inner.place), value: value, easing: .linear, place: inner.place))
                }
            case "repeat": repeats = inner.duration("a period")
            case "every": other = everyClause(inner)
            case "range": inner.skip()
            default: break
            }
            failed = failed || inner.hasFailed
        }
        if failed { return .hole }
        if other == nil, keys.isEmpty {
            if block.clauses.allSatisfy({ $0.word == "repeat" || $0.word == "range" }) {
                reader.fail("empty-motion", "this \(kind.rawValue) has no keyframes", reader.clause.headRange, help: "add `at 0s 0`")
            }
            return .hole
        }
        if let other {
            if let key = keys.first { reader.fail("mixed-motion", "`at` does not go together with `every`", key.place.range); return .hole }
            return other
        }
        return .scalarKeys(keys, repeats: repeats)
    }

    /// Behind `every`: `4s ± 1.2s lasting 160ms seed 3`.
    func everyClause(_ reader: ClauseReader) -> MotionSource {
        guard let every = reader.duration("the time between blinks") else { return .hole }
        let tolerance = reader.tolerance()
        var lasting: TimeExpression?
        var seed: Int?
        while !reader.isAtEnd, !reader.hasFailed {
            if reader.word("lasting") { lasting = reader.duration("the length of a blink") }
            else if reader.word("seed") { seed = reader.integer("a seed", in: 0...4_294_967_295) } else { break }
        }
        return .blinks(every: every, tolerance: tolerance, lasting: lasting, seed: seed)
    }

    /// The motion of a name.
    func motion(_ kind: MotionDeclaration.Kind, named reader: ClauseReader) -> MotionSource? {
        guard let (name, range) = reader.name("the name of a \(kind.rawValue)") else { return nil }
        usedNames.insert(name)
        if let motion = reader.scope.motions[name] {
            if motion.kind == kind { return motion.source }
            reader.fail("wrong-motion-kind", "`\(name)` is a \(motion.kind.rawValue), not a \(kind.rawValue)", range, labels: [motion.place.label("declared here")])
            return nil
        }
        let words = ["path": ["recorded"], "blink": ["recorded", "never", "every"], "curve": []][kind.rawValue] ?? []
        let near = nearest(to: name, in: reader.scope.motions.filter { $0.value.kind == kind }.map(\.key) + words)
        let isChannel = kind == .path && ["yaw", "pitch", "roll", "x", "y", "z"].contains(name)
        let declaration = isChannel ? "write it in a block: `\(reader.clause.word) { hold \(name) 5\(["x", "y", "z"].contains(name) ? "cm" : "deg") }`" : "declare it: `\(kind.rawValue) \(name) { … }`"
        reader.fail("unknown-name", "there is no \(kind.rawValue) named `\(name)`", range, help: near.map { "did you mean `\($0)`?" } ?? declaration,
                    fix: near.map { .rename(range, to: $0) })
        return nil
    }

    /// `opacity 0.5`, `opacity NAME`, `opacity { at 0s 0 }`: a number or a curve.
    func numberOrCurve(_ reader: ClauseReader, _ what: String, in range: ClosedRange<Double>) -> Opacity? {
        if reader.isAtEnd, let block = reader.clause.block { return .motion(motion(.curve, block, reader)) }
        if let block = reader.clause.block, !reader.hasFailed {
            reader.fail("unexpected-block", "`\(reader.clause.word)` has a value and a block", TextRange(block.range.start, block.range.start + 1))
            return nil
        }
        if reader.isNumber() { return reader.number(what, in: range).map { .constant($0) } }
        if case .name? = reader.peek?.value { return motion(.curve, named: reader).map { .motion($0) } }
        reader.missing("\(what) or the name of a curve")
        return nil
    }
}
