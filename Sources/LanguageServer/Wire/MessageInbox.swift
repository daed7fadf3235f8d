// Messages between the thread that reads and the one that answers; a cancellation overtakes what waits.
import Dispatch
import Synchronization

/// What waits to be answered.
package final class MessageInbox: Sendable {
    private struct State {
        var events: [WireEvent] = []
        var first = 0
        var cancelled: Set<JSONValue> = []
        var isClosed = false
    }
    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)
    package init() {}

    /// A cancellation is noted at once, all else waits in order.
    package func put(_ event: WireEvent) {
        state.withLock { state in
            if case .message(let message) = event, message["method"]?.string == "$/cancelRequest", let id = message["params"]?["id"] {
                // Bounded: an id that never comes is forgotten.
                if state.cancelled.count > 1000 { state.cancelled.removeAll() }
                state.cancelled.insert(id)
            } else { state.events.append(event) }
        }
        signal.signal()
    }
    package func close() {
        state.withLock { $0.isClosed = true }
        signal.signal()
    }

    package var isEmpty: Bool { state.withLock { $0.first >= $0.events.count } }
    /// True once for an id whose request was cancelled.
    package func takeCancellation(_ id: JSONValue) -> Bool { state.withLock { $0.cancelled.remove(id) != nil } }

    /// The next one; waits for it. nil: the stream is at its end.
    package func next() -> WireEvent? {
        while true {
            let (event, closed) = state.withLock { state -> (WireEvent?, Bool) in
                guard state.first < state.events.count else {
                    state.events.removeAll()
                    state.first = 0
                    return (nil, state.isClosed)
                }
                state.first += 1
                return (state.events[state.first - 1], false)
            }
            if event != nil || closed { return event }
            signal.wait()
        }
    }
}
