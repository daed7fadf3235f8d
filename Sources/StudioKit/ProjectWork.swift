// `studio new`: a project folder that lints clean and renders.
import Base
import Foundation
import Media
import Speech

package enum ProjectWork {
    /// Makes a project. Returns the path of its scene.
    package static func make(_ folder: String, template name: String, persona given: String?) throws -> String {
        guard let template = ProjectTemplate.all.first(where: { $0.name == name }) else {
            let known = ProjectTemplate.all.map(\.name).joined(separator: ", ")
            if let why = ProjectTemplate.missing[name] { throw StudioFailure(2, "--template \(name): \(why)", advice: "there are \(known)") }
            throw StudioFailure(2, "--template \(name): there is no such template", advice: "there are \(known)")
        }
        let project = URL(fileURLWithPath: folder).standardizedFileURL.lastPathComponent
        guard !project.isEmpty, project != "/", project.allSatisfy({ $0.isLetter || $0.isNumber || "-_ .".contains($0) }), !project.hasPrefix(".") else {
            throw StudioFailure(2, "“\(folder)” cannot be the name of a project: letters, digits, spaces, - and _")
        }
        guard !FileManager.default.fileExists(atPath: folder) else { throw StudioFailure(2, "\(folder): is there already; `studio new` changes nothing that is there") }
        let persona = try persona(given)
        // All or nothing: made beside its place, then moved there.
        let made = folder + ".part-\(ProcessInfo.processInfo.processIdentifier)"
        do {
            try fill(made, template, project, persona)
            try FileManager.default.moveItem(atPath: made, toPath: folder)
        } catch {
            try? FileManager.default.removeItem(atPath: made)
            throw error is StudioFailure ? error : StudioFailure.writing(folder, error)
        }
        return folder + "/\(project).scene"
    }

    private static func fill(_ folder: String, _ template: ProjectTemplate, _ project: String, _ persona: String) throws {
        for inner in ["audio", "personas"] { try FileManager.default.createDirectory(atPath: folder + "/" + inner, withIntermediateDirectories: true) }
        func write(_ name: String, _ text: String) throws { try TextFile.write(text.replacing("NAME", with: project), to: folder + "/" + name) }
        try write("\(project).scene", template.scene)
        for file in template.files { try write(file.name, file.text) }
        try write("studio.toml", "# Marks the folder of a project: its scenes read files below it and nowhere else.\n")
        try write("README.md", """
        # NAME

        \(template.readme)

        ```
        studio lint NAME.scene
        studio render NAME.scene
        ```

        `personas/nova.persona` is synthetic: no person was recorded for it. The voices are synthesised with flite.

        """)
        try FileManager.default.copyItem(atPath: persona, toPath: folder + "/personas/nova.persona")
        for line in template.lines {
            do { try AudioFile.write(SpeechSynthesizer.speak(line.words, voice: .flite(line.voice)).sound, to: folder + "/audio/" + line.file) } catch { throw StudioFailure.of(error) }
        }
    }

    /// The persona that goes into the project: the given one, else the one beside the program, else one above the current folder.
    private static func persona(_ given: String?) throws -> String {
        if let given {
            guard FileManager.default.fileExists(atPath: given) else { throw StudioFailure(3, "\(given): there is no such persona") }
            return given
        }
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        for start in [URL(fileURLWithPath: program).deletingLastPathComponent(), URL(fileURLWithPath: ".")] {
            var folder = start.standardizedFileURL
            while true {
                for place in ["personas/nova.persona", "share/studio/personas/nova.persona"] {
                    let path = folder.appendingPathComponent(place).path
                    if FileManager.default.fileExists(atPath: path) { return path }
                }
                if folder.path == "/" { break }
                folder = folder.deletingLastPathComponent()
            }
        }
        throw StudioFailure(3, "no persona was found beside the program or above the current folder", advice: "name one: --persona nova.persona")
    }
}
