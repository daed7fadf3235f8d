// How much a scene may hold: every limit of the language in one place, each with a message of its own.

/// Limits that keep a hostile or mistaken file from costing more than its length. Size and nesting of one file are `Parser`'s.
package enum SceneLimits {
    /// Import clauses of a scene and of all that it imports.
    package static let imports = 256
    /// Files that import each other in a row.
    package static let importDepth = 16
    /// Bytes of all imported files together.
    package static let importedBytes = 16 << 20
    /// Names of a scene, those that imports bring in included.
    package static let names = 50_000
    /// Times that hang on each other in a row.
    package static let timeDepth = 200
    /// Keyframes of all motions as placed in shots.
    package static let placedKeys = 1_000_000
    /// Mistakes for which a nearest name is looked up.
    static let suggestions = 40

    /// What one load has used of them.
    struct Counts {
        var imports = 0
        var importedBytes = 0
        var names = 0
        var suggestions = 0
    }
}
