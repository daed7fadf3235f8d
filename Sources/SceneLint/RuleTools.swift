// What several rules need: words for numbers, and walks over shots.
import Base
import SceneModel
import SceneSyntax

/// Numbers as they stand in messages.
enum Words {
    /// At most two digits behind the point, none where they are zero.
    static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
        let rounded = (value * 100).rounded() / 100
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
    static func seconds(_ time: Rational) -> String { number(time.doubleValue) + "s" }
    static func degrees(_ radians: Double) -> String { "\(Int((radians * 180 / .pi).rounded()))deg" }
    static func decibels(_ level: Double) -> String { "\((level * 10).rounded() / 10)dB" }
}

extension Timeline {
    /// Pairs of ranges that overlap: each range with the one before it in time that reaches furthest.
    static func overlaps<Item>(_ items: [Item], range: (Item) -> TimeRange) -> [(first: Item, second: Item)] {
        var result: [(Item, Item)] = []
        var last: Item?
        for item in items.enumerated().sorted(by: { a, b in
            let (x, y) = (range(a.element).start, range(b.element).start)
            return x == y ? a.offset < b.offset : x < y
        }).map(\.element) where !range(item).isEmpty {
            guard let before = last else { last = item; continue }
            if range(item).overlaps(range(before)) { result.append((before, item)) }
            if range(item).end > range(before).end { last = item }
        }
        return result
    }
}

extension Layer {
    /// Where it lies, from what is written and what the style of a text says.
    var effectivePlacement: Placement {
        switch content {
        case .title(let title): title.style.placement ?? placement.value
        case .captions(let captions): captions.style.placement ?? placement.value
        default: placement.value
        }
    }
    var isText: Bool {
        switch content {
        case .title, .captions: true
        default: false
        }
    }
}

extension SceneDocument {
    /// Declared assets of the main file in the order of the text.
    var ownAssets: [Asset] {
        assets.values.filter { $0.place.file === file }.sorted { $0.place.range.start < $1.place.range.start }
    }
}

/// All motions of a document, declared ones and those written in place.
enum MotionWalk {
    struct Found {
        var source: MotionSource
        /// What it moves; nil for a declared curve, which may move anything.
        var use: Use?
        var place: Place
    }
    enum Use { case pose, blink, opacity }

    static func all(_ document: SceneDocument) -> [Found] {
        var result = document.motions.values.filter { $0.place.file === document.file }.sorted { $0.place.range.start < $1.place.range.start }
            .map { Found(source: $0.source, use: $0.kind == .path ? .pose : $0.kind == .blink ? .blink : nil, place: $0.place) }
        for shot in document.shots {
            for layer in shot.layers {
                if case .motion(let source) = layer.opacity { result.append(Found(source: source, use: .opacity, place: layer.place)) }
                guard case .actor(let actor) = layer.content else { continue }
                for pose in actor.poses { if case .motion(let source) = pose.source { result.append(Found(source: source, use: .pose, place: pose.place)) } }
                if let blinks = actor.blinks, case .motion(let source) = blinks.source { result.append(Found(source: source, use: .blink, place: blinks.place)) }
            }
        }
        // A motion that is used by name is written once and stands here once.
        var seen: Set<Int> = []
        return result.filter { found in
            guard let start = firstKey(found.source) else { return true }
            return seen.insert(start).inserted
        }
    }
    static func sources(_ document: SceneDocument) -> [MotionSource] { all(document).map(\.source) }

    private static func firstKey(_ source: MotionSource) -> Int? {
        switch source {
        case .poseKeys(let keys): keys.first?.place.range.start
        case .scalarKeys(let keys, _): keys.first?.place.range.start
        default: nil
        }
    }
}
