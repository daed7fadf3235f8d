// Puts shots, layers and sounds on the scene's clock.
import Base
import Diagnostics
import Motion
import SceneSyntax

/// Document to timeline. Mistakes in times are reported here.
struct Placing {
    let document: SceneDocument
    var clock: Clock
    /// Where the keys of a motion are written.
    struct KeysAddress: Hashable {
        var file: ObjectIdentifier
        var start: Int
    }
    var placedCurves: [KeysAddress: Curve] = [:]
    var placedPaths: [KeysAddress: PosePath] = [:]
    var placedKeys = 0
    var sink: DiagnosticSink { clock.sink }

    init(document: SceneDocument, sink: DiagnosticSink) {
        self.document = document
        clock = Clock(document: document, rate: Self.rate(of: document), sink: sink)
    }

    /// Facts of the footage that the scene is like, else of the first footage used.
    private static func model(_ document: SceneDocument) -> AssetFacts? {
        if let like = document.scene.like { return document.assets[like]?.facts }
        for shot in document.shots {
            for layer in shot.layers {
                if case .footage(let footage) = layer.content { return document.assets[footage.asset]?.facts }
            }
        }
        return nil
    }
    private static func rate(of document: SceneDocument) -> FrameRate { document.scene.rate.value ?? model(document)?.rate ?? FrameRate(25) }
    private static func size(of document: SceneDocument) -> PixelSize {
        document.scene.size.value ?? model(document)?.size ?? PixelSize(width: 1280, height: 720)
    }

    private var rate: FrameRate { clock.rate }
    private func frames(_ range: TimeRange) -> Range<Int> {
        let first = rate.nearestFrame(to: range.start)
        return first..<max(first, rate.nearestFrame(to: range.end))
    }

    /// The timeline; with holes where something was reported.
    mutating func timeline() -> Timeline? {
        if document.shots.isEmpty {
            if sink.hasErrors { return nil }
            clock.sink.report(Diagnostic("no-shots", .error, "the file has no shot", at: document.scene.place.label(), help: "add `shot { … }`"))
            return nil
        }
        var shots: [PlacedShot] = []
        var sounds: [PlacedSound] = []
        var end = Rational.zero
        for index in document.shots.indices {
            guard let length = clock.length(of: index), let start = clock.start(of: index) else {
                _ = place(index, TimeRange(start: .zero, end: Rational(1_000_000)), &sounds)
                continue
            }
            let range = TimeRange(start: start, end: start + length)
            end = max(end, range.end)
            let layers = place(index, range, &sounds)
            shots.append(PlacedShot(shot: document.shots[index], index: index, range: range, frames: frames(range), layers: layers))
        }
        let transitions = placeTransitions()
        resolveDucks(&sounds)
        let whole = TimeRange(start: .zero, end: end)
        let size = Self.size(of: document)
        let outputs = document.outputs.compactMap { place($0, whole, size) }
        guard shots.count == document.shots.count, !sink.hasErrors else { return nil }
        let scene = document.scene
        return Timeline(size: size, rate: rate, seed: scene.seed.value, background: scene.background.value, loudness: scene.loudness.value, like: scene.like,
                        title: scene.title, duration: end, frameCount: rate.nearestFrame(to: end), assets: document.assets, shots: shots,
                        transitions: transitions, sounds: sounds, outputs: outputs)
    }

    private mutating func placeTransitions() -> [PlacedTransition] {
        document.transitions.compactMap { transition in
            let (before, after) = (transition.after, transition.after + 1)
            guard after < document.shots.count, let start = clock.start(of: after), let a = clock.length(of: before), let b = clock.length(of: after) else { return nil }
            let duration = clock.duration(of: transition)
            guard duration <= min(a, b) else {
                clock.report("transition-too-long", "a transition of \(duration.doubleValue)s does not fit into shots of \(a.doubleValue)s and \(b.doubleValue)s", transition.place)
                return nil
            }
            let range = TimeRange(start: start, end: start + duration)
            return PlacedTransition(transition: transition, from: before, to: after, range: range, frames: frames(range))
        }
    }

    private mutating func place(_ request: OutputRequest, _ whole: TimeRange, _ size: PixelSize) -> PlacedOutput? {
        var range = whole
        if let from = request.from {
            guard let value = clock.evaluate(from, in: nil) else { return nil }
            range.start = max(value, .zero)
        }
        if let to = request.to {
            guard let value = clock.evaluate(to, in: nil), let ordered = clock.ordered(range.start, min(value, whole.end), written: value, to.place) else { return nil }
            range = ordered
        }
        let outputRate = request.rate ?? rate
        let first = outputRate.nearestFrame(to: range.start), last = outputRate.nearestFrame(to: range.end)
        return PlacedOutput(request: request, range: range, size: request.size ?? size, rate: outputRate, frameCount: max(0, last - first))
    }

