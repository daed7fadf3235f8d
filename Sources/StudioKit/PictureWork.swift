// Small verbs on single files.
import Base
import Foundation
import Imaging
import Media
import RenderGraph
import SceneCompiler
import SceneLint
import SceneModel

/// Verbs on single files.
package enum PictureWork {
    package static func write(_ frame: Frame, to path: String) throws {
        do { try ImageFile.write(frame, to: path) } catch { throw StudioFailure.of(error) }
    }
    package static func probe(_ path: String) throws -> String {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(MediaProbe.probe(path)), as: UTF8.self)
        } catch { throw StudioFailure.of(error) }
    }
}
