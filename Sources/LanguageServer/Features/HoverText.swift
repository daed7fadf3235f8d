// What stands under the cursor, in words: clauses, names, files, times, colours.
import Base
import Diagnostics
import Foundation
import Motion
import SceneModel
import SceneSyntax

/// Hover at one offset.
struct HoverText {
    let analysis: Analysis
    let offset: Int

    /// Markdown and the range that it speaks about; nil: nothing is known here.
    func hover() -> (text: String, range: TextRange)? {
        if let symbol = analysis.names.symbol(at: offset, in: analysis.tree.file.path) {
            var text = Self.declaration(symbol.declaration, symbol.address, analysis)
            if let (argument, placed) = argument(), let time = time(argument, placed) { text = time + "\n\n---\n\n" + text }
            return (text, symbol.range)
        }
        guard let placed = clause() else { return nil }
        if placed.clause.wordRange.start <= offset, offset <= placed.clause.wordRange.end {
            guard let schema = ClauseRegistry.schema(placed.clause.word, in: placed.context) else { return nil }
            var text = ClauseText.markdown(schema)
            if placed.context == .file, placed.clause.word == "shot", let index = placed.shot, let range = analysis.shot(index) { text += "\n\n" + self.range(range) }
            return (text, placed.clause.wordRange)
        }
        guard let (argument, around) = argument() else { return nil }
        if let text = time(argument, around) { return (text, argument.range) }
        if let text = color(argument) { return (text, argument.range) }
        if case .string = argument.value, around.context == .file, let name = around.clause.arguments.first?.word, let text = Self.asset(name, analysis) { return (text, argument.range) }
        if let word = argument.word, let schema = ClauseRegistry.schema(around.clause.word, in: around.context) {
            return ("`\(word)`\n\n" + ClauseText.markdown(schema), argument.range)
        }
        return nil
    }

    /// The innermost clause around the cursor.
    private func clause() -> PlacedClause? {
        var best: PlacedClause?
        analysis.tree.forEachClause { placed in
            if placed.clause.range.start <= offset, offset <= placed.clause.range.end { best = placed }
        }
        return best
    }
    private func argument() -> (Argument, PlacedClause)? {
        guard let placed = clause() else { return nil }
        for argument in placed.clause.arguments where argument.range.start <= offset && offset <= argument.range.end {
            if case .tolerance(let inner) = argument.value { return (inner, placed) }
            if case .mark = argument.value { continue }
            return (argument, placed)
        }
        return nil
    }

    // MARK: values

    private func time(_ argument: Argument, _ placed: PlacedClause) -> String? {
        guard let expression = analysis.time(argument), let seconds = analysis.seconds(expression, inShot: placed.shot) else { return nil }
        var text = "**\(Self.seconds(seconds))** · frame \(analysis.rate.nearestFrame(to: seconds)) at \(Self.rate(analysis.rate))"
        let isDuration: Bool = if case .duration(.seconds) = argument.value { true } else { false }
        if let index = placed.shot, !isDuration, let shot = analysis.shot(index) { text += "\n\nof the shot; \(Self.seconds(shot.start + seconds)) of the scene" }
        return text
    }

    private func range(_ range: TimeRange) -> String {
        "**\(Self.seconds(range.start)) – \(Self.seconds(range.end))** of the scene · \(Self.seconds(range.duration)) · frames \(analysis.rate.nearestFrame(to: range.start))–\(max(analysis.rate.nearestFrame(to: range.end) - 1, 0))"
    }

    private func color(_ argument: Argument) -> String? {
        switch argument.value {
        case .color(let c): return Self.hex(SceneColor(c[0], c[1], c[2], c[3]))
        case .name(let parts):
            guard parts.count == 1, let color = ColorNames.color(parts[0]) else { return nil }
            return "`\(parts[0])` = " + Self.hex(color)
        default: return nil
        }
    }
    static func hex(_ color: SceneColor) -> String {
        let channels = color.alpha == 255 ? [color.red, color.green, color.blue] : [color.red, color.green, color.blue, color.alpha]
        return "`#" + channels.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "`"
    }

