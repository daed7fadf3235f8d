// The graph: nodes that give a picture for a frame number.
import Base
import Imaging

/// A node with one picture port. Evaluating a frame depends on the frame's number only.
package protocol PictureNode: Sendable {
    /// Short name for messages, plans and graphs.
    var kind: String { get }
    var inputs: [any PictureNode] { get }
    var origin: Origin? { get }
    /// A few words on its parameters.
    var summary: String { get }
    /// The frames in which input `index` is asked for, while this node is asked for `frames`.
    func frames(ofInput index: Int, _ frames: Range<Int>) -> Range<Int>
    /// Everything that the picture of a frame depends on: equal keys, equal pictures.
    func contentKey(_ frame: Int) -> ContentKey
    func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame
}

extension PictureNode {
    package var inputs: [any PictureNode] { [] }
    package var summary: String { "" }
    package func frames(ofInput index: Int, _ frames: Range<Int>) -> Range<Int> { frames }
}
