// What a film teaches the audio net: how its mouths are measured, and how they go with what is heard.
@testable import Capture
import Base
import Engines
import Foundation
import Testing

@Suite struct FilmLessonTests {
    /// A face 100 wide at the eyes, its nose 40 long, with lips so far apart (in noses), tilted by some radians.
    private func face(_ row: Int, gap: Float, width: Float = 0.5, tilt: Float = 0, size: Float = 1) -> TrainingFrame {
        var p = [SIMD2<Float>](repeating: .zero, count: 68)
        (p[36], p[45], p[27], p[33], p[8]) = (SIMD2(-50, 0), SIMD2(50, 0), SIMD2(0, 10), SIMD2(0, 50), SIMD2(0, 120 + 30 * gap))
        (p[48], p[54]) = (SIMD2(-50 * width, 80), SIMD2(50 * width, 80))
        (p[62], p[66]) = (SIMD2(0, 75), SIMD2(0, 75 + 40 * gap))
        (p[51], p[57]) = (SIMD2(0, 70), SIMD2(0, 82 + 40 * gap))
        let (c, s) = (cos(tilt), sin(tilt))
        return TrainingFrame(imageID: row, audioID: row, cameraToWorld: .identity, eyeClosure: 0, landmarks: p.map { SIMD2(c * $0.x - s * $0.y, s * $0.x + c * $0.y) * size + 200 })
    }

