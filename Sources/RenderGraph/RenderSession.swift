// One run over a graph: the cache, and failures with their origin.
import Base
import Imaging
import Synchronization

/// Evaluates nodes; pictures with equal keys are made once while they fit the cache.
package final class RenderSession: Sendable {
    package let budget: ComputeBudget
    /// Frames that may be asked for around one moment: what a decoder keeps at hand.
    package let window: Int
    private struct Entry { var frame: Frame; var stamp: Int; var lastAsked: Int }
    private struct Cache { var entries: [ContentKey: Entry] = [:]; var bytes = 0; var clock = 0 }
    private let cache = Mutex(Cache())
    private let limit: Int
    /// Frames after which a kept picture that nobody asked for is given up.
    private static let memory = 60

    /// Bytes of the pictures that are kept.
    package var heldBytes: Int { cache.withLock { $0.bytes } }

    /// `threads`: how many frames are evaluated at once.
    package init(budget: ComputeBudget, threads: Int = 1, cacheBytes: Int = 384 << 20) {
        self.budget = budget
        window = max(threads, 1) + 3
        limit = cacheBytes
    }

    /// The picture of a node. `keeps`: worth keeping for other frames.
    package func picture(_ node: any PictureNode, _ frame: Int, keeps: Bool = false) throws -> Frame {
        guard keeps else { return try evaluate(node, frame) }
        let key = node.contentKey(frame)
        if let known = cache.withLock({ cache -> Frame? in
            cache.clock += 1
            cache.entries[key]?.stamp = cache.clock
            cache.entries[key]?.lastAsked = frame
            return cache.entries[key]?.frame
        }) { return known }
        let made = try evaluate(node, frame)
        cache.withLock { cache in
            cache.clock += 1
            // Titles and captions that are over go: memory follows the moment, not the length of the film.
            for (old, entry) in cache.entries where abs(entry.lastAsked - frame) > Self.memory {
                cache.bytes -= entry.frame.floatCount * 4
                cache.entries[old] = nil
            }
            if let twice = cache.entries[key] { cache.bytes -= twice.frame.floatCount * 4 }
            cache.entries[key] = Entry(frame: made, stamp: cache.clock, lastAsked: frame)
            cache.bytes += made.floatCount * 4
            while cache.bytes > limit, let oldest = cache.entries.min(by: { $0.value.stamp < $1.value.stamp }) {
                cache.bytes -= oldest.value.frame.floatCount * 4
                cache.entries[oldest.key] = nil
            }
        }
        return made
    }

    private func evaluate(_ node: any PictureNode, _ frame: Int) throws -> Frame {
        do { return try node.evaluate(frame, self) } catch let failure as RenderFailure { throw failure } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw RenderFailure(node: node.kind, frame: frame, origin: node.origin, underlying: error)
        }
    }
}
