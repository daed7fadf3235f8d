// How large a mouth is in the footage: what lip models ask about a face.
import Engines

extension FaceSighting {
    /// Side in pixels of the square that a lip model of the DINet family draws again: twice its crop radius, from the lower
    /// third of the nose ridge to the chin, or the width between the corners of the mouth where that is more.
    package var mouthWindow: Float {
        let lowest = landmarks.map(\.y).max() ?? 0
        let height = lowest - landmarks[MeshPoint.noseRidge].y
        let width = abs(landmarks[MeshPoint.mouthRight].x - landmarks[MeshPoint.mouthLeft].x)
        return 1.05 * max(height, width)
    }
}