    @Test func `mouths are measured against the face, whatever its size and tilt`() throws {
        // Opens from shut to a nose's length over a hundred frames; the head tilts and comes nearer meanwhile; frame 30 was lost.
        let frames = (5..<105).filter { $0 != 30 }.map { face($0, gap: Float($0 - 5) / 99, tilt: 0.003 * Float($0), size: 1 + 0.01 * Float($0)) }
        let mouths = try #require(FilmMouths(frames: frames))
        #expect(mouths.rows == 5...104 && mouths.filled.count == 105 && mouths.filled.allSatisfy { $0.count == FilmMouths.count })
        // From its 20th part to its 20th from above: 0 to 1, in a straight line; the width never changes.
        for row in [10, 40, 70, 99] { #expect(abs(mouths.filled[row][0] - (Float(row - 5) / 99 - 0.05) / 0.9) < 0.03, "\(row): \(mouths.filled[row])") }
        #expect(abs(mouths.filled[100][1] - mouths.filled[10][1]) < 0.05)
        #expect(mouths.filled[30] == mouths.filled[29] && mouths.filled[0] == mouths.filled[5] && mouths.byRow[30] == nil)
        #expect(FilmMouths(frames: []) == nil)
        #expect(FilmMouths(frames: [TrainingFrame(imageID: 0, audioID: 0, cameraToWorld: .identity, eyeClosure: 0, landmarks: [])]) == nil)
    }

    /// Something said: seven numbers that come and go, at 25 a second.
    private func said(_ count: Int, seed: UInt64) -> [[Float]] {
        let random = SeededRandom(seed: seed, stream: 1), hill: [Float] = [1, 2, 3, 2, 1]
        var result: [[Float]] = []
        for t in 0..<count {
            var row: [Float] = []
            for c in 0..<7 {
                var sum: Float = 0
                for (k, share) in hill.enumerated() { sum += share * random.normal(UInt64(7 * (t + k) + c)) }
                row.append(0.4 + 0.03 * sum)
            }
            result.append(row)
        }
        return result
    }

    private func features(_ heard: [[Float]]) -> SpeechFeatures {
        // Steps between the rows lie between their values.
        var steps: [[Float]] = []
        for t in heard.indices {
            let next = heard[min(t + 1, heard.count - 1)]
            steps.append(heard[t])
            steps.append((0..<7).map { (c: Int) -> Float in (heard[t][c] + next[c]) / 2 })
        }
        var rows: [[Float]] = []
        for t in heard.indices {
            var row: [Float] = []
            for c in 0..<7 {
                for k in 0..<16 { row.append(steps.indices.contains(2 * t + k - 8) ? steps[2 * t + k - 8][c] : 0) }
            }
            rows.append(row)
        }
        return SpeechFeatures(rows: rows, channels: 7, steps: 16)
    }

    /// Lips that open with the first number heard three frames later, and do something of their own as well.
    private func frames(_ heard: [[Float]], early: Int, own: Float, count: Int) -> [TrainingFrame] {
        let random = SeededRandom(seed: 5, stream: 2)
        return (0..<count).map { (t: Int) -> TrainingFrame in
            let now = heard[min(t + early, heard.count - 1)], gap: Float = 0.6 * now[0] + own * random.normal(UInt64(t))
            return face(t, gap: gap, width: 0.5 + 0.1 * now[1])
        }
    }

    private static func moments(_ values: [Float]) -> (mean: Float, spread: Float) {
        var sum: Float = 0, squares: Float = 0
        for v in values { sum += v }
        let mean = sum / Float(values.count)
        for v in values { squares += (v - mean) * (v - mean) }
        return (mean, (squares / Float(values.count)).squareRoot())
    }

    @Test func `a map finds how early lips are, and they move as far as in the film`() throws {
        let heard = said(300, seed: 3), seen = try #require(FilmMouths(frames: frames(heard, early: 3, own: 0.04, count: 280)))
        let map = try #require(HeardMouthMap(heard: heard, seen: seen))
        #expect(map.taps[map.taps.count / 2] == 3 && map.worth[0] > 0.6 && map.worth[0] < 0.98, "\(map.taps) \(map.worth)")
        // Another film of the same person: nothing of it was fitted.
        let other = said(300, seed: 9)
        var truth: [Float] = [], ours: [Float] = []
        for row in 0..<290 {
            truth.append(0.6 * other[row + 3][0])
            ours.append(map.mouth(other, row: row)[0])
        }
        let (a, b) = (Self.moments(truth), Self.moments(ours))
        var together: Float = 0
        for k in truth.indices { together += (truth[k] - a.mean) * (ours[k] - b.mean) }
        together /= Float(truth.count) * a.spread * b.spread
        #expect(together > 0.93, "\(together)")
        // In the film the lips' own doings are part of how far they move; without the stretch they would stay behind.
        let film = Self.moments(seen.filled.map { $0[0] }), own = Self.moments((0..<270).map { map.mouth(heard, row: $0)[0] })
        #expect(own.spread > 0.85 * film.spread && own.spread < 1.15 * film.spread, "\(own) of \(film)")
        #expect(ours.allSatisfy { $0 > -0.4 && $0 < 1.4 })
    }

    @Test func `lips that go with nothing that is heard are not made to flap`() throws {
        let seen = try #require(FilmMouths(frames: frames(said(300, seed: 4), early: 0, own: 0.05, count: 280)))
        let other = said(300, seed: 21)
        if let map = HeardMouthMap(heard: other, seen: seen) {
            let spread = Self.moments((0..<280).map { map.mouth(other, row: $0)[0] }).spread
            #expect(map.worth[0] < 0.35 && spread < 0.15, "\(map.worth), \(spread)")
        }
        #expect(HeardMouthMap(heard: [], seen: seen) == nil)
    }

    @Test func `a film's lesson says the map's mouths for its own sound and for others like it`() throws {
        let heard = said(200, seed: 3), features = features(heard)
        let seen = try #require(FilmMouths(frames: frames(heard, early: 3, own: 0.03, count: 160)))
        let lesson = try #require(FilmLesson.lesson(heard: features, seen: seen)), map = try #require(HeardMouthMap(heard: Array(heard[..<160]), seen: seen))
        #expect(lesson.features.rows.count == lesson.mouth.count && lesson.mouth.count > 1000 && lesson.mouth.allSatisfy { $0.count == FilmMouths.count })
        // First the film as it is; rows at its ends know nothing beyond them.
        #expect(lesson.features.rows[80] == features.rows[80] && lesson.mouth[80] == map.mouth(heard, row: 80))
        // What is held out is not in it: the film of 160 frames gives the same lesson with and without the rest of the sound.
        let less = SpeechFeatures(rows: Array(features.rows[..<160]), channels: 7, steps: 16)
        #expect(FilmLesson.lesson(heard: less, seen: seen)?.mouth == lesson.mouth)
        // The other turns are others.
        #expect(Set(lesson.mouth.map { $0[0] }).count > 600)
        // Levels of sound are no mouth: the film's rows with its mouths.
        let plain = try #require(FilmLesson.plain(heard: features, seen: seen))
        #expect(plain.mouth == Array(seen.filled) && plain.features.rows.count == 160)
        #expect(FilmLesson.plain(heard: SpeechFeatures(rows: [], channels: 7, steps: 16), seen: seen) == nil)
    }
}
