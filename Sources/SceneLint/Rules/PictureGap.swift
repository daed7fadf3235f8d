// A moment of a shot without any picture.
import Base
import Diagnostics
import SceneModel

struct PictureGap: LintRule {
    let id = "picture-gap"
    let kind = RuleKind.time
    let explanation = "For a part of the shot no background, footage, actor or picture is on: the plain background of the scene flashes up."
    let wrong = """
        video ceo = "ceo.mp4"
        shot for 6s { footage ceo from 0s to 4s }
        """
    let right = """
        video ceo = "ceo.mp4"
        shot for 4s { footage ceo from 0s to 4s }
        """
    let nearMiss = """
        video ceo = "ceo.mp4"
        shot for 6s { background black ; footage ceo from 0s to 4s }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        return timeline.shots.flatMap { shot -> [Diagnostic] in
            let pictures = shot.layers.filter { !$0.layer.isText && !$0.frames.isEmpty }.map(\.frames).sorted { $0.lowerBound < $1.lowerBound }
            guard !pictures.isEmpty else { return [] }
            var covered = shot.frames.lowerBound
            var gaps: [Range<Int>] = []
            for frames in pictures {
                if frames.lowerBound > covered { gaps.append(covered..<frames.lowerBound) }
                covered = max(covered, frames.upperBound)
            }
            if covered < shot.frames.upperBound { gaps.append(covered..<shot.frames.upperBound) }
            guard let first = gaps.first else { return [] }
            let from = timeline.rate.time(ofFrame: first.lowerBound - shot.frames.lowerBound), to = timeline.rate.time(ofFrame: first.upperBound - shot.frames.lowerBound)
            return [warning("from \(Words.seconds(from)) to \(Words.seconds(to)) nothing is seen in this shot", shot.shot.place, help: "add `background …`, or end the shot with its picture")]
        }
    }
}
