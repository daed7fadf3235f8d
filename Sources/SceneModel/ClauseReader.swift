// Reads the arguments of one clause from left to right; the first mistake is reported, the rest is silence.
import Base
import Diagnostics
import Motion
import SceneSyntax

/// A cursor over the arguments of a clause.
final class ClauseReader {
    let clause: Clause
    let scope: Resolution.Scope
    let resolution: Resolution
    private var index = 0
    /// Something was reported (here or by the parser).
    var hasFailed: Bool

    init(_ clause: Clause, scope: Resolution.Scope, resolution: Resolution) {
        self.clause = clause
        self.scope = scope
        self.resolution = resolution
        hasFailed = clause.isBroken
    }

    var place: Place { Place(scope.file, clause.headRange) }
    var wordPlace: Place { Place(scope.file, clause.wordRange) }
    func place(_ range: TextRange) -> Place { Place(scope.file, range) }
    var isAtEnd: Bool { index >= clause.arguments.count }
    var peek: Argument? { isAtEnd ? nil : clause.arguments[index] }

    func fail(_ id: String, _ message: String, _ range: TextRange, help: String? = nil, labels: [Label] = [], fix: Fix? = nil) {
        if !hasFailed { resolution.report(id, message, place(range), labels: labels, help: help, fix: fix) }
        hasFailed = true
    }

    /// Reports something that leaves no doubt about what was meant: the rest of the clause is read all the same.
    func mistake(_ id: String, _ message: String, _ range: TextRange, help: String? = nil, fix: Fix? = nil) {
        if !hasFailed { resolution.report(id, message, place(range), labels: [], help: help, fix: fix) }
    }
    /// Reports and takes a number whose unit stands apart, `25 fps`. nil: none of these units follows.
    func unitApart(_ units: [String]) -> (unit: String, range: TextRange)? {
        guard index + 1 < clause.arguments.count, case .number = clause.arguments[index].value, let word = clause.arguments[index + 1].word, units.contains(word) else { return nil }
        let (number, unit) = (clause.arguments[index].range, clause.arguments[index + 1].range)
        mistake("missing-unit", "a unit stands right behind its number", number.union(unit), help: "write `\(scope.file.text(number))\(word)`",
                fix: Fix("take the space away", edits: [TextEdit(TextRange(number.end, unit.start), "")]))
        index += 2
        return (word, number.union(unit))
    }

    /// No more arguments may follow. True where the clause was right.
    @discardableResult
    func finish() -> Bool {
        if let extra = peek, !hasFailed {
            if case .invalid = extra.value { hasFailed = true; return false }
            // `2 seconds`: that the number lacks its unit was said already.
            if let word = extra.word, Self.spelledUnits.contains(word), resolution.sink.diagnostics.last?.id == "missing-unit" { hasFailed = true; return false }
            let takesRange = extra.word == "at" && usage?.contains("[RANGE]") == true
            fail("unexpected-argument", "`\(clause.word)` does not take \(Self.describe(extra)) here", extra.range, help: takesRange ? "a range is written `from 1s to 4s`, or `from 1s`" : usage)
        }
        return !hasFailed
    }
    /// The rest was read elsewhere.
    func skip() { index = clause.arguments.count }
    /// How the clause is written; from the registry.
    var context: ClauseContext?
    private var usage: String? {
        guard let context, let schema = ClauseRegistry.schema(clause.word, in: context) else { return nil }
        let example = Self.examples[schema.arguments].map { "`\(schema.keyword) \($0)`" }
        return schema.arguments.isEmpty ? "write `\(schema.keyword)` alone" : "write " + (example ?? "`\(schema.keyword) \(schema.arguments)`")
    }

    /// What a clause with one value may look like.
    private static let examples = ["SIZE": "1280x720", "RATE": "25fps", "NUMBER": "4", "COLOR": "#20303c", "LOUDNESS": "-16LUFS", "TIME": "2s", "LENGTH": "40px", "LEVEL": "-6dB"]

    private static let spelledUnits: Set<String> = ["s", "sec", "secs", "second", "seconds", "ms", "f", "frame", "frames", "min", "minute", "minutes"]

