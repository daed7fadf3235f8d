// Detector and mesh on real pictures, against what MediaPipe 0.10.21 says of the same files.
@testable import Faces
import Engines
import Foundation
import Imaging
import Media
import Tensors
import Testing
import TestSupport

@Suite struct MeshTests {
    @Test(.enabled(if: RealFaces.has("stills/pearl_earring_1092x1280.jpg"), RealFaces.missing))
    func aTurnedFaceLiesWhereTheReferenceSaysItDoes() throws {
        let models = try RealFaces.models(), still = try RealFaces.still("pearl_earring_1092x1280.jpg")
        let found = try #require(FaceDetector(models).detect(still, depth: .whole).first)
        let face = try #require(FaceMesh(models).face(still, found))
        // MediaPipe: middle 501.2, 580.0; size 322.7 x 380.6; yaw -33.9, roll 10.6. A painting: the mesh is less sure than of a film.
        #expect(abs(face.center.x - 501.2) < 6 && abs(face.center.y - 580) < 6, "\(face.center)")
        #expect(abs(face.size.x - 322.7) < 10 && abs(face.size.y - 380.6) < 20, "\(face.size)")
        #expect(abs(RealFaces.degrees(face.yaw) + 33.9) < 8, "\(RealFaces.degrees(face.yaw))")
        #expect(abs(RealFaces.degrees(face.roll) - 10.6) < 6, "\(RealFaces.degrees(face.roll))")
        #expect(face.presence > 0.9 && face.landmarks.count == 478)
    }

    @Test(.enabled(if: RealFaces.has("stills/five_faces_1000x667.jpg"), RealFaces.missing))
    func fiveFacesAreFive() throws {
        let models = try RealFaces.models(), still = try RealFaces.still("five_faces_1000x667.jpg")
        let faces = MeshTracker(models).faces(in: still, at: 0)
        #expect(faces.map(\.number) == [1, 2, 3, 4, 5], "\(faces.map(\.sighting.center))")
        // Where they are seen to be; MediaPipe finds two of them, the last one here as (582.6, 377.4) with a height of 126.8.
        for (x, y, height) in [(362, 302, 115), (737, 362, 119), (477, 265, 89), (260, 124, 101), (582, 378, 120)] as [(Float, Float, Float)] {
            let nearest = faces.map { face in max(abs(face.sighting.center.x - x), abs(face.sighting.center.y - y), abs(face.sighting.size.y - height)) }.min() ?? .infinity
            #expect(nearest < 0.08 * height, "\(nearest) of \(height)")
        }
    }

    /// Followed over a film, points lie where MediaPipe's own tracking of the same film has them.
    @Test(.enabled(if: RealFaces.has("persona/may_synctalk_512_25fps.mp4") && RealFaces.has("dub/outdoor_1280x720_30fps.mp4"), RealFaces.missing),
          arguments: [("persona/may_synctalk_512_25fps.mp4", "may", 30), ("dub/outdoor_1280x720_30fps.mp4", "outdoor", 20)])
    func pointsAndAnglesAgreeWithTheReference(path: String, name: String, frame: Int) throws {
        let film = try #require(SharedFolder.file("data/" + path)), vectors = try NumpyArchive.read(SharedFolder.projectRoot + "/Tests/Vectors/faces/landmarks.npz")
        let found = try FootageFaces.look(at: film, models: RealFaces.models()) { $0 <= frame }
        let face = try #require(found.tracks.first?.looks.last?.sighting), wanted = try #require(vectors["\(name)_\(frame)"]).values, angles = try #require(vectors["\(name)_\(frame)_angles"]).values
        var sum: Float = 0
        for (k, p) in face.landmarks.enumerated() {
            let d = SIMD2(p.x - wanted[3 * k], p.y - wanted[3 * k + 1])
            sum += (d * d).sum().squareRoot()
        }
        let mean = sum / Float(face.landmarks.count)
        #expect(mean < 0.012 * face.size.y, "points are off by \(mean) pixels of a face of \(face.size.y)")
        let ours = [face.yaw, face.pitch, face.roll].map(RealFaces.degrees)
        for k in 0..<3 { #expect(abs(ours[k] - angles[k]) < 6, "\(ours) against \(angles)") }
    }

    /// A crop that is turned is turned back: a point of the square lands where geometry says.
    @Test func aTurnedSquareShowsThePictureTurned() {
        let builder = FrameBuilder(width: 40, height: 30)
        for y in 0..<30 { for x in 0..<40 { for k in 0..<4 { builder.pixels[4 * (y * 40 + x) + k] = k == 0 ? Float(x) / 40 : k == 1 ? Float(y) / 30 : 1 } } }
        let frame = builder.freeze(isOpaque: true)
        var numbers = [Float](repeating: 0, count: 3 * 8 * 8)
        let crop = FaceCrop(center: SIMD2(20, 15), side: 8, turn: .pi / 2)
        numbers.withUnsafeMutableBufferPointer { crop.write(frame, count: 8, to: $0) }
        for y in 0..<8 {
            for x in 0..<8 {
                // Turned by a right angle: the square's rows run down the picture.
                let place = crop.placed(SIMD2((Float(x) + 0.5) / 8 - 0.5, (Float(y) + 0.5) / 8 - 0.5))
                #expect(abs(place.x - (24 - Float(y) - 0.5)) < 1e-4 && abs(place.y - (11 + Float(x) + 0.5)) < 1e-4)
                let expected = SIMD2((place.x - 0.5) / 40, (place.y - 0.5) / 30)
                #expect(abs(numbers[3 * (y * 8 + x)] - expected.x) < 1e-4 && abs(numbers[3 * (y * 8 + x) + 1] - expected.y) < 1e-4)
            }
        }
    }

    @Test func anglesOfATurnedModelHeadAreItsOwn() {
        // A head of few points: edges, eyes, forehead, chin, in the axes of the picture.
        var head = [SIMD3<Float>](repeating: .zero, count: 478)
        let places: [(Int, SIMD3<Float>)] = [
            (MeshPoint.leftEdge, SIMD3(-70, 0, 0)), (MeshPoint.rightEdge, SIMD3(70, 0, 0)), (MeshPoint.leftEye, SIMD3(-45, -20, -40)), (MeshPoint.rightEye, SIMD3(45, -20, -40)),
            (MeshPoint.top, SIMD3(0, -90, -40)), (MeshPoint.chin, SIMD3(0, 90, -40)),
        ]
        for (index, place) in places { head[index] = place }
        for (yaw, pitch, roll) in [(0.3, 0, 0), (0, 0.25, 0), (0, 0, -0.2), (-0.5, 0.2, 0.1), (0.4, -0.3, 0.3)] as [(Float, Float, Float)] {
            let turned = head.map { p -> SIMD3<Float> in
                // Roll clockwise, then pitch up, then yaw to the viewer's right; y runs down, z away.
                let a = SIMD3(cos(roll) * p.x - sin(roll) * p.y, sin(roll) * p.x + cos(roll) * p.y, p.z)
                let b = SIMD3(a.x, cos(pitch) * a.y + sin(pitch) * a.z, -sin(pitch) * a.y + cos(pitch) * a.z)
                return SIMD3(cos(yaw) * b.x - sin(yaw) * b.z, b.y, sin(yaw) * b.x + cos(yaw) * b.z)
            }
            let straight = FaceAngles(head), angles = FaceAngles(turned)
            #expect(abs(angles.yaw - yaw) < 0.01 && abs(angles.pitch - straight.pitch - pitch) < 0.01 && abs(angles.roll - roll) < 0.01, "\(yaw) \(pitch) \(roll): \(angles)")
        }
    }
}
