// The scene in exact time: what a renderer walks.
//
// `shots` lie one after the other on the scene's clock, overlapping by the length of the transition between them.
// Times inside a placed layer count from the scene's start; `frames` are the scene's frames. Motions are ready to evaluate:
// `pose`, `closure` and curves take seconds from the start of the shot.
import Base
import Diagnostics
import Motion

package struct Timeline: Sendable {
    package var size: PixelSize
    package var rate: FrameRate
    package var seed: Int
    package var background: SceneColor
    /// LUFS; nil: leave the mix as it is.
    package var loudness: Double?
    /// Asset whose colour description and sample rate the scene takes.
    package var like: String?
    package var title: String
    /// Whole length; ends on a frame.
    package var duration: Rational
    package var frameCount: Int
    package var assets: [String: Asset]
    package var shots: [PlacedShot]
    package var transitions: [PlacedTransition]
    /// Everything heard, in scene time: speech, footage, sounds.
    package var sounds: [PlacedSound]
    package var outputs: [PlacedOutput]
}

package struct PlacedShot: Sendable {
    package var shot: Shot
    package var index: Int
    package var range: TimeRange
    package var frames: Range<Int>
    package var layers: [PlacedLayer]
    package init(shot: Shot, index: Int, range: TimeRange, frames: Range<Int>, layers: [PlacedLayer]) {
        (self.shot, self.index, self.range, self.frames, self.layers) = (shot, index, range, frames, layers)
    }
}

package struct PlacedTransition: Sendable {
    package var transition: Transition
    /// The shots on its two sides.
    package var from: Int
    package var to: Int
    package var range: TimeRange
    package var frames: Range<Int>
}

package struct PlacedLayer: Sendable {
    package var layer: Layer
    /// Scene time.
    package var range: TimeRange
    package var frames: Range<Int>
    /// Over seconds from the layer's start.
    package var opacity: Curve
    package var fadeIn: Rational
    package var fadeOut: Rational
    /// Files that the layer shows start here (video backgrounds, footage): seconds of the file.
    package var fileStart: Rational
    package var speed: Rational
    package var actor: PlacedActor?
    package var dubs: [PlacedDub]
    /// Multiplies the blur of a background; nil: constant.
    package var blurCurve: Curve?
}

package struct PlacedActor: Sendable {
    package var persona: Asset
    package var speech: [PlacedSpeech]
    package var motion: ActorMotion
}

/// The head and the eyes over the seconds of the shot.
package struct ActorMotion: Sendable {
    package enum Pose: Sendable {
        /// The persona's own, with offset, speed, loop and smoothing of the clause.
        case recorded(offset: Rational, speed: Rational, smoothing: Rational)
        case use(PoseUse)
        /// Camera file or table, read by the compiler; the use's path is empty.
        case file(path: String, place: Place, use: PoseUse)
    }
    package enum Blinks: Sendable {
        case recorded
        case curve(BlinkCurve)
        case file(path: String, place: Place, column: String?, scale: Double)
    }
    /// They add up.
    package var poses: [Pose]
    package var blinks: Blinks
    package var performance: PerformanceClause?
}

package struct PlacedSpeech: Sendable {
    package var asset: Asset
    /// Scene time in which it is heard.
    package var range: TimeRange
    /// Seconds of the file at the range's start.
    package var fileStart: Rational
    package var isSilent: Bool
    package var place: Place
}

package struct PlacedDub: Sendable {
    package var clause: DubClause
    package var asset: Asset
    package var range: TimeRange
    /// Line length over range length, above 1 where it must be squeezed.
    package var squeeze: Rational
}

/// One stretch of sound in the mix.
package struct PlacedSound: Sendable {
    package enum Role: Sendable, Hashable { case speech, footage, dub, sound }
    package struct Duck: Sendable {
        package var level: Double
        /// Scene times under which it is lowered.
        package var under: [TimeRange]
    }
    package var role: Role
    package var asset: Asset
    package var range: TimeRange
    package var fileStart: Rational
    /// End of the usable part of the file, seconds of the file; nil: the file's end.
    package var fileEnd: Rational?
    /// Decibels, asset and clause together.
    package var gain: Double
    /// Over seconds from the range's start.
    package var volume: Curve?
    package var fadeIn: Rational
    package var fadeOut: Rational
    package var loops: Bool
    package var speed: Rational
    package var ducks: [Duck]
    package var place: Place
}

package struct PlacedOutput: Sendable {
    package var request: OutputRequest
    /// Scene time.
    package var range: TimeRange
    package var size: PixelSize
    package var rate: FrameRate
    /// Frames of the output's own rate.
    package var frameCount: Int
}
