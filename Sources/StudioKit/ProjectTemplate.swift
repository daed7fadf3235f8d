// The projects that `studio new` makes: scripts, lines to speak, and words for their README.

/// A project that lints clean.
package struct ProjectTemplate: Sendable {
    package var name: String
    /// One line for the list.
    package var text: String
    /// `NAME` stands for the project's name.
    var scene: String
    /// Sound files that the synthesiser speaks: name, voice of flite, words.
    var lines: [(file: String, voice: String, words: String)]
    var files: [(name: String, text: String)] = []
    var readme: String
    /// What lies in the project beside its lines: a persona, or a film to work on.
    var subject = Subject.persona
    /// Said when the project is made: what its author should know before the first render; nil: nothing.
    package var notice: String?

    /// The file that a template is about.
    enum Subject: Sendable {
        case persona, footage

        /// Where the file lies in the project, and below which folders it is looked for.
        var path: String {
            switch self {
            case .persona: "personas/nova.persona"
            case .footage: "footage/speaker.mp4"
            }
        }
        var sources: [String] {
            switch self {
            case .persona: ["personas/nova.persona", "share/studio/personas/nova.persona"]
            case .footage: ["scenes/footage/presenter.mp4", "share/studio/footage/presenter.mp4"]
            }
        }
        var word: String {
            switch self {
            case .persona: "persona"
            case .footage: "footage"
            }
        }
    }

    package static let all: [ProjectTemplate] = [intro, dub, conversation, batch]

    private static let dub = ProjectTemplate(
        name: "dub", text: "a film whose speaker says another line; it renders once the lip-dub engine is there",
        scene: """
        // The film's own speaker says another line: the mouth follows it, and all else stays as it was.
        // The engine that draws mouths anew is not part of this version: `studio lint` takes the script, `studio render`
        // says that the engine is missing.
        scene "NAME" { like speaker }

        video speaker = "footage/speaker.mp4"
        audio line    = "audio/line.wav"

        shot statement {
            footage speaker {
                dub line at 0.4s { stretch up to 6% }
                original -24dB
            }
        }

        output "renders/NAME.mp4" { keep audio ; language eng }

        """,
        lines: [("line.wav", "slt", "These words were not said when this film was made.")],
        readme: """
        The speaker of `footage/speaker.mp4` says the line in `audio/`. Put your own film and line in their places.

        This version has no lip-dub engine yet: the scene lints clean, and `studio render` ends with `engine-not-built`, which
        `studio explain engine-not-built` explains. Without the clause `dub`, `sound line` plays the line over the film today.
        """,
        subject: .footage, notice: "a lip-dub needs an engine that this version does not have yet: the scene lints clean and does not render")

    private static let intro = ProjectTemplate(
        name: "intro", text: "one presenter, one line, a title",
        scene: """
        scene "NAME" { size 1280x720 ; rate 25fps ; seed 7 }

        persona nova  = "personas/nova.persona"
        audio   hello = "audio/hello.wav"

        path glance {
            at 0s    yaw 0deg
            at 1.6s  yaw 10deg pitch -3deg ease in-out
            at 3.6s  yaw 0deg  pitch 0deg
        }

        shot greeting {
            background #20303c
            actor nova {
                speaks hello from 0.3s
                pose glance
                blinks every 3.5s ± 1s
                place center 50% 58% height 90%
            }
            title "NAME" { subtitle "your presenter" ; style lower-third ; from 0.5s to 3s ; fade 0.3s }
        }

        output "renders/NAME.mp4"

        """,
        lines: [("hello.wav", "slt", "Hello, and welcome. I am Nova, and this film was written, not recorded.")],
        readme: "A presenter says hello. Change the line in `audio/`, the title, the path of the head, and render again.")

    private static let conversation = ProjectTemplate(
        name: "conversation", text: "two people who speak in turns, and an end card",
        scene: """
        // Two speakers in one picture. They wait for each other by the events of their lines.
        // Made motion from the other speaker's voice (`performs listening to …`) is part of the language; its engine is not
        // built yet, so the heads here move by `pose` and `blinks`, which render today.
        scene "NAME" { size 1280x720 ; rate 25fps ; seed 3 }

        persona nova     = "personas/nova.persona"
        audio   question = "audio/question.wav"
        audio   answer   = "audio/answer.wav"

        path left_looks {
            wander yaw 3deg pitch 2deg period 4s seed 3
        }
        path right_looks {
            wander yaw 3deg pitch 2deg period 4s seed 4
        }

        shot talk for answer.end + 0.6s {
            background #1c2430
            actor nova {
                speaks question from 0.3s
                pose left_looks
                blinks every 3.6s ± 1.2s seed 3
                place left-half
            }
            // A second persona would stand here: declare it as `persona milo = "personas/milo.persona"`.
            actor nova {
                speaks answer from question.end + 0.4s
                pose right_looks
                blinks every 4.2s ± 1.2s seed 4
                place right-half
            }
        }
        transition dissolve 12f
        shot bye for 2s {
            background black
            title "Thank you" { place center ; fade 0.4s }
        }

        output "renders/NAME.mp4"

        """,
        lines: [("question.wav", "slt", "How long does it take to make such a film?"), ("answer.wav", "rms", "As long as it takes to write it down.")],
        readme: "Two people speak in turns. `performs` (motion made from the voices) parses and checks, but its engine is not built yet: the scene uses `pose` and `blinks` instead.")

    private static let batch = ProjectTemplate(
        name: "batch", text: "one film for each row of a table",
        scene: """
        // One film for each row of people.csv: studio render NAME.scene --each people.csv
        // Or one by hand:                        studio render NAME.scene --set name=Ben --set line=audio/ben.wav
        param name: text = "Ada"
        param line: file = "audio/ada.wav"

        scene "For \\(name)" { size 720x720 ; rate 25fps ; seed 5 }

        persona nova  = "personas/nova.persona"
        audio   voice = line

        blink calm {
            every 4s ± 1.2s
        }

        shot hello {
            background #20303c
            actor nova {
                speaks voice
                blinks calm
            }
            title "Hello \\(name)" { style lower-third ; fade 0.3s }
        }

        output "renders/hello-\\(name).mp4"

        """,
        lines: [("ada.wav", "slt", "Hello Ada, this film is for you."), ("ben.wav", "slt", "Hello Ben, this film is for you."), ("cem.wav", "slt", "Hello Jem, this film is for you.")],
        files: [("people.csv", "name,line\nAda,audio/ada.wav\nBen,audio/ben.wav\nCem,audio/cem.wav\n")],
        readme: "One film for each row of `people.csv`; its columns are the params of the scene.")
}
