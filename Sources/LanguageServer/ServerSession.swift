// A session over two streams: one thread reads, the other answers.
import Dispatch
import Foundation
import SceneModel

/// Runs the server until the editor ends it.
package enum ServerSession {
    /// `read` gives the next bytes, empty at the end; `write` takes whole messages and says whether they went out.
    /// Returns the exit code of the protocol: 0 after an orderly shutdown, else 1.
    package static func run(disk: any ServerDisk, version: String, read: @escaping @Sendable () -> [UInt8], write: ([UInt8]) -> Bool) -> Int32 {
        let inbox = MessageInbox()
        let reader = Thread {
            var stream = MessageStream()
            while true {
                let bytes = read()
                if bytes.isEmpty { break }
                for event in stream.feed(bytes) {
                    inbox.put(event)
                    if case .lost = event { inbox.close(); return }
                }
            }
            inbox.close()
        }
        reader.start()
        let server = LanguageServer(disk: disk, version: version)
        while let event = inbox.next() {
            var isCancelled = false
            if case .message(let message) = event, message["method"] != nil, let id = message["id"] { isCancelled = inbox.takeCancellation(id) }
            for answer in server.handle(event, isCancelled: isCancelled) where !write(MessageStream.frame(answer)) { return 1 }
            if let code = server.exitCode { return code }
            // Diagnostics wait until nobody waits for an answer: typing is not slowed down by them.
            if inbox.isEmpty { for notice in server.idle() where !write(MessageStream.frame(notice)) { return 1 } }
        }
        return server.isShutDown ? 0 : 1
    }
}
