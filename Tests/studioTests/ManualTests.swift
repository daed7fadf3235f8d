// docs/commands.md says what the program's own help says.
import Foundation
import TestSupport
import Testing

@Suite struct ManualTests {
    /// Sections of the page: the verb behind `## studio`, and the flags of its table.
    private static func sections() throws -> [(verb: String, flags: [String], text: String)] {
        let page = try String(contentsOfFile: SharedFolder.projectRoot + "/docs/commands.md", encoding: .utf8)
        return page.components(separatedBy: "\n## ").dropFirst().compactMap { section in
            guard section.hasPrefix("studio ") else { return nil }
            let title = section.prefix { $0 != "\n" }.dropFirst("studio ".count)
            let flags = section.split(separator: "\n").filter { $0.hasPrefix("| `-") }.map { String($0.dropFirst(3).prefix { $0 != "`" }) }
            return (String(title), flags, section)
        }
    }

    /// The spellings of each flag in a help text, without the parser's own two.
    private static func flags(_ help: String) -> [String] {
        guard let start = help.range(of: "OPTIONS:\n") else { return [] }
        return help[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
            .filter { $0.hasPrefix("  -") && !$0.hasPrefix("   ") }
            .map { line in line.split(separator: " ").prefix { $0.hasPrefix("-") || $0.hasPrefix("<") }.joined(separator: " ") }
            .filter { !$0.contains("--help") && !$0.contains("--version") }
    }

    @Test func everyVerbAndFlagIsOnThePage() throws {
        let sections = try Self.sections()
        let helps = try UsageTests.helps()
        #expect(sections.map(\.verb) == helps.map { $0.verb.joined(separator: " ") })
        for (verb, text) in helps {
            let name = verb.joined(separator: " ")
            guard let section = sections.first(where: { $0.verb == name }) else { continue }
            #expect(section.flags == Self.flags(text), "studio \(name)")
        }
    }

    @Test func theExitCodesOfThePageAreTheProgramsOwn() throws {
        let page = try String(contentsOfFile: SharedFolder.projectRoot + "/docs/commands.md", encoding: .utf8)
        let codes = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.compactMap { Int($0.split(separator: "|")[0].trimmingCharacters(in: .whitespaces)) }
        #expect(codes == [0, 1, 2, 3, 4, 5, 6, 130])
    }
}
