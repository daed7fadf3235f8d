// A look that is interrupted goes on where it stopped, and finds what one without a stop finds.
import Base
import Engines
@testable import Faces
import Foundation
import Media
import Synchronization
import Testing
import TestSupport

@Suite(.serialized) struct LookPiecesTests {
    private static let film = "dub/cut_face_to_noface_960x540_30fps.mov"

    /// From before the cut to behind it. `stop`: ends before that picture; gives the pictures that were asked for as well.
    private func look(_ pieces: LookPieces?, stop: Int = .max) throws -> (found: FootageFaces, asked: [Int]) {
        let asked = Mutex<[Int]>([])
        let found = try FootageFaces.look(at: #require(SharedFolder.file("data/" + Self.film)), models: RealFaces.models(), from: Rational(2), to: Rational(29, 10), interval: Rational(1, 20), pieces: pieces) { index in
            guard index < stop else { return false }
            asked.withLock { $0.append(index) }
            return true
        }
        return (found, asked.withLock { $0 })
    }

    private func isSame(_ a: FootageFaces, _ b: FootageFaces) -> Bool {
        a.moments == b.moments && a.width == b.width && a.height == b.height && a.tracks.map(\.number) == b.tracks.map(\.number)
            && zip(a.tracks, b.tracks).allSatisfy { $0.looks.map(\.frame) == $1.looks.map(\.frame) && $0.looks.map(\.time) == $1.looks.map(\.time) && $0.looks.map(\.sighting) == $1.looks.map(\.sighting) }
    }

    @Test(.enabled(if: RealFaces.has(film), RealFaces.missing))
    func `an interrupted look goes on behind its last picture and finds the same`() throws {
        let folder = try ScratchFolder(), pieces = LookPieces(folder: folder.file("looks"), key: ContentKey("film"), length: 4)
        let whole = try look(nil)
        #expect(whole.found.moments.count == 18 && whole.found.moments.contains(where: \.isCut) && whole.found.tracks.first?.looks.isEmpty == false)
        #expect(try look(pieces, stop: 6).asked == Array(0..<6))
        #expect(try look(pieces, stop: 9).asked == Array(6..<9))
        let rest = try look(pieces)
        #expect(rest.asked == Array(9..<18) && isSame(rest.found, whole.found))
        // Once more: all is there.
        let again = try look(pieces)
        #expect(again.asked.isEmpty && isSame(again.found, whole.found))
        // A damaged piece and all behind it are looked at again.
        let names = try FileManager.default.contentsOfDirectory(atPath: pieces.folder), broken = try #require(names.first { $0.hasSuffix("-9.safetensors") })
        let bytes = try folder.bytes("looks/" + broken)
        try folder.write("looks/" + broken, Array(bytes.prefix(bytes.count / 2)))
        let mended = try look(pieces)
        #expect(mended.asked.first == 9 && isSame(mended.found, whole.found))
        // Another film or part has nothing of it.
        let other = LookPieces(folder: folder.file("looks"), key: ContentKey("another film"))
        #expect(try look(other, stop: 2).asked == [0, 1])
        #expect(try FileManager.default.contentsOfDirectory(atPath: pieces.folder).count == 1)
        other.remove()
        #expect(!FileManager.default.fileExists(atPath: pieces.folder))
    }

    @Test func `numbers that make no sense are no piece`() throws {
        var tracker = MeshTracker.State()
        let face = FaceSighting(center: SIMD2(40, 30), size: SIMD2(20, 24), landmarks: (0..<478).map { SIMD3(Float($0), 2, 3) }, yaw: 0.1, pitch: 0.2, roll: 0.3, presence: 0.9)
        tracker.live = [.init(number: 3, sighting: face, time: 7)]
        tracker.lastLook = [.parts: 5, .whole: 6]
        tracker.nextNumber = 4
        var piece = LookPiece(first: 6, width: 64, height: 48, tracker: tracker)
        piece.moments = [.init(isCut: true, faces: []), .init(isCut: false, faces: [TrackedFace(number: 3, sighting: face)])]
        let tensors = piece.tensors
        let read = try #require(LookPiece(tensors, first: 6))
        #expect(read.moments.map(\.isCut) == [true, false] && read.moments[1].faces.first?.sighting == face && read.moments[1].faces.first?.number == 3)
        #expect(read.tracker.live.first?.sighting == face && read.tracker.live.first?.time == 7 && read.tracker.lastLook == tracker.lastLook && read.tracker.nextNumber == 4)
        for name in tensors.keys {
            var less = tensors
            less[name] = nil
            #expect(LookPiece(less, first: 6) == nil, "without \(name)")
            for value in [Float.nan, .infinity, -3e12] {
                guard var values = tensors[name]?.values, let shape = tensors[name]?.shape, !values.isEmpty else { continue }
                values[0] = value
                less[name] = .init(shape: shape, values: values)
                #expect(LookPiece(less, first: 6) == nil, "\(value) in \(name)")
            }
        }
    }
}
