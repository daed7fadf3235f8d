// What may stand behind a clause's word: the manual's notation as a matcher.
import SceneModel
import SceneSyntax

/// A kind of value that an argument may be.
enum ValueType: String, CaseIterable {
    case string = "STRING", number = "NUMBER", time = "TIME", tolerance = "TOLERANCE", angle = "ANGLE", length = "LENGTH", offset = "OFFSET"
    case level = "LEVEL", loudness = "LOUDNESS", rate = "RATE", size = "SIZE", color = "COLOR", percent = "PERCENT", bitrate = "BITRATE", bits = "BITS"
    case name = "NAME", easing = "EASING", value = "VALUE"
    case asset = "ASSET", persona = "PERSONA", audio = "AUDIO", video = "VIDEO", image = "IMAGE", captions = "CAPTIONS", font = "FONT", lipdub = "LIPDUB"
    case path = "PATH", blink = "BLINK", curve = "CURVE", style = "STYLE"

    /// What a name there may stand for; empty: it is no reference.
    var kinds: Set<SymbolKind> {
        switch self {
        case .asset, .image: [.asset(.image), .asset(.video)]
        case .persona: [.asset(.persona)]
        case .audio: [.asset(.audio), .asset(.video)]
        case .video: [.asset(.video)]
        case .captions: [.asset(.captions)]
        case .font: [.asset(.font)]
        case .lipdub: [.asset(.lipdub)]
        case .path: [.motion(.path)]
        case .blink: [.motion(.blink)]
        case .curve: [.motion(.curve)]
        case .style: [.style]
        default: []
        }
    }
    /// Units of a number there, the usual one first.
    var units: [String] {
        switch self {
        case .time, .tolerance: ["s", "ms", "f"]
        case .angle: ["deg", "rad"]
        case .value: ["deg", "rad", "cm"]
        case .length: ["px", "%"]
        case .offset: ["cm"]
        case .level: ["dB"]
        case .loudness: ["LUFS"]
        case .rate: ["fps"]
        case .percent: ["%"]
        case .bitrate: ["kbps", "Mbps"]
        case .bits: ["bit"]
        default: []
        }
    }
}

/// One thing that may stand at a place.
enum Expected: Hashable, Sendable {
    case word(String)
    case mark(Character)
    case type(ValueType)
}