    // MARK: layers

    private mutating func place(_ index: Int, _ shot: TimeRange, _ sounds: inout [PlacedSound]) -> [PlacedLayer] {
        var result: [PlacedLayer] = []
        for layer in document.shots[index].layers {
            if let placed = place(layer, index, shot, &sounds) { result.append(placed) }
        }
        for sound in document.shots[index].sounds { place(sound, index, shot, &sounds) }
        return result
    }

    private mutating func place(_ layer: Layer, _ index: Int, _ shot: TimeRange, _ sounds: inout [PlacedSound]) -> PlacedLayer? {
        var start = Rational.zero
        var end = shot.duration
        var isGood = true
        if let from = layer.from { if let value = clock.evaluate(from, in: index) { start = value } else { isGood = false } }
        if let to = layer.to {
            if let value = clock.evaluate(to, in: index) {
                if isGood, clock.ordered(start, value, written: value, to.place) == nil { isGood = false }
                end = value
            } else { isGood = false }
        }
        var placed = PlacedLayer(layer: layer, range: shot, frames: 0..<0, opacity: curve(layer.opacity, index), fadeIn: .zero, fadeOut: .zero,
                                 fileStart: .zero, speed: Rational(1), actor: nil, dubs: [], blurCurve: nil)
        if let fade = layer.fadeIn { placed.fadeIn = clock.evaluate(fade, in: index) ?? .zero }
        if let fade = layer.fadeOut { placed.fadeOut = clock.evaluate(fade, in: index) ?? .zero }
        switch layer.content {
        case .footage(let footage):
            guard let asset = document.assets[footage.asset] else { return nil }
            guard let range = clock.footageRange(footage, in: index), let file = clock.footageFile(footage, asset, in: index) else {
                for dub in footage.dubs { if let line = document.assets[dub.asset] { _ = clock.dubRange(dub, line, in: index) } }
                return nil
            }
            (start, end) = (range.start, range.end)
            placed.fileStart = file.from
            placed.speed = footage.speed
            placed.dubs = dubs(footage, index, shot)
            addSound(of: footage, asset, placed.dubs, TimeRange(start: shot.start + start, end: shot.start + end), file, shot, index, layer.place, &sounds)
        case .actor(let actor): placed.actor = place(actor, index, shot, &sounds)
        case .background(let background):
            if case .asset(let name) = background.source, let asset = document.assets[name], asset.kind == .video { placed.fileStart = clock.stretch(of: asset)?.from ?? .zero }
            placed.blurCurve = background.blurCurve.map { curve($0, index) }
        default: break
        }
        guard isGood else { return nil }
        placed.range = TimeRange(start: start, end: end).shifted(by: shot.start).clamped(to: shot)
        placed.frames = frames(placed.range)
        return placed
    }

    private mutating func place(_ actor: ActorLayer, _ index: Int, _ shot: TimeRange, _ sounds: inout [PlacedSound]) -> PlacedActor? {
        guard let persona = document.assets[actor.persona] else { return nil }
        var speech: [PlacedSpeech] = []
        for clause in actor.speech {
            guard let asset = document.assets[clause.asset], let range = clock.speechRange(clause, in: index) else { continue }
            let heard = range.shifted(by: shot.start).clamped(to: shot)
            let fileStart = (clock.stretch(of: asset)?.from ?? .zero) + max(.zero, -range.start)
            speech.append(PlacedSpeech(asset: asset, range: heard, fileStart: fileStart, isSilent: clause.isSilent, place: clause.place))
            if !clause.isSilent { sounds.append(sound(.speech, asset, heard, fileStart, clause.place)) }
        }
        reportOverlaps(speech)
        return PlacedActor(persona: persona, speech: speech, motion: motion(of: actor, persona, index))
    }

    /// Two lines of one actor at once: the later one in the text is the mistake.
    private mutating func reportOverlaps(_ speech: [PlacedSpeech]) {
        var last: Int?
        for k in speech.indices.sorted(by: { speech[$0].range.start == speech[$1].range.start ? $0 < $1 : speech[$0].range.start < speech[$1].range.start }) {
            guard let before = last else { last = k; continue }
            if speech[k].range.overlaps(speech[before].range) {
                let (first, second) = (min(k, before), max(k, before))
                clock.report("overlapping-speech", "two lines of one actor overlap", speech[second].place, labels: [speech[first].place.label()],
                             help: "begin the second one at `\(speech[first].asset.name).end`")
            }
            if speech[k].range.end > speech[before].range.end { last = k }
        }
    }

