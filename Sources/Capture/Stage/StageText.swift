// What the presenter says on the stage: our own lines, and sentences composed from a seed.
import Base

/// Lines for training and lines that training never hears.
enum StageText {
    /// Written to hold all sounds of English in many neighbourhoods.
    static let lines = [
        "Hello and welcome, my name is Nova and I am glad that you are here today.",
        "We will measure every frame, and show you both the picture and the number.",
        "Five brave foxes vanished over the frozen river before the morning fog.",
        "Please bring both maps, a pair of blue pencils, and the paper boat.",
        "She chose a large orange chair and watched the storm through the kitchen window.",
        "Thirty three thin feathers floated past the northern path.",
        "You and I knew few new views, yet the music moved through the whole room.",
        "Our crew would rather row around the harbor than wait for rain.",
        "The judge jotted a joke on a yellow page, and everyone enjoyed it.",
        "My father parked the car far from the dark garden wall.",
        "Each evening he reads three pages and then sleeps deeply.",
        "Look at the good cook who put sugar in the wooden bowl.",
        "A quick answer is often wrong, so think twice and ask again.",
        "Oh no, the old stone road goes over the hill, not below it.",
        "Would you open the window? The air in here feels warm and heavy.",
        "Sixty silver spoons and seven small cups stood on the shelf.",
        "The vision of a treasure under the garage caused great confusion.",
        "Maybe more people remember my mother's marvelous marmalade.",
        "What happens next depends on the weather, on the wind, and on us.",
        "Bob put the apple pie upon the top step, but Pam picked it up.",
        "How now, said the loud brown cow, as clouds rolled around the town.",
        "The boy enjoyed the noise of coins and toys, and pointed at the oil.",
        "I like bright white lights at night, they guide the tired pilots home.",
        "Nobody knows the trouble with this little purple turtle.",
        "Fresh fish, a soft loaf, and half a coffee are enough for breakfast.",
        "Give the green flag to Greg, and take the big black bag back again.",
        "Every vote of value gives a voice to the village.",
        "Zebras doze in the breeze as the lazy bees buzz by.",
        "Thank you for watching, and please tell me what you think about it.",
        "One, two, three, four, five, six, seven, eight, nine, ten.",
    ]

    /// Said only in the part of a set that training never sees.
    static let heldLines = [
        "Good evening, here is the news from the harbor and the hills.",
        "A famous poet bought fourteen purple plums from a village shop.",
        "Whatever you choose, remember to save your work before you move on.",
        "Both brothers laughed aloud as the huge wheel turned round and round.",
        "My neighbor's puppy jumps, barks, and wags whenever people arrive.",
        "This is the very last sentence, and after it comes silence.",
    ]

    /// A composed sentence, different for every index.
    static func composed(_ index: Int, seed: UInt64) -> String {
        let random = SeededRandom(seed: seed, stream: UInt64(index) &+ 5000)
        func pick(_ list: [String], _ slot: UInt64) -> String { list[random.integer(slot, below: list.count)] }
        let who = pick(["The painter", "My brother", "A young doctor", "Our teacher", "The whole family", "Every visitor", "The quiet farmer",
                        "Her best friend", "A famous singer", "The bus driver", "Nobody here", "Some people", "The old captain", "Your neighbor"], 0)
        let does = pick(["opened", "moved", "washed", "bought", "found", "watched", "built", "forgot", "pushed", "heard about", "thought of",
                         "laughed at", "paid for", "chose", "measured", "brought back", "voted for", "threw away"], 1)
        let what = pick(["five blue boxes", "a huge wooden bridge", "the yellow balloon", "some fresh bread", "the broken camera", "a pair of shoes",
                         "the southern gate", "an awful film", "every green bottle", "the judge's chair", "a bowl of rice", "the missing keys",
                         "half of the treasure", "a beautiful voice", "the loud machine", "three more apples", "the purple flower", "my favorite book"], 2)
        let when = pick(["before noon", "at the weekend", "in the middle of June", "without a word", "for the third time", "near the river",
                         "above the town", "because of the rain", "with both hands", "on the way home", "as usual", "just for fun",
                         "during the show", "right after breakfast", "when the music began", "under the moon"], 3)
        let tail = pick(["", "", ", I believe", ", of course", ", and smiled", ", why not", ", you know", " again"], 4)
        return "\(who) \(does) \(what) \(when)\(tail)."
    }

    /// Words that mean nothing and hold any sound beside any other.
    static func babble(_ index: Int, seed: UInt64) -> String {
        let random = SeededRandom(seed: seed, stream: UInt64(index) &+ 700_000)
        var slot: UInt64 = 0
        func pick(_ list: [String]) -> String {
            slot += 1
            return list[random.integer(slot, below: list.count)]
        }
        let words = (0..<(5 + random.integer(0, below: 5))).map { _ in
            (0..<(1 + pick(["", "", "+", "+", "++"]).count)).map { _ in pick(onsets) + pick(vowels) }.joined() + pick(codas) + pick(["", "", "", ","])
        }
        let line = words.joined(separator: " ")
        return (line.hasSuffix(",") ? String(line.dropLast()) : line) + "."
    }
    private static let onsets = ["b", "p", "m", "b", "p", "m", "f", "v", "f", "v", "th", "d", "t", "s", "z", "sh", "ch", "j", "k", "g", "h", "l", "r", "w", "y", "n",
                                 "br", "pl", "st", "gr", "fl", "sm", "sp", "tr", "kr", ""]
    private static let vowels = ["a", "e", "i", "o", "u", "a", "o", "ee", "oo", "ai", "ow", "aw", "oy", "er", "ar"]
    private static let codas = ["", "", "", "m", "n", "p", "b", "t", "k", "s", "l", "f", "v", "th", "sh", "ng", "mp", "st"]
}
