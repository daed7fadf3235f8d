// Recorded motion: head poses and eye closures from tables and camera files.
import Base
import Foundation
import Motion

/// Reads what `path x = "file"`, `blink x = "file"` and `curve x = "file"` name.
package enum MotionFile {
    /// Rows of a table without times, and frames of a camera file, are this far apart: the rate of the original data sets.
    private static let rate = 25.0
    /// A unit of a camera file counts as a metre.
    private static let centimetresPerUnit = 100.0

    /// Head poses of a `.json` camera file (ER-NeRF, AD-NeRF), of a table with channel names, or of a table of OpenFace.
    package static func poses(_ path: String) throws(InterchangeError) -> PoseSamples {
        if path.lowercased().hasSuffix(".json") { return try cameras(path) }
        let table = try DelimitedTable.read(path)
        if table.column("pose_Rx") != nil { return try openFace(table) }
        return try channels(table)
    }

    /// One column of a table, times `scale`. Without a name: the only column that holds values, or one that OpenFace or we call
    /// by a usual name. Rows that OpenFace marks as failed are left out.
    package static func values(_ path: String, column name: String?, scale: Double) throws(InterchangeError) -> ScalarSamples {
        let table = try DelimitedTable.read(path)
        let index = try column(of: table, name)
        let clock = Clock(table)
        var times: [Double] = [], values: [Double] = []
        for (number, row) in table.rows.enumerated() where try clock.isGood(row, table) {
            try append(clock.time(number, row, table), to: &times, row.line, table)
            values.append(try numeral(row, index, table) * scale)
        }
        guard !values.isEmpty else { throw .malformed(path: path, line: 1, reason: "the table has no row that can be used") }
        return ScalarSamples(times: times, values: values)
    }

    private static func column(of table: DelimitedTable, _ name: String?) throws(InterchangeError) -> Int {
        let offered = table.columns.filter { !$0.isEmpty }.prefix(12).joined(separator: ", ")
        if let name {
            guard let found = table.column(name) else { throw .malformed(path: table.path, line: 1, reason: "there is no column “\(name)”; it has \(offered)") }
            return found
        }
        for usual in ["closure", "blink", "AU45_r", "value"] { if let found = table.column(usual) { return found } }
        let rest = table.columns.indices.filter { !["time", "timestamp", "frame", "face_id", "confidence", "success"].contains(table.columns[$0].lowercased()) }
        guard rest.count == 1, let only = rest.first else {
            throw .malformed(path: table.path, line: 1, reason: "which column is meant? Say it with `column`; it has \(offered)")
        }
        return only
    }

    // MARK: tables

    /// When a row is, and whether it counts.
    private struct Clock {
        let time: Int?
        let success: Int?
        init(_ table: DelimitedTable) {
            time = table.column("time") ?? table.column("timestamp")
            success = table.column("success")
        }
        func time(_ number: Int, _ row: DelimitedTable.Row, _ table: DelimitedTable) throws(InterchangeError) -> Double {
            guard let time else { return Double(number) / MotionFile.rate }
            return try MotionFile.numeral(row, time, table)
        }
        func isGood(_ row: DelimitedTable.Row, _ table: DelimitedTable) throws(InterchangeError) -> Bool {
            guard let success else { return true }
            return try MotionFile.numeral(row, success, table) > 0.5
        }
    }

    private static func numeral(_ row: DelimitedTable.Row, _ index: Int, _ table: DelimitedTable) throws(InterchangeError) -> Double {
        guard let value = Double(row.cells[index]), value.isFinite, abs(value) < 1e9 else {
            throw .malformed(path: table.path, line: row.line, reason: "“\(row.cells[index])” in column “\(table.columns[index])” is no number")
        }
        return value
    }

    private static func append(_ time: Double, to times: inout [Double], _ line: Int, _ table: DelimitedTable) throws(InterchangeError) {
        if let last = times.last, time <= last { throw .malformed(path: table.path, line: line, reason: "the time does not go on: \(time) s behind \(last) s") }
        times.append(time)
    }

    /// Columns `yaw pitch roll` in degrees (or with `_rad` behind the name) and `x y z` in centimetres; those that are not there are 0.
    private static func channels(_ table: DelimitedTable) throws(InterchangeError) -> PoseSamples {
        var found: [(channel: PoseChannel, index: Int, factor: Double)] = []
        for channel in PoseChannel.allCases {
            let name = channel.rawValue
            if let index = table.column(name) ?? table.column(name + (channel.isAngle ? "_deg" : "_cm")) {
                found.append((channel, index, channel.isAngle ? .pi / 180 : 1))
            } else if channel.isAngle, let index = table.column(name + "_rad") { found.append((channel, index, 1)) }
        }
        guard !found.isEmpty else {
            throw .malformed(path: table.path, line: 1, reason: "no column is named yaw, pitch, roll, x, y or z (nor pose_Rx, as OpenFace has it); it has \(table.columns.prefix(12).joined(separator: ", "))")
        }
        let clock = Clock(table)
        var times: [Double] = [], poses: [HeadPose] = []
        for (number, row) in table.rows.enumerated() where try clock.isGood(row, table) {
            try append(clock.time(number, row, table), to: &times, row.line, table)
            var values = [PoseChannel: Double]()
            for entry in found { values[entry.channel] = try numeral(row, entry.index, table) * entry.factor }
            func value(_ channel: PoseChannel) -> Float { Float(values[channel] ?? 0) }
            poses.append(HeadPose(yaw: value(.yaw), pitch: value(.pitch), roll: value(.roll), translation: SIMD3(value(.x), value(.y), value(.z))))
        }
        return try samples(times, poses, table.path)
    }

    /// OpenFace: rotations in radians, R = Rx · Ry · Rz, in axes to the right, down and away from the camera; places in millimetres,
    /// which count from their mean.
    private static func openFace(_ table: DelimitedTable) throws(InterchangeError) -> PoseSamples {
        let names = ["pose_Rx", "pose_Ry", "pose_Rz", "pose_Tx", "pose_Ty", "pose_Tz"]
        let indices = names.map { table.column($0) }
        guard let rx = indices[0], let ry = indices[1], let rz = indices[2] else {
            throw .malformed(path: table.path, line: 1, reason: "a table of OpenFace has pose_Rx, pose_Ry and pose_Rz")
        }
        let clock = Clock(table)
        var times: [Double] = [], turns: [Quaternion] = [], places: [SIMD3<Double>] = []
        for (number, row) in table.rows.enumerated() where try clock.isGood(row, table) {
            try append(clock.time(number, row, table), to: &times, row.line, table)
            // Turned by half a circle about x, the axes are ours: y and z change their signs.
            let x = Quaternion(axis: SIMD3(1, 0, 0), angle: try numeral(row, rx, table)), y = Quaternion(axis: SIMD3(0, -1, 0), angle: try numeral(row, ry, table))
            let z = Quaternion(axis: SIMD3(0, 0, -1), angle: try numeral(row, rz, table))
            turns.append(x * y * z)
            var place = SIMD3<Double>.zero
            for k in 0..<3 { if let index = indices[3 + k] { place[k] = try numeral(row, index, table) } }
            places.append(place)
        }
        let mean = places.reduce(SIMD3<Double>.zero, +) / Double(max(places.count, 1))
        let poses = zip(turns, places).map { turn, place -> HeadPose in
            let t = (place - mean) / 10
            return HeadPose(rotation: turn, translation: SIMD3(Float(t.x), Float(-t.y), Float(-t.z)))
        }
        return try samples(times, poses, table.path)
    }

    private static func samples(_ times: [Double], _ poses: [HeadPose], _ path: String) throws(InterchangeError) -> PoseSamples {
        guard !poses.isEmpty else { throw .malformed(path: path, line: 1, reason: "the table has no row that can be used") }
        return PoseSamples(times: times, poses: poses)
    }

    // MARK: camera files

    private struct CameraFile: Decodable {
        struct Frame: Decodable {
            var img_id: Int?
            var transform_matrix: [[Double]]
        }
        var frames: [Frame]
    }

    /// Camera-to-world matrices of a head that stands still: the head's pose is the other way round. Its turns count from facing
    /// the camera, its places from their mean.
    private static func cameras(_ path: String) throws(InterchangeError) -> PoseSamples {
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path: path, reason: "there is no such file") }
        guard data.count <= DelimitedTable.mostBytes else { throw .unreadable(path: path, reason: "a camera file of more than \(DelimitedTable.mostBytes >> 20) MiB") }
        let file: CameraFile
        do { file = try JSONDecoder().decode(CameraFile.self, from: data) } catch let DecodingError.dataCorrupted(context) {
            throw .unreadable(path: path, reason: "this is no JSON: \(context.underlyingError.map { "\($0)" } ?? context.debugDescription)")
        } catch {
            throw .unreadable(path: path, reason: "this is no camera file: it wants `frames`, each with a `transform_matrix` of numbers")
        }
        guard !file.frames.isEmpty, file.frames.count <= DelimitedTable.mostRows else { throw .unreadable(path: path, reason: "a camera file of \(file.frames.count) frames") }
        let ordered = file.frames.enumerated().sorted { a, b in (a.element.img_id ?? a.offset, a.offset) < (b.element.img_id ?? b.offset, b.offset) }
        let first = ordered[0].element.img_id ?? 0
        var times: [Double] = [], turns: [Quaternion] = [], places: [SIMD3<Double>] = []
        for (index, frame) in ordered {
            let m = frame.transform_matrix
            guard m.count == 3 || m.count == 4, m.allSatisfy({ $0.count == 4 && $0.allSatisfy(\.isFinite) }) else {
                throw .unreadable(path: path, reason: "frame \(index): its transform_matrix is not 4x4")
            }
            let columns = (0..<3).map { c in SIMD3(m[0][c], m[1][c], m[2][c]) }
            guard columns.allSatisfy({ abs(($0 * $0).sum() - 1) < 0.05 }), abs((columns[0] * columns[1]).sum()) < 0.05, abs((columns[1] * columns[2]).sum()) < 0.05 else {
                throw .unreadable(path: path, reason: "frame \(index): its transform_matrix does not hold a rotation")
            }
            let (number, overflow) = (frame.img_id ?? index).subtractingReportingOverflow(first)
            let time = overflow ? 0 : Double(number) / rate
            guard times.last.map({ $0 < time }) ?? true else { throw .unreadable(path: path, reason: "frame \(index): its img_id \(frame.img_id ?? index) stands there twice") }
            times.append(time)
            // The head seen by the camera: transposed rotation, and the head's middle from the camera.
            turns.append(Quaternion(rotationRows: columns))
            let eye = SIMD3(m[0][3], m[1][3], m[2][3])
            places.append(SIMD3((columns[0] * eye).sum(), (columns[1] * eye).sum(), (columns[2] * eye).sum()) * -centimetresPerUnit)
        }
        let mean = places.reduce(SIMD3<Double>.zero, +) / Double(places.count)
        let poses = zip(turns, places).map { turn, place -> HeadPose in
            let t = place - mean
            return HeadPose(rotation: turn, translation: SIMD3(Float(t.x), Float(t.y), Float(t.z)))
        }
        return PoseSamples(times: times, poses: poses)
    }
}
