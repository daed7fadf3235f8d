// What a head pass gives: premultiplied colour and opacity of every pixel, and what it cost.
import Base
import Synchronization

/// Four floats a pixel.
final class PixelBlock: @unchecked Sendable {  // one owner at a time
    let memory: Buffer<Float>
    init(count: Int) { memory = Buffer(count: 4 * count) }

    private static let free = Mutex<[PixelBlock]>([])
    /// Blocks that wait for their next picture; more are given up.
    private static let kept = 8

    /// Memory for `count` pixels, of any content.
    static func take(_ count: Int) -> PixelBlock {
        let found = free.withLock { list -> PixelBlock? in
            guard let k = list.firstIndex(where: { $0.memory.count == 4 * count }) else { return nil }
            return list.remove(at: k)
        }
        return found ?? PixelBlock(count: count)
    }
    static func give(_ block: PixelBlock) {
        free.withLock { list in
            if list.count == kept { list.removeFirst() }
            list.append(block)
        }
    }
}

/// Premultiplied colour and opacity of every pixel of a head.
final class HeadPicture: @unchecked Sendable {  // bands write their own rays
    let width: Int
    let height: Int
    private let block: PixelBlock
    /// Four floats a pixel: premultiplied colour, opacity.
    var pixels: Buffer<Float> { _read { yield block.memory } }
    var sampleCounts: [Int32] = []
    /// Alive rays, steps a ray and samples of each round.
    var rounds: [(alive: Int, steps: Int, samples: Int)] = []
    /// Samples that a ray of a fast frame could take.
    var granted = RayRounds.steps
    /// Densities and colours that were computed, and the multiply-adds of their networks.
    var densities = 0, colors = 0, multiplyAdds = 0

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        block = PixelBlock.take(width * height)
        block.memory.pointer.update(repeating: 0, count: 4 * width * height)
    }
    deinit { PixelBlock.give(block) }
}
