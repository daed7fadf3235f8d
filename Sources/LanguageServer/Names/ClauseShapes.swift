// The shapes of all clauses: the manual's own words where they are exact, a longer form where they are shortened for people.
import Motion
import SceneModel

enum ClauseShapes {
    static let easings = ["linear", "in", "out", "in-out", "hold"]
    static let anchors = Placement.Anchor.allCases.map(\.rawValue)

    /// Words in capitals that stand for several things.
    static let shared: [String: String] = [
        "RANGE": "[from TIME] [to TIME]",
        "ANCHOR": anchors.joined(separator: "|"),
        "PLACE": "ANCHOR [LENGTH LENGTH] {width LENGTH | height LENGTH}",
        "CHANNEL": PoseChannel.allCases.map(\.rawValue).joined(separator: "|"),
        "CHANNELS": "CHANNEL VALUE {CHANNEL VALUE}",
        "EVERY": "TIME [TOLERANCE] {lasting TIME | seed NUMBER}",
        "FACE": "largest | left | right | nearest LENGTH LENGTH | id NUMBER",
        "TYPE": Parameter.Kind.allCases.map(\.rawValue).joined(separator: "|"),
        "CODEC": "h264|h265|av1|vp9|prores|dnxhr|png|exr|ffv1",
        "MOVED": "head|blink|face|sway",
        "LITERAL": "STRING|NUMBER|TIME|ANGLE|COLOR|on|off",
    ]

    /// Forms that the table of clauses shortens. `context keyword` to notation.
    private static let longer: [String: String] = [
        "file import": "STRING [as NAME]",
        "file param": "NAME : TYPE [= LITERAL]",
        "path at": "TIME CHANNELS [ease EASING]",
        "path hold": "CHANNELS",
        "path wander": "CHANNELS {period TIME | seed NUMBER}",
        "blink every": "EVERY",
        "actor speaks": "AUDIO [silently] [from TIME | at TIME] [to TIME] [silently]",
        "actor pose": "[PATH|recorded] {offset TIME | speed NUMBER | loop | smooth TIME}",
        "actor blinks": "[never | recorded | every EVERY | BLINK]",
        "actor performs": "{listening to AUDIO | seed NUMBER | energy NUMBER | guidance NUMBER | from TIME to TIME}",
        "performs channels": "MOVED {, MOVED}",
        "performs steps": "NUMBER",
        "shot background": "(original | COLOR | ASSET) [RANGE]",
        "shot footage": "VIDEO [RANGE] [at TIME]",
        "shot sound": "AUDIO [at TIME] [RANGE]",
        "sound at": "TIME [to TIME]",
        "footage dub": "AUDIO [RANGE | at TIME] [on face FACE]",
        "footage face": "FACE",
        "dub face": "FACE",
        "audio from": "TIME [to TIME]",
        "video from": "TIME [to TIME]",
        "footage reference": "auto NUMBER | at TIME {, TIME}",
        "output video": "CODEC [NAME] {quality NUMBER | crf NUMBER | bitrate BITRATE | pixel NAME}",
        "output audio": "aac|opus|flac|pcm|none {BITRATE | BITS}",
        "output metadata": "STRING|NAME STRING",
    ]

    private static let table: [ClauseContext: [String: ClauseShape]] = {
        var result: [ClauseContext: [String: ClauseShape]] = [:]
        for schema in ClauseRegistry.all {
            for context in schema.contexts {
                var notation = longer["\(context.rawValue) \(schema.keyword)"] ?? schema.arguments
                if schema.keyword == "place" { notation = "PLACE" }
                if schema.keyword == "opacity" || schema.keyword == "volume" { notation = "[NUMBER|CURVE]" }
                result[context, default: [:]][schema.keyword] = ClauseShape(notation)
            }
        }
        return result
    }()

    static func shape(_ keyword: String, in context: ClauseContext) -> ClauseShape? { table[context]?[keyword] }
}
