// What a clause is: its word, where it may stand, what it takes, and the text of the manual.

/// Where clauses stand: the kind of block around them.
package enum ClauseContext: String, Sendable, CaseIterable, Hashable {
    case file, scene, audio, video, image, persona, captionsAsset = "captions file", font, lipdub
    case path, blink, curve, motionFile = "motion file", style
    case shot, background, footage, actor, picture, title, captions, sound, dub, performs
    case transition, output
}

/// One clause in one kind of block.
package struct ClauseSchema: Sendable {
    package enum BlockRule: Sendable { case none, optional, required }
    package var keyword: String
    package var contexts: Set<ClauseContext>
    /// Arguments in the notation of the manual: `LENGTH`, `[from TIME]`, `left|right`.
    package var arguments: String
    package var defaultText: String?
    /// One line for the manual.
    package var text: String
    package var block: BlockRule
    /// May stand more than once in a block.
    package var repeats: Bool

    package init(_ keyword: String, in contexts: Set<ClauseContext>, _ arguments: String, default defaultText: String? = nil,
                 block: BlockRule = .none, repeats: Bool = false, _ text: String) {
        self.keyword = keyword
        self.contexts = contexts
        self.arguments = arguments
        self.defaultText = defaultText
        self.text = text
        self.block = block
        self.repeats = repeats
    }
}

