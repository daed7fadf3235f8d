// JSON as people and version control like to read it.
import Foundation

/// JSON that this program writes: one entry a line, keys in order, slashes plain.
package enum JSONText {
    /// Without a newline at the end. - Throws: `EncodingError`, for numbers that JSON cannot say.
    package static func of(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
