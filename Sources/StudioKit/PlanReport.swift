// A scene with every default filled in, and where each value comes from.
import Base
import Diagnostics
import Foundation
import Motion
import SceneModel
import SceneSyntax

/// What `studio plan` tells.
package struct PlanReport: Sendable, Encodable {
    /// One setting in force.
    package struct Entry: Sendable, Encodable {
        package var setting: String
        package var value: String
        /// `line 12`, `default`, `of the footage ceo`, …
        package var source: String
    }
    /// The scene, a shot, a layer, a sound, a transition or an output.
    package struct Section: Sendable, Encodable {
        package var title: String
        package var depth: Int
        package var line: Int?
        /// Seconds of the scene.
        package var start: Double?
        package var end: Double?
        /// Half open.
        package var firstFrame: Int?
        package var endFrame: Int?
        package var entries: [Entry]
    }
    package var version = 1
    package var title: String
    /// Size, rate, seed, frames and length in one line.
    package var summary: String
    package var frameCount: Int
    package var seconds: Double
    package var sections: [Section]
    /// What a render does and takes; nil where nobody asked the machine.
    package var forecast: RenderForecast?

    package init(_ document: SceneDocument, _ timeline: Timeline, forecast: RenderForecast? = nil) {
        self.forecast = forecast
        title = timeline.title
        summary = "“\(timeline.title)”: \(timeline.size), \(PlanMaker.rate(timeline.rate)), seed \(timeline.seed), \(timeline.frameCount) frames, " + String(format: "%.3f s", timeline.duration.doubleValue)
        frameCount = timeline.frameCount
        seconds = timeline.duration.doubleValue
        sections = PlanMaker(document, timeline).sections()
    }

    package func json() throws -> String {
        do { return try JSONText.of(self) + "\n" } catch { throw StudioFailure.of(error) }
    }

    package func text() -> String {
        var lines = [summary]
        for section in sections {
            let indent = String(repeating: "  ", count: section.depth)
            var head = indent + section.title
            if let start = section.start, let end = section.end { head += String(format: "  %.3f s – %.3f s", start, end) }
            if let first = section.firstFrame, let end = section.endFrame, section.depth == 0 { head += "  frames \(first)–\(max(end - 1, first))" }
            lines.append(head)
            let widest = section.entries.map(\.setting.count).max() ?? 0, value = min(section.entries.map(\.value.count).max() ?? 0, 36)
            for entry in section.entries {
                func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
                lines.append("\(indent)  \(padded(entry.setting, widest))  \(padded(entry.value, value))  \(entry.source)")
            }
        }
        lines += forecast?.lines() ?? []
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Goes through a scene with the manual's table of clauses: what is written, what stands in for it.
private struct PlanMaker {
    let document: SceneDocument
    let timeline: Timeline
    /// Clauses of the scene's own file by the start of their heads.
    private var clauses: [Int: (clause: Clause, context: ClauseContext)] = [:]
    private var tree: SyntaxTree?

    init(_ document: SceneDocument, _ timeline: Timeline) {
        self.document = document
        self.timeline = timeline
        tree = document.trees.first
        for clause in tree?.clauses ?? [] {
            clauses[clause.wordRange.start] = (clause, .file)
            if clause.word == "shot" { for layer in clause.block?.clauses ?? [] { clauses[layer.wordRange.start] = (layer, .shot) } }
        }
    }

    private func line(_ offset: Int) -> Int { document.file.position(of: offset).line }
    private func seconds(_ value: Rational) -> String { String(format: "%.3f s", value.doubleValue) }

    func sections() -> [PlanReport.Section] {
        var result = [scene()]
        for shot in timeline.shots {
            result.append(self.shot(shot))
            for layer in shot.layers { result.append(self.layer(layer, shot)) }
            for sound in timeline.sounds where sound.role == .sound && shot.shot.sounds.contains(where: { $0.place.range == sound.place.range && $0.place.file === sound.place.file }) {
                result.append(self.sound(sound))
            }
        }
        for transition in timeline.transitions { result.append(self.transition(transition)) }
        for output in timeline.outputs { result.append(self.output(output)) }
        return result
    }

    /// Every clause that may stand in a block: as written, else as the manual says what happens without it.
    private func settings(_ block: Block?, _ context: ClauseContext, resolved: [String: (value: String, source: String?)], without: Set<String> = []) -> [PlanReport.Entry] {
        var result: [PlanReport.Entry] = []
        var seen: Set<String> = []
        for schema in ClauseRegistry.all where schema.contexts.contains(context) && !without.contains(schema.keyword) && seen.insert(schema.keyword).inserted {
            let written = (block?.clauses ?? []).filter { $0.word == schema.keyword }
            if written.isEmpty {
                if let own = resolved[schema.keyword] {
                    result.append(.init(setting: schema.keyword, value: own.value, source: own.source ?? "default"))
                } else if let standard = schema.defaultText { result.append(.init(setting: schema.keyword, value: standard, source: "default")) }
            }
            for clause in written {
                var value = document.file.text(TextRange(clause.wordRange.end, clause.headRange.end)).trimmingCharacters(in: .whitespaces)
                if let inner = clause.block, value.isEmpty || inner.clauses.count > 0 {
                    value += (value.isEmpty ? "" : " ") + "{ " + inner.clauses.map { document.file.text($0.range) }.joined(separator: " ; ") + " }"
                }
                if value.isEmpty { value = "on" }
                let hangs = clause.arguments.contains { argument in
                    switch argument.value {
                    case .sum: true
                    case .name(let parts): parts.count > 1
                    default: false
                    }
                }
                if hangs, ["from", "to", "at"].contains(schema.keyword), let own = resolved[schema.keyword] { value += " = \(own.value)" }
                result.append(.init(setting: schema.keyword, value: value.replacing("\n", with: " "), source: "line \(line(clause.wordRange.start))"))
            }
        }
        return result
    }

    private func clause(_ place: Place) -> (clause: Clause, context: ClauseContext)? { place.file === document.file ? clauses[place.range.start] : nil }

    // MARK: the scene

    private func scene() -> PlanReport.Section {
        let settings = document.scene
        let clause = tree?.clauses.first { $0.word == "scene" }
        let model = modelFootage()
        func origin(_ has: Bool) -> String { has ? model.map { "of the footage \($0)" } ?? "default" : "default" }
        let facts = model.flatMap { timeline.assets[$0]?.facts }
        var entries = self.settings(clause?.block, .scene, resolved: [
            "size": ("\(timeline.size)", settings.size.isWritten ? nil : origin(facts?.size != nil)),
            "rate": (Self.rate(timeline.rate), settings.rate.isWritten ? nil : origin(facts?.rate != nil)),
            "seed": ("\(timeline.seed)", timeline.seed == settings.seed.value ? (settings.seed.isWritten ? nil : "default") : "the command line"),
        ])
        let titled = clause?.arguments.isEmpty == false
        entries.insert(.init(setting: "title", value: timeline.title, source: titled ? "line \(line(clause?.wordRange.start ?? 0))" : "the file's name"), at: 0)
        for parameter in document.parameters {
            let place = parameter.place
            let value = parameter.value.map { document.file.text($0.range) } ?? ""
            // A value of the command line stands nowhere in the file.
            let isWritten = parameter.value.map { $0.range.start >= place.range.end } ?? false
            entries.append(.init(setting: "param \(parameter.name)", value: isWritten ? value : words(parameter.value), source: isWritten ? "line \(line(place.range.start))" : "--set"))
        }
        return .init(title: "scene “\(timeline.title)”", depth: 0, line: clause.map { line($0.wordRange.start) }, start: 0, end: timeline.duration.doubleValue,
                     firstFrame: 0, endFrame: timeline.frameCount, entries: entries)
    }

    /// The footage whose size and rate a scene takes that says none.
    private func modelFootage() -> String? {
        if let like = document.scene.like { return like }
        for shot in document.shots { for layer in shot.layers { if case .footage(let footage) = layer.content { return footage.asset } } }
        return nil
    }
    static func rate(_ rate: FrameRate) -> String {
        let r = rate.framesPerSecond
        return r.denominator == 1 ? "\(r.numerator)fps" : "\(r.numerator)/\(r.denominator)fps"
    }
    private func words(_ argument: Argument?) -> String {
        switch argument?.value {
        case .string(let parts)?: parts.map { if case .text(let text) = $0 { text } else { "" } }.joined()
        case .number(let value)?: "\(value.doubleValue)"
        case .duration(let literal)?: seconds(literal.seconds(at: timeline.rate))
        case .name(let parts)?: parts.joined(separator: ".")
        case .color(let c)?: String(format: "#%02x%02x%02x%02x", Int(c[0]), Int(c[1]), Int(c[2]), Int(c[3]))
        case .quantity(let value, let unit)?: "\(value.doubleValue)\(unit.rawValue)"
        default: ""
        }
    }

    private func shot(_ placed: PlacedShot) -> PlanReport.Section {
        let length = PlanReport.Entry(setting: "length", value: seconds(placed.range.duration),
                                      source: placed.shot.length.map { "line \(line($0.place.range.start))" } ?? "the longest of its speech and footage")
        return .init(title: "shot \(placed.shot.name ?? "\(placed.index + 1)")", depth: 0, line: line(placed.shot.place.range.start), start: placed.range.start.doubleValue,
                     end: placed.range.end.doubleValue, firstFrame: placed.frames.lowerBound, endFrame: placed.frames.upperBound, entries: [length])
    }

    // MARK: layers

    private func layer(_ placed: PlacedLayer, _ shot: PlacedShot) -> PlanReport.Section {
        let found = clause(placed.layer.place)
        let context = found.flatMap { ClauseContext(rawValue: $0.clause.word) } ?? .background
        var resolved: [String: (value: String, source: String?)] = [:]
        let start = placed.range.start - shot.range.start, end = placed.range.end - shot.range.start
        resolved["from"] = (seconds(start), placed.layer.from.map { "line \(line($0.place.range.start))" } ?? "the shot's start")
        resolved["to"] = (seconds(end), placed.layer.to.map { "line \(line($0.place.range.start))" } ?? "the shot's end")
        resolved["fit"] = (placed.layer.fit.value.rawValue, placed.layer.fit.isWritten ? nil : "default")
        var without: Set<String> = []
        var title = context.rawValue
        switch placed.layer.content {
        case .background: title += found?.clause.arguments.first.map { " " + document.file.text($0.range) } ?? ""
        case .picture(let name): title += " \(name)"
        case .footage(let footage):
            title += " \(footage.asset)"
            resolved["from"] = (seconds(placed.fileStart), footage.fileFrom.map { "line \(line($0.place.range.start))" } ?? "the file's start")
            resolved["to"] = (seconds(placed.fileStart + placed.range.duration * placed.speed), footage.fileTo.map { "line \(line($0.place.range.start))" } ?? "the file's end, or the shot's")
            resolved["at"] = (seconds(start), footage.at.map { "line \(line($0.place.range.start))" } ?? "the shot's start")
            resolved["original"] = footage.original.isWritten ? nil : (footage.dubs.isEmpty ? "0dB" : "off", footage.dubs.isEmpty ? "default" : "default while dubbing")
            if footage.dubs.isEmpty { without = ["face", "lips", "reference", "tune", "blend", "silence", "when"] }
        case .actor(let actor):
            title += " \(actor.persona)"
            without = ["speaks"]
            resolved["torso"] = (actor.torso.value ? "on" : "off", actor.torso.isWritten ? nil : "of the persona")
            if actor.poses.isEmpty { resolved["pose"] = pose(placed.actor) }
            if actor.performance != nil { resolved["pose"] = ("performed", "of performs") }
        case .title(let text):
            title += " “\(text.text)”"
            textDefaults(text.style, "headline", found?.clause, &resolved)
        case .captions(let captions):
            title += " \(captions.asset)"
            textDefaults(captions.style, "caption", found?.clause, &resolved)
        }
        var entries = settings(found?.clause.block, context, resolved: resolved, without: without)
        if case .actor(let actor) = placed.layer.content, let cost = timeline.assets[actor.persona]?.facts?.persona?.operationsPerFrame {
            let all = cost * Double(placed.frames.count)
            entries.append(.init(setting: "cost", value: "\(Self.operations(cost)) a frame, \(Self.operations(all)) in all, if drawn exactly", source: "of the persona's engine; where nothing is, nothing is asked"))
        }
        for speech in placed.actor?.speech ?? [] {
            entries.append(.init(setting: "speaks \(speech.asset.name)", value: "\(seconds(speech.range.start - shot.range.start)) – \(seconds(speech.range.end - shot.range.start))",
                                 source: "line \(line(speech.place.range.start))"))
        }
        return .init(title: title, depth: 1, line: found.map { line($0.clause.wordRange.start) }, start: placed.range.start.doubleValue, end: placed.range.end.doubleValue,
                     firstFrame: placed.frames.lowerBound, endFrame: placed.frames.upperBound, entries: entries)
    }

    /// Floating-point operations in words.
    private static func operations(_ count: Double) -> String {
        let units: [(size: Double, name: String)] = [(1e18, "EFLOP"), (1e15, "PFLOP"), (1e12, "TFLOP"), (1e9, "GFLOP")]
        guard let unit = units.first(where: { count >= $0.size }) else { return String(format: "%.0f MFLOP", count / 1e6) }
        return String(format: "%.3g %@", count / unit.size, unit.name)
    }

    private func pose(_ actor: PlacedActor?) -> (value: String, source: String?) {
        if case .recorded? = actor?.motion.poses.first { return ("recorded", "of the persona") }
        return ("wander yaw 4deg pitch 2deg roll 1deg period 4s", "default: the persona has no recorded motion")
    }

    /// Text settings that come from the style.
    private func textDefaults(_ style: TextStyle, _ standard: String, _ clause: Clause?, _ resolved: inout [String: (value: String, source: String?)]) {
        let named = clause?.block?.clauses.first { $0.word == "style" }?.arguments.first.map { document.file.text($0.range) }
        let source = named.map { "style \($0)" } ?? "style \(standard)"
        func length(_ value: Length) -> String {
            switch value {
            case .pixels(let pixels): "\(CurveDrawing.number(pixels))px"
            case .fraction(let share): "\(CurveDrawing.number(share * 100))%"
            }
        }
        func color(_ c: SceneColor) -> String { String(format: c.alpha == 255 ? "#%02x%02x%02x" : "#%02x%02x%02x%02x", Int(c.red), Int(c.green), Int(c.blue), Int(c.alpha)) }
        if named == nil { resolved["style"] = (standard, "default") }
        if let font = style.font {
            switch font {
            case .family(let name): resolved["font"] = (name, source)
            case .asset(let path): resolved["font"] = (path, source)
            }
        }
        if let value = style.size { resolved["size"] = (length(value), source) }
        if let value = style.weight { resolved["weight"] = ("\(value)", source) }
        if let value = style.color { resolved["color"] = (color(value), source) }
        if let value = style.box { resolved["box"] = (color(value), source) }
        if let value = style.padding { resolved["padding"] = (length(value), source) }
        if let value = style.outline { resolved["outline"] = ("\(length(value.width)) \(color(value.color))", source) }
        if let value = style.shadow { resolved["shadow"] = ("\(length(value.width)) \(color(value.color))", source) }
        if let value = style.align { resolved["align"] = (value.rawValue, source) }
        if let value = style.lineHeight { resolved["line-height"] = ("\(value)", source) }
        if let value = style.margin { resolved["margin"] = (length(value), source) }
        if let value = style.placement { resolved["place"] = (value.anchor.rawValue, source) }
        if let value = style.width { resolved["width"] = (length(value), source) }
    }

    // MARK: sounds and outputs

    private func sound(_ placed: PlacedSound) -> PlanReport.Section {
        let found = clause(placed.place)
        let resolved: [String: (value: String, source: String?)] = ["gain": (String(format: "%gdB", placed.gain), found?.clause.block?.clauses.contains { $0.word == "gain" } == true ? nil : placed.gain == 0 ? "default" : "of the audio")]
        let entries = settings(found?.clause.block, .sound, resolved: resolved, without: ["from", "to", "at"])
        return .init(title: "sound \(placed.asset.name)", depth: 1, line: found.map { line($0.clause.wordRange.start) }, start: placed.range.start.doubleValue, end: placed.range.end.doubleValue,
                     firstFrame: nil, endFrame: nil, entries: entries)
    }

    private func transition(_ placed: PlacedTransition) -> PlanReport.Section {
        let found = clause(placed.transition.place)
        let entries = settings(found?.clause.block, .transition, resolved: [:])
        return .init(title: "transition \(placed.transition.kind.rawValue)", depth: 0, line: found.map { line($0.clause.wordRange.start) }, start: placed.range.start.doubleValue,
                     end: placed.range.end.doubleValue, firstFrame: placed.frames.lowerBound, endFrame: placed.frames.upperBound, entries: entries)
    }

    private func output(_ placed: PlacedOutput) -> PlanReport.Section {
        let found = placed.request.isWritten ? clause(placed.request.place) ?? tree?.clauses.first { $0.word == "output" && $0.range.start <= placed.request.place.range.start && placed.request.place.range.end <= $0.range.end }.map { ($0, .file) } : nil
        var entries = settings(found?.clause.block, .output, resolved: [
            "size": ("\(placed.size)", placed.request.size == nil ? "of the scene" : nil), "rate": (Self.rate(placed.rate), placed.request.rate == nil ? "of the scene" : nil),
            "from": (seconds(placed.range.start), placed.request.from == nil ? "default" : nil), "to": (seconds(placed.range.end), placed.request.to == nil ? "the scene's end" : nil),
        ])
        entries.insert(.init(setting: "path", value: placed.request.path, source: placed.request.isWritten ? "line \(line(placed.request.place.range.start))" : "default: below renders/"), at: 0)
        return .init(title: "output", depth: 0, line: found.map { line($0.clause.wordRange.start) }, start: placed.range.start.doubleValue, end: placed.range.end.doubleValue,
                     firstFrame: 0, endFrame: placed.frameCount, entries: entries)
    }
}
