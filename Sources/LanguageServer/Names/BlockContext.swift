// Which kind of block a clause opens, and a walk over a tree that knows it.
import SceneModel
import SceneSyntax

enum BlockContext {
    /// The kind of the block behind a clause; nil where it has none.
    static func inside(_ word: String, isFile: Bool, in context: ClauseContext) -> ClauseContext? {
        switch (context, word) {
        case (.file, "captions"): .captionsAsset
        case (.file, "path"), (.file, "blink"), (.file, "curve"): isFile ? .motionFile : ClauseContext(rawValue: word)
        case (.file, "scene"), (.file, "persona"), (.file, "audio"), (.file, "video"), (.file, "image"), (.file, "font"), (.file, "lipdub"),
             (.file, "style"), (.file, "shot"), (.file, "transition"), (.file, "output"): ClauseContext(rawValue: word)
        case (.shot, "background"), (.shot, "footage"), (.shot, "actor"), (.shot, "picture"), (.shot, "title"), (.shot, "captions"), (.shot, "sound"): ClauseContext(rawValue: word)
        case (.footage, "dub"): .dub
        case (.actor, "performs"): .performs
        case (.actor, "pose"): .path
        case (.actor, "blinks"): .blink
        case (_, "opacity"), (_, "volume"): .curve
        default: nil
        }
    }

    static func inside(_ clause: Clause, in context: ClauseContext) -> ClauseContext? {
        inside(clause.word, isFile: clause.arguments.contains { $0.isMark("=") }, in: context)
    }
}

/// A clause with what stands around it.
struct PlacedClause {
    var clause: Clause
    var context: ClauseContext
    /// Number of its shot in the file, counted over shots that have a block.
    var shot: Int?
    var depth: Int
}

extension SyntaxTree {
    /// All clauses from top to bottom, those of unknown blocks left out.
    func forEachClause(_ body: (PlacedClause) -> Void) {
        var shots = 0
        func walk(_ clauses: [Clause], _ context: ClauseContext, _ shot: Int?, _ depth: Int) {
            for clause in clauses {
                var inner = shot
                if context == .file, clause.word == "shot", clause.block != nil {
                    inner = shots
                    shots += 1
                }
                body(PlacedClause(clause: clause, context: context, shot: inner, depth: depth))
                if let block = clause.block, let next = BlockContext.inside(clause, in: context) { walk(block.clauses, next, inner, depth + 1) }
            }
        }
        walk(clauses, .file, nil, 0)
    }
}
