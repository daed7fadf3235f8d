// How words look on a terminal.
import ArgumentParser
import Foundation
import Synchronization

/// Whether what is printed has colour.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
    var number: Int { self == .auto ? 0 : self == .always ? 1 : 2 }
}

/// The flag of all verbs that print findings.
struct WordOptions: ParsableArguments {
    @Option(help: "auto, always or never.") var color = ColorChoice.auto

    /// Called by the parser: the choice holds for failures too, which are printed when the verb is gone.
    func validate() throws { Terminal.colorChoice.store(color.number, ordering: .relaxed) }
}
