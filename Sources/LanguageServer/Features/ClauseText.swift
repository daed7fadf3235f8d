// The manual's words on a clause, as an editor shows them.
import SceneModel

enum ClauseText {
    static func markdown(_ schema: ClauseSchema) -> String {
        var usage = schema.keyword + (schema.arguments.isEmpty ? "" : " " + schema.arguments)
        switch schema.block {
        case .none: break
        case .optional: usage += " [{ … }]"
        case .required: usage += " { … }"
        }
        var text = "```scene\n\(usage)\n```\n\(schema.text)"
        if let standard = schema.defaultText { text += "\n\nWithout it: \(standard)." }
        if schema.repeats { text += "\n\nMay stand more than once." }
        return text
    }

    /// A clause to fill in; nil where the word alone is a good start.
    static func snippet(_ schema: ClauseSchema, _ context: ClauseContext) -> String? {
        let key = "\(context.rawValue) \(schema.keyword)"
        return longer[key]
    }

    private static let longer: [String: String] = [
        "file import": "import \"${1:cast.scene}\" as ${2:cast}",
        "file param": "param ${1:name}: ${2|text,number,duration,angle,color,file,flag|}",
        "file scene": "scene \"${1:Title}\" { size ${2:1280x720} ; rate ${3:25fps} }",
        "file persona": "persona ${1:name} = \"${2:file.persona}\"",
        "file audio": "audio ${1:name} = \"${2:file.wav}\"",
        "file image": "image ${1:name} = \"${2:file.png}\"",
        "file video": "video ${1:name} = \"${2:file.mp4}\"",
        "file captions": "captions ${1:name} = \"${2:file.srt}\"",
        "file font": "font ${1:name} = \"${2:file.ttf}\"",
        "file lipdub": "lipdub ${1:name} = \"${2:file.lipdub}\"",
        "file path": "path ${1:name} {\n    at 0s yaw ${2:0deg}\n    at ${3:2s} yaw ${4:10deg}\n}",
        "file blink": "blink ${1:name} { every ${2:4s} ± ${3:1s} }",
        "file curve": "curve ${1:name} {\n    at 0s ${2:0}\n    at ${3:1s} ${4:1}\n}",
        "file style": "style ${1:name} {\n    $0\n}",
        "file shot": "shot ${1:name} {\n    $0\n}",
        "file transition": "transition ${1|dissolve,fade,wipe|} ${2:12f}",
        "file output": "output \"${1:../renders/film.mp4}\"",
        "shot actor": "actor ${1:persona} {\n    $0\n}",
        "shot title": "title \"${1:Text}\" { style ${2:lower-third} }",
    ]
}
