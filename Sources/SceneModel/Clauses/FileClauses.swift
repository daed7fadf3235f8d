// What stands at the top of a file: assets, scene, shots in order, transitions.
import Base
import Diagnostics
import Motion
import SceneSyntax

extension Resolution {
    func readAsset(_ kind: AssetKind, _ reader: ClauseReader, _ scope: Scope) {
        reader.context = .file
        guard let (name, place) = reader.newName() else { return }
        let isNew = declare(name, place, scope)
        var asset = Asset(name: name, kind: kind, writtenPath: "", path: "", place: place, pathPlace: place)
        if reader.mark("="), let (written, pathPlace) = reader.string("the path of a file") {
            asset.writtenPath = written
            asset.path = AssetPath.join(written, relativeToFile: scope.file.path)
            asset.pathPlace = pathPlace
            if reader.finish() { readBlock(&asset, reader) }
            if isNew, isAllowed(asset.path, written, pathPlace) {
                do throws(AssetProblem) { asset.facts = try resolver.facts(of: kind, path: asset.path) } catch { report(problem: error, written, pathPlace) }
            }
        }
        // Where the clause is wrong the name is declared all the same: what uses it is not a second mistake.
        if isNew { scope.assets[name] = asset }
    }

    private func readBlock(_ asset: inout Asset, _ reader: ClauseReader) {
        let contexts: [AssetKind: ClauseContext] = [.persona: .persona, .audio: .audio, .image: .image, .video: .video,
                                                    .captions: .captionsAsset, .font: .font, .lipdub: .lipdub]
        guard let block = reader.clause.block, let context = contexts[asset.kind] else { return }
        visit(block.clauses, context, reader.scope) { inner in
            switch inner.clause.word {
            case "from":
                asset.from = inner.time()
                if inner.word("to") { asset.to = inner.time() }
            case "to": asset.to = inner.time()
            case "gain": asset.gain = inner.decibels("a gain") ?? 0
            case "channel":
                if inner.isNumber() { asset.channel = inner.integer("a channel", in: 1...64).map { .number($0) } ?? .all }
                else {
                    switch inner.choice(["left", "right", "mix"], "a channel") {
                    case "left": asset.channel = .left
                    case "right": asset.channel = .right
                    case "mix": asset.channel = .mix
                    default: break
                    }
                }
            default: break
            }
        }
    }

    func defaultScene(_ place: Place) -> SceneSettings {
        SceneSettings(title: AssetPath.baseName(of: mainPath), place: place, size: Setting(default: nil, place), rate: Setting(default: nil, place),
                      seed: Setting(default: 0, place), background: Setting(default: .black, place), loudness: Setting(default: nil, place))
    }

    /// The clauses that are only read in the file that is rendered.
    func readMain(_ tree: SyntaxTree, _ scope: Scope, _ document: inout SceneDocument) {
        var openTransition: Transition?
        let visible = scope
        visit(tree.clauses, .file, visible) { reader in
            switch reader.clause.word {
            case "scene": document.scene = scene(reader)
            case "shot":
                document.shots.append(shot(reader))
                openTransition = nil
            case "transition":
                guard let transition = transition(reader, after: document.shots.count - 1, openTransition) else { return }
                openTransition = transition
                document.transitions.append(transition)
            case "output":
                if let output = output(reader) { document.outputs.append(output) }
            default: reader.skip()
            }
        }
        if let last = openTransition {
            report("transition-at-edge", "no shot follows this transition", last.place, help: "a transition stands between two shots")
            document.transitions.removeLast()
        }
        if document.outputs.isEmpty {
            let path = AssetPath.join("renders/\(AssetPath.baseName(of: mainPath)).mp4", relativeToFile: mainPath)
            document.outputs = [OutputRequest(path: path, place: document.scene.place, isWritten: false)]
        }
    }

    private func scene(_ reader: ClauseReader) -> SceneSettings {
        var result = defaultScene(reader.wordPlace)
        if !reader.isAtEnd, let (title, _) = reader.string("the title of the scene") { result.title = title }
        visit(reader.clause.block?.clauses ?? [], .scene, reader.scope) { inner in
            switch inner.clause.word {
            case "size": if let size = inner.size() { result.size = Setting(written: size, inner.place) }
            case "rate": if let rate = inner.frameRate() { result.rate = Setting(written: rate, inner.place) }
            case "seed": if let seed = inner.integer("a seed", in: 0...4_294_967_295) { result.seed = Setting(written: seed, inner.place) }
            case "background": if let color = inner.color() { result.background = Setting(written: color, inner.place) }
            case "loudness": if let level = inner.loudness() { result.loudness = Setting(written: level, inner.place) }
            case "like": if let asset = asset(inner, [.video], "a video") { result.like = asset.name }
            default: break
            }
        }
        return result
    }

    private func transition(_ reader: ClauseReader, after: Int, _ open: Transition?) -> Transition? {
        guard let kind = reader.choice(Transition.Kind.self, "a transition"), let duration = reader.duration("the length of a transition") else { return nil }
        var result = Transition(kind: kind, duration: duration, color: .black, direction: .right, easing: .linear, after: after, place: reader.place)
        visit(reader.clause.block?.clauses ?? [], .transition, reader.scope) { inner in
            switch inner.clause.word {
            case "ease": result.easing = inner.easing() ?? .linear
            case "color": result.color = inner.color() ?? .black
            case "direction": result.direction = inner.choice(Transition.Direction.self, "a direction") ?? .right
            default: break
            }
        }
        if after < 0 {
            reader.fail("transition-at-edge", "no shot stands before this transition", reader.clause.headRange, help: "a transition stands between two shots")
            return nil
        }
        if let open {
            reader.fail("repeated-transition", "two transitions follow one shot", reader.clause.headRange, help: "keep one", labels: [open.place.label("the first")])
            return nil
        }
        return result
    }

    /// A syntax error stands in the clause or below it.
    private static func isBroken(_ clause: Clause) -> Bool {
        clause.isBroken || (clause.block?.clauses.contains { isBroken($0) } ?? false)
    }

    private func shot(_ reader: ClauseReader) -> Shot {
        let before = sink.diagnostics.count
        var result = Shot(name: nil, length: nil, layers: [], sounds: [], place: reader.wordPlace)
        if reader.peek?.word != "for", !reader.isAtEnd { result.name = reader.newName()?.0 }
        if reader.word("for") { result.length = reader.time("the length of the shot") }
        visit(reader.clause.block?.clauses ?? [], .shot, reader.scope) { inner in
            if inner.clause.word == "sound" {
                if let sound = sound(inner) { result.sounds.append(sound) }
            } else if let layer = layer(inner) { result.layers.append(layer) }
        }
        result.isIncomplete = reader.hasFailed || sink.diagnostics.count > before || Self.isBroken(reader.clause)
        return result
    }
}
