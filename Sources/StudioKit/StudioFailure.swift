// Why a verb stopped: exit code, words and the next step.
import Base
import Capture
import Diagnostics
import Engines
import Foundation
import Interchange
import Media
import RenderGraph
import Tensors

/// Why a verb stopped, with the exit code of the command line's table (docs/commands.md).
package struct StudioFailure: Error, Sendable {
    package var exitCode: Int32
    /// Where and why: line of the scene, file, frame, reason.
    package var message: String
    package var findings: [Diagnostic]
    /// What to do about it.
    package var advice: String?

    package init(_ exitCode: Int32, _ message: String, findings: [Diagnostic] = [], advice: String? = nil) {
        self.exitCode = exitCode
        self.message = message
        self.findings = findings
        self.advice = advice
    }

    /// The candidate that was probably meant.
    package static func nearest(_ word: String, _ candidates: [String]) -> String? { Suggestion.nearest(to: word, in: candidates) }

    /// An error of any lower room.
    package static func of(_ error: any Error) -> StudioFailure {
        if let failure = error as? StudioFailure { return failure }
        let inner = (error as? RenderFailure)?.underlying ?? error
        var result = StudioFailure(4, "\(error)", advice: "`studio doctor` shows whether this machine has what is needed")
        switch inner {
        case let media as MediaError: (result.exitCode, result.advice) = verdict(media)
        case let engine as EngineError: (result.exitCode, result.advice) = verdict(engine)
        case let checkpoint as CheckpointError: (result.exitCode, result.advice) = verdict(checkpoint)
        case let refusal as CaptureRefusal: return StudioFailure(3, refusal.reason, advice: refusal.advice)
        case is InterchangeError: (result.exitCode, result.advice) = (3, "mend the file at that line; docs/rendering.md says what is read")
        case is CancellationError: return StudioFailure(130, "interrupted")
        default:
            // Foundation's errors carry a page of key and value; the reason is in the code below them.
            if let reason = SystemReason(error) { return writing(reason.path ?? "the file", error) }
        }
        if result.exitCode == 130 { result.message = "interrupted" }
        return result
    }

    private static let makeRoom = "make room on the disk, or name another place with -o"
    private static let otherPlace = "name another place or another file name with -o"

    private static func verdict(_ error: MediaError) -> (Int32, String?) {
        switch error {
        case .missing: (3, "check the path; on the command line it counts from the current folder, in a scene from the scene's own")
        case .unreadable(let path, _), .noVideo(let path), .noAudio(let path), .empty(let path, _): (3, "`studio probe \(path)` shows what the file holds; replace it")
        case .unwritable: (4, otherPlace)
        case .noSpace: (6, makeRoom)
        case .noCodec: (4, "choose one of those in the `output` clause; `studio doctor` lists them")
        case .failedCheck: (5, "run the command again; nothing was put under the name")
        }
    }

    private static func verdict(_ error: EngineError) -> (Int32, String?) {
        switch error {
        case .badPackage: (3, "make the package again with `studio train` or `studio persona import`")
        case .unreadable: (3, "check the path, and take the file from where it is whole")
        case .distrusted: (3, "take a checkpoint from a source that you trust")
        case .unwritable: (4, otherPlace)
        case .noSpace: (6, makeRoom)
        case .badInput: (4, "check that the files belong together; `--help` of the verb says what it takes")
        case .interrupted: (130, nil)
        case .notFinite: (4, "lower the rates of the recipe, or choose another seed")
        }
    }

    private static func verdict(_ error: CheckpointError) -> (Int32, String?) {
        switch error {
        case .forbidden: (3, "take a checkpoint from a source that you trust")
        case .unreadable, .malformed, .missing, .wrongShape: (3, "fetch the file again, or make it again")
        case .unwritable: (4, otherPlace)
        case .noSpace: (6, makeRoom)
        }
    }
}

extension StudioFailure {
    /// A file that could not be written.
    static func writing(_ path: String, _ error: any Error) -> StudioFailure {
        guard let reason = SystemReason(error) else { return of(error) }
        return of(reason.isFull ? MediaError.noSpace(path: path) : MediaError.unwritable(path: path, reason: reason.words))
    }
}
