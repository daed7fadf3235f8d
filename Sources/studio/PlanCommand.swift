// `studio plan`.
import ArgumentParser
import StudioKit

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "plan", abstract: "Dry run: the scene with exact times, every default filled in, and where each value comes from.",
        discussion: "Examples:\n  studio plan scenes/intro.scene\n  studio plan batch.scene --set name=Ada --json")
    @OptionGroup var scene: SceneOptions
    @Flag(help: "For machines: one versioned JSON document.") var json = false

    func run() throws {
        let (document, timeline, _) = try SceneWork.load(scene.file, scene.options())
        let report = PlanReport(document, timeline)
        print(json ? try report.json() : report.text(), terminator: "")
    }
}
