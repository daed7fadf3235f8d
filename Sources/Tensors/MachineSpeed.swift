// What bounds every network on this machine: multiply-adds in registers, and reading memory.
import Base
import CKernels
import Kernels

/// The limits of one core, measured in processor time.
package struct MachineSpeed: Sendable {
    /// Multiply-adds of 32-bit floats a second, with the widest registers that the processor has; bits of those.
    package var multiplyAdds: Double
    package var registerBits: Int
    /// Bytes a second that are read from memory.
    package var memoryBytes: Double

    /// Takes about a second.
    package static func measure() -> MachineSpeed {
        let lanes = Lanes.most
        return MachineSpeed(multiplyAdds: lanes == .sixteen ? sixteenLanes() : eightLanes(), registerBits: 32 * lanes.rawValue, memoryBytes: memoryBytes())
    }

    private static func sixteenLanes() -> Double {
        let steps = 5_000_000
        var sum: Float = 0
        let time = ProcessorTime.least(rounds: 60) { sum += sk_multiply_adds(steps) }
        return Double(steps * 192) / time * (sum.isFinite ? 1 : 0)
    }

    private static func eightLanes() -> Double {
        let steps = 6_000_000
        var sum = Float8(repeating: 1)
        let time = ProcessorTime.least(rounds: 60) { sum = chains(sum, steps: steps) }
        // The sum is used, so that the loop cannot be left out.
        return Double(steps * 80) / time * (sum.sum().isFinite ? 1 : 0)
    }

    private static func memoryBytes() -> Double {
        // Larger than any cache.
        let block = Buffer<Float>(count: 32 << 20)
        var sum: Float = 0
        let time = ProcessorTime.least(rounds: 4) { sum += sumOfAll(block.pointer, count: block.count) }
        return Double(4 * block.count) / time * (sum.isFinite ? 1 : 0)
    }

    /// Ten independent chains of eight lanes, 80 multiply-adds a step; a function of its own, so that all ten stay in registers.
    @inline(never) private static func chains(_ start: Float8, steps: Int) -> Float8 {
        let a = Float8(repeating: 0.999_999), b = Float8(repeating: 1e-7)
        var c0 = start, c1 = start + 1, c2 = start + 2, c3 = start + 3, c4 = start + 4, c5 = start + 5, c6 = start + 6, c7 = start + 7, c8 = start + 8, c9 = start + 9
        for _ in 0..<steps {
            c0 = b.addingProduct(c0, a); c1 = b.addingProduct(c1, a); c2 = b.addingProduct(c2, a); c3 = b.addingProduct(c3, a); c4 = b.addingProduct(c4, a)
            c5 = b.addingProduct(c5, a); c6 = b.addingProduct(c6, a); c7 = b.addingProduct(c7, a); c8 = b.addingProduct(c8, a); c9 = b.addingProduct(c9, a)
        }
        return (c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9) * 0.1
    }

    @inline(never) private static func sumOfAll(_ floats: UnsafePointer<Float>, count: Int) -> Float {
        var sum = Float8(repeating: 0)
        for i in stride(from: 0, to: count, by: 8) { sum += UnsafeRawPointer(floats + i).loadUnaligned(as: Float8.self) }
        return sum.sum()
    }
}
