// `studio new`: a project folder that lints clean.
import Base
import Foundation
import Media
import Speech

package enum ProjectWork {
    /// Makes a project. Returns the path of its scene, and what its author should know before the first render.
    package static func make(_ folder: String, template name: String, persona: String?, footage: String? = nil) throws -> (scene: String, notice: String?) {
        guard let template = ProjectTemplate.all.first(where: { $0.name == name }) else {
            let known = ProjectTemplate.all.map(\.name).joined(separator: ", ")
            throw StudioFailure(2, "--template \(name): there is no such template", advice: "there are \(known)")
        }
        let project = URL(fileURLWithPath: folder).standardizedFileURL.lastPathComponent
        guard !folder.isEmpty, !project.isEmpty, project != "/", project.allSatisfy({ $0.isLetter || $0.isNumber || "-_ .".contains($0) }), !project.hasPrefix(".") else {
            throw StudioFailure(2, "“\(folder)” cannot be the name of a project: letters, digits, spaces, - and _")
        }
        guard !FileManager.default.fileExists(atPath: folder) else { throw StudioFailure(2, "\(folder): is there already; `studio new` changes nothing that is there") }
        let (given, unused) = template.subject == .persona ? (persona, footage) : (footage, persona)
        guard unused == nil else { throw StudioFailure(2, "--template \(name) takes no \(template.subject == .persona ? "footage" : "persona")") }
        let subject = try found(template.subject, given)
        // All or nothing: made beside its place, then moved there.
        let made = folder + ".part-\(ProcessInfo.processInfo.processIdentifier)"
        do {
            try fill(made, template, project, subject)
            try FileManager.default.moveItem(atPath: made, toPath: folder)
        } catch {
            try? FileManager.default.removeItem(atPath: made)
            throw error is StudioFailure ? error : StudioFailure.writing(folder, error)
        }
        return (folder + "/\(project).scene", template.notice)
    }

    private static func fill(_ folder: String, _ template: ProjectTemplate, _ project: String, _ subject: String) throws {
        for inner in ["audio", URL(fileURLWithPath: template.subject.path).deletingLastPathComponent().lastPathComponent] { try FileManager.default.createDirectory(atPath: folder + "/" + inner, withIntermediateDirectories: true) }
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

        `\(template.subject.path)` is synthetic where it came with studio: no person was recorded for it. The voices are synthesised with flite.

        """)
        try FileManager.default.copyItem(atPath: subject, toPath: folder + "/" + template.subject.path)
        for line in template.lines {
            do { try AudioFile.write(SpeechSynthesizer.speak(line.words, voice: .flite(line.voice)).sound, to: folder + "/audio/" + line.file) } catch { throw StudioFailure.of(error) }
        }
    }

    /// A template's subject: the given file, else the one beside the program, else one above the current folder.
    static func found(_ subject: ProjectTemplate.Subject, _ given: String?) throws -> String {
        if let given {
            guard FileManager.default.fileExists(atPath: given) else { throw StudioFailure(3, "\(given): there is no such \(subject.word)") }
            return given
        }
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        for start in [URL(fileURLWithPath: program).deletingLastPathComponent(), URL(fileURLWithPath: ".")] {
            var folder = start.standardizedFileURL
            while true {
                for place in subject.sources {
                    let path = folder.appendingPathComponent(place).path
                    if FileManager.default.fileExists(atPath: path) { return path }
                }
                if folder.path == "/" { break }
                folder = folder.deletingLastPathComponent()
            }
        }
        throw StudioFailure(3, "no \(subject.word) was found beside the program or above the current folder", advice: "name one: --\(subject.word) FILE")
    }
}
