// Which of many sounds bricks are fitted to, and which try what came of it.
import Foundation

/// Sounds of a baked field, as codes of the persona's audio net.
struct BakedSounds {
    /// Axes that bricks know.
    let axes: PrincipalAxes
    /// Fitted to: the outermost, and as many of the others that what is usual is fitted well too.
    let fit: [[Float]]
    /// Never fitted to.
    let others: [[Float]]
    /// All, those with the largest coordinates first.
    private let ranked: [[Float]]

    private static let outermost = 64, usual = 32
    /// Codes that the axes are of.
    private static let spanning = 144
    /// Share of the sounds that are far out.
    private static let far = 0.3

    /// - Parameter codes: of many sounds, each as far as can be from those before.
    init(_ codes: [[Float]]) {
        let axes = PrincipalAxes(Array(codes.prefix(Self.spanning)), count: PrincipalAxes.sounds)
        let rest = codes.dropFirst(Self.outermost), every = max(rest.count / Self.usual, 1)
        func isFitted(_ place: Int) -> Bool { place % every == 0 && place / every < Self.usual }
        fit = Array(codes.prefix(Self.outermost)) + rest.enumerated().filter { isFitted($0.offset) }.map(\.element)
        let left = rest.enumerated().filter { !isFitted($0.offset) }.map(\.element)
        others = left.isEmpty ? codes : left
        let extents = codes.map { code in axes.coordinates(code).reduce(Float(0)) { $0 + $1 * $1 } }
        ranked = codes.indices.sorted { extents[$0] > extents[$1] }.map { codes[$0] }
        self.axes = axes
    }

    /// Sounds for trial pictures: some usual ones, and some that are far out, which bricks say worst though they are fitted to them.
    func trials(_ usual: Int, outer: Int) -> [[Float]] {
        let far = min(max(Int(Self.far * Double(ranked.count)), 1), ranked.count)
        return Self.spaced(ranked[far...].isEmpty ? ranked[...] : ranked[far...], usual) + Self.spaced(ranked[..<far], outer)
    }

    /// `count` of a list, from its first to its last.
    static func spaced(_ list: ArraySlice<[Float]>, _ count: Int) -> [[Float]] {
        (0..<count).map { list[list.startIndex + $0 * (list.count - 1) / max(count - 1, 1)] }
    }
}
