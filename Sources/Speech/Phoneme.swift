// Sounds of English, as the mouth forms them.
import Foundation

/// Classes of sounds that look alike, with a few that differ in the jaw.
package enum Phoneme: String, Sendable, Hashable, CaseIterable {
    case silence, open, openFront, mid, closeFront, round, roundOpen, schwa, press, tuck, tongue, alveolar, hush, velar, liquid, glideRound, glideFront, breath

    /// A name of the CMU set, as flite gives it.
    package init(arpabet name: String) {
        switch name {
        case "aa", "ay", "aw", "ah": self = .open
        case "ae", "eh": self = .openFront
        case "ey", "ih", "ix": self = .mid
        case "iy": self = .closeFront
        case "ao", "oy", "ow": self = .roundOpen
        case "uw", "uh": self = .round
        case "ax", "er", "axr": self = .schwa
        case "m", "b", "p", "em": self = .press
        case "f", "v": self = .tuck
        case "th", "dh": self = .tongue
        case "t", "d", "n", "s", "z", "en", "dx", "nx": self = .alveolar
        case "sh", "zh", "ch", "jh": self = .hush
        case "k", "g", "ng": self = .velar
        case "l", "el": self = .liquid
        case "r": self = .glideRound
        case "w": self = .glideRound
        case "y": self = .glideFront
        case "hh", "hv": self = .breath
        default: self = .silence
        }
    }

    /// A phoneme in the phonetic alphabet, as espeak-ng gives it; the first letter that means something decides.
    package init(ipa name: String) {
        for letter in name.unicodeScalars {
            switch letter {
            case "ɑ", "a", "ʌ", "ɐ": self = .open; return
            case "æ", "ɛ": self = .openFront; return
            case "e", "ɪ", "ᵻ": self = .mid; return
            case "i": self = .closeFront; return
            case "ɔ", "o", "ɒ": self = .roundOpen; return
            case "u", "ʊ": self = .round; return
            case "ə", "ɜ", "ɚ", "ɝ": self = .schwa; return
            case "m", "b", "p": self = .press; return
            case "f", "v": self = .tuck; return
            case "θ", "ð": self = .tongue; return
            case "t", "d", "n", "s", "z", "ɾ", "ʔ": self = .alveolar; return
            case "ʃ", "ʒ": self = .hush; return
            case "k", "ɡ", "g", "ŋ", "x": self = .velar; return
            case "l", "ɫ": self = .liquid; return
            case "ɹ", "r", "w": self = .glideRound; return
            case "j": self = .glideFront; return
            case "h": self = .breath; return
            default: continue
            }
        }
        self = .silence
    }

    /// A sound of festival's Italian, Czech and Finnish voices; digits (stress) and colons (length) do not change the mouth.
    package init(european name: String) {
        switch name.filter({ !$0.isNumber || $0 == "7" }).replacingOccurrences(of: ":", with: "") {
        case "a": self = .open
        case "E", "@", "&": self = .openFront
        case "e": self = .mid
        case "i": self = .closeFront
        case "o", "O", "7": self = .roundOpen
        case "u", "y": self = .round
        case "p", "b", "m": self = .press
        case "f", "v", "nf": self = .tuck
        case "T", "D": self = .tongue
        case "t", "d", "s", "z", "n", "r", "ts", "dz", "c", "t~", "d~", "n~", "J": self = .alveolar
        case "S", "Z", "tS", "dZ", "s~", "z~", "c~", "dz~", "r~", "r~*": self = .hush
        case "k", "g", "ng", "n*", "N", "ch": self = .velar
        case "l", "L": self = .liquid
        case "w": self = .glideRound
        case "j": self = .glideFront
        case "h", "_": self = .breath
        default: self = .silence
        }
    }

    /// How the mouth stands in the middle of the sound.
    package var target: MouthTarget {
        switch self {
        case .silence: MouthTarget(strength: 0.9)
        case .open: MouthTarget(jaw: 0.80, wide: 0.10)
        case .openFront: MouthTarget(jaw: 0.58, wide: 0.45, upper: 0.25)
        case .mid: MouthTarget(jaw: 0.38, wide: 0.55, upper: 0.25)
        case .closeFront: MouthTarget(jaw: 0.24, wide: 0.90, upper: 0.30)
        case .round: MouthTarget(jaw: 0.26, pucker: 0.95)
        case .roundOpen: MouthTarget(jaw: 0.56, pucker: 0.60)
        case .schwa: MouthTarget(jaw: 0.36, wide: 0.10, strength: 0.7)
        case .press: MouthTarget(press: 1, strength: 3.2)
        case .tuck: MouthTarget(jaw: 0.12, upper: 0.35, tuck: 1, strength: 2.2)
        case .tongue: MouthTarget(jaw: 0.24, wide: 0.15, upper: 0.2, tongue: 0.9, strength: 1.2)
        case .alveolar: MouthTarget(jaw: 0.17, wide: 0.30, upper: 0.2, tongue: 0.3, strength: 0.9)
        case .hush: MouthTarget(jaw: 0.20, pucker: 0.60, upper: 0.3, strength: 1.2)
        case .velar: MouthTarget(jaw: 0.32, wide: 0.10, strength: 0.6)
        case .liquid: MouthTarget(jaw: 0.34, wide: 0.15, tongue: 0.8, strength: 0.9)
        case .glideRound: MouthTarget(jaw: 0.18, pucker: 0.80, strength: 1.2)
        case .glideFront: MouthTarget(jaw: 0.20, wide: 0.75, upper: 0.2)
        case .breath: MouthTarget(jaw: 0.36, strength: 0.4)
        }
    }
}

/// Mouth parameters of one moment, each 0…1, in the order of `vector`.
package struct MouthTarget: Sendable, Hashable {
    package var jaw: Float, wide: Float, pucker: Float, upper: Float, press: Float, tuck: Float, tongue: Float
    /// How much the sound insists on its shape against its neighbours.
    package var strength: Float

    package init(jaw: Float = 0, wide: Float = 0, pucker: Float = 0, upper: Float = 0, press: Float = 0, tuck: Float = 0,
                 tongue: Float = 0, strength: Float = 1) {
        self.jaw = jaw
        self.wide = wide
        self.pucker = pucker
        self.upper = upper
        self.press = press
        self.tuck = tuck
        self.tongue = tongue
        self.strength = strength
    }
    /// jaw, wide, pucker, upper, press, tuck, tongue.
    package var vector: [Float] { [jaw, wide, pucker, upper, press, tuck, tongue] }
    package init(vector v: [Float]) {
        precondition(v.count == 7, "a mouth has seven parameters")
        self.init(jaw: v[0], wide: v[1], pucker: v[2], upper: v[3], press: v[4], tuck: v[5], tongue: v[6])
    }
}
