// Reference numbers of the original network, and arrays as pointers.
import Base
import Tensors
import TestSupport
@testable import TalkingHead

enum Fixture {
    static func path(_ name: String) -> String? { SharedFolder.file("fixtures/ernerf/\(name)") }
    static var isThere: Bool { path("head_ngp.pth") != nil }
    static let skip = "shared/fixtures/ernerf is missing"

    static func arrays(_ name: String) throws -> [String: Tensor] { try NumpyArchive.read(path(name + ".npz") ?? "") }
    static func weights(_ name: String) throws -> FieldWeights { try CheckpointImport.read(path(name) ?? "") }

    static func buffer(_ values: [Float], count: Int? = nil) -> Buffer<Float> {
        let b = Buffer<Float>(count: max(count ?? values.count, values.count))
        b.pointer.update(from: values, count: values.count)
        return b
    }
    /// Column k of an [n, width] tensor.
    static func column(_ t: Tensor, _ k: Int, width: Int) -> [Float] { stride(from: k, to: t.count, by: width).map { t.values[$0] } }
}

/// Largest absolute difference.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}
