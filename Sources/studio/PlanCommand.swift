// `studio plan`.
import ArgumentParser
import StudioKit

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "plan", abstract: "Dry run: the scene with every default filled in, its nodes, what is kept, and time, memory and disk.",
        discussion: "Examples:\n  studio plan scenes/intro.scene\n  studio plan batch.scene --set name=Ada --json")
    @OptionGroup var scene: SceneOptions
    @Flag(help: "For machines: one versioned JSON document.") var json = false
    @Flag(help: "Draw no frames: without the estimates of time, memory and disk.") var quick = false

    func run() throws {
        let options = try scene.options()
        let (document, timeline, _) = try SceneWork.load(scene.file, options)
        let report = PlanReport(document, timeline, forecast: try RenderForecast(timeline, options, draws: !quick))
        print(json ? try report.json() : report.text(), terminator: "")
    }
}
