// Tables and recorded motion: known answers, the signs of every format, and bad files.
import Base
import Foundation
import Motion
import Testing
import TestSupport
@testable import Interchange

private func near(_ a: Float, _ b: Double, _ tolerance: Double = 1e-4) -> Bool { abs(Double(a) - b) < tolerance }

@Suite struct TableTests {
    @Test("commas, semicolons and tabs", arguments: [",", ";", "\t"]) func marks(mark: String) throws {
        let text = ["name\(mark)line", "Ada\(mark)\"one\(mark) two\"", "", " Bob \(mark)\"a \"\"quoted\"\" word\nand a line\"", "x\(mark)y"].joined(separator: "\r\n")
        let table = try DelimitedTable.parse(Array(text.utf8), path: "t.csv")
        #expect(table.columns == ["name", "line"])
        #expect(table.rows.map(\.cells) == [["Ada", "one\(mark) two"], ["Bob", "a \"quoted\" word\nand a line"], ["x", "y"]])
        #expect(table.rows.map(\.line) == [2, 4, 6])
        #expect(table.column("NAME") == 0 && table.column("age") == nil)
    }
    @Test("bad tables name the line", arguments: [("", 1), ("a,b\n1\n", 2), ("a,b\n1,2\n\"x,3\n", 3), ("a,A\n1,2\n", 1), ("a,b\n1,\"2\"x\n", 2)])
    func broken(text: String, line: Int) {
        do {
            _ = try DelimitedTable.parse(Array(text.utf8), path: "t.csv")
            Issue.record("it was read")
        } catch {
            guard case .malformed("t.csv", line, _) = error else { Issue.record("\(error)"); return }
        }
    }
    @Test func noiseNeverTraps() {
        var state: UInt64 = 5
        for _ in 0..<300 {
            let bytes = (0..<200).map { _ -> UInt8 in
                state = state &* 6364136223846793005 &+ 1442695040888963407
                return [UInt8(34), 44, 10, 13, 32, 65, 59, 9, 0xFF][Int(state >> 33) % 9]
            }
            _ = try? DelimitedTable.parse(bytes, path: "n.csv")
        }
    }
}

