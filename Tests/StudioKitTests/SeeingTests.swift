// What `curve`, `graph`, `plan` and `new` show and make.
import Base
import Foundation
import Imaging
import SceneLint
import SceneModel
@testable import StudioKit
import Testing
import TestSupport

@Suite struct SeeingTests {
    private let intro = SharedFolder.projectRoot + "/scenes/intro.scene"

    private func folder(_ name: String) throws -> String {
        let path = NSTemporaryDirectory() + "seeing-\(name)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    // MARK: curve

    @Test func aPathIsSampledWhereItsKeysStand() throws {
        let motions = try CurveWork.motions(intro, name: "glance", RenderOptions())
        let motion = try #require(motions.first)
        #expect(motions.count == 1 && motion.kind == "path" && motion.keys == [0, 1.8, 4])
        let yaw = try #require(motion.channels.first { $0.name == "yaw" })
        #expect(yaw.unit == "deg" && yaw.values.count == 101)
        #expect(abs(yaw.values[45] - 14) < 1e-4 && abs(yaw.values[100]) < 1e-4)
        let table = CurveDrawing.csv(motions).split(separator: "\n")
        #expect(table.count == 102 && table[0].hasPrefix("time,yaw_deg,pitch_deg"))
        #expect(table[46].hasPrefix("1.800000,14.0000"))
    }

    @Test func anActorShowsHeadAndLids() throws {
        let motion = try #require(CurveWork.motions(intro, name: "greeting.nova", RenderOptions()).first)
        #expect(motion.channels.map(\.name).contains("closure"))
        let closure = try #require(motion.channels.first { $0.name == "closure" })
        #expect((closure.values.max() ?? 0) > 0.9 && (closure.values.min() ?? 1) == 0)
    }

    @Test func aPlotDrawsWhatIsThere() throws {
        let motions = try CurveWork.motions(intro, name: nil, RenderOptions())
        #expect(motions.map(\.name) == ["glance", "greeting.nova"])
        let svg = CurveDrawing.svg(motions)
        #expect(svg.components(separatedBy: "<polyline").count - 1 == motions.reduce(0) { $0 + $1.channels.count })
        let plot = CurveDrawing.terminal(motions[0], width: 60)
        #expect(plot.split(separator: "\n").allSatisfy { $0.count <= 60 })
        #expect(plot.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
        let picture = try CurveDrawing.picture(motions)
        // The line of yaw passes through its highest key, in its colour.
        var found = false
        for y in 0..<picture.height { let p = picture[Int(64 + 760 * 1.8 / 4), y]; if p.x > 0.7, p.y < 0.45 { found = true } }
        #expect(found)
    }

    @Test func aBlinkRepeatsWithItsSeedAndAnUnknownNameIsRefused() throws {
        let folder = try folder("blink")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let scene = folder + "/a.scene"
        try "blink calm { every 2s ± 0.5s seed 4 }\ncurve soft { at 0s 0 ; at 1s 1 ; repeat 1.5s }\nshot for 1s { background black { opacity soft } }\n".write(toFile: scene, atomically: true, encoding: .utf8)
        let calm = try #require(CurveWork.motions(scene, name: "calm", RenderOptions()).first)
        #expect(calm.keys.count == 5 && calm.times.last == 10)
        let soft = try #require(CurveWork.motions(scene, name: "soft", RenderOptions()).first)
        #expect(soft.times.last == 3 && soft.note == "repeats")
        #expect(throws: StudioFailure.self) { try CurveWork.motions(scene, name: "hard", RenderOptions()) }
    }

    // MARK: graph

    @Test func aGraphIsLaidOutWithoutOverlap() throws {
        // A tree of 200 nodes that is deep in some places and wide in others.
        var entries = [GraphEntry(id: 0, kind: "sequence", summary: "", inputs: [])]
        for id in 1..<200 {
            let parent = (id * 7919) % id
            entries.append(GraphEntry(id: id, kind: "fit", summary: "\(id)", inputs: []))
            entries[parent].inputs.append(id)
        }
        let places = GraphDrawing.places(entries)
        for a in entries.indices {
            for b in entries.indices where a < b {
                #expect(abs(places[a].x - places[b].x) >= 208 || abs(places[a].y - places[b].y) >= 46, "\(a) and \(b)")
            }
            for input in entries[a].inputs { #expect(places[input].x > places[a].x) }
        }
        // Half of the film's frames: half of the bar.
        entries[0].endFrame = 100
        for id in entries.indices.dropFirst() { (entries[id].firstFrame, entries[id].endFrame) = (50, 100) }
        let svg = GraphDrawing.svg(entries, title: "<a & b>")
        #expect(svg.components(separatedBy: "width=\"94\" height=\"3\"").count - 1 == 199 && svg.contains("in the film's 100 frames"))
        #expect(svg.components(separatedBy: "<path ").count - 1 == 199 && svg.contains("&lt;a &amp; b&gt;"))
    }

    @Test func everyFormOfAGraphHasEveryNode() throws {
        let scene = try SceneWork.compile(intro, RenderOptions())
        let entries = try GraphWork.entries(scene, cost: false, threads: 1)
        #expect(entries.contains { $0.kind == "actor" && $0.origin?.hasSuffix("intro.scene:15") == true })
        #expect(GraphWork.text(entries).split(separator: "\n").count == entries.count)
        #expect(GraphWork.dot(entries).components(separatedBy: "[label=").count - 1 == entries.count)
        struct Page: Decodable { struct Node: Decodable { var id: Int; var inputs: [Int] }; var version: Int; var nodes: [Node] }
        let page = try JSONDecoder().decode(Page.self, from: Data(GraphWork.json(entries).utf8))
        #expect(page.version == 1 && page.nodes.map(\.id) == Array(0..<entries.count))
    }

    // MARK: plan

    @Test func aPlanSaysWhereEachValueComesFrom() throws {
        let (document, timeline, _) = try SceneWork.load(intro, RenderOptions())
        let report = PlanReport(document, timeline)
        func entry(_ section: String, _ setting: String) -> PlanReport.Entry? {
            report.sections.first { $0.title.hasPrefix(section) }?.entries.first { $0.setting == setting }
        }
        #expect(entry("scene", "size")?.source == "line 1" && entry("scene", "background")?.source == "default")
        #expect(entry("background", "blur")?.value == "8px" && entry("background", "fit")?.value == "cover")
        #expect(entry("actor", "torso")?.source == "of the persona" && entry("actor", "pose")?.value == "glance")
        #expect(entry("title", "weight")?.source == "style lower-third" && entry("title", "line-height")?.source == "default")
        #expect(entry("output", "size")?.source == "of the scene")
        #expect(entry("shot", "length")?.source == "the longest of its speech and footage")
        struct Page: Decodable { var version: Int; var frameCount: Int }
        #expect(try JSONDecoder().decode(Page.self, from: Data(report.json().utf8)).frameCount == timeline.frameCount)
    }

    /// Two shots of small pictures, a title in the first; a film, and a second of it as pictures.
    private func small(_ folder: String) throws -> (path: String, timeline: Timeline) {
        let path = folder + "/small.scene"
        try """
        scene { size 64x48 ; rate 10fps }
        shot one for 2s { background navy ; title "A" { from 0.5s to 1.5s ; size 20px } }
        shot two for 4s { background #20303c80 }
        output "a.mp4"
        output "frames/%03d.png" { size 32x24 ; from 1s to 2s }

        """.write(toFile: path, atomically: true, encoding: .utf8)
        return (path, try SceneWork.load(path, RenderOptions()).1)
    }

    @Test func aForecastNamesEveryNodeAndHowOftenItWorks() throws {
        let folder = try folder("forecast")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (_, timeline) = try small(folder)
        let forecast = try RenderForecast(timeline, RenderOptions(), draws: false)
        let kinds = forecast.nodes.map { "\($0.depth) \($0.kind) \($0.firstFrame)-\($0.endFrame) \($0.pictures)" }
        // The title stands still for its second; with it and without it the first shot has two pictures.
        #expect(kinds == ["0 sequence 0-60 3", "1 stack 0-20 2", "2 color 0-20 1", "2 color 0-20 1", "2 place 5-15 1", "3 text 5-15 1", "1 stack 20-60 1", "2 color 20-60 1", "2 color 20-60 1"], "\(kinds)")
        #expect(forecast.nodes[0].inputs == [1, 6] && forecast.nodes[7].summary == "#000000, 64x48" && forecast.nodes[8].summary == "#20303c80, 64x48")
        #expect(forecast.outputs.map(\.frames) == [60, 10] && forecast.outputs.allSatisfy { $0.keptFrames == 0 && $0.estimate == nil })
        let text = forecast.lines().joined(separator: "\n")
        for words in ["once for 10 frames", "2 pictures for 20 frames", "line 2", "kept    nothing"] { #expect(text.contains(words), "\(text)") }
    }

    @Test func aForecastIsNearTheTruth() async throws {
        let folder = try folder("truth")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (path, timeline) = try small(folder)
        let forecast = try RenderForecast(timeline, RenderOptions(), draws: true)
        let written = try await SceneWork.render(path, RenderOptions()) { _ in true }
        func size(_ path: String) throws -> Double { try #require((FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.doubleValue) }
        let film = try #require(forecast.outputs[0].estimate), pictures = try #require(forecast.outputs[1].estimate)
        let real = try size(written[0])
        // The container of so short a film is larger than its packets.
        #expect(Double(film.fileBytes) > 0.2 * real && Double(film.fileBytes) < 2 * real, "\(film.fileBytes) for \(real)")
        let frames = try (11...20).reduce(0.0) { $0 + (try size(folder + "/frames/\(String(format: "%03d", $1)).png")) }
        #expect(Double(pictures.fileBytes) > 0.5 * frames && Double(pictures.fileBytes) < 2 * frames, "\(pictures.fileBytes) for \(frames)")
        #expect(film.seconds > 0 && film.seconds < 60 && film.drawnFrames >= 6 && film.memoryBytes > 1 << 20 && (film.freeDiskBytes ?? 0) > film.diskBytes)
        #expect(FileManager.default.fileExists(atPath: folder + "/frames/011.png") && written.count == 2)
    }

    @Test func aForecastKnowsWhatAnInterruptLeft() async throws {
        let folder = try folder("kept")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (path, timeline) = try small(folder)
        // Stopped in its second stretch of two seconds.
        await #expect(throws: StudioFailure.self) { try await SceneWork.render(path, RenderOptions()) { report in report.done < 25 } }
        let forecast = try RenderForecast(timeline, RenderOptions(), draws: false)
        #expect(forecast.outputs[0].keptFrames == 20 && forecast.outputs[0].stretches.map(\.isKept) == [true, false, false], "\(forecast.outputs[0])")
        #expect(forecast.lines().contains { $0.contains("20 of 60 frames: 0–19") }, "\(forecast.lines())")
    }

    // MARK: new

    @Test(arguments: ProjectTemplate.all.map(\.name)) func aNewProjectLintsCleanAndRenders(_ template: String) async throws {
        let folder = try folder(template)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let isDub = template == "dub"
        let (scene, notice) = try ProjectWork.make(folder + "/my film", template: template, persona: isDub ? nil : SharedFolder.projectRoot + "/personas/nova.persona",
                                                   footage: isDub ? SharedFolder.projectRoot + "/scenes/footage/presenter.mp4" : nil)
        #expect(FileManager.default.fileExists(atPath: folder + "/my film/README.md"))
        let loaded = SceneLoader.load(path: scene, bytes: Array(try #require(FileManager.default.contents(atPath: scene))), resolver: DiskResolver())
        let findings = SceneLinter.findings(loaded)
        #expect(findings.isEmpty, "\(findings.map { "\($0.id): \($0.message)" })")
        #expect(try LanguageWork.format(LanguageWork.read(scene)).text == String(contentsOfFile: scene, encoding: .utf8))
        if isDub {
            #expect(notice?.contains("engine") == true)
            let failure = #expect(throws: StudioFailure.self) { try SceneWork.compile(scene, RenderOptions()) }
            #expect(failure?.findings.map(\.id) == ["engine-not-built"])
        }
        // The dub is rendered once its engine is there.
        guard !isDub else { return }
        var options = RenderOptions()
        options.frames = .numbers(10, 11)
        if template == "batch" {
            let result = try await BatchWork.render(scene, table: folder + "/my film/people.csv", options, goesOn: false, progress: { _ in true }) { _ in }
            #expect(result.failures.isEmpty && result.written.count > 1 && result.written.allSatisfy { FileManager.default.fileExists(atPath: $0) }, "\(result.written)")
        } else {
            let written = try await SceneWork.render(scene, options) { _ in true }
            #expect(written.count == 1 && written.allSatisfy { FileManager.default.fileExists(atPath: $0) }, "\(written)")
        }
        // Where a project is, none is made again.
        #expect(throws: StudioFailure.self) { try ProjectWork.make(folder + "/my film", template: template, persona: nil) }
    }

    @Test func aTemplateTakesOnlyItsOwnSubject() throws {
        let folder = try folder("subject")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let wrong: [(String, String?, String?)] = [("dub", "a.persona", nil), ("intro", nil, "a.mp4"), ("dub", nil, "none.mp4"), ("nope", nil, nil)]
        for (template, persona, footage) in wrong {
            #expect(throws: StudioFailure.self, "\(template)") { try ProjectWork.make(folder + "/x", template: template, persona: persona, footage: footage) }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
}
