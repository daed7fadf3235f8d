// One scene for every row of a table, in one process.
import Base
import Foundation
import Interchange

/// `--each people.csv`: the header names params, a row gives their values.
package enum BatchWork {
    /// What came of a table.
    package struct Result: Sendable {
        /// Paths in the order of the rows.
        package var written: [String]
        /// Failures by line of the table; only where the rest went on.
        package var failures: [StudioFailure]
    }

    /// Renders the scene once a row. Personas are opened once. All rows are checked before the first is rendered.
    /// `goesOn`: a row that fails does not stop the others.
    package static func render(_ scene: String, table path: String, _ options: RenderOptions, goesOn: Bool, progress: @escaping ProgressHandler,
                               written: (String) -> Void) async throws -> Result {
        let table = try read(path, options)
        var result = Result(written: [], failures: [])
        /// Notes a failure of a row, or stops everything with it.
        func note(_ error: any Error, _ row: DelimitedTable.Row) throws {
            let failure = placed(StudioFailure.of(error), table, row)
            guard goesOn, failure.exitCode != 130, failure.exitCode != 6 else { throw failure }
            result.failures.append(failure)
        }
        var targets: [String: Int] = [:], sound: [Int] = []
        for (index, row) in table.rows.enumerated() {
            do {
                guard progress(ProgressReport(phase: "check", done: index + 1, total: table.rows.count, detail: "row \(index + 1) of \(table.rows.count)")) else { throw CancellationError() }
                // Two rows that write one file would each spoil the other's work.
                for target in try SceneWork.targets(scene, self.options(of: row, table, options)) {
                    if let other = targets[target] { throw StudioFailure(2, "it writes \(target), as line \(other) does", advice: "let the output's name hold a param that differs in every row") }
                    targets[target] = row.line
                }
                sound.append(index)
            } catch { try note(error, row) }
        }
        let catalog = EngineCatalog(quality: options.quality.field)
        for index in sound {
            let row = table.rows[index], words = "row \(index + 1) of \(table.rows.count)"
            do {
                let paths = try await SceneWork.render(scene, self.options(of: row, table, options), provider: catalog) { report in
                    var named = report
                    named.detail = report.detail.isEmpty ? words : words + ", " + report.detail
                    return progress(named)
                }
                for path in paths { written(path) }
                result.written += paths
            } catch { try note(error, row) }
        }
        return result
    }

    /// The options with a row's values.
    private static func options(of row: DelimitedTable.Row, _ table: DelimitedTable, _ options: RenderOptions) -> RenderOptions {
        var own = options
        for (name, cell) in zip(table.columns, row.cells) where !name.isEmpty { own.set(name, cell, from: folder(of: table)) }
        return own
    }

    private static func read(_ path: String, _ options: RenderOptions) throws -> DelimitedTable {
        let table: DelimitedTable
        do { table = try DelimitedTable.read(path) } catch { throw StudioFailure(3, "\(error)", advice: "the first row of a table names params, every other row gives their values") }
        guard !table.rows.isEmpty else { throw StudioFailure(3, "\(path): the table has a header and no row", advice: "every row below the header is one film") }
        guard options.output == nil || table.rows.count == 1 else {
            throw StudioFailure(2, "-o gives one file, \(path) has \(table.rows.count) rows", advice: "let the scene's output hold a param: output \"hello-\\(name).mp4\"")
        }
        for name in table.columns where options.parameters[name] != nil { throw StudioFailure(2, "--set \(name) and column \(name) of \(path) both give a value", advice: "leave one of them out") }
        return table
    }

    /// What every row would write.
    package static func dryRun(_ scene: String, table path: String, _ options: RenderOptions) throws -> [String] {
        let table = try read(path, options)
        return try table.rows.flatMap { row -> [String] in
            do { return try SceneWork.dryRun(scene, self.options(of: row, table, options)) } catch { throw placed(StudioFailure.of(error), table, row) }
        }
    }

    private static func folder(of table: DelimitedTable) -> String { URL(fileURLWithPath: table.path).deletingLastPathComponent().path }

    /// The failure with the row, and the cell where one of its values or names stands in the words.
    private static func placed(_ failure: StudioFailure, _ table: DelimitedTable, _ row: DelimitedTable.Row) -> StudioFailure {
        let words = failure.message + failure.findings.map { $0.message + " " + ($0.help ?? "") }.joined(separator: " ")
        let cells = zip(table.columns, row.cells).filter { name, cell in
            (!cell.isEmpty && words.contains(cell)) || words.contains("`\(name)`")
        }
        var result = failure
        let place = cells.isEmpty ? "" : ", " + cells.map { "column \($0.0) “\($0.1)”" }.joined(separator: ", ")
        result.message = "\(table.path):\(row.line)\(place): \(failure.message)"
        return result
    }
}
