// Reads an EBNF page; recognises and makes sentences with it. The tests hold the parser to `grammar/scene.ebnf` by it.
import Base
import Diagnostics

/// A grammar in Wirth's notation.
package struct Grammar: Sendable {
    package indirect enum Expression: Sendable {
        case word(String)
        /// Token class, in capitals.
        case token(String)
        case production(String)
        case sequence([Expression])
        case choice([Expression])
        case optional(Expression)
        case repeated(Expression)
    }
    package struct Problem: Error, Sendable { package var message: String }

    package private(set) var productions: [String: Expression] = [:]
    package private(set) var order: [String] = []

    // MARK: reading

    /// Reads a page; every name that is used must be defined, and the other way round.
    package init(_ text: String, start: String = "file") throws(Problem) {
        var reader = PageReader(text)
        while let name = reader.next() {
            guard reader.next() == "=" else { throw Problem(message: "`=` is missing behind \(name)") }
            let expression = try reader.choice(depth: 0)
            guard reader.next() == "." else { throw Problem(message: "`.` is missing at the end of \(name)") }
            guard productions[name] == nil else { throw Problem(message: "\(name) is defined twice") }
            productions[name] = expression
            order.append(name)
        }
        var used: Set<String> = [start]
        for expression in productions.values { Self.collect(expression, &used) }
        for name in used.sorted() where productions[name] == nil { throw Problem(message: "\(name) is not defined") }
        for name in order where !used.contains(name) { throw Problem(message: "\(name) is not used") }
    }

    private static func collect(_ expression: Expression, _ names: inout Set<String>) {
        switch expression {
        case .production(let name): names.insert(name)
        case .sequence(let list), .choice(let list): for inner in list { collect(inner, &names) }
        case .optional(let inner), .repeated(let inner): collect(inner, &names)
        case .word, .token: break
        }
    }

    private struct PageReader {
        private var words: [String] = []
        private var index = 0

        init(_ text: String) {
            for line in text.split(separator: "\n") where !line.hasPrefix("//") {
                var rest = line[...]
                while let first = rest.first {
                    if first.isWhitespace { rest = rest.dropFirst(); continue }
                    if first == "\"" {
                        let body = rest.dropFirst().prefix { $0 != "\"" }
                        words.append("\"" + body)
                        rest = rest.dropFirst(body.count + 2)
                    } else if first.isLetter {
                        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
                        words.append(String(name))
                        rest = rest.dropFirst(name.count)
                    } else { words.append(String(first)); rest = rest.dropFirst() }
                }
            }
        }
        var peek: String? { index < words.count ? words[index] : nil }
        mutating func next() -> String? {
            guard index < words.count else { return nil }
            index += 1
            return words[index - 1]
        }
        mutating func choice(depth: Int) throws(Problem) -> Expression {
            guard depth < 64 else { throw Problem(message: "brackets stand too deep") }
            var options = [try sequence(depth: depth)]
            while peek == "|" { _ = next(); options.append(try sequence(depth: depth)) }
            return options.count == 1 ? options[0] : .choice(options)
        }
        private mutating func sequence(depth: Int) throws(Problem) -> Expression {
            var parts: [Expression] = []
            while let word = peek, !["|", ")", "]", "}", "."].contains(word) {
                _ = next()
                switch word {
                case "(": parts.append(try bracket(")", depth))
                case "[": parts.append(.optional(try bracket("]", depth)))
                case "{": parts.append(.repeated(try bracket("}", depth)))
                default:
                    if word.hasPrefix("\"") { parts.append(.word(String(word.dropFirst()))) }
                    else { parts.append(word.allSatisfy { $0.isUppercase } ? .token(word) : .production(word)) }
                }
            }
            return parts.count == 1 ? parts[0] : .sequence(parts)
        }
        private mutating func bracket(_ close: String, _ depth: Int) throws(Problem) -> Expression {
            let inner = try choice(depth: depth + 1)
            guard next() == close else { throw Problem(message: "`\(close)` is missing") }
            return inner
        }
    }

    // MARK: recognising

    /// One token as the grammar sees it.
    private struct Symbol {
        var text: String
        /// Token classes that it may be.
        var classes: Set<String>
    }

    /// A text is a sentence of the grammar; productions used on the way are added to `used`.
    package func accepts(_ file: SourceFile, start: String = "file", used: inout Set<String>) -> Bool {
        let symbols = Self.symbols(file)
        var memo: [String: [Int: Set<Int>]] = [:]
        let ends = match(.production(start), symbols, 0, &memo)
        for (name, places) in memo where places.values.contains(where: { !$0.isEmpty }) { used.insert(name) }
        return ends.contains(symbols.count)
    }

    private static func symbols(_ file: SourceFile) -> [Symbol] {
        var result: [Symbol] = []
        var depth = 0
        let line = Symbol(text: "\n", classes: ["EOL"])
        for token in Lexer.tokens(of: file.bytes) where !token.kind.isTrivia {
            let text = file.text(token.range)
            switch token.kind {
            case .newline, .semicolon, .endOfFile:
                let last = result.last?.text
                if token.kind == .newline, depth > 0 || last == "," { continue }
                if let last, last != "\n", last != "{" { result.append(line) }
            case .leftBrace: result.append(Symbol(text: "{", classes: []))
            case .rightBrace:
                if let last = result.last?.text, last != "\n", last != "{" { result.append(line) }
                result.append(Symbol(text: "}", classes: []))
            default:
                if token.kind == .leftParen { depth += 1 }
                if token.kind == .rightParen { depth -= 1 }
                result.append(Symbol(text: text, classes: classes(token, text)))
            }
        }
        return result
    }

    private static func classes(_ token: Token, _ text: String) -> Set<String> {
        switch token.kind {
        case .name: return ["NAME"]
        case .string: return ["STRING"]
        case .color: return ["COLOR"]
        case .number:
            guard let value = try? LiteralReader.number(text, token.range) else { return [] }
            switch value {
            case .number: return ["NUMBER"]
            case .duration: return ["DURATION"]
            case .size: return ["SIZE"]
            case .quantity(_, let unit):
                switch unit {
                case .degrees, .radians: return ["ANGLE"]
                case .pixels: return ["LENGTH"]
                case .percent: return ["LENGTH", "PERCENT"]
                case .centimetres: return ["OFFSET"]
                case .decibels: return ["LEVEL"]
                case .loudness: return ["LOUDNESS"]
                case .framesPerSecond: return ["RATE"]
                case .kilobits, .megabits: return ["BITRATE"]
                case .bits: return ["BITS"]
                }
            default: return []
            }
        default: return []
        }
    }

    /// Ends of all ways to match from a place.
    private func match(_ expression: Expression, _ symbols: [Symbol], _ start: Int, _ memo: inout [String: [Int: Set<Int>]]) -> Set<Int> {
        switch expression {
        case .word(let word):
            return start < symbols.count && symbols[start].text == word && !symbols[start].classes.contains("STRING") ? [start + 1] : []
        case .token(let name):
            return start < symbols.count && symbols[start].classes.contains(name) ? [start + 1] : []
        case .production(let name):
            if let known = memo[name]?[start] { return known }
            guard let inner = productions[name] else { return [] }
            let ends = match(inner, symbols, start, &memo)
            memo[name, default: [:]][start] = ends
            return ends
        case .sequence(let parts):
            var places: Set<Int> = [start]
            for part in parts {
                var next: Set<Int> = []
                for place in places { next.formUnion(match(part, symbols, place, &memo)) }
                places = next
                if places.isEmpty { break }
            }
            return places
        case .choice(let options):
            var ends: Set<Int> = []
            for option in options { ends.formUnion(match(option, symbols, start, &memo)) }
            return ends
        case .optional(let inner): return match(inner, symbols, start, &memo).union([start])
        case .repeated(let inner):
            var all: Set<Int> = [start]
            var open = [start]
            while let place = open.popLast() {
                for end in match(inner, symbols, place, &memo) where all.insert(end).inserted { open.append(end) }
            }
            return all
        }
    }

    // MARK: making

    /// A random sentence; the same seed makes the same one. `avoided` productions are not chosen where there is another way.
    package func sentence(seed: UInt64, start: String = "file", avoiding avoided: Set<String> = [], used: inout Set<String>) -> String {
        var maker = Maker(grammar: self, random: SeededRandom(seed: seed, stream: 40), avoided: avoided, used: used)
        maker.make(.production(start), depth: 0)
        used = maker.used
        return maker.text
    }

    private struct Maker {
        let grammar: Grammar
        let random: SeededRandom
        let avoided: Set<String>
        var used: Set<String>
        var text = ""
        private var index: UInt64 = 0

        init(grammar: Grammar, random: SeededRandom, avoided: Set<String>, used: Set<String>) {
            (self.grammar, self.random, self.avoided, self.used) = (grammar, random, avoided, used)
        }

        private mutating func draw(_ count: Int) -> Int {
            index += 1
            return random.integer(index, below: count)
        }
        private func isAvoided(_ expression: Expression) -> Bool {
            if case .production(let name) = expression { return avoided.contains(name) }
            return false
        }

        mutating func make(_ expression: Expression, depth: Int) {
            switch expression {
            case .word(let word): put(word)
            case .token(let name): put(literal(name))
            case .production(let name):
                used.insert(name)
                if let inner = grammar.productions[name] { make(inner, depth: depth + 1) }
            case .sequence(let parts): for part in parts { make(part, depth: depth) }
            case .choice(let options):
                let allowed = options.filter { !isAvoided($0) }
                make(allowed.isEmpty ? options[0] : allowed[draw(allowed.count)], depth: depth)
            case .optional(let inner): if draw(2) == 0 { make(inner, depth: depth) }
            case .repeated(let inner):
                for _ in 0..<(depth == 1 ? 6 : draw(4)) { make(inner, depth: depth) }
            }
        }

        /// Names and dots cling together, and so does `bezier(`.
        private mutating func put(_ word: String) {
            if word == "." || text.hasSuffix(".") || (word == "(" && text.hasSuffix("bezier")) { text += word } else { text += " " + word }
        }

        private mutating func literal(_ name: String) -> String {
            let choices: [String: [String]] = [
                "NAME": ["nova", "line2", "left_hand", "Äpfel", "take-3"], "STRING": ["\"a.wav\"", "\"Hello, \\\"you\\\" \\u{1F600}\"", "\"\""],
                "NUMBER": ["0", "1", "0.25", "3", "1e-1"], "DURATION": ["2s", "250ms", "12f", "1:02.5", "1:02:03.25", "00:00:02:12"],
                "ANGLE": ["12deg", "-0.2rad"], "LENGTH": ["40px", "55%"], "PERCENT": ["6%"], "OFFSET": ["2cm", "-1.5cm"], "LEVEL": ["-18dB", "3dB"],
                "LOUDNESS": ["-16LUFS"], "RATE": ["25fps", "24000/1001fps"], "SIZE": ["1280x720"], "COLOR": ["#0a0", "#20303c", "#000a", "#20303c80"],
                "BITRATE": ["160kbps", "8Mbps"], "BITS": ["24bit"], "EOL": ["\n", ";", "\n  // note\n", " /* a /* b */ */ ;"],
            ]
            let list = choices[name] ?? [name]
            return list[draw(list.count)]
        }
    }
}
