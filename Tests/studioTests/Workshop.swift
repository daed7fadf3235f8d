// A folder with small real files and the built program to run on them.
import Foundation
import TestSupport

/// What a command test works with.
struct Workshop {
    let folder: ScratchFolder
    static let program = ChildProcess.product("studio")

    init() throws { folder = try ScratchFolder() }

    func file(_ name: String) -> String { folder.file(name) }
    func write(_ name: String, _ text: String) throws { try folder.write(name, text) }

    /// Runs `studio` in the folder.
    @discardableResult
    func studio(_ arguments: String..., limit: Int? = nil, input: String? = nil) throws -> ProcessOutcome {
        try run(arguments, limit: limit, input: input)
    }
    func run(_ arguments: [String], limit: Int? = nil, input: String? = nil, interrupts: (@Sendable (String) -> Bool)? = nil) throws -> ProcessOutcome {
        var child = ChildProcess(Self.program, arguments, in: folder.path)
        child.fileLimit = limit
        child.input = input
        child.interrupts = interrupts
        return try child.run()
    }

    /// A scene of one second, 64 × 64, with colour, picture, words, speech and the persona.
    func tiny() throws {
        try SmallPersona.write(to: file("nova.persona"))
        try folder.write("line.wav", PlainMedia.speechLike(seconds: 1))
        try folder.write("badge.ppm", PlainMedia.ppm(width: 32, height: 32))
        try write("tiny.scene", Self.tinyScene)
    }
    static let tinyScene = """
    scene "Tiny" { size 64x64 ; rate 25fps ; seed 7 }
    persona nova = "nova.persona"
    audio line = "line.wav"
    image badge = "badge.ppm"
    path sway { wander yaw 6deg pitch 3deg period 1s }
    shot only for 1s {
        background #204060
        actor nova { speaks line ; pose sway }
        picture badge at top-right { width 25% }
        title "Hi" { from 0.2s to 0.8s }
    }
    output "tiny.mp4"
    """

    /// A film of a moving wipe between two colours, made by the program itself; with a tone where `sound`.
    func film(_ name: String, seconds: Int = 2, sound: Bool = false) throws {
        try folder.write("tone.wav", PlainMedia.speechLike(seconds: Double(seconds)))
        try write("\(name).scene", """
        scene { size 64x64 ; rate 25fps }
        audio tone = "tone.wav"
        shot a for \(seconds)s { background #a03020 ; title "\(name)" { fade 0.4s } \(sound ? "; sound tone" : "") }
        output "\(name)"
        """)
        let made = try studio("render", "\(name).scene", "-q")
        guard made.exitCode == 0 else { throw Trouble.program(made.errors) }
    }
    enum Trouble: Error { case program(String) }

    /// Keeps the first part of a file.
    func cut(_ name: String, to share: Double, as other: String) throws {
        let bytes = try folder.bytes(name)
        try folder.write(other, Array(bytes.prefix(Int(Double(bytes.count) * share))))
    }

    /// Names that a refused run of a verb must not have left behind: everything but what was there before.
    func leftovers(_ before: [String]) -> [String] { folder.contents.filter { !before.contains($0) } }
}
