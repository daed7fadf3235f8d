// The lossless tree: clauses over tokens, each byte of the file kept.
import Base
import Diagnostics

/// A file as a tree of clauses. All clauses have one shape: a word, arguments, perhaps a block.
package struct SyntaxTree: Sendable {
    package let file: SourceFile
    /// Every byte of the file, in order; the last token is empty.
    package let tokens: [Token]
    package var clauses: [Clause]
    /// What the lexer and the parser found, in the order of the text.
    package var diagnostics: [Diagnostic]
    /// Work done by lexer and parser, in tokens looked at: it grows with the text and not faster.
    package var steps: Int

    /// The text again, byte for byte.
    package var bytes: [UInt8] { tokens.flatMap { file.bytes[$0.range.start..<$0.range.end] } }
    package var comments: [Token] { tokens.filter { $0.kind == .lineComment || $0.kind == .blockComment } }
}

/// `word argument … { block }`.
package struct Clause: Sendable {
    package var word: String
    package var wordRange: TextRange
    package var arguments: [Argument]
    package var block: Block?
    /// From the word to the last argument, without the block.
    package var headRange: TextRange
    /// With the block.
    package var range: TextRange
    /// Tokens of the whole clause in the tree.
    package var tokens: Range<Int>
    /// A syntax error stands in it: later phases ask less of it and say nothing twice.
    package var isBroken: Bool
}

/// `{ clause … }`
package struct Block: Sendable {
    package var clauses: [Clause]
    /// Braces included.
    package var range: TextRange
}

/// One argument of a clause.
package struct Argument: Sendable {
    package indirect enum Value: Sendable {
        /// A word or a name, dotted: `cast.nova`, `voice.end`.
        case name([String])
        case string([StringPart])
        /// A bare number.
        case number(Rational)
        /// A number with a unit that is neither a time nor a size.
        case quantity(Rational, Unit)
        case duration(DurationLiteral)
        /// Pixels.
        case size(width: Int, height: Int)
        /// Red, green, blue, alpha.
        case color(SIMD4<UInt8>)
        /// First term, then signed terms: `voice.end - 0.5s`.
        case sum([Term])
        /// `± 1s`
        case tolerance(Argument)
        /// `bezier(0.3, 0, 0.7, 1)`
        case call(String, [Argument])
        /// `=`, `,` or `:`.
        case mark(Character)
        /// Reported already.
        case invalid
    }
    package struct Term: Sendable {
        package var isNegative: Bool
        package var argument: Argument
    }
    package var value: Value
    package var range: TextRange
    package init(_ value: Value, _ range: TextRange) {
        self.value = value
        self.range = range
    }
    /// The word, where the argument is a plain one.
    package var word: String? {
        if case .name(let parts) = value, parts.count == 1 { return parts[0] }
        return nil
    }
    package func isMark(_ mark: Character) -> Bool {
        if case .mark(mark) = value { return true }
        return false
    }
}

/// A piece of a string.
package enum StringPart: Sendable, Hashable {
    case text(String)
    /// `\(name)`
    case parameter(String, TextRange)
}

/// Units that stand behind numbers.
package enum Unit: String, Sendable, Hashable, CaseIterable {
    case degrees = "deg", radians = "rad"
    case pixels = "px", percent = "%", centimetres = "cm"
    case decibels = "dB", loudness = "LUFS"
    case framesPerSecond = "fps"
    case kilobits = "kbps", megabits = "Mbps", bits = "bit"
}

/// A length of time as written; frames need the scene's rate.
package enum DurationLiteral: Sendable, Hashable {
    case seconds(Rational)
    case frames(Rational)
    /// SMPTE hh:mm:ss:ff, without drop-frame: whole seconds of the nominal rate, and frames.
    case timecode(seconds: Int, frames: Int)

    /// Exact seconds at a frame rate.
    package func seconds(at rate: FrameRate) -> Rational {
        switch self {
        case .seconds(let value): return value
        case .frames(let count): return count / rate.framesPerSecond
        case .timecode(let seconds, let frames):
            let nominal = rate.framesPerSecond.ceiling
            return (Rational(seconds) * Rational(nominal) + Rational(frames)) / rate.framesPerSecond
        }
    }
}
