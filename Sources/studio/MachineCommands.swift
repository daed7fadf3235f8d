// What the machine has, and what the program is.
import ArgumentParser
import Base
import Foundation
import StudioKit

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "doctor", abstract: "Looks at the machine, and says what to do where it lacks something.",
        discussion: "Examples:\n  studio doctor\n  studio doctor renders --json")
    @Argument(help: "The folder that is to be written to.") var folder = "."
    @Flag(help: "As JSON.") var json = false

    func run() throws {
        let findings = MachineWork.examine(folder: folder)
        if json {
            print(try JSONText.of(findings))
        } else {
            let signs: [MachineFinding.State: String] = [.fine: "fine   ", .warning: "warning", .trouble: "trouble"]
            let width = findings.map(\.name.count).max() ?? 0
            for finding in findings {
                print("\(signs[finding.state] ?? "")  \(finding.name.padding(toLength: width, withPad: " ", startingAt: 0))  \(finding.words)")
                if let advice = finding.advice { print("         \(String(repeating: " ", count: width))  -> \(advice)") }
            }
        }
        if findings.contains(where: { $0.state == .trouble }) { throw ExitCode(4) }
    }
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Versions of the program and of the libraries that it stands on.",
        discussion: "Examples:\n  studio version\n  studio version --json")
    @Flag(help: "As JSON.") var json = false

    func run() throws {
        let versions = MachineWork.versions
        if json {
            print(try JSONText.of(Dictionary(versions.map { ($0.name, $0.version) }, uniquingKeysWith: { first, _ in first })))
        } else {
            for (name, version) in versions { print("\(name) \(version)") }
        }
    }
}