    private mutating func dubs(_ footage: FootageLayer, _ index: Int, _ shot: TimeRange) -> [PlacedDub] {
        var result: [PlacedDub] = []
        for clause in footage.dubs {
            guard let asset = document.assets[clause.asset], let range = clock.dubRange(clause, asset, in: index), let line = clock.stretch(of: asset) else { continue }
            let squeeze = range.duration > .zero ? line.length / range.duration : Rational(1)
            if !clause.isOpen, squeeze.doubleValue > 1 + clause.stretch + 1e-9 {
                let percent = ((squeeze.doubleValue - 1) * 1000).rounded(.up) / 10
                clock.report("line-too-long", "`\(clause.asset)` lasts \(line.length.doubleValue)s, its range \(range.duration.doubleValue)s", clause.place,
                             help: percent <= 50 ? "allow it with `stretch up to \(percent)%`, or leave the end open: `at \(range.start.doubleValue)s`" : "leave the end open: `at \(range.start.doubleValue)s`")
            }
            result.append(PlacedDub(clause: clause, asset: asset, range: range.shifted(by: shot.start), squeeze: squeeze))
        }
        return result
    }

    // MARK: sounds

    private func sound(_ role: PlacedSound.Role, _ asset: Asset, _ range: TimeRange, _ fileStart: Rational, _ place: Place) -> PlacedSound {
        let usable = clock.stretch(of: asset)
        return PlacedSound(role: role, asset: asset, range: range, fileStart: fileStart, fileEnd: usable.map { $0.from + $0.length }, gain: asset.gain, volume: nil,
                           fadeIn: .zero, fadeOut: .zero, loops: false, speed: Rational(1), ducks: [], place: place)
    }

    private mutating func addSound(of footage: FootageLayer, _ asset: Asset, _ dubs: [PlacedDub], _ range: TimeRange, _ file: (from: Rational, to: Rational),
                                   _ shot: TimeRange, _ index: Int, _ place: Place, _ sounds: inout [PlacedSound]) {
        for dub in dubs { sounds.append(sound(.dub, dub.asset, dub.range.clamped(to: shot), clock.stretch(of: dub.asset)?.from ?? .zero, dub.clause.place)) }
        let isSilent = footage.isMuted || (footage.original.isWritten && footage.original.value == nil)
        guard asset.facts?.hasAudio == true, !isSilent else { return }
        var own = sound(.footage, asset, range.clamped(to: shot), file.from, place)
        own.fileEnd = file.to
        own.gain += footage.gain
        own.speed = footage.speed
        own.volume = footage.volume.map { curve($0, index) }
        if !dubs.isEmpty { own.ducks = [.init(level: footage.original.value.map { -$0 } ?? 200, under: dubs.map(\.range))] } else { own.gain += footage.original.value ?? 0 }
        sounds.append(own)
    }

    private mutating func place(_ layer: SoundLayer, _ index: Int, _ shot: TimeRange, _ sounds: inout [PlacedSound]) {
        guard let asset = document.assets[layer.asset], let range = clock.soundRange(layer, asset, in: index) else { return }
        let fileStart = (clock.stretch(of: asset)?.from ?? .zero) + max(.zero, -range.start)
        var placed = sound(.sound, asset, range.shifted(by: shot.start).clamped(to: shot), fileStart, layer.place)
        placed.gain += layer.gain
        placed.loops = layer.loops
        placed.volume = layer.volume.map { curve($0, index) }
        if let fade = layer.fadeIn { placed.fadeIn = clock.evaluate(fade, in: index) ?? .zero }
        if let fade = layer.fadeOut { placed.fadeOut = clock.evaluate(fade, in: index) ?? .zero }
        for duck in layer.ducks { pendingDucks.append(.init(sound: sounds.count, level: duck.level, under: duck.under, place: duck.place)) }
        sounds.append(placed)
    }

    private struct PendingDuck {
        var sound: Int
        var level: Double
        var under: String
        var place: Place
    }
    private var pendingDucks: [PendingDuck] = []

    /// Ducking looks at the whole scene: music runs under a voice wherever that is heard.
    private mutating func resolveDucks(_ sounds: inout [PlacedSound]) {
        let heard = Dictionary(grouping: sounds.indices, by: { sounds[$0].asset.name })
        let ranges = heard.mapValues { indices in indices.map { sounds[$0].range } }
        for duck in pendingDucks {
            // Other sounds share one list; only a sound that ducks under itself needs its own.
            let isOwn = sounds[duck.sound].asset.name == duck.under
            let under = isOwn ? (heard[duck.under] ?? []).filter { $0 != duck.sound }.map { sounds[$0].range } : ranges[duck.under] ?? []
            if under.isEmpty, !sink.hasErrors {
                clock.sink.report(Diagnostic("nothing-to-duck", .warning, "`\(duck.under)` is not heard in this scene", at: duck.place.label()))
            }
            sounds[duck.sound].ducks.append(.init(level: duck.level, under: under))
        }
    }
}
