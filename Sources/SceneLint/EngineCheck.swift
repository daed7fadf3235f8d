// Clauses whose engines this program does not hold: rendering stops before the first frame and names the clause.
import Diagnostics
import SceneModel

/// Asked before rendering, not by lint: such a scene is right, only this program cannot draw it.
package enum EngineCheck {
    /// Engines that a build may hold beside the talking heads.
    package struct Available: Sendable {
        package var lipDub: Bool
        package var performance: Bool
        package init(lipDub: Bool = false, performance: Bool = false) {
            self.lipDub = lipDub
            self.performance = performance
        }
    }

    package static func findings(_ document: SceneDocument, available: Available = Available()) -> [Diagnostic] {
        var result: [Diagnostic] = []
        for shot in document.shots {
            for layer in shot.layers {
                switch layer.content {
                case .footage(let footage) where !available.lipDub:
                    result += footage.dubs.map { missing("dub", "lip-dub", $0.place, "remove the clause, or play the line with `sound \($0.asset)`") }
                case .actor(let actor) where !available.performance:
                    if let clause = actor.performance { result.append(missing("performs", "performance", clause.place, "key the head with `pose` and the lids with `blinks`")) }
                default: break
                }
            }
        }
        return result
    }

    private static func missing(_ clause: String, _ engine: String, _ place: Place, _ help: String) -> Diagnostic {
        Diagnostic("engine-not-built", .error, "`\(clause)` needs the \(engine) engine, which this program does not have", at: place.label(), help: help)
    }
}
