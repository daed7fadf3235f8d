// Styles and the clauses that titles, captions and styles share.
import Base
import Diagnostics
import SceneSyntax

extension Resolution {
    /// All styles of a file; `like` may name any of them.
    func readStyles(_ clauses: [Clause], _ scope: Scope) {
        var bases: [String: (name: String, place: Place)] = [:]
        for clause in clauses {
            let reader = reader(clause, scope)
            reader.context = .file
            guard let (name, place) = reader.newName() else { continue }
            let isNew = declare(name, place, scope)
            guard reader.finish() else { continue }
            var style = TextStyle()
            visit(clause.block?.clauses ?? [], .style, scope) { inner in
                if inner.clause.word == "like" {
                    if let (base, range) = inner.name("the name of a style") { bases[name] = (base, inner.place(range)) }
                } else { readText(inner, &style) }
            }
            if isNew { scope.styles[name] = StyleDeclaration(name: name, style: style, place: place) }
        }
        var done: Set<String> = []
        for name in bases.keys.sorted() { inherit(name, bases, &done, scope) }
    }

    /// Fills a style from what it is like; every style is filled once, however long the row of them is.
    private func inherit(_ name: String, _ bases: [String: (name: String, place: Place)], _ done: inout Set<String>, _ scope: Scope) {
        var row: [String] = []
        var inRow: Set<String> = []
        var current = name
        while !done.contains(current), let base = bases[current], scope.styles[current] != nil {
            usedNames.insert(base.name)
            row.append(current)
            inRow.insert(current)
            // A style of a built-in name that is like that name starts from the built-in one.
            if base.name == current || scope.styles[base.name] == nil {
                if let builtIn = TextStyle.builtIn[base.name] { fill(current, from: builtIn, scope) } else if base.name == current {
                    report("style-circle", "a style cannot be like itself", base.place)
                } else { report(unknownStyle: base.name, base.place, scope) }
                done.insert(current)
                row.removeLast()
                break
            }
            if inRow.contains(base.name) {
                let circle = Array(row[(row.firstIndex(of: base.name) ?? 0)...]) + [base.name]
                report("style-circle", "styles are like each other in a circle: \(circle.map { "`\($0)`" }.joined(separator: " → "))", base.place,
                       labels: circle.dropLast(2).compactMap { bases[$0]?.place.label("\($0) begins here") }, help: "let one of them start from a built-in style, or from none")
                done.formUnion(row)
                return
            }
            current = base.name
        }
        for style in row.reversed() where done.insert(style).inserted {
            if let base = bases[style].flatMap({ scope.styles[$0.name]?.style }) { fill(style, from: base, scope) }
        }
    }
    private func fill(_ name: String, from base: TextStyle, _ scope: Scope) {
        if let style = scope.styles[name]?.style { scope.styles[name]?.style = style.over(base) }
    }

    private func report(unknownStyle name: String, _ place: Place, _ scope: Scope) {
        let near = nearest(to: name, in: Array(scope.styles.keys) + Array(TextStyle.builtIn.keys))
        report("unknown-name", "there is no style `\(name)`", place,
               help: near.map { "did you mean `\($0)`?" } ?? "declare it, or take a built-in one: \(TextStyle.builtIn.keys.sorted().joined(separator: ", "))",
               fix: near.map { .rename(place.range, to: $0) })
    }

    /// Behind `style`: a declared or built-in one.
    func style(_ reader: ClauseReader) -> TextStyle? {
        guard let (name, range) = reader.name("the name of a style") else { return nil }
        usedNames.insert(name)
        if let style = reader.scope.styles[name]?.style ?? TextStyle.builtIn[name] { return style }
        if !reader.hasFailed { report(unknownStyle: name, reader.place(range), reader.scope) }
        return nil
    }

    /// A style as it is without a `style` clause: the declared one of that name, else the built-in one.
    func standardStyle(_ name: String, _ scope: Scope) -> TextStyle {
        if scope.styles[name] != nil { usedNames.insert(name) }
        return scope.styles[name]?.style ?? TextStyle.builtIn[name] ?? TextStyle()
    }

    /// One of the shared text clauses.
    func readText(_ reader: ClauseReader, _ style: inout TextStyle) {
        switch reader.clause.word {
        case "font":
            if reader.isString() { style.font = reader.string("a font")?.0.nonEmpty.map { .family($0) } }
            else if let font = asset(reader, [.font], "a font") { style.font = .asset(font.path) }
        case "size": style.size = reader.length("a letter size")
        case "weight": style.weight = reader.integer("a weight", in: 1...1000)
        case "color": style.color = reader.color()
        case "box": style.box = reader.color()
        case "padding": style.padding = reader.length("a padding")
        case "outline", "shadow":
            guard let width = reader.length("a width") else { return }
            let color = reader.isAtEnd ? .black : reader.color()
            guard let color else { return }
            if reader.clause.word == "outline" { style.outline = .init(width: width, color: color) } else { style.shadow = .init(width: width, color: color) }
        case "align": style.align = reader.choice(TextStyle.Align.self, "an alignment")
        case "line-height": style.lineHeight = reader.number("a line height", in: 0.5...5)
        case "margin": style.margin = reader.length("a margin")
        case "place": style.placement = placement(reader)
        case "width": style.width = reader.length("a width")
        default: break
        }
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
