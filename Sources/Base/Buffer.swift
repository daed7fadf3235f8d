// Aligned memory with one owner.

/// A noncopyable block of `count` trivial elements, 64-byte aligned, zero filled.
public struct Buffer<Element: BitwiseCopyable>: ~Copyable {
    /// First element; valid while the buffer lives.
    public let pointer: UnsafeMutablePointer<Element>
    public let count: Int

    /// Allocates `count` elements whose bytes are all zero.
    public init(count: Int) {
        self.count = max(0, count)
        let bytes = max(64, self.count * MemoryLayout<Element>.stride)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        pointer = raw.bindMemory(to: Element.self, capacity: max(self.count, 1))
    }
    deinit { UnsafeMutableRawPointer(pointer).deallocate() }

    public subscript(index: Int) -> Element {
        get { precondition(index >= 0 && index < count, "buffer index out of range"); return pointer[index] }
        nonmutating set {
            precondition(index >= 0 && index < count, "buffer index out of range")
            pointer[index] = newValue
        }
    }
    /// All elements, for the time of a call.
    public var elements: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: pointer, count: count) }
}
// The owner decides who may see the memory; moving ownership to another thread moves the memory with it.
extension Buffer: @unchecked Sendable {}