@Suite struct MotionFileTests {
    @Test func channelTable() throws {
        let path = try TestFile.write("p.csv", "time,yaw,pitch,roll_rad,x\n0,0,0,0,1\n0.5,10,-4,0.1,2\n2,0,0,0,0\n")
        let samples = try MotionFile.poses(path)
        let middle = samples.pose(at: 0.25)
        #expect(near(middle.yaw, 5 * .pi / 180, 2e-3) && near(middle.translation.x, 1.5))
        let key = samples.pose(at: 0.5)
        #expect(near(key.yaw, 10 * .pi / 180) && near(key.pitch, -4 * .pi / 180) && near(key.roll, 0.1))
        #expect(samples.pose(at: -3) == samples.pose(at: 0) && samples.pose(at: 99) == samples.pose(at: 2) && samples.duration == 2)
    }
    @Test func rowsWithoutTimesAre25ASecond() throws {
        let samples = try MotionFile.poses(TestFile.write("p.csv", "yaw\n0\n1\n2\n"))
        #expect(samples.times == [0, 0.04, 0.08])
    }
    /// OpenFace: looking down is positive Rx, and Ry grows as the face turns to the viewer's left.
    @Test("signs of OpenFace", arguments: [("0.2", "0", "0", 0.0, -0.2, 0.0), ("0", "0.3", "0", -0.3, 0, 0), ("0", "0", "0.1", 0, 0, 0.1)])
    func openFace(rx: String, ry: String, rz: String, yaw: Double, pitch: Double, roll: Double) throws {
        let text = "frame, face_id, timestamp, confidence, success, pose_Tx, pose_Ty, pose_Tz, pose_Rx, pose_Ry, pose_Rz\n"
            + "1, 0, 0.0, 0.98, 1, 10, 20, 500, \(rx), \(ry), \(rz)\n2, 0, 0.04, 0.1, 0, 0, 0, 0, 9, 9, 9\n3, 0, 0.08, 0.98, 1, 30, 40, 540, \(rx), \(ry), \(rz)\n"
        let samples = try MotionFile.poses(TestFile.write("o.csv", text))
        #expect(samples.times == [0, 0.08])
        let pose = samples.poses[0]
        #expect(near(pose.yaw, yaw) && near(pose.pitch, pitch) && near(pose.roll, roll))
        // 10 mm left of the mean, 10 mm above it (down grows there), 20 mm nearer.
        #expect(near(pose.translation.x, -1) && near(pose.translation.y, 1) && near(pose.translation.z, 2))
    }
    @Test("a camera file gives back the turn it was made from", arguments: [(0.3, 0.0, 0.0), (0.0, -0.2, 0.0), (0.1, 0.15, -0.25)])
    func cameras(yaw: Double, pitch: Double, roll: Double) throws {
        let turned = Quaternion(yaw: yaw, pitch: pitch, roll: roll).matrix, still = Quaternion.identity.matrix
        func matrix(_ r: [SIMD3<Double>], _ distance: Double) -> String {
            // The camera as the head sees it: the transposed turn, and the place behind it.
            let rows = (0..<3).map { i in "[\(r[0][i]), \(r[1][i]), \(r[2][i]), \(r[2][i] * distance)]" }
            return "{\"img_id\": 7, \"transform_matrix\": [\(rows.joined(separator: ", ")), [0,0,0,1]]}"
        }
        let text = "{\"focal_len\": 1100, \"frames\": [\(matrix(still, 0.8)), \(matrix(turned, 0.8).replacingOccurrences(of: "\"img_id\": 7", with: "\"img_id\": 12"))]}"
        let samples = try MotionFile.poses(TestFile.write("transforms_val.json", text))
        #expect(samples.times == [0, 0.2])
        #expect(near(samples.poses[0].yaw, 0) && near(samples.poses[0].pitch, 0))
        #expect(near(samples.poses[1].yaw, yaw) && near(samples.poses[1].pitch, pitch) && near(samples.poses[1].roll, roll))
        #expect(samples.poses.allSatisfy { abs($0.translation.x) < 1e-3 && abs($0.translation.z) < 1e-3 })
    }
    @Test func closuresOfOpenFace() throws {
        let path = try TestFile.write("au.csv", "frame, timestamp, success, AU45_r, AU45_c\n1, 0.0, 1, 0.0, 0\n2, 0.04, 1, 2.5, 1\n3, 0.08, 1, 5.0, 1\n")
        let samples = try MotionFile.values(path, column: nil, scale: 0.2)
        #expect(samples.values == [0, 0.5, 1] && samples.value(at: 0.02) == 0.25)
        #expect(BlinkCurve.sampled(samples).closure(at: Rational(6, 100)) == 0.75)
        #expect(try MotionFile.values(path, column: "AU45_c", scale: 1).values == [0, 1, 1])
    }
    @Test("bad motion files say what is wrong", arguments: [
        ("a.csv", "left,right\n1,2\n", "yaw"), ("b.csv", "time,yaw\n0,1\n0,2\n", "does not go on"), ("c.csv", "time,yaw\n0,nan\n", "no number"),
        ("d.json", "{", "no JSON"), ("e.json", "{\"frames\": []}", "0 frames"), ("f.json", "{\"frames\": [{\"transform_matrix\": [[1,0],[0,1]]}]}", "frame 0"),
        ("g.json", "{\"frames\": [{\"transform_matrix\": [[9,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]}]}", "rotation"), ("h.json", "[1]", "camera file"),
        ("i.csv", "success,yaw\n0,1\n", "no row"),
    ])
    func broken(name: String, text: String, word: String) throws {
        let path = try TestFile.write(name, text)
        do {
            _ = try MotionFile.poses(path)
            Issue.record("it was read")
        } catch { #expect(error.description.contains(path) && error.description.contains(word), "\(error)") }
    }
    @Test func anUnknownColumnNamesThoseThatAreThere() throws {
        let path = try TestFile.write("x.csv", "a,b\n1,2\n")
        for column in ["c", nil] {
            do {
                _ = try MotionFile.values(path, column: column, scale: 1)
                Issue.record("it was read")
            } catch { #expect(error.description.contains("a, b")) }
        }
    }
    @Test(.enabled(if: SharedFolder.file("data/persona/adnerf_obama_transforms_val.json") != nil, "shared folder is missing: camera file"))
    func realCameraFile() throws {
        let samples = try MotionFile.poses(#require(SharedFolder.file("data/persona/adnerf_obama_transforms_val.json")))
        #expect(samples.poses.count == 728 && abs(samples.duration - 727.0 / 25) < 1e-9)
        // A speech to the camera: the head turns by tens of degrees at most and moves by centimetres.
        #expect(samples.poses.allSatisfy { abs($0.yaw) < 0.7 && abs($0.pitch) < 0.7 && abs($0.roll) < 0.7 && abs($0.translation.x) < 15 })
        let moves = zip(samples.poses, samples.poses.dropFirst()).map { abs($0.yaw - $1.yaw) }
        #expect((moves.max() ?? 1) < 0.1 && (moves.max() ?? 0) > 0.001)
    }
}
