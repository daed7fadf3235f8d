// Exact times of shots and events: lazily evaluated, so that times may hang on each other in any order.
import Base
import Diagnostics
import SceneSyntax

/// Evaluates time expressions of a document.
struct Clock {
    let document: SceneDocument
    let rate: FrameRate
    var sink = DiagnosticSink()
    /// Exact starts and lengths of shots, where known.
    private var lengths: [Rational?]
    private var states: [State]
    /// Starts of the first shots.
    private var starts: [Rational] = [.zero]
    private let transitions: [Int: Transition]
    private let shotsByName: [String: Int]
    /// Where each sound and film of a shot is heard or seen first.
    private var uses: [Int: [String: Use]] = [:]
    private enum Use {
        case speech(SpeechClause), footage(FootageLayer), dub(DubClause), background, sound(SoundLayer)
    }
    private enum State { case unknown, inProgress, known }

    init(document: SceneDocument, rate: FrameRate, sink: DiagnosticSink) {
        self.document = document
        self.rate = rate
        self.sink = sink
        transitions = Dictionary(document.transitions.map { ($0.after, $0) }, uniquingKeysWith: { first, _ in first })
        shotsByName = Dictionary(document.shots.enumerated().compactMap { index, shot in shot.name.map { ($0, index) } }, uniquingKeysWith: { first, _ in first })
        lengths = Array(repeating: nil, count: document.shots.count)
        states = Array(repeating: .unknown, count: document.shots.count)
    }

    mutating func report(_ id: String, _ message: String, _ place: Place, labels: [Label] = [], help: String? = nil) {
        sink.report(Diagnostic(id, .error, message, at: place.label(), labels: labels, help: help))
    }

    /// Expressions being evaluated, outermost first, and those known to hang on themselves.
    private var open: [Place] = []
    private var circular: Set<TextRange> = []

    private mutating func reportCircle(_ place: Place) {
        let known = open.contains { circular.contains($0.range) }
        for expression in open { circular.insert(expression.range) }
        if !known { report("time-circle", "this time hangs on itself", place, help: "begin one of them at a plain time, or give the shot a length: `for 4s`") }
    }

    // MARK: shots

    /// Length of a shot in seconds; nil: a mistake that was reported.
    mutating func length(of index: Int, askedBy place: Place? = nil) -> Rational? {
        switch states[index] {
        case .known: return lengths[index]
        case .inProgress:
            reportCircle(open.last ?? place ?? document.shots[index].place)
            return nil
        case .unknown: break
        }
        states[index] = .inProgress
        lengths[index] = ownLength(of: index)
        states[index] = .known
        return lengths[index]
    }

    private mutating func ownLength(of index: Int) -> Rational? {
        let shot = document.shots[index]
        if let expression = shot.length {
            guard let value = evaluate(expression, in: index) else { return nil }
            guard value > .zero else {
                report("out-of-range", "the length of a shot is above 0s", expression.place)
                return nil
            }
            return wholeFrames(value)
        }
        var longest: Rational?
        var hasHole = false
        for layer in shot.layers {
            for end in ends(of: layer, in: index) {
                if let end { longest = max(longest ?? end, end) } else { hasHole = true }
            }
        }
        if let longest, longest > .zero { return wholeFrames(longest) }
        if !hasHole, !shot.isIncomplete, !shot.layers.contains(where: { usesHole($0) }) {
            report("no-length", "nothing gives this shot a length", shot.place, help: "write `for 4s` behind its name, or let someone speak")
        }
        return nil
    }

    /// Shots begin and end on frames: rounding happens here, once.
    private func wholeFrames(_ time: Rational) -> Rational {
        rate.time(ofFrame: max(1, rate.nearestFrame(to: time)))
    }

    /// Ends of what gives a shot its length: speech and footage, in the shot's time. nil: a hole.
    private mutating func ends(of layer: Layer, in index: Int) -> [Rational?] {
        switch layer.content {
        case .actor(let actor):
            return actor.speech.map { speech in speechRange(speech, in: index)?.end }
        case .footage(let footage):
            return [footageRange(footage, in: index)?.end]
        default: return []
        }
    }
    private func usesHole(_ layer: Layer) -> Bool {
        switch layer.content {
        case .footage(let footage): document.assets[footage.asset]?.facts == nil
        default: false
        }
    }

