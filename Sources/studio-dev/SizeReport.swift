// Lists the files that outgrow the house's measure.
import Foundation

/// Swift files above a number of lines, longest first.
struct SizeReport {
    let root: URL
    let limit: Int

    func lines() throws -> [String] {
        let files = LayerCheck.swiftFiles(below: root.appendingPathComponent("Sources"))
            + LayerCheck.swiftFiles(below: root.appendingPathComponent("Tests"))
        return try files
            .map { ($0, try String(contentsOf: $0, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).count) }
            .filter { $0.1 > limit }
            .sorted { $0.1 > $1.1 }
            .map { "\($0.1)  \($0.0.path.dropFirst(root.path.count + 1))" }
    }
}