    /// Which kind of asset a file is, by its ending.
    static func assetKind(ofFile path: String) -> AssetKind? {
        guard let dot = path.lastIndex(of: ".") else { return nil }
        switch path[path.index(after: dot)...].lowercased() {
        case "wav", "mp3", "flac", "ogg", "m4a", "aac", "opus": return .audio
        case "png", "jpg", "jpeg", "webp", "ppm": return .image
        case "mp4", "mov", "mkv", "webm", "avi": return .video
        case "srt", "vtt", "ttml": return .captions
        case "persona": return .persona
        default: return nil
        }
    }

    /// What to write in place of something of another kind; nil: how the clause is written is all there is to say.
    private func hint(_ found: Argument, wantsText: Bool) -> String? {
        switch found.value {
        case .name where wantsText: return "put it in quotes: `\"\(scope.file.text(found.range))\"`"
        case .duration where clause.word == "shot" && index == 0: return "write `shot for \(scope.file.text(found.range))`"
        case .string(let parts) where !wantsText:
            guard case .text(let path)? = parts.first, parts.count == 1, let kind = Self.assetKind(ofFile: path) else { return nil }
            return "name the file at the top, `\(kind.rawValue) NAME = \"\(path)\"`, and write `\(clause.word) NAME` here"
        default: return nil
        }
    }

    // MARK: words and marks

    /// Takes this word where it is next.
    func word(_ expected: String) -> Bool {
        guard peek?.word == expected else { return false }
        index += 1
        return true
    }
    func requiredWord(_ expected: String) -> Bool {
        if word(expected) { return true }
        missing("`\(expected)`")
        return false
    }
    func optionalMark(_ mark: Character) -> Bool {
        guard peek?.isMark(mark) == true else { return false }
        index += 1
        return true
    }
    func mark(_ mark: Character) -> Bool {
        if optionalMark(mark) { return true }
        missing("`\(mark)`")
        return false
    }

    /// Reports that something else was expected at this point.
    func missing(_ what: String, wantsText: Bool = false) {
        if let found = peek {
            if case .invalid = found.value { hasFailed = true; return }
            fail("wrong-kind", "\(what) was expected here, not \(Self.describe(found))", found.range, help: hint(found, wantsText: wantsText) ?? usage)
        } else {
            let end = clause.headRange.end
            fail("missing-argument", "`\(clause.word)` lacks \(what)", clause.headRange.isEmpty ? TextRange(end, end) : clause.headRange, help: usage)
        }
    }

    func next(_ what: String) -> Argument? {
        guard let argument = peek else { missing(what); return nil }
        if case .invalid = argument.value { hasFailed = true; return nil }
        index += 1
        return argument
    }

    /// The next argument with a param's value in its place; not yet taken. nil: nothing there, or a hole.
    func value() -> Argument? {
        guard let argument = peek else { return nil }
        if let name = argument.word, let parameter = scope.parameters[name] {
            resolution.usedNames.insert(name)
            guard var value = parameter.value else { hasFailed = true; return nil }
            value.range = argument.range
            if case .invalid = value.value { hasFailed = true; return nil }
            return value
        }
        if case .invalid = argument.value { hasFailed = true; return nil }
        return argument
    }
    func take() { index += 1 }

    /// One of the words of a type.
    func choice<T: RawRepresentable & CaseIterable>(_ type: T.Type, _ what: String) -> T? where T.RawValue == String {
        let words = T.allCases.map(\.rawValue)
        guard let word = choice(words, what) else { return nil }
        return T(rawValue: word)
    }
    func choice(_ words: [String], _ what: String) -> String? {
        guard let argument = value(), let word = argument.word else { if !hasFailed { missing("\(what) (\(words.joined(separator: ", ")))") }; return nil }
        guard words.contains(word) else {
            let near = (words == ["on", "off"] ? Self.switches[word] : nil) ?? resolution.nearest(to: word, in: words)
            fail("unknown-word", "`\(word)` is not \(what)", argument.range, help: near.map { "did you mean `\($0)`?" } ?? "one of \(words.joined(separator: ", "))",
                 fix: near.map { .rename(argument.range, to: $0) })
            return nil
        }
        take()
        return word
    }
    /// A word that is next and one of these; not reported where it is another.
    func optionalChoice(_ words: [String]) -> String? {
        guard let word = peek?.word, words.contains(word) else { return nil }
        take()
        return word
    }
    /// What other languages call `on` and `off`.
    private static let switches = ["true": "on", "yes": "on", "false": "off", "no": "off"]
    func flag(_ what: String) -> Bool? { choice(["on", "off"], what).map { $0 == "on" } }

