// What a timeline means, as text: two scenes with the same digest make the same film.
import Base
import SceneSyntax

/// Every value of a timeline that a renderer looks at, without places in the text and without what was only written differently.
package enum TimelineDigest {
    package static func text(_ timeline: Timeline) -> String {
        var writer = Writer()
        var seen = timeline
        // Assets that nothing shows are no part of the film; those that something shows stand in layers and sounds.
        seen.assets = [:]
        writer.write(seen, depth: 0)
        return writer.text
    }

    private struct Writer {
        var text = ""
        /// Where something stands, and whether it was written or filled in.
        static let skipped: Set<String> = ["place", "pathPlace", "isWritten", "isIncomplete", "shot", "trees", "file"]

        mutating func write(_ value: Any, depth: Int) {
            guard depth < 40 else { return }
            switch value {
            // Written times and motions: the timeline holds what they come to.
            case is TimeExpression, is MotionSource, is Place: return
            case let value as Rational: text += "\(value.numerator)/\(value.denominator);"
            case let value as String: text += "\(value.debugDescription);"
            case let value as Double: text += "\(value.bitPattern);"
            case let value as Float: text += "\(value.bitPattern);"
            case let value as Int: text += "\(value);"
            case let value as Set<String>: text += value.sorted().joined(separator: ",") + ";"
            default: write(children: value, depth: depth)
            }
        }

        private mutating func write(children value: Any, depth: Int) {
            let mirror = Mirror(reflecting: value)
            guard !mirror.children.isEmpty else {
                text += "\(value);"
                return
            }
            if mirror.displayStyle == .dictionary {
                // Unordered: by the text of the entries.
                text += mirror.children.map { child in
                    var inner = Writer()
                    inner.write(child.value, depth: depth + 1)
                    return inner.text
                }.sorted().joined()
                return
            }
            text += mirror.displayStyle == .enum ? "\(mirror.children.first?.label ?? "")(" : "("
            for child in mirror.children where !(child.label.map(Self.skipped.contains) ?? false) { write(child.value, depth: depth + 1) }
            text += ")"
        }
    }
}
