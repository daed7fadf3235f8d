// Recipes of training as files: read, and refused where a number makes no sense.
import Foundation
import TalkingHead

package enum RecipeFile {
    /// Reads a recipe. - Throws: `StudioFailure` that names the entry.
    package static func read(_ path: String) throws -> TrainingRecipe {
        let recipe: TrainingRecipe = try decoded(path, example: "training/nova.json")
        let steps = [("speechSteps", recipe.speechSteps), ("audioSteps", recipe.audioSteps), ("coarseSteps", recipe.coarseSteps), ("lipsSteps", recipe.lipsSteps), ("torsoSteps", recipe.torsoSteps)]
        for (name, value) in steps where !(0...10_000_000).contains(value) { throw wrong(path, name, "\(value)", "0…10000000 steps") }
        guard recipe.coarseSteps + recipe.lipsSteps > 0 else { throw wrong(path, "coarseSteps", "0", "at least one step of the head") }
        guard (16...5120).contains(recipe.raysPerStep) else { throw wrong(path, "raysPerStep", "\(recipe.raysPerStep)", "16…5120 rays") }
        let rates = [("planeRate", recipe.planeRate), ("networkRate", recipe.networkRate), ("audioRate", recipe.audioRate), ("lastRate", recipe.lastRate)]
        for (name, value) in rates where !(value > 0 && value <= 1) { throw wrong(path, name, "\(value)", "more than 0, at most 1") }
        return recipe
    }

    private static func decoded<Recipe: Decodable>(_ path: String, example: String) throws -> Recipe {
        guard let data = FileManager.default.contents(atPath: path) else { throw StudioFailure(3, "\(path): there is no such recipe") }
        do { return try JSONDecoder().decode(Recipe.self, from: data) } catch {
            throw StudioFailure(3, "\(path): is no recipe: \(JSONReason.words(error))", advice: "\(example) shows every entry")
        }
    }

    private static func wrong(_ path: String, _ name: String, _ value: String, _ expected: String) -> StudioFailure {
        StudioFailure(3, "\(path): \(name) is \(value); expected \(expected)", advice: "training/nova.json shows every entry")
    }
}

extension RecipeFile {
    /// Reads a recipe of AD-NeRF. - Throws: `StudioFailure` that names the entry.
    static func readAdNerf(_ path: String) throws -> AdNerfRecipe {
        let example = "training/ad-nerf.json"
        let recipe: AdNerfRecipe = try decoded(path, example: example)
        if let bad = recipe.complaint { throw StudioFailure(3, "\(path): \(bad.name) is \(bad.value); expected \(bad.expected)", advice: "\(example) shows every entry") }
        return recipe
    }
}

/// Why JSON was not understood, in one line.
enum JSONReason {
    static func words(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
            return path.isEmpty ? "" : " in \(path)"
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(key.stringValue) is missing\(place(context))"
        case .typeMismatch(let type, let context): return "a \(type) is expected\(place(context))"
        case .valueNotFound(let type, let context): return "a \(type) is expected\(place(context))"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty: return "\(context.debugDescription)\(place(context))"
        case .dataCorrupted: return "it is no valid JSON"
        @unknown default: return "\(error)"
        }
    }
}