    /// A name that is declared here.
    func newName() -> (String, Place)? {
        guard let argument = peek, let word = argument.word else { missing("a name"); return nil }
        take()
        return (word, place(argument.range))
    }
    /// A dotted name as written.
    func name(_ what: String) -> (String, TextRange)? {
        guard let argument = peek, case .name(let parts) = argument.value else { missing(what); return nil }
        take()
        return (parts.joined(separator: "."), argument.range)
    }

    // MARK: values

    func isString() -> Bool {
        if case .string? = value()?.value { return true }
        return false
    }
    func isColor() -> Bool {
        guard let argument = value() else { return false }
        if case .color = argument.value { return true }
        return argument.word.map { ColorNames.color($0) != nil } ?? false
    }
    func isNumber() -> Bool {
        if case .number? = value()?.value { return true }
        return false
    }

    /// A string with its params put in. `refusal`: why the text of a param may not stand there; nil where it may.
    func string(_ what: String, refusal: (Parameter, String) -> String? = { _, _ in nil }) -> (String, Place)? {
        guard let argument = value() else { if !hasFailed { missing(what, wantsText: true) }; return nil }
        guard case .string(let parts) = argument.value else { missing(what, wantsText: true); return nil }
        take()
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .parameter(let name, let range):
                guard let parameter = scope.parameters[name] else {
                    let near = resolution.nearest(to: name, in: scope.parameters.keys)
                    fail("unknown-name", "there is no param `\(name)`", range, help: near.map { "did you mean `\($0)`?" } ?? "declare it: `param \(name): text`",
                         fix: near.map { .rename(range, to: "\\(\($0))") })
                    return nil
                }
                resolution.usedNames.insert(name)
                guard let text = parameter.value.flatMap({ Self.text(of: $0) }) else { hasFailed = true; return nil }
                if let reason = refusal(parameter, text) {
                    fail("bad-parameter", reason, range)
                    return nil
                }
                result += text
            }
        }
        return (result, place(argument.range))
    }

    private static func text(of argument: Argument) -> String? {
        switch argument.value {
        case .string(let parts):
            return parts.map { if case .text(let text) = $0 { text } else { "" } }.joined()
        case .name(let parts): return parts.joined(separator: ".")
        case .number(let value): return decimal(value)
        case .quantity(let value, let unit): return decimal(value) + unit.rawValue
        case .duration(.seconds(let value)): return decimal(value) + "s"
        case .duration(.frames(let value)): return decimal(value) + "f"
        case .color(let c): return "#" + (0..<4).map { String(c[$0] >> 4, radix: 16) + String(c[$0] & 15, radix: 16) }.joined()
        default: return nil
        }
    }
    static func decimal(_ value: Rational) -> String {
        value.denominator == 1 ? "\(value.numerator)" : "\(value.doubleValue)"
    }

    func number(_ what: String, in range: ClosedRange<Double>? = nil) -> Double? { rational(what, in: range)?.doubleValue }

    func rational(_ what: String, in range: ClosedRange<Double>? = nil) -> Rational? {
        guard let argument = value(), case .number(let number) = argument.value else { if !hasFailed { missing(what + Self.words(range)) }; return nil }
        return checked(number, what, range, argument) ? number : nil
    }
    func integer(_ what: String, in range: ClosedRange<Int>) -> Int? {
        let limits = Double(range.lowerBound)...Double(range.upperBound)
        guard let argument = value(), case .number(let number) = argument.value else { if !hasFailed { missing(what + Self.words(limits)) }; return nil }
        guard number.denominator == 1 else {
            fail("not-whole", "\(what) is a whole number", argument.range)
            return nil
        }
        return checked(number, what, limits, argument) ? number.floor : nil
    }
    private func checked(_ number: Rational, _ what: String, _ range: ClosedRange<Double>?, _ argument: Argument) -> Bool {
        take()
        guard let range, !range.contains(number.doubleValue) else { return true }
        let low = Self.short(range.lowerBound), high = Self.short(range.upperBound)
        let rule = range.upperBound >= 1e8 ? "\(low) or more" : "\(low) to \(high)"
        fail("out-of-range", "\(what) is \(rule)", argument.range)
        return false
    }
    /// ` (a number from 0 to 100)`
    private static func words(_ range: ClosedRange<Double>?) -> String {
        guard let range else { return " (a number)" }
        return range.upperBound >= 1e8 ? " (a number, \(short(range.lowerBound)) or more)" : " (a number from \(short(range.lowerBound)) to \(short(range.upperBound)))"
    }
    private static func short(_ value: Double) -> String { value == value.rounded() && abs(value) < 1e12 ? "\(Int(value))" : "\(value)" }

    /// A quantity in one of these units.
    private func quantity(_ what: String, _ units: [Unit]) -> (Rational, Unit, TextRange)? {
        guard let argument = value() else { if !hasFailed { missing(what) }; return nil }
        if case .quantity(let number, let unit) = argument.value, units.contains(unit) {
            take()
            return (number, unit, argument.range)
        }
        if case .number(let number) = argument.value, let unit = units.first {
            if let (word, range) = unitApart(units.map(\.rawValue)), let meant = Unit(rawValue: word) { return (number, meant, range) }
            let text = Self.decimal(number) + unit.rawValue
            if index + 1 < clause.arguments.count, let other = clause.arguments[index + 1].word, Unit(rawValue: other) != nil || ["s", "ms", "f"].contains(other) {
                fail("missing-unit", "\(what) is not written in `\(other)`", argument.range.union(clause.arguments[index + 1].range), help: "write `\(text)`")
                return nil
            }
            mistake("missing-unit", "\(what) needs a unit", argument.range, help: "write `\(text)`",
                    fix: Fix("add the unit `\(unit.rawValue)`", edits: [TextEdit(TextRange(argument.range.end, argument.range.end), unit.rawValue)], applicability: .unsafe))
            take()
            return (number, unit, argument.range)
        }
        missing(what)
        return nil
    }

    /// Pixels, or per cent as a fraction.
    func length(_ what: String, signed: Bool = false) -> Length? {
        guard let (number, unit, range) = quantity(what, [.pixels, .percent]) else { return nil }
        guard abs(number.doubleValue) <= 100_000, signed || number >= .zero else {
            fail("out-of-range", "\(what) is 0 or more", range)
            return nil
        }
        return unit == .pixels ? .pixels(number.doubleValue) : .fraction(number.doubleValue / 100)
    }
    func percent(_ what: String, in range: ClosedRange<Double>) -> Double? {
        guard let (number, _, place) = quantity(what, [.percent]) else { return nil }
        guard range.contains(number.doubleValue) else {
            fail("out-of-range", "\(what) is \(Self.short(range.lowerBound))% to \(Self.short(range.upperBound))%", place)
            return nil
        }
        return number.doubleValue / 100
    }
    /// Radians.
    func angle(_ what: String) -> Double? {
        guard let (number, unit, range) = quantity(what, [.degrees, .radians]) else { return nil }
        let radians = unit == .degrees ? number.doubleValue * .pi / 180 : number.doubleValue
        guard abs(radians) <= 2 * .pi + 1e-9 else {
            fail("out-of-range", "\(what) is at most one full turn", range)
            return nil
        }
        return radians
    }
    func centimetres(_ what: String) -> Double? { quantity(what, [.centimetres])?.0.doubleValue }
    func decibels(_ what: String, in range: ClosedRange<Double> = -120...60) -> Double? {
        guard let (number, _, place) = quantity(what, [.decibels]) else { return nil }
        guard range.contains(number.doubleValue) else {
            fail("out-of-range", "\(what) is \(Self.short(range.lowerBound))dB to \(Self.short(range.upperBound))dB", place)
            return nil
        }
        return number.doubleValue
    }
    func loudness() -> Double? {
        guard let (number, _, place) = quantity("a loudness", [.loudness]) else { return nil }
        guard (-60.0...0).contains(number.doubleValue) else {
            fail("out-of-range", "a loudness is -60LUFS to 0LUFS", place)
            return nil
        }
        return number.doubleValue
    }
    func bitrate() -> Double? {
        guard let (number, unit, range) = quantity("a bit rate", [.kilobits, .megabits]) else { return nil }
        guard number > .zero else { fail("out-of-range", "a bit rate is above 0", range); return nil }
        return number.doubleValue * (unit == .kilobits ? 1_000 : 1_000_000)
    }
    /// A number in this unit, where that is next.
    func optional(_ unit: Unit) -> Double? {
        guard let argument = value(), case .quantity(let number, unit) = argument.value else { return nil }
        take()
        return number.doubleValue
    }
    func frameRate() -> FrameRate? {
        guard let (number, _, range) = quantity("a rate", [.framesPerSecond]) else { return nil }
        guard number >= Rational(1), number <= Rational(240) else {
            fail("out-of-range", "a rate is 1fps to 240fps", range)
            return nil
        }
        return FrameRate(number)
    }
    func size() -> PixelSize? {
        guard let argument = value(), case .size(let width, let height) = argument.value else {
            if !hasFailed, !sizeApart() { missing("a size (like 1280x720)") }
            return nil
        }
        take()
        return PixelSize(width: width, height: height)
    }
    /// Reports `1280 x 720`; false where it is something else.
    private func sizeApart() -> Bool {
        guard index + 2 < clause.arguments.count else { return false }
        let parts = clause.arguments[index...index + 2].map { $0 }
        guard case .number(let width) = parts[0].value, parts[1].word?.lowercased() == "x", case .number(let height) = parts[2].value else { return false }
        let range = parts[0].range.union(parts[2].range), text = "\(Self.decimal(width))x\(Self.decimal(height))"
        fail("missing-unit", "a size is written in one piece", range, help: "write `\(text)`", fix: Fix("write `\(text)`", edits: [TextEdit(range, text)]))
        return true
    }
    func color(_ what: String = "a colour") -> SceneColor? {
        guard let argument = value() else { if !hasFailed { missing(what) }; return nil }
        if case .color(let c) = argument.value { take(); return SceneColor(c[0], c[1], c[2], c[3]) }
        guard let word = argument.word else { missing(what); return nil }
        guard let color = ColorNames.color(word) else {
            let near = resolution.nearest(to: word, in: ColorNames.all)
            fail("unknown-color", "there is no colour `\(word)`", argument.range, help: near.map { "did you mean `\($0)`?" } ?? "write a CSS colour name or #rrggbb",
                 fix: near.map { .rename(argument.range, to: $0) })
            return nil
        }
        take()
        return color
    }

    /// What an argument is, in words.
    static func describe(_ argument: Argument) -> String {
        switch argument.value {
        case .name(let parts): "`\(parts.joined(separator: "."))`"
        case .string: "a string"
        case .number: "a number"
        case .quantity(_, let unit):
            switch unit {
            case .degrees, .radians: "an angle"
            case .pixels, .percent, .centimetres: "a length"
            case .decibels, .loudness: "a level"
            case .framesPerSecond: "a rate"
            case .kilobits, .megabits, .bits: "a bit rate"
            }
        case .duration: "a time"
        case .size: "a size"
        case .color: "a colour"
        case .sum: "a sum of times"
        case .tolerance: "a tolerance"
        case .call(let name, _): "`\(name)(…)`"
        case .mark(let mark): "`\(mark)`"
        case .invalid: "this"
        }
    }
}
