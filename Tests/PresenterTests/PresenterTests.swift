// The drawn presenter and its ground truth agree with each other.
import Base
import Motion
import Presenter
import Testing

@Suite struct PresenterTests {
    static let size = 128
    static let renderer = PresenterRenderer(size: size, budget: ComputeBudget(threads: 2))

    static func draw(_ change: (inout PresenterRig) -> Void = { _ in }) -> PresenterPicture {
        var rig = PresenterRig()
        change(&rig)
        return renderer.render(rig)
    }

    /// Rigs that strain the drawing: wide jaw, turned heads, shut eyes, every mouth.
    static let strained: [PresenterRig] = {
        func rig(_ change: (inout PresenterRig) -> Void) -> PresenterRig {
            var rig = PresenterRig()
            change(&rig)
            return rig
        }
        return [
            rig { _ in }, rig { $0.jaw = 1 }, rig { $0.jaw = 1; $0.wide = 1; $0.smile = 1 }, rig { $0.jaw = 0.5; $0.pucker = 1 }, rig { $0.press = 1; $0.blink = 1 },
            rig { $0.tuck = 1; $0.blink = 0.5 }, rig { $0.pose.yaw = 0.4; $0.jaw = 1 }, rig { $0.pose.yaw = -0.4; $0.jaw = 1 }, rig { $0.pose.pitch = 0.2 },
            rig { $0.pose.pitch = -0.2; $0.pose.roll = 0.15; $0.jaw = 0.7 }, rig { $0.pose.translation = SIMD3(2, 1, -3) },
        ]
    }()

    // MARK: the same bytes

    @Test func aFrameIsTheSameForAnyNumberOfThreads() {
        var rig = PresenterRig()
        (rig.jaw, rig.blink, rig.pose.yaw) = (0.6, 0.3, 0.2)
        let one = PresenterRenderer(size: 64, budget: .single).render(rig)
        for threads in [2, 5] {
            let budget = ComputeBudget(threads: threads)
            let many = PresenterRenderer(size: 64, budget: budget).render(rig, budget: budget)
            #expect(one.rgb == many.rgb && one.torso == many.torso && one.parsing == many.parsing && one.headAlpha == many.headAlpha)
            #expect(one.landmarks == many.landmarks)
        }
    }

    @Test func aFrameDoesNotRememberTheOneBefore() {
        let first = Self.draw { $0.jaw = 0.4 }
        _ = Self.draw { $0.jaw = 1; $0.pose.yaw = 0.4 }
        #expect(Self.draw { $0.jaw = 0.4 }.rgb == first.rgb)
    }

    // MARK: eyes

    /// Pixels of the eyes' windows that are neither skin nor hair: white, iris, pupil. Skin is red before blue.
    private func eyeballs(_ picture: PresenterPicture, window: PresenterPicture) -> Int {
        var count = 0
        for eye in [36..<42, 42..<48] {
            let points = window.landmarks[eye]
            let (left, right) = (Int((points.map(\.x).min() ?? 0).rounded()), Int((points.map(\.x).max() ?? 0).rounded()))
            let (top, bottom) = (Int((points.map(\.y).min() ?? 0).rounded()), Int((points.map(\.y).max() ?? 0).rounded()))
            for y in top...bottom {
                for x in left...right {
                    let i = 3 * (y * picture.size + x)
                    if Int(picture.rgb[i]) - Int(picture.rgb[i + 2]) < 25, picture.rgb[i + 1] > 60 { count += 1 }
                }
            }
        }
        return count
    }

