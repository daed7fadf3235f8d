// Where in the scene a failure comes from.
import Base
import Diagnostics

/// The clause that asked for something.
package struct Origin: Sendable {
    package var label: Label
    package init(_ label: Label) { self.label = label }
}

/// A failure while a scene is compiled or rendered: what, at which frame, and which clause led to it.
package struct RenderFailure: Error, CustomStringConvertible {
    package var node: String
    /// nil: before the first frame.
    package var frame: Int?
    package var origin: Origin?
    package var reason: String
    package var underlying: any Error

    /// A failure of `node`, from what the room below threw.
    package init(node: String, frame: Int?, origin: Origin?, underlying: any Error) {
        (self.node, self.frame, self.origin, self.underlying) = (node, frame, origin, underlying)
        reason = "\(underlying)"
    }

    package var description: String {
        let what = frame.map { "\(node), frame \($0): \(reason)" } ?? "\(node): \(reason)"
        guard let origin else { return what }
        let place = origin.label.file.position(of: origin.label.range.start)
        return "\(origin.label.file.path):\(place.line):\(place.column): \(what)"
    }
}
