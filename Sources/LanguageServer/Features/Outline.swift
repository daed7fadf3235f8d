// Document symbols, folding ranges, and hints of resolved times.
import Base
import Diagnostics
import SceneModel
import SceneSyntax

enum Outline {
    /// The tree of declarations and layers.
    static func symbols(_ analysis: Analysis) -> JSONValue {
        .array(analysis.tree.clauses.compactMap { symbol($0, .file, analysis) })
    }

    private static func symbol(_ clause: Clause, _ context: ClauseContext, _ analysis: Analysis) -> JSONValue? {
        guard ClauseRegistry.schema(clause.word, in: context) != nil, context == .file || context == .shot else { return nil }
        let first = clause.arguments.first
        let title: String = switch first?.value {
        case .name(let parts) where !(clause.word == "shot" && parts == ["for"]): parts.joined(separator: ".")
        case .string(let parts): parts.map { if case .text(let text) = $0 { text } else { "…" } }.joined()
        default: clause.word
        }
        let inner = BlockContext.inside(clause, in: context)
        let children = inner == .shot ? (clause.block?.clauses ?? []).compactMap { symbol($0, .shot, analysis) } : []
        let selection = first.map { isIn($0.range, clause.range) ? $0.range : clause.wordRange } ?? clause.wordRange
        return ["name": .string(title.isEmpty ? clause.word : title), "detail": .string(clause.word), "kind": .int(kind(clause.word, context)),
                "range": analysis.lines.json(clause.range), "selectionRange": analysis.lines.json(selection), "children": .array(children)]
    }
    private static func isIn(_ inner: TextRange, _ outer: TextRange) -> Bool { outer.start <= inner.start && inner.end <= outer.end }

    /// Kinds of the protocol.
    private static func kind(_ word: String, _ context: ClauseContext) -> Int {
        if context == .shot { return word == "sound" ? 24 : 19 }
        switch word {
        case "import": return 2
        case "param": return 13
        case "scene": return 4
        case "shot": return 5
        case "path", "blink", "curve": return 12
        case "style": return 14
        case "output": return 1
        case "transition": return 25
        default: return 20
        }
    }

    static func folding(_ analysis: Analysis) -> JSONValue {
        var result: [JSONValue] = []
        analysis.tree.forEachClause { placed in
            guard let block = placed.clause.block else { return }
            let start = analysis.lines.position(of: block.range.start).line, end = analysis.lines.position(of: block.range.end).line
            if end - 1 > start { result.append(["startLine": .int(start), "endLine": .int(end - 1), "kind": "region"]) }
        }
        return .array(result)
    }

    // MARK: resolved times

    /// Values behind times that the text does not show: events, frames, params, lengths of shots and lines.
    static func hints(_ analysis: Analysis, in range: TextRange) -> JSONValue {
        var result: [JSONValue] = []
        func add(_ offset: Int, _ text: String) {
            guard range.start <= offset, offset <= range.end else { return }
            result.append(["position": analysis.lines.json(offset), "label": .string(text), "paddingLeft": true, "kind": 1])
        }
        var heard: [Int: TimeRange] = [:]
        for shot in analysis.timeline?.shots ?? [] {
            for layer in shot.layers {
                if case .footage = layer.layer.content { heard[layer.layer.place.range.start] = layer.range.shifted(by: -shot.range.start) }
                for speech in layer.actor?.speech ?? [] { heard[speech.place.range.start] = speech.range.shifted(by: -shot.range.start) }
            }
        }
        analysis.tree.forEachClause { placed in
            let clause = placed.clause
            guard clause.headRange.start <= range.end, clause.range.end >= range.start else { return }
            var isShown = false
            for argument in clause.arguments {
                guard needsHint(argument, analysis), let time = analysis.time(argument), let value = analysis.seconds(time, inShot: placed.shot) else { continue }
                add(argument.range.end, "= \(HoverText.seconds(value))")
                isShown = true
            }
            if placed.context == .file, clause.word == "shot", let index = placed.shot, let shot = analysis.shot(index) {
                add(clause.headRange.end, "\(HoverText.seconds(shot.start)) – \(HoverText.seconds(shot.end))")
            } else if clause.word == "speaks" || clause.word == "footage", !isShown, let stretch = heard[clause.headRange.start] {
                add(clause.headRange.end, "\(HoverText.seconds(stretch.start)) – \(HoverText.seconds(stretch.end))")
            }
        }
        return .array(result)
    }

    private static func needsHint(_ argument: Argument, _ analysis: Analysis) -> Bool {
        switch argument.value {
        case .sum: true
        case .duration(.seconds): false
        case .duration: true
        case .name(let parts): parts.count > 1 ? TimeExpression.Event(rawValue: parts[parts.count - 1]) != nil : analysis.document?.parameters.contains { $0.name == parts[0] && $0.kind == .duration } ?? false
        default: false
        }
    }
}
