// Pictures that verbs write.
import Foundation
import Imaging
import Media

/// Writing a picture.
package enum PictureWork {
    package static func write(_ frame: Frame, to path: String) throws {
        do { try ImageFile.write(frame, to: path) } catch { throw StudioFailure.of(error) }
    }
}
