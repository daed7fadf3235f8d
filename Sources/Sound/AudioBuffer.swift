// Sound in memory.

/// Planar 32-bit float samples, −1…1, one array a channel, all of the same length.
public struct AudioBuffer: Sendable, Hashable {
    public var channels: [[Float]]
    public let sampleRate: Int

    public init(channels: [[Float]], sampleRate: Int) {
        precondition(sampleRate > 0, "a sample rate is positive")
        let shortest = channels.map(\.count).min() ?? 0
        self.channels = channels.map { $0.count == shortest ? $0 : Array($0.prefix(shortest)) }
        self.sampleRate = sampleRate
    }
    /// Samples in each channel.
    public var frameCount: Int { channels.first?.count ?? 0 }
    public var seconds: Double { Double(frameCount) / Double(sampleRate) }
    /// The mean of all channels.
    public var mono: [Float] {
        guard let first = channels.first else { return [] }
        guard channels.count > 1 else { return first }
        var sum = first
        for channel in channels.dropFirst() { for i in sum.indices { sum[i] += channel[i] } }
        let scale = 1 / Float(channels.count)
        for i in sum.indices { sum[i] *= scale }
        return sum
    }
}
