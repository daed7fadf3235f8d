// Names and small files of a data set folder (engine specification, 2.1).
import Engines
import Foundation
import Media
import Motion

/// Where the parts of a data set lie, and its text files.
package struct DatasetFolder: Sendable, Hashable {
    package let path: String
    package init(path: String) { self.path = path }

    package func file(_ name: String) -> String { path + "/" + name }
    func original(_ n: Int) -> String { file("ori_imgs/\(n).jpg") }
    func landmarks(_ n: Int) -> String { file("ori_imgs/\(n).lms") }
    func image(_ n: Int) -> String { file("gt_imgs/\(n).jpg") }
    func torso(_ n: Int) -> String { file("torso_imgs/\(n).png") }
    func parsing(_ n: Int) -> String { file("parsing/\(n).png") }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

    /// `transforms_train.json` and `transforms_val.json`.
    struct Transforms: Codable {
        struct Frame: Codable {
            var img_id: Int
            var aud_id: Int
            var transform_matrix: [[Float]]
        }
        var focal_len: Float
        var cx: Float
        var cy: Float
        var h: Int?
        var w: Int?
        var frames: [Frame]
    }

    /// - Parameter frames: Numbers of the pictures that the poses belong to; nil: they are counted from 0.
    func writeTransforms(poses: [Matrix4], frames: [Int]? = nil, trainCount: Int, focal: Float, size: Int) throws {
        let numbers = frames ?? Array(poses.indices)
        func document(_ range: Range<Int>) -> Transforms {
            Transforms(focal_len: focal, cx: Float(size) / 2, cy: Float(size) / 2, h: size, w: size, frames: range.map { n in
                .init(img_id: numbers[n], aud_id: numbers[n], transform_matrix: (0..<4).map { r in (0..<4).map { poses[n][r, $0] } })
            })
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try AtomicFile.write(encoder.encode(document(0..<trainCount)), to: file("transforms_train.json"))
        try AtomicFile.write(encoder.encode(document(trainCount..<poses.count)), to: file("transforms_val.json"))
    }

    func readTransforms(_ name: String) throws(EngineError) -> Transforms {
        let path = file(name)
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path: path, reason: "there is no such file") }
        do {
            let document = try JSONDecoder().decode(Transforms.self, from: data)
            for frame in document.frames where frame.transform_matrix.count != 4 || frame.transform_matrix.contains(where: { $0.count != 4 }) {
                throw EngineError.unreadable(path: path, reason: "frame \(frame.img_id) has no 4x4 transform_matrix")
            }
            guard document.focal_len > 0, document.focal_len.isFinite else { throw EngineError.unreadable(path: path, reason: "focal_len is not positive") }
            return document
        } catch let error as EngineError { throw error } catch { throw .unreadable(path: path, reason: "\(error)") }
    }

    /// OpenFace's table with the one column that the engine reads; twice the closure, so that clip(x, 0, 2) / 2 gives it back.
    func writeClosures(_ closures: [Float]) throws(MediaError) {
        var text = "frame, timestamp, AU45_r\n"
        for (n, value) in closures.enumerated() { text += String(format: "%d, %.3f, %.5f\n", n + 1, Double(n) / 25, Double(value * 2)) }
        try AtomicFile.write(text.utf8, to: file("au.csv"))
    }

    /// Closure of every row, 0…1.
    func readClosures() throws(EngineError) -> [Float] {
        let path = file("au.csv")
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path: path, reason: "there is no such file") }
        let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
        let header = lines.first?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } ?? []
        guard let column = header.firstIndex(of: "AU45_r") else { throw .unreadable(path: path, reason: "it has no column AU45_r") }
        var result: [Float] = []
        for (row, line) in lines.dropFirst().enumerated() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            guard column < cells.count, let value = Float(cells[column].trimmingCharacters(in: .whitespaces)), value.isFinite else {
                throw .unreadable(path: path, reason: "line \(row + 2) has no number in column AU45_r")
            }
            result.append(min(max(value, 0), 2) / 2)
        }
        return result
    }

    /// 68 points of a frame; empty where it has none.
    func readLandmarks(_ n: Int) throws(EngineError) -> [SIMD2<Float>] {
        let path = landmarks(n)
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        let points = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { line -> SIMD2<Float>? in
            let numbers = line.split(whereSeparator: \.isWhitespace).compactMap { Float($0) }
            return numbers.count == 2 && numbers.allSatisfy { abs($0) < 1e6 } ? SIMD2(numbers[0], numbers[1]) : nil
        }
        guard points.count == 68 else { throw .unreadable(path: path, reason: "it holds \(points.count) points instead of 68") }
        return points
    }
}

/// Colours of the classes in the parsing pictures: the original's, and one of our own for lips.
enum ParsingColors {
    static let table: [(color: [UInt8], code: UInt8)] = [
        ([255, 255, 255], 0), ([0, 0, 255], 1), ([0, 255, 0], 2), ([255, 0, 0], 3), ([0, 128, 255], 4),
    ]
    /// RGB of a class. (The original's head is (255, 0, 0) in BGR order: blue in a PNG.)
    static func color(of code: UInt8) -> [UInt8] { table[Int(min(code, 4))].color }
    static func code(_ r: UInt8, _ g: UInt8, _ b: UInt8) -> UInt8 {
        if b > 127 { return r > 127 ? 0 : g > 64 ? 4 : 1 }
        return g > 127 ? 2 : 3
    }
}
