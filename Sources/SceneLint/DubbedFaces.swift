// The face under every dubbed line, look by look: what the rules on faces judge.
import Base
import Diagnostics
import SceneModel

/// One dubbed line over the footage that it is for.
struct DubbedFaces {
    let dub: PlacedDub
    let footage: FootageLayer
    let layer: PlacedLayer
    /// Seconds of the file from look to look.
    let interval: Double
    /// Seconds of the file, and the face that the line is for; nil where it is not seen. Looks that cannot be told are left out.
    let looks: [(time: Double, face: FaceFacts.Face?)]

    /// A stretch of looks, in seconds of the file.
    struct Stretch {
        var start: Double
        var end: Double
        var faces: [FaceFacts.Face]
        var words: String { "\(Words.number(start))s to \(Words.number(end))s" }
    }

    /// Shorter stretches are not worth a word.
    static let shortest = 0.5

    /// Stretches of at least half a second in which something holds of every look.
    func stretches(where isIn: (FaceFacts.Face?) -> Bool) -> [Stretch] {
        var result: [Stretch] = []
        for (time, face) in looks {
            guard isIn(face) else { continue }
            if let last = result.indices.last, time - result[last].end < interval * 0.5 {
                result[last].end = time + interval
                if let face { result[last].faces.append(face) }
            } else {
                result.append(Stretch(start: time, end: time + interval, faces: face.map { [$0] } ?? []))
            }
        }
        return result.filter { $0.end - $0.start >= Self.shortest - 1e-6 || $0.end - $0.start >= Double(looks.count) * interval - 1e-6 }
    }

    /// The face is never seen under the line.
    var isFaceless: Bool { !looks.isEmpty && looks.allSatisfy { $0.face == nil } }

    /// What is said of the footage in help lines.
    var command: String { "`studio faces` shows what is seen of `\(footage.asset)`" }

    // MARK: asking

    /// What is known of a line's footage.
    enum Answer {
        case looked(DubbedFaces)
        case noModel(PlacedDub)
        case unreadable(PlacedDub, String)
    }

    /// Every dubbed line of the scene whose footage was looked at, or could not be.
    static func all(_ context: LintContext) -> [Answer] {
        context.placedLayers.flatMap { _, layer -> [Answer] in
            guard case .footage(let footage) = layer.layer.content, let asset = context.document.assets[footage.asset], asset.facts?.hasVideo == true else { return [] }
            return layer.dubs.compactMap { dub in
                let shown = dub.range.clamped(to: layer.range)
                guard !shown.isEmpty else { return nil }
                func fileTime(_ time: Rational) -> Rational { layer.fileStart + (time - layer.range.start) * layer.speed }
                switch context.resolver.faces(in: asset.path, during: TimeRange(start: fileTime(shown.start), end: fileTime(shown.end))) {
                case .notAsked: return nil
                case .noModel: return .noModel(dub)
                case .unreadable(let reason): return .unreadable(dub, reason)
                case .seen(let facts):
                    let choice = dub.clause.face ?? footage.face
                    return .looked(DubbedFaces(dub: dub, footage: footage, layer: layer, interval: facts.interval,
                                               looks: facts.looks.compactMap { look in chosen(choice, look.faces, asset.facts?.size).map { (time: look.time, face: $0) } }))
                }
            }
        }
    }
    /// Those that were looked at.
    static func looked(_ context: LintContext) -> [DubbedFaces] {
        all(context).compactMap { if case .looked(let faces) = $0 { faces } else { nil } }
    }

    /// The face that a clause means among those of one picture: `.some(nil)` where there is none, nil where it cannot be told.
    private static func chosen(_ choice: FaceChoice, _ faces: [FaceFacts.Face], _ size: PixelSize?) -> FaceFacts.Face?? {
        if faces.isEmpty { return .some(nil) }
        switch choice {
        case .largest: return faces.max { $0.height < $1.height }
        case .left: return faces.min { $0.x < $1.x }
        case .right: return faces.max { $0.x < $1.x }
        // Numbers count from the film's beginning, and only a part of it was looked at: one face alone is taken for the one that is meant.
        case .id: return faces.count == 1 ? .some(faces[0]) : nil
        case .nearest(let x, let y):
            guard let size, size.width > 0, size.height > 0 else { return faces.first }
            let (w, h) = (Double(size.width), Double(size.height))
            func distance(_ face: FaceFacts.Face) -> Double {
                let (dx, dy) = (face.x * w - x.pixels(of: w), face.y * h - y.pixels(of: h))
                return dx * dx + dy * dy
            }
            return faces.min { distance($0) < distance($1) }
        }
    }
}