/// The arguments of one clause as an expression.
indirect enum ClauseShape: Sendable {
    case one(Expected)
    case sequence([ClauseShape])
    case choice([ClauseShape])
    case optional(ClauseShape)
    case repeated(ClauseShape)

    /// What the arguments may be, and what may follow them.
    struct Match {
        /// Types under which each argument was accepted on some way.
        var types: [Int: Set<ValueType>] = [:]
        /// Words of the language among the arguments.
        var words: Set<Int> = []
        /// What may stand next.
        var expected: [Expected] = []
        var isComplete = false
    }

    func match(_ arguments: [Argument], isParameter: (String) -> Bool) -> Match {
        var result = Match()
        result.isComplete = ends(arguments, 0, isParameter, &result).contains(arguments.count)
        return result
    }

    private func ends(_ arguments: [Argument], _ start: Int, _ isParameter: (String) -> Bool, _ match: inout Match) -> Set<Int> {
        switch self {
        case .one(let expected):
            if start == arguments.count {
                if !match.expected.contains(expected) { match.expected.append(expected) }
                return []
            }
            guard start < arguments.count, Self.accepts(expected, arguments[start], isParameter) else { return [] }
            switch expected {
            case .type(let type): match.types[start, default: []].insert(type)
            case .word: match.words.insert(start)
            case .mark: break
            }
            return [start + 1]
        case .sequence(let parts):
            var places: Set<Int> = [start]
            for part in parts {
                var next: Set<Int> = []
                for place in places.sorted() { next.formUnion(part.ends(arguments, place, isParameter, &match)) }
                places = next
                if places.isEmpty { break }
            }
            return places
        case .choice(let options):
            var all: Set<Int> = []
            for option in options { all.formUnion(option.ends(arguments, start, isParameter, &match)) }
            return all
        case .optional(let inner): return inner.ends(arguments, start, isParameter, &match).union([start])
        case .repeated(let inner):
            var all: Set<Int> = [start], open = [start]
            while let place = open.popLast() {
                for end in inner.ends(arguments, place, isParameter, &match).sorted() where all.insert(end).inserted { open.append(end) }
            }
            return all
        }
    }

    private static func accepts(_ expected: Expected, _ argument: Argument, _ isParameter: (String) -> Bool) -> Bool {
        switch (expected, argument.value) {
        case (.word(let word), .name(let parts)): return parts == [word]
        case (.mark(let mark), .mark(let found)): return mark == found
        case (.word, _), (.mark, _): return false
        case (.type(let type), .name(let parts)):
            if parts.count == 1, isParameter(parts[0]) { return true }
            switch type {
            case .name: return true
            case .color: return parts.count == 1 && ColorNames.color(parts[0]) != nil
            case .easing: return parts.count == 1 && ClauseShapes.easings.contains(parts[0])
            case .time: return parts.count > 1 && TimeExpression.Event(rawValue: parts[parts.count - 1]) != nil
            default: return !type.kinds.isEmpty
            }
        case (.type, .invalid): return true
        case (.type(let type), .string): return type == .string
        case (.type(let type), .number): return type == .number || !type.units.isEmpty
        case (.type(let type), .duration): return type == .time
        case (.type(let type), .sum): return type == .time
        case (.type(let type), .tolerance): return type == .tolerance
        case (.type(let type), .size): return type == .size
        case (.type(let type), .color): return type == .color
        case (.type(let type), .call): return type == .easing
        case (.type(let type), .quantity(_, let unit)): return type.units.contains(unit.rawValue)
        case (.type, .mark): return false
        }
    }

    // MARK: reading the notation

    /// `LENGTH [COLOR]`, `left|right`, `{period TIME | seed NUMBER}`; a bar without spaces binds tighter than a space.
    init(_ notation: String) {
        var reader = NotationReader(notation)
        self = reader.choice()
    }

    private struct NotationReader {
        private var parts: [String] = []
        private var index = 0

        init(_ text: String) {
            var word = ""
            let characters = Array(text)
            for (place, character) in characters.enumerated() {
                let isTight = character == "|" && place > 0 && place + 1 < characters.count && characters[place - 1] != " " && characters[place + 1] != " "
                if "[]{}()=:,| ".contains(character) {
                    if !word.isEmpty { parts.append(word) }
                    word = ""
                    if character != " " { parts.append(isTight ? "tight" : String(character)) }
                } else { word.append(character) }
            }
            if !word.isEmpty { parts.append(word) }
        }
        private var peek: String? { index < parts.count ? parts[index] : nil }

        mutating func choice() -> ClauseShape {
            var options = [sequence()]
            while peek == "|" {
                index += 1
                options.append(sequence())
            }
            return options.count == 1 ? options[0] : .choice(options)
        }
        private mutating func sequence() -> ClauseShape {
            var list: [ClauseShape] = []
            while let part = peek, !["|", "]", "}", ")"].contains(part) {
                var options = [single()]
                while peek == "tight" {
                    index += 1
                    options.append(single())
                }
                list.append(options.count == 1 ? options[0] : .choice(options))
            }
            return list.count == 1 ? list[0] : .sequence(list)
        }
        private mutating func single() -> ClauseShape {
            let part = parts[min(index, parts.count - 1)]
            index += 1
            switch part {
            case "[": return .optional(bracket())
            case "{": return .repeated(bracket())
            case "(": return bracket()
            case "=", ":", ",": return .one(.mark(Character(part)))
            default:
                if let type = ValueType(rawValue: part) { return .one(.type(type)) }
                if let shared = ClauseShapes.shared[part] { return ClauseShape(shared) }
                return .one(.word(part))
            }
        }
        private mutating func bracket() -> ClauseShape {
            let inner = choice()
            if index < parts.count { index += 1 }
            return inner
        }
    }
}
