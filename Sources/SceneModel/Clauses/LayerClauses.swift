// The layers of a shot and what they share: range, place, opacity, fades.
import Base
import Diagnostics
import Motion
import SceneSyntax

extension Resolution {
    /// A layer with every default filled in.
    private func emptyLayer(_ content: Layer.Content, _ place: Place, _ anchor: Placement.Anchor, _ fit: Fit) -> Layer {
        Layer(content: content, from: nil, to: nil, placement: Setting(default: Placement(anchor), place), width: nil, height: nil,
              opacity: .constant(1), fadeIn: nil, fadeOut: nil, fit: Setting(default: fit, place), place: place)
    }

    func layer(_ reader: ClauseReader) -> Layer? {
        switch reader.clause.word {
        case "background": background(reader)
        case "footage": footage(reader)
        case "actor": actor(reader)
        case "picture": picture(reader)
        case "title": title(reader)
        case "captions": captions(reader)
        default: nil
        }
    }

    /// `from A to B` on the layer's line; either half may stand alone.
    private func lineRange(_ reader: ClauseReader, _ layer: inout Layer) {
        if reader.word("from") { layer.from = reader.time() }
        if reader.word("to") { layer.to = reader.time() }
    }

    /// A clause that layers share. False: it is none.
    private func shared(_ reader: ClauseReader, _ layer: inout Layer) -> Bool {
        switch reader.clause.word {
        case "from", "to":
            if reader.clause.word == "to" { setTwice(layer.to, reader); layer.to = reader.time(); return true }
            setTwice(layer.from, reader)
            layer.from = reader.time()
            if reader.word("to") { setTwice(layer.to, reader); layer.to = reader.time() }
        case "place": if let value = placement(reader) { layer.placement = Setting(written: value, reader.place) }
        case "opacity": if let value = numberOrCurve(reader, "an opacity", in: 0...1) { layer.opacity = value }
        case "fade": fade(reader, &layer.fadeIn, &layer.fadeOut)
        case "fit": if let value = reader.choice(Fit.self, "a fit") { layer.fit = Setting(written: value, reader.place) }
        case "width": layer.width = reader.length("a width")
        case "height": layer.height = reader.length("a height")
        default: return false
        }
        return true
    }

    /// A range stands on the line or in the block, not in both.
    func setTwice(_ earlier: TimeExpression?, _ reader: ClauseReader) {
        if let earlier { reader.fail("repeated-clause", "`\(reader.clause.word)` is said twice", reader.clause.headRange, labels: [earlier.place.label("first here")]) }
    }

    func fade(_ reader: ClauseReader, _ fadeIn: inout TimeExpression?, _ fadeOut: inout TimeExpression?) {
        let side = reader.optionalChoice(["in", "out"])
        guard let time = reader.duration("the length of a fade") else { return }
        if (side != "out" && fadeIn != nil) || (side != "in" && fadeOut != nil) {
            reader.fail("repeated-clause", "this fade is said twice", reader.clause.headRange, help: "keep one")
            return
        }
        if side != "out" { fadeIn = time }
        if side != "in" { fadeOut = time }
    }

    /// `center 50% 58% height 90%`
    func placement(_ reader: ClauseReader) -> Placement? {
        guard let anchor = reader.choice(Placement.Anchor.self, "a place") else { return nil }
        var result = Placement(anchor)
        if case .quantity? = reader.peek?.value {
            result.x = reader.length("a position", signed: true)
            result.y = reader.length("a position", signed: true)
        }
        while !reader.isAtEnd, !reader.hasFailed {
            if reader.word("width") { result.width = reader.length("a width") }
            else if reader.word("height") { result.height = reader.length("a height") } else { break }
        }
        return result
    }

    private func background(_ reader: ClauseReader) -> Layer? {
        let source: BackgroundLayer.Source
        let named = reader.peek.flatMap { argument -> String? in if case .name(let parts) = argument.value { parts.joined(separator: ".") } else { nil } }
        if let named, reader.scope.assets[named] == nil, named == "original" {
            _ = reader.word("original")
            source = .original
        } else if reader.isColor(), named.map({ reader.scope.assets[$0] == nil }) ?? true {
            guard let color = reader.color() else { return nil }
            source = .color(color)
        } else {
            guard let asset = asset(reader, [.image, .video], "an image, a video, a colour or `original`") else { return nil }
            source = .asset(asset.name)
        }
        var content = BackgroundLayer(source: source, blur: .pixels(0), blurCurve: nil)
        var layer = emptyLayer(.background(content), reader.place, .full, .cover)
        lineRange(reader, &layer)
        visit(reader.clause.block?.clauses ?? [], .background, reader.scope) { inner in
            if shared(inner, &layer) { return }
            if let blur = inner.length("a blur") { content.blur = blur }
            if !inner.isAtEnd, !inner.hasFailed { content.blurCurve = motion(.curve, named: inner) }
        }
        layer.content = .background(content)
        return layer
    }

    private func footage(_ reader: ClauseReader) -> Layer? {
        guard let asset = asset(reader, [.video], "a video") else { return nil }
        var content = FootageLayer(asset: asset.name, original: Setting(default: nil, reader.place))
        if reader.word("from") { content.fileFrom = reader.time() }
        if reader.word("to") { content.fileTo = reader.time() }
        if reader.word("at") { content.at = reader.time() }
        var layer = emptyLayer(.footage(content), reader.place, .full, .cover)
        visit(reader.clause.block?.clauses ?? [], .footage, reader.scope) { inner in
            switch inner.clause.word {
            case "from":
                setTwice(content.fileFrom, inner)
                content.fileFrom = inner.time()
                if inner.word("to") { content.fileTo = inner.time() }
            case "to":
                setTwice(content.fileTo, inner)
                content.fileTo = inner.time()
            case "at":
                setTwice(content.at, inner)
                content.at = inner.time()
            default: if !shared(inner, &layer) { readFootage(inner, &content) }
            }
        }
        layer.content = .footage(content)
        return layer
    }

