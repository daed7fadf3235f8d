// Which points of the face mesh are what.
import Faces

/// Numbers of mesh points: the 68 points of the data set layout, outlines, and the points that do not move when a face does.
enum MeshNumbers {
    /// Jaw 17, brows 5 + 5, nose ridge 4, nose foot 5, eyes 6 + 6, outer lips 12, inner lips 8; "right" is the viewer's left.
    static let layout68 = [
        127, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 356,
        70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
        168, 197, 5, 4, 98, 97, 2, 326, 327,
        33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
        61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87,
    ]
    /// Around the face, clockwise from the top of the forehead as the viewer sees it.
    static let oval = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
                       148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109]
    /// Around the lips.
    static let lips = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146]
    static let top = 10, chin = 152, leftEdge = 234, rightEdge = 454
    /// Corners of the jaw, at the viewer's left and right.
    static let leftJaw = 58, rightJaw = 288
    /// Where skin shows its colour: cheeks, nose and chin.
    static let skin = [50, 205, 280, 425, 101, 330, 5, 4, 36, 266, 200, 199]

    /// Points above the mouth, away from lids and brows: they move with the skull.
    static func rigid(_ face: CanonicalFace) -> [Int] {
        face.vertices.indices.filter { index in
            let p = face.vertices[index]
            let eye = SIMD2((abs(p.x) - 3.2) / 2.9, (p.y - 3.4) / 2.3)
            return p.y > -2.2 && (eye * eye).sum() >= 1
        }
    }
}
