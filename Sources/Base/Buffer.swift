// Aligned memory with one owner.
import Glibc

/// A noncopyable block of `count` trivial elements, 64-byte aligned, zero filled. Large ones ask for large pages: reading here and there in
/// them would else look up a page for every number.
public struct Buffer<Element: BitwiseCopyable>: ~Copyable {
    /// First element; valid while the buffer lives.
    public let pointer: UnsafeMutablePointer<Element>
    public let count: Int

    /// Allocates `count` elements whose bytes are all zero.
    public init(count: Int) {
        self.count = max(0, count)
        let bytes = max(64, self.count * MemoryLayout<Element>.stride)
        let isLarge = bytes >= 2 * Self.page
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: isLarge ? Self.page : 64)
        if isLarge { _ = madvise(raw, bytes, MADV_HUGEPAGE) }
        raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        pointer = raw.bindMemory(to: Element.self, capacity: max(self.count, 1))
    }
    deinit { UnsafeMutableRawPointer(pointer).deallocate() }
    /// Bytes of a large page.
    private static var page: Int { 2 << 20 }

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