/// All clauses of the language.
package enum ClauseRegistry {
    /// The clause of a word in a block, nil where it may not stand.
    package static func schema(_ keyword: String, in context: ClauseContext) -> ClauseSchema? { table[context]?[keyword] }
    package static func keywords(in context: ClauseContext) -> [String] { (table[context]?.keys).map(Array.init) ?? [] }
    /// Blocks in which a word may stand.
    package static func contexts(of keyword: String) -> [ClauseContext] {
        ClauseContext.allCases.filter { table[$0]?[keyword] != nil }
    }

    private static let table: [ClauseContext: [String: ClauseSchema]] = {
        var result: [ClauseContext: [String: ClauseSchema]] = [:]
        for schema in all { for context in schema.contexts { result[context, default: [:]][schema.keyword] = schema } }
        return result
    }()

    private static let layers: Set<ClauseContext> = [.background, .footage, .actor, .picture, .title, .captions]
    private static let text: Set<ClauseContext> = [.title, .captions, .style]

    /// In the order of the manual.
    package static let all: [ClauseSchema] = fileClauses + sceneClauses + assetClauses + motionClauses + shotClauses
        + layerClauses + textClauses + actorClauses + footageClauses + soundClauses + outputClauses

    private static let fileClauses: [ClauseSchema] = [
        .init("import", in: [.file], "STRING [as NAME]", repeats: true, "brings in the assets, motions and styles of another file"),
        .init("param", in: [.file], "NAME : TYPE [= VALUE]", repeats: true, "a value that the command line sets"),
        .init("scene", in: [.file], "[STRING]", block: .optional, "settings of the whole film"),
        .init("persona", in: [.file], "NAME = STRING", block: .optional, repeats: true, "a trained person"),
        .init("audio", in: [.file], "NAME = STRING", block: .optional, repeats: true, "a sound file"),
        .init("image", in: [.file], "NAME = STRING", block: .optional, repeats: true, "a still picture"),
        .init("video", in: [.file], "NAME = STRING", block: .optional, repeats: true, "a film"),
        .init("captions", in: [.file], "NAME = STRING", block: .optional, repeats: true, "a caption file: SRT, WebVTT or TTML"),
        .init("font", in: [.file], "NAME = STRING", block: .optional, repeats: true, "a font file"),
        .init("lipdub", in: [.file], "NAME = STRING", block: .optional, repeats: true, "a lip-dub model"),
        .init("path", in: [.file], "NAME [= STRING]", block: .optional, repeats: true, "a motion of the head"),
        .init("blink", in: [.file], "NAME [= STRING]", block: .optional, repeats: true, "eye closure over time"),
        .init("curve", in: [.file], "NAME [= STRING]", block: .optional, repeats: true, "any other number over time"),
        .init("style", in: [.file], "NAME", block: .required, repeats: true, "how text looks"),
        .init("shot", in: [.file], "[NAME] [for TIME]", block: .required, repeats: true, "a piece of the film"),
        .init("transition", in: [.file], "dissolve|fade|wipe TIME", block: .optional, repeats: true, "between two shots"),
        .init("output", in: [.file], "STRING", block: .optional, repeats: true, "a file to write"),
    ]
    private static let sceneClauses: [ClauseSchema] = [
        .init("size", in: [.scene, .output], "SIZE", default: "of the first footage, else 1280x720", "picture size"),
        .init("rate", in: [.scene, .output], "RATE", default: "of the first footage, else 25fps", "frames a second"),
        .init("seed", in: [.scene], "NUMBER", default: "0", "seed of everything random"),
        .init("background", in: [.scene], "COLOR", default: "black", "what lies under all layers"),
        .init("loudness", in: [.scene], "LOUDNESS", default: "leave as is", "target of the mix, EBU R128"),
        .init("like", in: [.scene], "VIDEO", "size, rate, colour description and sample rate as that footage"),
    ]
    private static let assetClauses: [ClauseSchema] = [
        .init("from", in: [.audio, .video], "TIME", default: "0s", "where in the file to begin"),
        .init("to", in: [.audio, .video], "TIME", default: "the file's end", "where in the file to end"),
        .init("gain", in: [.audio, .footage, .sound], "LEVEL", default: "0dB", "louder or softer"),
        .init("channel", in: [.audio], "left|right|mix|NUMBER", default: "all", "which channel to hear"),
    ]
    private static let motionClauses: [ClauseSchema] = [
        .init("at", in: [.path], "TIME CHANNEL VALUE … [ease EASING]", repeats: true, "a keyframe of the head"),
        .init("at", in: [.blink, .curve], "TIME NUMBER [ease EASING]", repeats: true, "a keyframe"),
        .init("hold", in: [.path], "CHANNEL VALUE …", "one pose all the time"),
        .init("hold", in: [.curve, .blink], "NUMBER", "one value all the time"),
        .init("wander", in: [.path], "CHANNEL VALUE … [period TIME] [seed NUMBER]", "smooth noise"),
        .init("every", in: [.blink], "TIME [± TIME] [lasting TIME] [seed NUMBER]", "blinks again and again"),
        .init("repeat", in: [.blink, .curve], "TIME", "starts again after this time"),
        .init("range", in: [.curve], "NUMBER to NUMBER", default: "0 to 1", "values that the curve may take"),
        .init("column", in: [.motionFile], "STRING", "column of a table"),
        .init("scale", in: [.motionFile], "NUMBER", default: "1", "factor on the values of a table"),
    ]
    private static let shotClauses: [ClauseSchema] = [
        .init("background", in: [.shot], "ASSET|COLOR|original [RANGE]", block: .optional, repeats: true, "the lowest layer"),
        .init("footage", in: [.shot], "VIDEO [RANGE]", block: .optional, repeats: true, "existing footage"),
        .init("actor", in: [.shot], "PERSONA [RANGE]", block: .optional, repeats: true, "a persona, rendered"),
        .init("picture", in: [.shot], "IMAGE [at PLACE] [RANGE]", block: .optional, repeats: true, "a still picture or film over the others"),
        .init("title", in: [.shot], "STRING [RANGE]", block: .optional, repeats: true, "text on screen"),
        .init("captions", in: [.shot], "CAPTIONS [RANGE]", block: .optional, repeats: true, "captions on screen"),
        .init("sound", in: [.shot], "AUDIO [at TIME] [RANGE]", block: .optional, repeats: true, "sound without a picture"),
    ]
    private static let layerClauses: [ClauseSchema] = [
        .init("from", in: layers.subtracting([.footage]).union([.sound]), "TIME [to TIME]", default: "the shot's start", "when it begins"),
        .init("to", in: layers.subtracting([.footage]).union([.sound]), "TIME", default: "the shot's end", "when it ends"),
        .init("from", in: [.footage], "TIME [to TIME]", default: "0s", "where in the file it begins"),
        .init("to", in: [.footage], "TIME", default: "the file's end", "where in the file it ends"),
        .init("place", in: layers.union([.style]), "PLACE [X Y] [width LENGTH] [height LENGTH]", default: "full", "where in the picture"),
        .init("opacity", in: layers, "NUMBER|CURVE", default: "1", block: .optional, "how much it covers"),
        .init("fade", in: layers.union([.sound]), "[in|out] TIME", default: "0s", repeats: true, "fades in and out"),
        .init("fit", in: [.background, .footage, .picture], "cover|contain|stretch", default: "cover", "how it fills its place"),
        .init("width", in: [.footage, .picture, .title, .captions, .style], "LENGTH", "width; of text: where it wraps"),
        .init("height", in: [.footage, .picture], "LENGTH", "height"),
        .init("blur", in: [.background], "LENGTH [CURVE]", default: "0px", "out of focus"),
    ]
    private static let textClauses: [ClauseSchema] = [
        .init("style", in: [.title, .captions], "STYLE", default: "headline, or caption", "a declared or built-in style"),
        .init("like", in: [.style], "STYLE", "starts from another style"),
        .init("subtitle", in: [.title], "STRING", "a second, smaller line"),
        .init("font", in: text, "STRING|FONT", default: "a sans serif of the system", "family or font asset"),
        .init("size", in: text, "LENGTH", "height of the letters"),
        .init("weight", in: text, "NUMBER", default: "400", "100 … 900"),
        .init("color", in: text, "COLOR", default: "white", "colour of the letters"),
        .init("box", in: text, "COLOR", "a plate behind the text"),
        .init("padding", in: text, "LENGTH", "room between plate and text"),
        .init("outline", in: text, "LENGTH [COLOR]", "line around the letters"),
        .init("shadow", in: text, "LENGTH [COLOR]", "shadow below the letters"),
        .init("align", in: text, "left|center|right", "lines in the block"),
        .init("line-height", in: text, "NUMBER", default: "1.2", "distance of lines in letter heights"),
        .init("margin", in: text, "LENGTH", default: "5%", "distance from the picture's edge"),
    ]
    private static let actorClauses: [ClauseSchema] = [
        .init("speaks", in: [.actor], "AUDIO [from TIME] [to TIME] [silently]", repeats: true, "drives the lips and is heard"),
        .init("pose", in: [.actor], "PATH|recorded [offset TIME] [speed NUMBER] [loop] [smooth TIME]", default: "recorded", block: .optional, repeats: true, "moves the head; several add up"),
        .init("blinks", in: [.actor], "BLINK|never|recorded|every TIME …", default: "every 4s ± 1.2s", block: .optional, "moves the lids"),
        .init("background", in: [.actor], "original", "the persona's own plate, where the shot has none"),
        .init("torso", in: [.actor], "on|off", default: "on where trained", "draws the shoulders"),
        .init("identity", in: [.actor], "NUMBER", default: "the persona's own", "which recorded appearance"),
        .init("performs", in: [.actor], "[listening to AUDIO] [seed N] [energy N] [guidance N] [from TIME to TIME]", block: .optional, "motion made from the audio"),
        .init("listening", in: [.performs], "to AUDIO", "the other speaker"),
        .init("seed", in: [.performs], "NUMBER", default: "the scene's", "seed of the performance"),
        .init("energy", in: [.performs], "NUMBER", default: "1", "0 … 2"),
        .init("guidance", in: [.performs], "NUMBER", default: "2", "1 … 10"),
        .init("from", in: [.performs], "TIME to TIME", "when"),
        .init("takes", in: [.performs], "NUMBER", default: "1", "1 … 64"),
        .init("use", in: [.performs], "NUMBER|best", default: "1", "which take"),
        .init("style", in: [.performs], "NAME", "a style of the motion model"),
        .init("steps", in: [.performs], "5|10|20|25|40|50|100", default: "25", "sampling steps"),
        .init("diversity", in: [.performs], "NUMBER", default: "0.94", "0.01 … 1"),
        .init("blink-rate", in: [.performs], "NUMBER", default: "1", "factor on the blinks"),
        .init("channels", in: [.performs], "head, blink, face, sway", default: "all", "what is moved"),
        .init("still", in: [.performs], "from TIME to TIME", repeats: true, "eases to the neutral pose"),
        .init("nod", in: [.performs], "at TIME [ANGLE]", default: "3deg", repeats: true, "an inserted nod"),
        .init("motion", in: [.performs], "STRING|procedural", default: "the persona's own", "motion model"),
    ]
    private static let footageClauses: [ClauseSchema] = [
        .init("at", in: [.footage], "TIME", default: "0s", "when it begins in the shot"),
        .init("dub", in: [.footage], "AUDIO [from TIME to TIME | at TIME] [on face FACE]", block: .optional, repeats: true, "lips follow a new line"),
        .init("stretch", in: [.dub], "up to PERCENT", default: "0%", "how much the line may be squeezed"),
        .init("face", in: [.footage, .dub], "largest|left|right|nearest X Y|id N", default: "largest", "whose lips"),
        .init("lips", in: [.footage], "STRING|LIPDUB", default: "the built-in model", "lip-dub model"),
        .init("reference", in: [.footage], "auto N | at TIME, …", default: "auto 5", "frames that show the mouth"),
        .init("tune", in: [.footage], "NUMBER", default: "0", "adapts the model for so many steps first"),
        .init("blend", in: [.footage], "LENGTH", default: "from the face's size", "feather of the mouth's edge"),
        .init("original", in: [.footage], "LEVEL|off", default: "off while dubbing", "the footage's own sound"),
        .init("silence", in: [.footage], "close [after TIME] | source", default: "close after 160ms", "the mouth while the line is silent"),
        .init("when", in: [.footage], "lost|covered|turned [beyond ANGLE] keep|error", default: "keep", repeats: true, "where no mouth can be drawn"),
        .init("mute", in: [.footage], "", "no sound of the footage"),
        .init("speed", in: [.footage], "NUMBER", default: "1", "faster or slower"),
        .init("volume", in: [.footage, .sound], "NUMBER|CURVE", default: "1", block: .optional, "factor on the sound"),
    ]
    private static let soundClauses: [ClauseSchema] = [
        .init("at", in: [.sound], "TIME", "when it begins"),
        .init("loop", in: [.sound], "", "starts again at its end"),
        .init("duck", in: [.sound], "LEVEL under AUDIO", repeats: true, "lowers it under another sound"),
    ]
    private static let outputClauses: [ClauseSchema] = [
        .init("ease", in: [.transition], "EASING", default: "linear", "how it goes over"),
        .init("color", in: [.transition], "COLOR", default: "black", "what a fade goes through"),
        .init("direction", in: [.transition], "left|right|up|down", default: "right", "where a wipe travels"),
        .init("video", in: [.output], "CODEC [PROFILE] [quality N|crf N|bitrate RATE] [pixel FORMAT]", default: "from the file's ending", "picture codec"),
        .init("audio", in: [.output], "aac|opus|flac|pcm|none [BITRATE] [BITS]", default: "from the file's ending", "sound codec"),
        .init("from", in: [.output], "TIME [to TIME]", default: "0s", "first moment"),
        .init("to", in: [.output], "TIME", default: "the end", "last moment"),
        .init("keep", in: [.output], "audio", "the footage's other sound tracks"),
        .init("language", in: [.output], "NAME", "language of the sound, three letters"),
        .init("metadata", in: [.output], "NAME STRING", repeats: true, "an entry of the container"),
        .init("provenance", in: [.output], "on|off", default: "on", "says that the film is synthetic"),
    ]
}
