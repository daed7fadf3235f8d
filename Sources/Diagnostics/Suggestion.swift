// The nearest known word to an unknown one.

/// Suggestions by edit distance.
package enum Suggestion {
    /// The candidate nearest to the word, when it is near enough to be meant.
    package static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
        let limit = max(1, word.count / 3)
        var best: (distance: Int, word: String)?
        let letters = Array(word.lowercased().utf8.prefix(64))
        for candidate in candidates {
            let other = Array(candidate.lowercased().utf8.prefix(64))
            guard abs(other.count - letters.count) <= limit else { continue }
            let distance = editDistance(letters, other, limit: best?.distance ?? limit)
            // Of two that are equally near, the first one by name, whatever order they come in.
            if distance <= limit, best.map({ (distance, candidate) < ($0.distance, $0.word) }) ?? true { best = (distance, candidate) }
        }
        return best?.word
    }

    /// Insertions, deletions, substitutions, and swaps of neighbours; any number above the limit where it is more than that.
    static func editDistance(_ a: [UInt8], _ b: [UInt8], limit: Int = .max) -> Int {
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            row.reserveCapacity(b.count + 1)
            var least = i + 1
            for j in 0..<b.count {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
                least = min(least, cost)
            }
            // A swap looks two rows back, so that only two rows above the limit are the end.
            if least > limit, let above = last.min(), above > limit { return least }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
