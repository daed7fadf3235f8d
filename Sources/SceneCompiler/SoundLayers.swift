// Everything heard, as stretches of a mix.
import Base
import Media
import RenderNodes
import SceneModel

extension SceneCompiler {
    func mix() -> SoundMix {
        let stretches = timeline.sounds.map { sound -> SoundStretch in
            let pick: SoundReader.Pick = switch sound.asset.channel {
            case .all: .all
            case .left: .one(0)
            case .right: .one(1)
            case .mix: .mean
            case .number(let n): .one(n - 1)
            }
            return SoundStretch(path: sound.asset.path, pick: pick, range: sound.range, fileStart: sound.fileStart, fileEnd: sound.fileEnd, decibels: sound.gain, volume: sound.volume,
                                fadeIn: sound.fadeIn, fadeOut: sound.fadeOut, loops: sound.loops, speed: sound.speed,
                                ducks: sound.ducks.map { SoundStretch.Duck(level: $0.level, under: $0.under) })
        }
        return SoundMix(stretches: stretches, loudness: timeline.loudness, duration: timeline.duration)
    }

    /// The sound tracks of the scene's footage for an output that keeps them: the first footage that plays at its own speed,
    /// from `start` seconds of the scene on. nil: there is none.
    package static func keptSound(_ timeline: Timeline, from start: Rational) -> KeptSound? {
        for shot in timeline.shots {
            for layer in shot.layers {
                guard case .footage(let footage) = layer.layer.content, let asset = timeline.assets[footage.asset], asset.facts?.hasAudio == true,
                      layer.speed == Rational(1) else { continue }
                // What lies before the output's first frame is cut off at the front.
                let cut = max(.zero, start - layer.range.start)
                return KeptSound(path: asset.path, fileStart: layer.fileStart + cut, fileEnd: layer.fileStart + layer.range.duration, filmStart: max(.zero, layer.range.start - start))
            }
        }
        return nil
    }
}