    /// Start of a shot on the scene's clock.
    mutating func start(of index: Int, askedBy place: Place? = nil) -> Rational? {
        while starts.count <= index {
            let before = starts.count - 1
            guard let length = length(of: before, askedBy: place) else { return nil }
            // The length may have asked for starts itself.
            guard starts.count == before + 1 else { continue }
            starts.append(starts[before] + length - (transitions[before].map { duration(of: $0) } ?? .zero))
        }
        return starts[index]
    }
    func duration(of transition: Transition) -> Rational { wholeFrames(transition.duration.constant(at: rate) ?? .zero) }

    // MARK: uses of files

    /// Usable stretch of a file: from, and length.
    func stretch(of asset: Asset) -> (from: Rational, length: Rational)? {
        guard let whole = asset.facts?.duration else { return nil }
        let from = asset.from?.constant(at: rate) ?? .zero
        let to = min(asset.to?.constant(at: rate) ?? whole, whole)
        return (from, max(.zero, to - from))
    }

    /// When a line is heard, in the shot's time.
    mutating func speechRange(_ speech: SpeechClause, in index: Int) -> TimeRange? {
        guard let asset = document.assets[speech.asset] else { return nil }
        let start: Rational
        if let from = speech.from {
            guard let value = evaluate(from, in: index) else { return nil }
            start = value
        } else { start = .zero }
        if let to = speech.to {
            guard let end = evaluate(to, in: index) else { return nil }
            let natural = stretch(of: asset).map { start + $0.length } ?? end
            return ordered(start, min(end, max(natural, start)), written: end, to.place)
        }
        return stretch(of: asset).map { TimeRange(start: start, end: start + $0.length) }
    }

    /// When footage is seen, in the shot's time.
    mutating func footageRange(_ footage: FootageLayer, in index: Int) -> TimeRange? {
        guard let asset = document.assets[footage.asset] else { return nil }
        var start = Rational.zero
        if let at = footage.at {
            guard let value = evaluate(at, in: index) else { return nil }
            start = value
        }
        guard let (from, to) = footageFile(footage, asset, in: index) else { return nil }
        return TimeRange(start: start, end: start + (to - from) / footage.speed)
    }

    /// The part of the file that footage shows.
    mutating func footageFile(_ footage: FootageLayer, _ asset: Asset, in index: Int) -> (from: Rational, to: Rational)? {
        guard let whole = stretch(of: asset) else { return nil }
        var from = whole.from, to = whole.from + whole.length
        if let expression = footage.fileFrom {
            guard let value = evaluate(expression, in: index) else { return nil }
            from = value
            if from >= to {
                report("beyond-end", "the file ends at \(to.doubleValue)s", expression.place)
                return nil
            }
        }
        if let expression = footage.fileTo {
            guard let value = evaluate(expression, in: index) else { return nil }
            if value <= from {
                report("empty-range", "this range ends before it begins", expression.place)
                return nil
            }
            to = min(value, to)
        }
        return (from, to)
    }

    /// A range, or an error where it ends before it begins.
    mutating func ordered(_ start: Rational, _ end: Rational, written: Rational, _ place: Place) -> TimeRange? {
        guard written > start else {
            report("empty-range", "this range ends before it begins", place, help: "a range is written `from A to B`, both from the shot's start")
            return nil
        }
        return TimeRange(start: start, end: end)
    }

    // MARK: expressions

    /// Seconds from the shot's start; nil: reported, or a hole.
    mutating func evaluate(_ expression: TimeExpression, in index: Int?) -> Rational? {
        if expression.constantSeconds != nil { return expression.constantSeconds }
        if circular.contains(expression.place.range) { return nil }
        if open.contains(where: { $0.range == expression.place.range && $0.file === expression.place.file }) {
            reportCircle(expression.place)
            return nil
        }
        if open.count >= SceneLimits.timeDepth {
            for expression in open { circular.insert(expression.range) }
            report("time-too-deep", "more than \(SceneLimits.timeDepth) times hang on each other here", expression.place, help: "give one of them a plain time")
            return nil
        }
        open.append(expression.place)
        defer { open.removeLast() }
        var sum = Rational.zero
        for signed in expression.terms {
            let value: Rational?
            switch signed.term {
            case .literal(let literal):
                if case .timecode(_, let frames) = literal, frames >= rate.framesPerSecond.ceiling {
                    report("bad-time", "at \(rate) a second has \(rate.framesPerSecond.ceiling) frames, not \(frames + 1)", Place(expression.place.file, signed.range))
                    return nil
                }
                value = literal.seconds(at: rate)
            case .event(let subject, let event):
                value = self.value(of: subject, event, Place(expression.place.file, signed.range), in: index)
            }
            guard let value else { return nil }
            sum = signed.isNegative ? sum - value : sum + value
        }
        return sum
    }

