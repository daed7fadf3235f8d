// What the stage knows of its own data sets beyond the original's files.
import Foundation
import Presenter

/// Scale and pivot of the head's frame in a stage set.
package enum StageScale {
    /// Data set units a centimetre: 0.12 units are one model unit of 9 cm.
    package static let unitsPerCentimetre: Float = PresenterCamera.scale / 9
    /// The top of the neck in the head's frame.
    package static let pivot = SIMD3<Float>(0, -1.05, -0.40) * PresenterCamera.scale
}

extension DatasetFolder {
    /// The folder was shot on the stage.
    package var isStage: Bool { FileManager.default.fileExists(atPath: file("stage.json")) }
}
