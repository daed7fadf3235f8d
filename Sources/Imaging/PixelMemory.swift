// Memory of pictures, used again: a film's steady state allocates nothing of a picture's size.
import Synchronization

/// Pixel storage shared between readers; nobody writes it after `freeze`. Its memory goes back to the pool.
package final class FrameStorage: Sendable {
    let memory: PixelMemory
    init(_ memory: PixelMemory) { self.memory = memory }
    deinit { PixelMemory.pool.give(memory) }
}

/// One block of floats, 64-byte aligned.
struct PixelMemory: @unchecked Sendable {  // one owner at a time: a builder, then a frame's storage, then the pool
    let pointer: UnsafeMutablePointer<Float>
    let count: Int

    static let pool = Pool()

    /// Blocks of the same size wait here for the next picture; at most a few, the rest goes back to the system.
    final class Pool: Sendable {
        private let idle = Mutex<[PixelMemory]>([])
        private let mostBlocks = 12
        private let mostFloats = 96 << 20

        func take(_ count: Int) -> PixelMemory {
            let found = idle.withLock { idle -> PixelMemory? in
                guard let index = idle.lastIndex(where: { $0.count == count }) else { return nil }
                return idle.remove(at: index)
            }
            if let found { return found }
            let raw = UnsafeMutableRawPointer.allocate(byteCount: max(64, count * 4), alignment: 64)
            return PixelMemory(pointer: raw.bindMemory(to: Float.self, capacity: max(count, 1)), count: count)
        }

        func give(_ memory: PixelMemory) {
            let surplus = idle.withLock { idle -> [PixelMemory] in
                idle.append(memory)
                var out: [PixelMemory] = []
                while idle.count > mostBlocks || idle.reduce(0, { $0 + $1.count }) > mostFloats, !idle.isEmpty { out.append(idle.removeFirst()) }
                return out
            }
            for block in surplus { UnsafeMutableRawPointer(block.pointer).deallocate() }
        }
    }
}
