// What people write who know other languages, and what they are told: one mistake, one answer, with what to write instead.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct NewUserTests {
    private static let mistakes: [(text: String, answers: [String])] = [
        ("shot 5s { background black }", ["write `shot for 5s`"]),
        ("shot a for 2 seconds { background black }", ["write `2s` or `2f`"]),
        ("scene { size 1280*720 }\nshot a for 1s { background black }", ["a size is written 1280x720"]),
        ("scene { fps 25 ; resolution 1280x720 }\nshot a for 1s { background black }", ["did you mean `rate`?", "did you mean `size`?"]),
        ("persona nova = nova.persona\nshot a for 1s { background black }", ["put it in quotes: `\"nova.persona\"`"]),
        ("audio h = 'hello.wav'\nshot a for 1s { background black }", ["a text stands in double quotes"]),
        ("shot a { background black ; sound hello.wav }", ["name the file at the top, `audio hello = \"hello.wav\"`, and write `hello` here"]),
        ("shot a for 1s { background \"pic.png\" }", ["name the file at the top, `image NAME = \"pic.png\"`, and write `background NAME` here"]),
        ("image p = \"pic.ppm\"\nshot a for 1s { image p }", ["a shot shows it with `picture NAME`"]),
        ("shot a for 2s { title Hello }", ["put it in quotes: `\"Hello\"`"]),
        ("shot a for 2s { title \"Hello\" at 1s }", ["a range is written `from 1s to 4s`"]),
        ("# a comment\nshot a for 1s { background black }", ["a comment begins with `//`"]),
        ("shot a for 1s { background black } shot b for 1s { background black }", ["begin a new line, or write `;` before it"]),
        ("shot a for 1s { background black }\n}", ["remove it, or add the `{` that it ends"]),
        ("shot a for 1s {\n    background black", ["add `}`"]),
        ("transition dissolve 1s\nshot a for 2s { background black }", ["a transition stands between two shots"]),
        ("scene { size 64x64 }\nshot a for 1s { backgruond black }", ["did you mean `background`?"]),
        ("", ["add `shot { … }`"]),
        ("persona nova = \"nova.persona\"\nshot a for 1s { actor nova { pose yaw 10deg } }", ["write it in a block: `pose { hold yaw 5deg }`"]),
        ("persona nova = \"nova.persona\"\nshot a for 1s { actor nova { says hello } }", ["did you mean `speaks`?"]),
        ("persona nova = \"nova.persona\"\nshot a for 1s { actor nova { torso true } }", ["did you mean `on`?"]),
    ]

    @Test func everyMistakeHasOneAnswerThatSaysWhatToWrite() throws {
        let shop = try Workshop()
        try SmallPersona.write(to: shop.file("nova.persona"))
        try shop.folder.write("pic.ppm", PlainMedia.ppm(width: 16, height: 16))
        struct Document: Decodable {
            struct Entry: Decodable { var id: String; var severity: String; var help: String? }
            var diagnostics: [Entry]
        }
        for (text, answers) in Self.mistakes {
            try shop.write("a.scene", text + "\n")
            let ended = try shop.studio("lint", "a.scene", "--format", "json")
            let errors = try JSONDecoder().decode(Document.self, from: Data(ended.output.utf8)).diagnostics.filter { $0.severity == "error" }
            #expect(ended.exitCode == 1 && errors.count == answers.count, "\(text): \(errors)")
            for (error, answer) in zip(errors, answers) { #expect(error.help?.contains(answer) == true, "\(text): \(error)") }
        }
    }

    /// What the answers propose is right.
    @Test(arguments: ["shot for 5s { background black }", "persona nova = \"nova.persona\"\nshot a for 1s { actor nova { pose { hold yaw 5deg } } }",
                      "image p = \"pic.ppm\"\nshot a for 1s { background p ; picture p }", "shot a for 5s { background black ; title \"Hello\" from 1s to 4s }"])
    func whatIsProposedIsTaken(text: String) throws {
        let shop = try Workshop()
        try SmallPersona.write(to: shop.file("nova.persona"))
        try shop.folder.write("pic.ppm", PlainMedia.ppm(width: 16, height: 16))
        try shop.write("a.scene", text + "\n")
        let ended = try shop.studio("lint", "a.scene", "--format", "short")
        #expect(ended.exitCode == 0 && !ended.output.contains("error["), "\(ended.output)")
    }
}
