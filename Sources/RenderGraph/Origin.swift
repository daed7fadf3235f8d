// Where in the scene a failure comes from.
import Base
import Diagnostics

/// The clause that asked for something.
package struct Origin: Sendable {
    package var label: Label
    package init(_ label: Label) { self.label = label }
}

/// A failure while rendering: what, at which frame, and which clause led to it.
package struct RenderFailure: Error, CustomStringConvertible {
    package var node: String
    package var frame: Int
    package var origin: Origin?
    package var reason: String
    package var underlying: any Error

    package var description: String {
        guard let origin else { return "\(node), frame \(frame): \(reason)" }
        let place = origin.label.file.position(of: origin.label.range.start)
        return "\(origin.label.file.path):\(place.line):\(place.column): \(node), frame \(frame): \(reason)"
    }
}
