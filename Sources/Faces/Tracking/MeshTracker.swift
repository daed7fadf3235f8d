// Faces over pictures that come in order: the mesh follows each face from where it was, the detector looks for new ones.
import Engines
import Foundation
import Imaging

/// Follows every face and keeps its number. Pictures may be any time apart; the closer, the better.
package final class MeshTracker: FaceTracker {
    package private(set) var hasJustCut = false
    private let detector: FaceDetector
    private let mesh: FaceMesh
    /// All that the next picture's faces depend on.
    var state = State()

    struct State {
        var cuts = CutFinder()
        var live: [Followed] = []
        var lost: [Followed] = []
        var nextNumber = 1
        /// When each depth was last looked at.
        var lastLook: [FaceDetector.Depth: Double] = [:]
    }
    struct Followed {
        var number: Int
        var sighting: FaceSighting
        var time: Double
    }

    /// A face that comes back within so many seconds at about its place keeps its number.
    private static let memory = 1.0
    private static let mostFaces = 12

    package init(_ models: FaceModels) {
        detector = FaceDetector(models)
        mesh = FaceMesh(models)
    }

    package func faces(in picture: Frame, at time: Double) -> [TrackedFace] {
        hasJustCut = state.cuts.isCut(picture)
        if hasJustCut {
            state.live = []
            state.lost = []
            state.lastLook = [:]
        }
        follow(picture, time)
        if let depth = dueDepth(time) { search(picture, time, depth) }
        state.lost.removeAll { time - $0.time > Self.memory }
        return state.live.sorted { $0.number < $1.number }.map { TrackedFace(number: $0.number, sighting: $0.sighting) }
    }

    // MARK: following

    private func follow(_ picture: Frame, _ time: Double) {
        var kept: [Followed] = []
        for face in state.live.sorted(by: { $0.number < $1.number }) {
            guard let now = mesh.face(picture, after: face.sighting), Self.isSame(now, face.sighting, reach: 0.6) else {
                state.lost.append(face)
                continue
            }
            // Two numbers on one face: the older one stays.
            if kept.contains(where: { $0.sighting.overlap(now) > 0.5 }) { continue }
            kept.append(Followed(number: face.number, sighting: now, time: time))
        }
        state.live = kept
    }

    /// One face cannot have gone further than a part of its size, nor grown much.
    private static func isSame(_ a: FaceSighting, _ b: FaceSighting, reach: Float) -> Bool {
        let size = max(b.size.x, b.size.y), way = a.center - b.center, growth = max(a.size.x, a.size.y) / size
        return abs(way.x) < reach * size && abs(way.y) < reach * size && growth > 0.6 && growth < 1.7
    }

    // MARK: searching

    /// How closely to look now: often where nobody is seen, else for those who come in.
    private func dueDepth(_ time: Double) -> FaceDetector.Depth? {
        func isDue(_ depth: FaceDetector.Depth, _ seconds: Double) -> Bool { state.lastLook[depth].map { time - $0 >= seconds || time < $0 } ?? true }
        if state.lastLook.isEmpty { return .small }
        if state.live.isEmpty { return isDue(.small, 2) ? .small : isDue(.parts, 0.5) ? .parts : .squares }
        return isDue(.parts, 2) ? .parts : isDue(.squares, 0.5) ? .squares : nil
    }

    private func search(_ picture: Frame, _ time: Double, _ depth: FaceDetector.Depth) {
        for rank in 0...depth.rawValue { if let done = FaceDetector.Depth(rawValue: rank) { state.lastLook[done] = time } }
        // Of those that come together, the largest has the lowest number.
        let found = detector.detect(picture, depth: depth).sorted { $0.size.x * $0.size.y > $1.size.x * $1.size.y }
        for detection in found where state.live.count < Self.mostFaces {
            guard !state.live.contains(where: { Self.covers($0.sighting, detection.center) }), let first = mesh.face(picture, detection),
                  // Looked at again from where it was found, as it will be in the next picture.
                  let found = mesh.face(picture, after: first), Self.isSame(found, first, reach: 0.6),
                  !state.live.contains(where: { $0.sighting.overlap(found) > 0.3 }) else { continue }
            state.live.append(Followed(number: number(of: found), sighting: found, time: time))
        }
    }

    private static func covers(_ face: FaceSighting, _ place: SIMD2<Float>) -> Bool {
        abs(place.x - face.center.x) < face.size.x * 0.5 && abs(place.y - face.center.y) < face.size.y * 0.5
    }

    /// The number of the face that was lost here, else a new one.
    private func number(of found: FaceSighting) -> Int {
        if let index = state.lost.indices.filter({ Self.isSame(found, state.lost[$0].sighting, reach: 1) }).max(by: { state.lost[$0].time < state.lost[$1].time }) {
            return state.lost.remove(at: index).number
        }
        defer { state.nextNumber += 1 }
        return state.nextNumber
    }
}

/// Tells where one picture does not follow from the one before.
struct CutFinder {
    private static let width = 32, height = 18
    /// The picture before, RGBA; empty before the first.
    private var last: [Float] = []
    /// Pictures since the last cut: a picture that mixes two shots is not two cuts.
    private var sinceCut = 2
    /// What usually changes from picture to picture.
    private var usual: Float = 0

    /// Mean change of colour, 0…1, below which nothing is a cut.
    private static let leastChange: Float = 0.08
    private static let timesUsual: Float = 4

    init() {}

    /// All of it: the usual change, pictures since the last cut, the picture before.
    var state: [Float] { [usual, Float(min(sinceCut, 1 << 20))] + last }

    /// nil where it is none.
    init?(state: [Float]) {
        guard state.count == 2 || state.count == 2 + 4 * Self.width * Self.height, state.allSatisfy({ abs($0) < 1e7 }), state[1] >= 0 else { return nil }
        (usual, sinceCut, last) = (state[0], Int(state[1]), Array(state.dropFirst(2)))
    }

    mutating func isCut(_ picture: Frame) -> Bool {
        let small = picture.drawn(into: PixelRect(x: 0, y: 0, width: Double(Self.width), height: Double(Self.height)), canvasWidth: Self.width, canvasHeight: Self.height)
        let now = small.withPixels { Array($0) }
        defer { last = now }
        guard last.count == now.count else { return false }
        var sum: Float = 0
        for i in now.indices { sum += abs(now[i] - last[i]) }
        // Alpha never changes: three numbers of four count.
        let change = sum / Float(now.count) * 4 / 3
        let isCut = sinceCut >= 2 && change > Self.leastChange && change > Self.timesUsual * usual
        sinceCut = isCut ? 0 : sinceCut + 1
        if isCut { usual = 0 } else if sinceCut >= 2 { usual += (change - usual) * 0.2 }
        return isCut
    }
}