    private func actor(_ reader: ClauseReader) -> Layer? {
        guard let persona = asset(reader, [.persona], "a persona") else { return nil }
        let torso = persona.facts?.persona?.hasTorso ?? true
        var content = ActorLayer(persona: persona.name, torso: Setting(default: torso, reader.place))
        var layer = emptyLayer(.actor(content), reader.place, .full, .contain)
        lineRange(reader, &layer)
        visit(reader.clause.block?.clauses ?? [], .actor, reader.scope) { inner in
            if !shared(inner, &layer) { readActor(inner, &content, persona) }
        }
        if let performance = content.performance, let other = performance.listeningTo, let own = content.speech.first(where: { $0.asset == other }) {
            report("same-audio", "`\(persona.name)` would listen to its own line `\(other)`", performance.place, labels: [own.place.label("spoken here")],
                   help: "name the other speaker's audio")
        }
        layer.content = .actor(content)
        return layer
    }

    private func picture(_ reader: ClauseReader) -> Layer? {
        guard let asset = asset(reader, [.image, .video], "an image or a video") else { return nil }
        var layer = emptyLayer(.picture(asset.name), reader.place, .center, .contain)
        if reader.word("at"), let place = placement(reader) { layer.placement = Setting(written: place, reader.place) }
        lineRange(reader, &layer)
        visit(reader.clause.block?.clauses ?? [], .picture, reader.scope) { inner in
            if inner.clause.word == "place", layer.placement.isWritten {
                inner.fail("repeated-clause", "the place is said twice", inner.clause.headRange, labels: [layer.placement.place.label("first here")])
            } else { _ = shared(inner, &layer) }
        }
        return layer
    }

    private func title(_ reader: ClauseReader) -> Layer? {
        guard let (text, _) = reader.string("the text of the title") else { return nil }
        var content = TitleLayer(text: text, subtitle: nil, style: TextStyle())
        var layer = emptyLayer(.title(content), reader.place, .center, .contain)
        lineRange(reader, &layer)
        var base: TextStyle?
        visit(reader.clause.block?.clauses ?? [], .title, reader.scope) { inner in
            switch inner.clause.word {
            case "subtitle": content.subtitle = inner.string("a subtitle")?.0
            case "style": base = style(inner)
            case "place", "width": readText(inner, &content.style)
            default: if !shared(inner, &layer) { readText(inner, &content.style) }
            }
        }
        content.style = content.style.over(base ?? standardStyle("headline", reader.scope))
        layer.content = .title(content)
        return layer
    }

    private func captions(_ reader: ClauseReader) -> Layer? {
        guard let asset = asset(reader, [.captions], "captions") else { return nil }
        var content = CaptionsLayer(asset: asset.name, style: TextStyle())
        var layer = emptyLayer(.captions(content), reader.place, .bottom, .contain)
        lineRange(reader, &layer)
        var base: TextStyle?
        visit(reader.clause.block?.clauses ?? [], .captions, reader.scope) { inner in
            switch inner.clause.word {
            case "style": base = style(inner)
            case "place", "width": readText(inner, &content.style)
            default: if !shared(inner, &layer) { readText(inner, &content.style) }
            }
        }
        content.style = content.style.over(base ?? standardStyle("caption", reader.scope))
        layer.content = .captions(content)
        return layer
    }

    func sound(_ reader: ClauseReader) -> SoundLayer? {
        guard let asset = asset(reader, [.audio, .video], "an audio asset") else { return nil }
        var result = SoundLayer(asset: asset.name, place: reader.place)
        if reader.word("at") || reader.word("from") { result.from = reader.time() }
        if reader.word("to") { result.to = reader.time() }
        visit(reader.clause.block?.clauses ?? [], .sound, reader.scope) { inner in
            switch inner.clause.word {
            case "from", "at":
                setTwice(result.from, inner)
                result.from = inner.time()
                if inner.word("to") { result.to = inner.time() }
            case "to":
                setTwice(result.to, inner)
                result.to = inner.time()
            case "gain": result.gain = inner.decibels("a gain") ?? 0
            case "volume": result.volume = volume(inner)
            case "fade": fade(inner, &result.fadeIn, &result.fadeOut)
            case "loop": result.loops = true
            case "duck":
                guard let level = inner.decibels("a level", in: -60...60), inner.requiredWord("under"),
                      let under = self.asset(inner, [.audio, .video], "an audio asset") else { return }
                result.ducks.append(.init(level: abs(level), under: under.name, place: inner.place))
            default: break
            }
        }
        return result
    }

    /// A factor on the sound as a curve.
    func volume(_ reader: ClauseReader) -> MotionSource? {
        switch numberOrCurve(reader, "a volume", in: 0...4) {
        case .constant(let value): .scalarKeys([.init(time: TimeExpression(.seconds(.zero), reader.place), value: value, easing: .linear, place: reader.place)], repeats: nil)
        case .motion(let source): source
        case nil: nil
        }
    }
}
