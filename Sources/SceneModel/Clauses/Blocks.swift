// Walks blocks: which clauses may stand there, how often, and which names they may use.
import Base
import Diagnostics
import SceneSyntax

extension Resolution {
    /// Calls `body` for each clause that may stand in the block, then sees that nothing is left over.
    func visit(_ clauses: [Clause], _ context: ClauseContext, _ scope: Scope, _ body: (ClauseReader) -> Void) {
        var seen: [String: Clause] = [:]
        for clause in clauses {
            guard let schema = ClauseRegistry.schema(clause.word, in: context) else {
                reportUnknown(clause, context, scope)
                continue
            }
            if !schema.repeats, let first = seen[clause.word] {
                report("repeated-clause", "`\(clause.word)` stands here twice", Place(scope.file, clause.wordRange),
                       labels: [Label(scope.file, first.wordRange, "first here")], help: "keep one of them")
                continue
            }
            seen[clause.word] = clause
            let reader = reader(clause, scope)
            reader.context = context
            guard checkBlock(clause, schema, scope) else { continue }
            body(reader)
            reader.finish()
        }
    }

    private func checkBlock(_ clause: Clause, _ schema: ClauseSchema, _ scope: Scope) -> Bool {
        if schema.block == .none, let block = clause.block, !clause.isBroken {
            report("unexpected-block", "`\(clause.word)` has no block", Place(scope.file, TextRange(block.range.start, block.range.start + 1)))
            return false
        }
        if schema.block == .required, clause.block == nil {
            if !clause.isBroken { report("missing-block", "`\(clause.word)` needs a block", Place(scope.file, clause.headRange), help: "add `{ }` behind it") }
            return false
        }
        return true
    }

    func reportUnknown(_ clause: Clause, _ context: ClauseContext, _ scope: Scope) {
        let place = Place(scope.file, clause.wordRange)
        let known = ClauseRegistry.keywords(in: context)
        let here = context == .file ? "at the top of a file" : "in \(context.rawValue.first.map { "aeiou".contains($0) } == true ? "an" : "a") `\(context.rawValue)` block"
        if let near = nearest(to: clause.word, in: known) {
            report("unknown-clause", "there is no clause `\(clause.word)` \(here)", place, help: "did you mean `\(near)`?",
                   fix: .rename(clause.wordRange, to: near))
            return
        }
        if let meant = Self.otherWords[clause.word], known.contains(meant) {
            report("unknown-clause", "there is no clause `\(clause.word)` \(here)", place, help: "did you mean `\(meant)`?")
            return
        }
        let elsewhere = ClauseRegistry.contexts(of: clause.word)
        if !elsewhere.isEmpty {
            let homes = elsewhere.map { $0 == .file ? "the top of a file" : "`\($0.rawValue)`" }.joined(separator: ", ")
            let layer = context == .shot ? Self.shown[clause.word] : nil
            report("misplaced-clause", "`\(clause.word)` may not stand \(here)", place, help: "it belongs in \(homes)" + (layer.map { "; a shot shows it with `\($0) NAME`" } ?? ""))
        } else {
            report("unknown-clause", "there is no clause `\(clause.word)` \(here)", place, help: "clauses here are \(known.sorted().joined(separator: ", "))")
        }
    }

    /// What clauses are called elsewhere.
    private static let otherWords = ["says": "speaks", "say": "speaks", "talks": "speaks", "voice": "speaks", "fps": "rate", "framerate": "rate", "resolution": "size", "dimensions": "size",
                                     "text": "title", "music": "sound", "subtitles": "captions", "colour": "color", "volume": "gain"]
    /// The layer that shows an asset in a shot.
    private static let shown = ["image": "picture", "video": "footage", "audio": "sound", "persona": "actor"]

    /// The asset of a name, of one of these kinds; reported where there is none.
    func asset(_ reader: ClauseReader, _ kinds: [AssetKind], _ what: String) -> Asset? {
        guard let (name, range) = reader.name(what) else { return nil }
        return asset(named: name, range, reader, kinds, what)
    }
    func asset(named name: String, _ range: TextRange, _ reader: ClauseReader, _ kinds: [AssetKind], _ what: String) -> Asset? {
        usedNames.insert(name)
        guard let asset = reader.scope.assets[name] else {
            let near = nearest(to: name, in: reader.scope.assets.filter { kinds.contains($0.value.kind) }.map(\.key))
            let base = name.prefix { $0 != "." }
            var file: String?
            if let kind = ClauseReader.assetKind(ofFile: name), kinds.contains(kind) { file = "name the file at the top, `\(kind.rawValue) \(base) = \"\(name)\"`, and write `\(base)` here" }
            let help = file ?? near.map { "did you mean `\($0)`?" }
                ?? (reader.scope.declared[name] != nil ? "`\(name)` is something else"
                    : "declare it: `\(kinds[0].rawValue) \(name.split(separator: ".").last ?? "name") = \"…\"`")
            reader.fail("unknown-name", "there is no \(kinds.map(\.rawValue).joined(separator: " or ")) named `\(name)`", range, help: help, fix: near.map { .rename(range, to: $0) })
            return nil
        }
        guard kinds.contains(asset.kind) else {
            reader.fail("wrong-asset-kind", "`\(name)` is \(asset.kind == .audio || asset.kind == .image ? "an" : "a") \(asset.kind.rawValue) asset; `\(reader.clause.word)` takes \(what)", range,
                        labels: [asset.place.label("declared here")])
            return nil
        }
        return asset
    }
}
