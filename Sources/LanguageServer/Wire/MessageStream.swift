// Cuts a stream of bytes into messages and frames them again: `Content-Length: N`, an empty line, N bytes of JSON.

/// What the stream brought.
package enum WireEvent: Sendable, Hashable {
    case message(JSONValue)
    /// A frame whose text is no JSON.
    case malformed
    /// A frame above the limit; its bytes were passed over.
    case tooLarge(Int)
    /// The header is none: nothing behind it can be trusted.
    case lost(String)
}

/// Collects bytes until messages are whole. Bounded: a header and a message have a limit each.
package struct MessageStream: Sendable {
    package static let maximumHeader = 4096
    /// A scene has at most 4 MiB; escaped as JSON it may be six times as long.
    package static let maximumMessage = 32 << 20

    private var buffer: [UInt8] = []
    private var position = 0
    /// Bytes of the body that is being read.
    private var expected: Int?
    /// Bytes of an oversized body that are still to be passed over.
    private var skipping = 0
    private var isLost = false

    package init() {}

    package mutating func feed(_ bytes: [UInt8]) -> [WireEvent] {
        guard !isLost else { return [] }
        buffer += bytes
        var events: [WireEvent] = []
        while let event = next() { events.append(event) }
        if position > 0 {
            buffer.removeFirst(position)
            position = 0
        }
        return events
    }

    private var available: Int { buffer.count - position }

    private mutating func next() -> WireEvent? {
        if isLost { return nil }
        if skipping > 0 {
            let count = min(skipping, available)
            position += count
            skipping -= count
            if skipping > 0 { return nil }
        }
        if expected == nil {
            switch header() {
            case .incomplete: return nil
            case .broken(let why):
                isLost = true
                return .lost(why)
            case .length(let length):
                if length > Self.maximumMessage {
                    skipping = length
                    return .tooLarge(length)
                }
                expected = length
            }
        }
        guard let length = expected, available >= length else { return nil }
        expected = nil
        let body = Array(buffer[position..<(position + length)])
        position += length
        return JSONValue(parsing: body).map { .message($0) } ?? .malformed
    }

    private enum Header { case incomplete, length(Int), broken(String) }

    private mutating func header() -> Header {
        let limit = min(buffer.count, position + Self.maximumHeader)
        var end = position
        while end + 3 < limit, !(buffer[end] == 13 && buffer[end + 1] == 10 && buffer[end + 2] == 13 && buffer[end + 3] == 10) { end += 1 }
        guard end + 3 < limit else {
            return available >= Self.maximumHeader ? .broken("a header of more than \(Self.maximumHeader) bytes") : .incomplete
        }
        let text = String(decoding: buffer[position..<end], as: UTF8.self)
        position = end + 4
        for line in text.split(whereSeparator: { $0 == "\r\n" || $0 == "\n" || $0 == "\r" }) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
            guard let length = Int(parts[1].filter { !$0.isWhitespace }), length >= 0, length < 1 << 40 else { return .broken("a Content-Length that is no length") }
            return .length(length)
        }
        return .broken("a header without Content-Length")
    }

    /// A message as it goes over the wire.
    package static func frame(_ message: JSONValue) -> [UInt8] {
        let body = Array(message.text.utf8)
        return Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
    }
}