    private mutating func value(of subject: String, _ event: TimeExpression.Event, _ place: Place, in index: Int?) -> Rational? {
        if subject == "shot" {
            guard let index else {
                report("event-not-here", "`shot` only means something inside a shot", place)
                return nil
            }
            return event == .start ? .zero : length(of: index, askedBy: place)
        }
        if document.assets[subject] == nil, let other = shotsByName[subject] {
            return shotEvent(other, event, place, in: index)
        }
        guard let asset = document.assets[subject] else { return nil }
        if event == .duration { return stretch(of: asset)?.length }
        guard let index else {
            report("event-not-here", "`\(subject)` has no \(event.rawValue) outside a shot", place, help: "`\(subject).duration` may stand anywhere")
            return nil
        }
        return assetEvent(asset, event, place, in: index)
    }

    private mutating func shotEvent(_ other: Int, _ event: TimeExpression.Event, _ place: Place, in index: Int?) -> Rational? {
        if event == .duration { return length(of: other, askedBy: place) }
        guard let otherStart = start(of: other, askedBy: place) else { return nil }
        var value = otherStart
        if event == .end {
            guard let length = length(of: other, askedBy: place) else { return nil }
            value += length
        }
        guard let index else { return value }
        return start(of: index, askedBy: place).map { value - $0 }
    }

    private mutating func assetEvent(_ asset: Asset, _ event: TimeExpression.Event, _ place: Place, in index: Int) -> Rational? {
        let range: TimeRange?
        switch uses(in: index)[asset.name] {
        case .speech(let speech): range = speechRange(speech, in: index)
        case .footage(let footage): range = footageRange(footage, in: index)
        case .dub(let dub): range = dubRange(dub, asset, in: index)
        case .background: range = stretch(of: asset).map { TimeRange(start: .zero, end: $0.length) }
        case .sound(let sound): range = soundRange(sound, asset, in: index)
        case nil:
            report("event-not-here", "`\(asset.name)` is not heard or seen in this shot", place, labels: [document.shots[index].place.label("this shot")],
                   help: "`\(asset.name).duration` may stand anywhere")
            return nil
        }
        return range.map { event == .start ? $0.start : $0.end }
    }

    /// Layers from the bottom up, then sounds; the first use of a file is the one that its events mean.
    private mutating func uses(in index: Int) -> [String: Use] {
        if let known = uses[index] { return known }
        var result: [String: Use] = [:]
        func add(_ name: String, _ use: Use) { if result[name] == nil { result[name] = use } }
        let shot = document.shots[index]
        for layer in shot.layers {
            switch layer.content {
            case .actor(let actor): for speech in actor.speech { add(speech.asset, .speech(speech)) }
            case .footage(let footage):
                add(footage.asset, .footage(footage))
                for dub in footage.dubs { add(dub.asset, .dub(dub)) }
            case .background(let background): if case .asset(let name) = background.source { add(name, .background) }
            default: break
            }
        }
        for sound in shot.sounds { add(sound.asset, .sound(sound)) }
        uses[index] = result
        return result
    }

    /// When a dubbed line replaces the footage's, in the shot's time.
    mutating func dubRange(_ dub: DubClause, _ asset: Asset, in index: Int) -> TimeRange? {
        var start = Rational.zero
        if let from = dub.from {
            guard let value = evaluate(from, in: index) else { return nil }
            start = value
        }
        guard let to = dub.to else { return stretch(of: asset).map { TimeRange(start: start, end: start + $0.length) } }
        guard let end = evaluate(to, in: index) else { return nil }
        return ordered(start, end, written: end, to.place)
    }

    /// When a sound is heard, in the shot's time; a loop without an end lasts as long as the shot.
    mutating func soundRange(_ sound: SoundLayer, _ asset: Asset, in index: Int) -> TimeRange? {
        var start = Rational.zero
        if let from = sound.from {
            guard let value = evaluate(from, in: index) else { return nil }
            start = value
        }
        if let to = sound.to {
            guard let end = evaluate(to, in: index) else { return nil }
            return ordered(start, end, written: end, to.place)
        }
        if sound.loops { return length(of: index, askedBy: sound.place).map { TimeRange(start: start, end: max(start, $0)) } }
        return stretch(of: asset).map { TimeRange(start: start, end: start + $0.length) }
    }
}
