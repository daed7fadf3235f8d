// Progress on a terminal, as plain lines, or as JSON.
import Base
import Foundation
import StudioKit
import Synchronization

/// Draws reports; an interrupt asks the work to stop after the frame.
final class ProgressBar: Sendable {
    enum Style: String, Sendable {
        case auto, bar, plain, json, none
        /// A word of the command line.
        init(named word: String) throws {
            guard let style = Style(rawValue: word) else { throw StudioFailure(2, "--progress \(word): expected auto, bar, plain, json or none") }
            self = style
        }
    }
    private let style: Style
    private let last = Mutex<Date>(.distantPast)
    /// When the phase began, and how much was there already: what was kept from an earlier run says nothing of the speed.
    private let origin = Mutex<(phase: String, date: Date, done: Int)>(("", Date(), 0))

    init(_ style: Style) { self.style = style == .auto ? (isatty(2) == 1 ? .bar : .plain) : style }

    func show(_ report: ProgressReport) -> Bool {
        let now = Date()
        origin.withLock { origin in
            if origin.phase != report.phase || report.done < origin.done { origin = (report.phase, origin.phase.isEmpty ? origin.date : now, max(report.done - 1, 0)) }
        }
        let finished = report.done >= report.total
        let due = last.withLock { last -> Bool in
            guard finished || now.timeIntervalSince(last) > (style == .bar ? 0.1 : 2) else { return false }
            last = now
            return true
        }
        if due { draw(report, now, finished) }
        return !Interrupt.isAsked
    }

    private func draw(_ report: ProgressReport, _ now: Date, _ finished: Bool) {
        let (start, before) = origin.withLock { ($0.date, $0.done) }
        let seconds = max(now.timeIntervalSince(start), 1e-3)
        // What has just begun has no speed yet; what is finished has, however soon it was.
        let speed = finished || seconds > 0.05 ? Double(report.done - before) / seconds : 0
        let left = speed > 0 ? Double(report.total - report.done) / speed : 0
        let pace = speed > 0 ? String(format: "  %.1f/s  %.0f s left", speed, left) : ""
        switch style {
        case .none, .auto: return
        case .json:
            // A detail (a row of a table, a loss) may hold letters that JSON writes in another way.
            let detail = report.detail.isEmpty ? "" : (try? JSONEncoder().encode(report.detail)).map { ",\"detail\":" + String(decoding: $0, as: UTF8.self) } ?? ""
            write(String(format: "{\"v\":1,\"event\":\"progress\",\"phase\":\"%@\",\"frame\":%d,\"of\":%d,\"fps\":%.2f,\"eta_s\":%.0f", report.phase, report.done, report.total, speed, left) + detail + "}\n")
        case .plain: write("\(report.phase) \(report.done)/\(report.total)\(pace)  \(report.detail)\n")
        case .bar:
            let width = 28, filled = report.total > 0 ? min(width, width * report.done / report.total) : 0
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
            write("\r\u{1B}[K\(report.phase) \(bar) \(report.done)/\(report.total)\(pace)  \(report.detail)" + (finished ? "\n" : ""))
        }
    }
    private func write(_ text: String) { Terminal.write(text) }
}

/// The first interrupt (or request to end) asks the work to stop after the frame, the second stops at once.
enum Interrupt {
    private static let count = Atomic<Int>(0)
    static var isAsked: Bool { count.load(ordering: .relaxed) > 0 }

    static func watch() {
        guard !isAsked else { return }
        // A parent that works on many threads may hand its blocked signals down.
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                if Interrupt.count.wrappingAdd(1, ordering: .relaxed).newValue > 1 { _exit(130) }
            }
        }
    }
}