    /// `2.5 s`; at most milliseconds.
    static func seconds(_ value: Rational) -> String {
        let milliseconds = (value * Rational(1000)).rounded
        var text = String(format: "%@%d.%03d", milliseconds < 0 ? "-" : "", abs(milliseconds) / 1000, abs(milliseconds) % 1000)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text + " s"
    }
    static func rate(_ rate: FrameRate) -> String {
        rate.framesPerSecond.denominator == 1 ? "\(rate.framesPerSecond.numerator)fps" : "\(rate.framesPerSecond.numerator)/\(rate.framesPerSecond.denominator)fps"
    }

    // MARK: names

    private static func declaration(_ declaration: SymbolDeclaration, _ address: SymbolAddress, _ analysis: Analysis) -> String {
        let home = analysis.names.symbols(address.path)
        let source = home.map { head($0.file, declaration.clause) } ?? declaration.name
        var text = "```scene\n\(source)\n```"
        switch declaration.kind {
        case .asset:
            // An imported asset is known here by the name that this file gives it.
            let written = analysis.names.visible(in: analysis.tree.file.path).first { $0.address == address }?.written ?? declaration.name
            if let facts = asset(written, analysis) { text += "\n" + facts }
        case .parameter:
            if let parameter = analysis.document?.parameters.first(where: { $0.name == declaration.name }) {
                text += "\na param of type \(parameter.kind.rawValue)" + (parameter.value == nil ? ", to be set: `--set \(parameter.name)=…`" : "")
            }
        case .shot:
            if let index = analysis.document?.shots.firstIndex(where: { $0.name == declaration.name }), let range = analysis.shot(index) {
                text += "\n" + HoverText(analysis: analysis, offset: 0).range(range)
            }
        case .prefix: text += "\nnames of another file"
        case .motion, .style: break
        }
        if address.path != AssetPath.normalised(analysis.tree.file.path) { text += "\n\nfrom `\(address.path.split(separator: "/").last ?? "")`" }
        return text
    }

    /// The text of a declaration, at most twelve lines.
    private static func head(_ file: SourceFile, _ clause: Clause) -> String {
        let lines = file.text(clause.word == "shot" ? clause.headRange : clause.range).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.prefix(12).joined(separator: "\n") + (lines.count > 12 ? "\n…" : "")
    }

    /// What a file holds; nil: no asset of that name.
    static func asset(_ name: String, _ analysis: Analysis) -> String? {
        guard let asset = analysis.document?.assets[name] else { return nil }
        guard let facts = asset.facts else { return "`\(asset.writtenPath)` cannot be read" }
        var parts: [String] = []
        if let persona = facts.persona {
            parts.append("persona **\(persona.name)**, \(persona.engine), \(persona.size)")
            parts.append(persona.hasTorso ? "with torso" : "head only")
            if persona.hasBackground { parts.append("own background") }
            parts.append(persona.recordedFrames > 0 ? "\(persona.recordedFrames) recorded frames" : "no recorded motion")
            if let range = persona.range {
                for channel in PoseChannel.allCases {
                    guard let limits = range[channel] else { continue }
                    parts.append(String(format: "%@ %.0f° … %.0f°", channel.rawValue, limits.lowerBound * 180 / .pi, limits.upperBound * 180 / .pi))
                }
            }
            if let licence = persona.licence, !licence.isEmpty { parts.append("licence \(licence)") }
        }
        if let duration = facts.duration { parts.append("**\(seconds(duration))**") }
        if let size = facts.size { parts.append("\(size)") }
        if let rate = facts.rate { parts.append(self.rate(rate) + (facts.isVariableRate ? ", variable" : "")) }
        if let sampleRate = facts.sampleRate { parts.append("\(sampleRate) Hz") }
        if facts.hasVideo, asset.kind == .video { parts.append(facts.hasAudio ? "with sound" : "silent") }
        return parts.isEmpty ? "`\(asset.writtenPath)`" : "`\(asset.writtenPath)` · " + parts.joined(separator: " · ")
    }
}
