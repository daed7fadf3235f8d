// The fuzzers of the scene language: libFuzzer makes texts, a target looks for one that breaks a law.
import Diagnostics
import Foundation

/// libFuzzer's loop (its runtime comes with the Swift toolchain; scripts/fuzz links it).
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(_ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
                       _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt) -> CInt

@main struct StudioFuzz {
    /// The target of this process: libFuzzer's callback carries nothing of its own.
    nonisolated(unsafe) private static var target = FuzzTarget.lexer

    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.count > 3, arguments[1] == "seeds" {
            print("\(try FuzzSeeds.write(to: arguments[2], from: Array(arguments[3...]))) seeds")
            return
        }
        guard arguments.count > 1, let chosen = FuzzTarget(rawValue: arguments[1]) else {
            print("studio-fuzz \(FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")) [CORPUS] [libFuzzer's flags]\nstudio-fuzz seeds FOLDER FILE…")
            exit(2)
        }
        target = chosen
        // libFuzzer reads its own arguments behind the target's name.
        var count = CommandLine.argc - 1
        var own: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
        exit(runFuzzer(&count, &own) { start, count in
            StudioFuzz.target.check(Array(UnsafeBufferPointer(start: start, count: count)))
            return 0
        })
    }
}
