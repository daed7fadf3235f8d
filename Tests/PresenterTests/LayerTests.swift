// Layers of a drawn frame: classes, coverage, plate and torso fit together without holes.
import Base
import Presenter
import Testing

@Suite struct LayerTests {
    private typealias Rigs = PresenterTests

    @Test(arguments: PresenterTests.strained.indices) func everyClassHasItsShareOfThePicture(index: Int) {
        let p = Rigs.renderer.render(Rigs.strained[index])
        var counts = [0, 0, 0, 0, 0]
        for code in p.parsing { counts[Int(code)] += 1 }
        let all = p.size * p.size
        #expect(counts.reduce(0, +) == all && p.parsing.count == all)
        let shares = counts.map { Double($0) / Double(all) }
        let expected: [ClosedRange<Double>] = [0.4...0.6, 0.25...0.42, 0.005...0.05, 0.08...0.2, 0.003...0.03]
        for (share, range) in zip(shares, expected) { #expect(range.contains(share), "\(shares)") }
    }

    @Test(arguments: PresenterTests.strained.indices) func theSilhouetteHasNoHole(index: Int) {
        let p = Rigs.renderer.render(Rigs.strained[index])
        let open = holes(p.size) { p.parsing[$0] == 0 }
        #expect(open == 0)
        // The head by itself, lips and mouth included, has none either.
        let gaps = holes(p.size) { p.headAlpha[$0] < 128 }
        #expect(gaps == 0)
    }

    /// Pixels of a kind that cannot be reached from the picture's border over their own kind, diagonal steps included.
    private func holes(_ size: Int, _ isOutside: (Int) -> Bool) -> Int {
        var seen = [Bool](repeating: false, count: size * size)
        var stack: [Int] = []
        func push(_ x: Int, _ y: Int) {
            guard x >= 0, y >= 0, x < size, y < size, !seen[y * size + x], isOutside(y * size + x) else { return }
            seen[y * size + x] = true
            stack.append(y * size + x)
        }
        for k in 0..<size { push(k, 0); push(0, k); push(size - 1, k); push(k, size - 1) }
        while let i = stack.popLast() { for dy in -1...1 { for dx in -1...1 { push(i % size + dx, i / size + dy) } } }
        return (0..<(size * size)).filter { isOutside($0) && !seen[$0] }.count
    }

    @Test(arguments: PresenterTests.strained.indices) func thePlateShowsWhereNobodyIs(index: Int) {
        let p = Rigs.renderer.render(Rigs.strained[index]), plate = Rigs.renderer.background
        var bare = 0, wrong = 0
        for i in 0..<(p.size * p.size) where p.headAlpha[i] == 0 {
            let alpha = Double(p.torso[4 * i + 3]) / 255
            for c in 0..<3 {
                let expected = Double(p.torso[4 * i + c]) * alpha + Double(plate[3 * i + c]) * (1 - alpha)
                if abs(expected - Double(p.rgb[3 * i + c])) > 1.6 { wrong += 1 }
            }
            if alpha == 0 { bare += 1 }
        }
        #expect(wrong == 0)
        #expect(bare > p.size * p.size / 3)
    }

    @Test func classesAgreeWithCoverage() {
        let p = Rigs.draw { $0.jaw = 0.5 }
        for i in p.parsing.indices {
            switch p.parsing[i] {
            case 1, 4: #expect(p.headAlpha[i] > 20, "pixel \(i)")
            case 2, 3: #expect(p.torso[4 * i + 3] > 100, "pixel \(i)")
            default: #expect(p.headAlpha[i] < 240 && p.torso[4 * i + 3] < 140, "pixel \(i)")
            }
        }
    }

    @Test(arguments: [Float(0), 0.5, 1]) func cheeksHaveNoSeam(jaw: Float) {
        let p = Rigs.draw { $0.jaw = jaw }
        // Between the eye's outer corner and the mouth's corner, on both sides: smooth skin.
        for (eye, mouth, jawLine) in [(36, 48, 3), (45, 54, 13)] {
            let low = min(p.landmarks[mouth].y, p.landmarks[jawLine].y) - 3, high = p.landmarks[eye].y + 9
            // Clear of the hair at the temple and of the lips.
            let inward: Float = p.landmarks[eye].x < p.landmarks[mouth].x ? 1 : -1
            let (a, b) = (p.landmarks[eye].x + 5 * inward, p.landmarks[mouth].x - 2 * inward)
            for y in Int(high)..<Int(low) {
                for x in Int(min(a, b))...Int(max(a, b)) {
                    for c in 0..<3 {
                        // The second difference stays small where there is no edge.
                        func v(_ dx: Int) -> Int { Int(p.rgb[3 * (y * p.size + x + dx) + c]) }
                        let bend = abs(v(-1) - 2 * v(0) + v(1))
                        #expect(bend < 22, "jaw \(jaw), pixel \(x), \(y): \(bend)")
                    }
                }
            }
        }
    }
}
