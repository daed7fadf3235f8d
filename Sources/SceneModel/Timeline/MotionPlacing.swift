// Motions of a shot: from what is written to what can be evaluated.
import Base
import Diagnostics
import Motion
import SceneSyntax

extension Placing {
    /// A stable number of a name, so that two actors without seeds do not blink together.
    private func stream(_ name: String) -> Int {
        var hash: UInt32 = 2_166_136_261
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return Int(hash & 0xFFFF)
    }

    mutating func curve(_ opacity: Opacity, _ index: Int) -> Curve {
        switch opacity {
        case .constant(let value): .constant(value)
        case .motion(let source): curve(source, index)
        }
    }

    mutating func curve(_ source: MotionSource, _ index: Int) -> Curve {
        if case .samples(let samples, _) = source { return Curve(samples: samples) }
        guard case .scalarKeys(let keys, let repeats) = source, let first = keys.first else { return .constant(1) }
        let address = KeysAddress(file: ObjectIdentifier(first.place.file), start: first.place.range.start)
        if let known = placedCurves[address] { return known }
        var result: [Curve.Key] = []
        for key in keys {
            if let time = clock.evaluate(key.time, in: index) { result.append(.init(time: time, value: key.value, easing: key.easing)) }
        }
        let curve = Curve(keys: sorted(result) { $0.time }, period: repeats.flatMap { clock.evaluate($0, in: index) })
        if repeats?.isPlain ?? true, keys.allSatisfy({ $0.time.isPlain }) { placedCurves[address] = curve } else { countKeys(keys.count, first.place) }
        return curve
    }

    /// Keys that hang on no event are the same in every shot and placed once. The others are placed again and again: that has a limit.
    private mutating func countKeys(_ count: Int, _ place: Place) {
        let before = placedKeys
        placedKeys += count
        if before <= SceneLimits.placedKeys, placedKeys > SceneLimits.placedKeys {
            clock.report("too-many-keys", "the motions of this scene have more than \(SceneLimits.placedKeys) keyframes in their shots", place,
                         help: "let fewer keyframes hang on events")
        }
    }

    /// By time; of two at one time the later one wins at that moment.
    private func sorted<Key>(_ keys: [Key], by time: (Key) -> Rational) -> [Key] {
        keys.enumerated().sorted { a, b in time(a.element) == time(b.element) ? a.offset < b.offset : time(a.element) < time(b.element) }.map(\.element)
    }

    mutating func motion(of actor: ActorLayer, _ persona: Asset, _ index: Int) -> ActorMotion {
        let recorded = persona.facts?.persona.map { $0.recordedFrames > 0 } ?? false
        let seed = document.scene.seed.value &+ stream(persona.name)
        var poses: [ActorMotion.Pose] = []
        for clause in actor.poses { if let pose = pose(clause, index) { poses.append(pose) } }
        if actor.poses.isEmpty, actor.performance == nil {
            let sway = PosePath.wander(amplitudes: [.yaw: 4 * .pi / 180, .pitch: 2 * .pi / 180, .roll: .pi / 180], period: Rational(4), seed: seed)
            poses = [recorded ? .recorded(offset: .zero, speed: Rational(1), smoothing: .zero) : .use(PoseUse(path: sway))]
        }
        let blinks: ActorMotion.Blinks
        switch actor.blinks?.source {
        case .recorded: blinks = .recorded
        case .motion(let source): blinks = self.blinks(source, seed, index)
        case nil: blinks = .curve(.every(interval: Rational(4), tolerance: Rational(6, 5), duration: Rational(4, 25), seed: seed))
        }
        return ActorMotion(poses: poses, blinks: blinks, performance: actor.performance)
    }

    private mutating func pose(_ clause: PoseClause, _ index: Int) -> ActorMotion.Pose? {
        var offset = Rational.zero, smoothing = Rational.zero
        if let expression = clause.offset {
            guard let value = clock.evaluate(expression, in: index) else { return nil }
            offset = value
        }
        if let expression = clause.smooth { smoothing = clock.evaluate(expression, in: index) ?? .zero }
        guard case .motion(let source) = clause.source else { return .recorded(offset: offset, speed: clause.speed, smoothing: smoothing) }
        var use = PoseUse(path: .keyed([]), offset: offset, speed: clause.speed, loops: clause.loops, smoothing: smoothing)
        switch source {
        case .poseKeys(let keys):
            guard let first = keys.first else { return nil }
            let address = KeysAddress(file: ObjectIdentifier(first.place.file), start: first.place.range.start)
            if let known = placedPaths[address] {
                use.path = known
                return .use(use)
            }
            guard placedKeys <= SceneLimits.placedKeys else { return nil }
            var result: [PosePath.Keyframe] = []
            for key in keys {
                guard let time = clock.evaluate(key.time, in: index) else { return nil }
                result.append(.init(time: time, values: key.values, easing: key.easing))
            }
            use.path = .keyed(sorted(result) { $0.time })
            if keys.allSatisfy({ $0.time.isPlain }) { placedPaths[address] = use.path } else { countKeys(keys.count, first.place) }
        case .wander(let amplitudes, let period, let seed):
            guard let period = clock.evaluate(period, in: index) else { return nil }
            use.path = .wander(amplitudes: amplitudes, period: period, seed: seed ?? document.scene.seed.value)
        case .file(let path, let place, _, _): return .file(path: path, place: place, use: use)
        default: return nil
        }
        return .use(use)
    }

    private mutating func blinks(_ source: MotionSource, _ seed: Int, _ index: Int) -> ActorMotion.Blinks {
        switch source {
        case .blinks(let every, let tolerance, let lasting, let written):
            let interval = clock.evaluate(every, in: index) ?? Rational(4)
            let spread = tolerance.flatMap { clock.evaluate($0, in: index) } ?? .zero
            let length = lasting.flatMap { clock.evaluate($0, in: index) } ?? Rational(4, 25)
            return .curve(.every(interval: interval, tolerance: spread, duration: length, seed: written ?? seed))
        case .scalarKeys: return .curve(.keyed(curve(source, index)))
        case .file(let path, let place, let column, let scale): return .file(path: path, place: place, column: column, scale: scale)
        default: return .curve(.never)
        }
    }
}