    @Test func aBlinkClosesTheEyesAndOpensThemAgain() {
        let open = Self.draw()
        let visible = [0, 0.25, 0.5, 0.75, 1].map { closure in eyeballs(Self.draw { $0.blink = Float(closure) }, window: open) }
        #expect(visible[0] > 60, "\(visible)")
        #expect(visible[4] <= visible[0] / 40, "\(visible)")
        for (a, b) in zip(visible, visible.dropFirst()) { #expect(b <= a, "\(visible)") }
        // The landmarks say the same: upper and lower lids meet.
        func gap(_ p: PresenterPicture) -> Float { (p.landmarks[41].y - p.landmarks[37].y + p.landmarks[46].y - p.landmarks[44].y) / 2 }
        let shut = Self.draw { $0.blink = 1 }
        #expect(gap(open) > 5 && abs(gap(shut)) < 0.5, "\(gap(open)) \(gap(shut))")
        // Nothing below the eyes moves with them.
        let row = Int(open.landmarks[33].y) * open.size * 3
        #expect(open.rgb[row...].elementsEqual(shut.rgb[row...]))
    }

    // MARK: mouth

    /// Pixels inside the inner lips that are no lip: teeth, tongue, hollow.
    private func interior(_ p: PresenterPicture) -> Int {
        let inner = Array(p.landmarks[60..<68])
        var count = 0
        for y in Int(inner.map(\.y).min() ?? 0)...Int(inner.map(\.y).max() ?? 0) {
            for x in Int(inner.map(\.x).min() ?? 0)...Int(inner.map(\.x).max() ?? 0) where contains(inner, Float(x) + 0.5, Float(y) + 0.5) && p.parsing[y * p.size + x] != 4 { count += 1 }
        }
        return count
    }
    private func contains(_ polygon: [SIMD2<Float>], _ x: Float, _ y: Float) -> Bool {
        var inside = false
        for (a, b) in zip(polygon, polygon.dropFirst() + polygon.prefix(1)) where (a.y > y) != (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x { inside.toggle() }
        return inside
    }

    @Test func theJawOpensTheMouthSteadily() {
        let pictures = [0, 0.25, 0.5, 0.75, 1].map { jaw in Self.draw { $0.jaw = Float(jaw) } }
        let openings = pictures.map(\.mouthOpening), hollows = pictures.map(interior)
        #expect(openings[0] < 0.2 && openings[4] > 10, "\(openings)")
        #expect(hollows[0] == 0 && hollows[4] > 60, "\(hollows)")
        for k in 1..<5 { #expect(openings[k] > openings[k - 1] + 1 && hollows[k] > hollows[k - 1], "\(openings) \(hollows)") }
        // The chin goes down with it, the eyes stay.
        #expect(pictures[4].landmarks[8].y > pictures[0].landmarks[8].y + 2)
        #expect(pictures[4].landmarks[36..<48] == pictures[0].landmarks[36..<48])
    }

    @Test func visemesShapeTheLips() {
        func width(_ p: PresenterPicture) -> Float { p.landmarks[54].x - p.landmarks[48].x }
        let open = Self.draw { $0.jaw = 0.5 }
        #expect(width(Self.draw { $0.jaw = 0.5; $0.pucker = 1 }) < 0.75 * width(open))
        #expect(width(Self.draw { $0.jaw = 0.5; $0.wide = 1 }) > 1.1 * width(open))
        // M, B, P: the lips meet however far the jaw is.
        let pressed = Self.draw { $0.jaw = 1; $0.press = 1 }
        #expect(pressed.mouthOpening < 0.2 && interior(pressed) == 0)
        // The upper lip raised shows teeth: brighter between the lips.
        #expect(Self.draw { $0.upper = 1 }.mouthOpening > Self.draw().mouthOpening + 0.5)
    }

    // MARK: landmarks

    @Test(arguments: strained.indices) func landmarksLieOnWhatIsDrawn(index: Int) {
        let p = Self.renderer.render(Self.strained[index])
        func code(_ x: Float, _ y: Float) -> UInt8 {
            let (i, j) = (Int(x), Int(y))
            guard i >= 0, j >= 0, i < p.size, j < p.size else { return 255 }
            return p.parsing[j * p.size + i]
        }
        func near(_ q: SIMD2<Float>, _ wanted: Set<UInt8>, _ reach: Int) -> Bool {
            for dy in -reach...reach { for dx in -reach...reach where wanted.contains(code(q.x + Float(dx), q.y + Float(dy))) { return true } }
            return false
        }
        #expect(p.landmarks.count == 68)
        // Brows, nose, eyes and lips are on the head; the far side of a turned head may be hidden.
        for (k, q) in p.landmarks.enumerated() where k >= 17 { #expect(near(q, [1, 4], 1), "point \(k) at \(q)") }
        for (k, q) in p.landmarks.enumerated() where k >= 48 { #expect(near(q, [4], 3), "lip point \(k) at \(q)") }
        // Every pixel of the lips is inside the outer lips' box, and the box is filled to its sides.
        let outer = p.landmarks[48..<60]
        let lips = p.parsing.indices.filter { p.parsing[$0] == 4 }
        let (left, right) = (Float(lips.map { $0 % p.size }.min() ?? 0), Float((lips.map { $0 % p.size }.max() ?? 0) + 1))
        let (top, bottom) = (Float((lips.first ?? 0) / p.size), Float((lips.last ?? 0) / p.size + 1))
        let xs = outer.map(\.x), ys = outer.map(\.y)
        for (drawn, said) in [(left, xs.min()), (right, xs.max()), (top, ys.min()), (bottom, ys.max())] { #expect(abs(drawn - (said ?? -99)) < 3.5, "\(drawn) against \(said ?? -99)") }
    }

    @Test func theChinAndTheCheeksAreWhereTheHeadEnds() {
        let p = Self.draw { $0.jaw = 0.3 }
        let chin = p.landmarks[8]
        let column = Int(chin.x)
        let lowest = (0..<p.size).last { [1, 4].contains(p.parsing[$0 * p.size + column]) } ?? 0
        #expect(abs(Float(lowest + 1) - chin.y) < 3, "\(lowest) \(chin)")
        // Left and right of a head that looks straight ahead mirror each other.
        for k in 0...16 { #expect(abs(p.landmarks[k].x + p.landmarks[16 - k].x - Float(p.size)) < 0.5 && abs(p.landmarks[k].y - p.landmarks[16 - k].y) < 0.5, "\(k)") }
    }

    @Test func browsAreDarkerThanTheSkinBelowThem() {
        let p = Self.draw()
        func brightness(_ q: SIMD2<Float>) -> Int {
            let i = 3 * (Int(q.y) * p.size + Int(q.x))
            return Int(p.rgb[i]) + Int(p.rgb[i + 1]) + Int(p.rgb[i + 2])
        }
        for k in [18, 19, 20, 23, 24, 25] { #expect(brightness(p.landmarks[k]) + 60 < brightness(p.landmarks[k] + SIMD2(0, 4)), "\(k)") }
    }

    // MARK: pose

    @Test func posesTurnTheHeadAsAuthorsSay() {
        let straight = Self.draw().landmarks
        let turned = Self.draw { $0.pose.yaw = 0.3 }.landmarks, up = Self.draw { $0.pose.pitch = 0.2 }.landmarks, tilted = Self.draw { $0.pose.roll = 0.2 }.landmarks
        // To the viewer's right; upwards; clockwise.
        #expect(turned[30].x > straight[30].x + 4)
        #expect(up[30].y < straight[30].y - 2)
        #expect(tilted[45].y > tilted[36].y + 4)
        // The camera says the same as the drawing: what it sees of the head's frame is the other way round.
        let camera = Self.renderer.camera.cameraToWorld(HeadPose(yaw: 0.3))
        let still = Self.renderer.camera.cameraToWorld(.neutral)
        #expect(camera[0, 3] < still[0, 3])
        for r in 0..<3 {
            let row = (0..<3).map { camera[r, $0] }
            #expect(abs(row.map { $0 * $0 }.reduce(0, +) - 1) < 1e-4)
        }
    }
}
