// Shots: layers from the bottom up, and sounds.
import Base
import Diagnostics
import Motion
import SceneSyntax

/// `shot name for 4s { … }`
package struct Shot: Sendable {
    package var name: String?
    /// nil: the longest of its speech and footage.
    package var length: TimeExpression?
    package var layers: [Layer]
    package var sounds: [SoundLayer]
    package var place: Place
    /// A mistake stands in it: what it lacks may be that.
    package var isIncomplete = false
}

/// One layer of a shot.
package struct Layer: Sendable {
    package enum Content: Sendable {
        case background(BackgroundLayer)
        case footage(FootageLayer)
        case actor(ActorLayer)
        /// Name of an image or video asset.
        case picture(String)
        case title(TitleLayer)
        case captions(CaptionsLayer)
    }
    package var content: Content
    /// In the shot's time; nil: as the shot.
    package var from: TimeExpression?
    package var to: TimeExpression?
    package var placement: Setting<Placement>
    package var width: Length?
    package var height: Length?
    package var opacity: Opacity
    package var fadeIn: TimeExpression?
    package var fadeOut: TimeExpression?
    package var fit: Setting<Fit>
    package var place: Place
}

package enum Fit: String, Sendable, CaseIterable { case cover, contain, stretch }

/// A number, or a curve over the time of the layer.
package enum Opacity: Sendable {
    case constant(Double)
    case motion(MotionSource)
}

/// `place center 50% 58% height 90%`
package struct Placement: Sendable, Hashable {
    package enum Anchor: String, Sendable, CaseIterable {
        case full, center, left, right, top, bottom
        case topLeft = "top-left", topRight = "top-right", bottomLeft = "bottom-left", bottomRight = "bottom-right"
        case leftHalf = "left-half", rightHalf = "right-half", topHalf = "top-half", bottomHalf = "bottom-half"
    }
    package var anchor: Anchor
    /// Where the anchor point of the layer lies in the picture; nil: as the anchor's word says.
    package var x: Length?
    package var y: Length?
    package var width: Length?
    package var height: Length?
    package init(_ anchor: Anchor, x: Length? = nil, y: Length? = nil, width: Length? = nil, height: Length? = nil) {
        (self.anchor, self.x, self.y, self.width, self.height) = (anchor, x, y, width, height)
    }
}

/// `background loft { blur 8px }`
package struct BackgroundLayer: Sendable {
    package enum Source: Sendable, Hashable {
        case asset(String)
        case color(SceneColor)
        /// The plate of the shot's first persona.
        case original
    }
    package var source: Source
    package var blur: Length
    /// Curve that multiplies the blur.
    package var blurCurve: MotionSource?
}

/// `footage ceo from 2s to 30s { … }`
package struct FootageLayer: Sendable {
    package var asset: String
    /// Times of the file.
    package var fileFrom: TimeExpression?
    package var fileTo: TimeExpression?
    /// When it begins in the shot.
    package var at: TimeExpression?
    package var dubs: [DubClause] = []
    package var face: FaceChoice = .largest
    /// Path of a lip-dub model or asset name; nil: the built-in one.
    package var lips: String?
    package var reference: DubReference = .automatic(5)
    package var tune: Int = 0
    package var blend: Length?
    /// Level of the footage's own sound in dB; nil: off while dubbing, 0 dB without dubs.
    package var original: Setting<Double?>
    package var silence: DubSilence = .close(after: nil)
    package var whenLost: DubLoss = .keep
    package var whenTurned: DubLoss = .keep
    /// Radians.
    package var turnLimit: Double?
    package var whenCovered: DubLoss = .keep
    package var isMuted = false
    /// Decibels.
    package var gain: Double = 0
    package var volume: MotionSource?
    package var speed: Rational = Rational(1)
}

package enum FaceChoice: Sendable, Hashable { case largest, left, right, nearest(Length, Length), id(Int) }
package enum DubReference: Sendable { case automatic(Int), times([TimeExpression]) }
package enum DubSilence: Sendable { case close(after: TimeExpression?), source }
package enum DubLoss: String, Sendable, CaseIterable { case keep, error }

/// `dub line1 from 2s to 5s on face left { stretch up to 6% }`
package struct DubClause: Sendable {
    package var asset: String
    package var from: TimeExpression?
    package var to: TimeExpression?
    /// Open range: ends with the line.
    package var isOpen: Bool
    package var face: FaceChoice?
    /// 0.06 for `stretch up to 6%`.
    package var stretch: Double = 0
    package var place: Place
}

/// `actor nova { … }`
package struct ActorLayer: Sendable {
    package var persona: String
    package var speech: [SpeechClause] = []
    package var poses: [PoseClause] = []
    package var blinks: BlinkClause?
    package var performance: PerformanceClause?
    /// `background original` in the actor.
    package var showsOwnBackground = false
    package var torso: Setting<Bool>
    package var identity: Int?
}

/// `speaks hello from 0.2s silently`
package struct SpeechClause: Sendable {
    package var asset: String
    package var from: TimeExpression?
    package var to: TimeExpression?
    package var isSilent: Bool
    package var place: Place
}

/// `pose glance offset 1s speed 0.5 loop smooth 3f`
package struct PoseClause: Sendable {
    package enum Source: Sendable { case recorded, motion(MotionSource) }
    package var source: Source
    package var offset: TimeExpression?
    package var speed: Rational
    package var loops: Bool
    package var smooth: TimeExpression?
    package var place: Place
}

/// `blinks calm`
package struct BlinkClause: Sendable {
    package enum Source: Sendable { case recorded, motion(MotionSource) }
    package var source: Source
    package var place: Place
}

/// `performs listening to guest seed 7 { … }`
package struct PerformanceClause: Sendable {
    package enum Use: Sendable, Hashable { case take(Int), best }
    package enum Model: Sendable, Hashable { case own, procedural, file(String) }
    package struct Nod: Sendable {
        package var at: TimeExpression
        /// Radians.
        package var angle: Double
    }
    package var listeningTo: String?
    package var seed: Int?
    package var energy = 1.0
    package var guidance = 2.0
    package var from: TimeExpression?
    package var to: TimeExpression?
    package var takes = 1
    package var use: Use = .take(1)
    package var style: String?
    package var steps = 25
    package var diversity = 0.94
    package var blinkRate = 1.0
    package var channels: Set<String> = ["head", "blink", "face", "sway"]
    package var stills: [(from: TimeExpression, to: TimeExpression)] = []
    package var nods: [Nod] = []
    package var model: Model = .own
    package var place: Place
}

/// `title "Nova" { subtitle "…" }`
package struct TitleLayer: Sendable {
    package var text: String
    package var subtitle: String?
    package var style: TextStyle
}

/// `captions subs { style caption }`
package struct CaptionsLayer: Sendable {
    package var asset: String
    package var style: TextStyle
}

/// `sound music { from 0s ; gain -22dB ; duck 9dB under voice }`
package struct SoundLayer: Sendable {
    package struct Duck: Sendable {
        /// Positive decibels by which it is lowered.
        package var level: Double
        package var under: String
        package var place: Place
    }
    package var asset: String
    package var from: TimeExpression?
    package var to: TimeExpression?
    /// Decibels.
    package var gain: Double = 0
    package var volume: MotionSource?
    package var fadeIn: TimeExpression?
    package var fadeOut: TimeExpression?
    package var loops = false
    package var ducks: [Duck] = []
    package var place: Place
}
