// The difference of two texts in the form that `diff -u` and `patch` know.

/// Line differences by the lines that occur once in both texts (patience), so that large files stay cheap.
package enum UnifiedDiff {
    /// Empty where the texts are the same.
    package static func text(_ old: String, _ new: String, path: String) -> String {
        guard old != new else { return "" }
        let (a, b) = (lines(old), lines(new))
        var pairs: [(Int, Int)] = []
        match(a, b, 0..<a.count, 0..<b.count, depth: 0, &pairs)
        return "--- \(path)\n+++ \(path)\n" + hunks(a, b, pairs)
    }

    /// Lines with their ends; the last one may lack it.
    private static func lines(_ text: String) -> [Substring] {
        var result: [Substring] = []
        var start = text.startIndex
        while start < text.endIndex {
            let end = text.utf8[start...].firstIndex(of: 0x0A).map { text.utf8.index(after: $0) } ?? text.endIndex
            result.append(text[start..<end])
            start = end
        }
        return result
    }

    /// Pairs of equal lines, in order.
    private static func match(_ a: [Substring], _ b: [Substring], _ inA: Range<Int>, _ inB: Range<Int>, depth: Int, _ pairs: inout [(Int, Int)]) {
        var (low, high) = ((inA.lowerBound, inB.lowerBound), (inA.upperBound, inB.upperBound))
        while low.0 < high.0, low.1 < high.1, a[low.0] == b[low.1] {
            pairs.append(low)
            low = (low.0 + 1, low.1 + 1)
        }
        var tail: [(Int, Int)] = []
        while high.0 > low.0, high.1 > low.1, a[high.0 - 1] == b[high.1 - 1] {
            high = (high.0 - 1, high.1 - 1)
            tail.append(high)
        }
        if low.0 < high.0, low.1 < high.1, depth < 40 {
            var before = low
            for anchor in anchors(a, b, low.0..<high.0, low.1..<high.1) {
                match(a, b, before.0..<anchor.0, before.1..<anchor.1, depth: depth + 1, &pairs)
                pairs.append(anchor)
                before = (anchor.0 + 1, anchor.1 + 1)
            }
            if before != low { match(a, b, before.0..<high.0, before.1..<high.1, depth: depth + 1, &pairs) }
        }
        pairs += tail.reversed()
    }

    /// Lines that occur once on both sides: the longest rising row of them.
    private static func anchors(_ a: [Substring], _ b: [Substring], _ inA: Range<Int>, _ inB: Range<Int>) -> [(Int, Int)] {
        var seen: [Substring: (countA: Int, a: Int, countB: Int, b: Int)] = [:]
        for index in inA { seen[a[index], default: (0, 0, 0, 0)].countA += 1; seen[a[index]]?.a = index }
        for index in inB where seen[b[index]] != nil { seen[b[index]]?.countB += 1; seen[b[index]]?.b = index }
        let once = seen.values.filter { $0.countA == 1 && $0.countB == 1 }.map { ($0.a, $0.b) }.sorted { $0.0 < $1.0 }
        var ends: [Int] = []
        var previous = Array(repeating: -1, count: once.count)
        for (index, pair) in once.enumerated() {
            var (low, high) = (0, ends.count)
            while low < high {
                let middle = (low + high) / 2
                if once[ends[middle]].1 < pair.1 { low = middle + 1 } else { high = middle }
            }
            previous[index] = low > 0 ? ends[low - 1] : -1
            if low == ends.count { ends.append(index) } else { ends[low] = index }
        }
        var result: [(Int, Int)] = []
        var index = ends.last ?? -1
        while index >= 0 {
            result.append(once[index])
            index = previous[index]
        }
        return result.reversed()
    }

    /// Changes with three lines around them.
    private static func hunks(_ a: [Substring], _ b: [Substring], _ pairs: [(Int, Int)]) -> String {
        struct Change { var a: Range<Int>, b: Range<Int> }
        var changes: [Change] = []
        var at = (0, 0)
        for pair in pairs + [(a.count, b.count)] {
            if pair != at { changes.append(Change(a: at.0..<pair.0, b: at.1..<pair.1)) }
            at = (pair.0 + 1, pair.1 + 1)
        }
        var result = ""
        var index = 0
        while index < changes.count {
            var end = index + 1
            while end < changes.count, changes[end].a.lowerBound - changes[end - 1].a.upperBound <= 6 { end += 1 }
            let group = changes[index..<end]
            guard let first = group.first, let last = group.last else { break }
            let lead = min(3, first.a.lowerBound), rest = min(3, a.count - last.a.upperBound)
            let (startA, endA) = (first.a.lowerBound - lead, last.a.upperBound + rest)
            let (startB, endB) = (first.b.lowerBound - lead, last.b.upperBound + rest)
            result += "@@ -\(place(startA, endA)) +\(place(startB, endB)) @@\n"
            var line = startA
            for change in group {
                while line < change.a.lowerBound { result += mark(" ", a[line]); line += 1 }
                for index in change.a { result += mark("-", a[index]) }
                for index in change.b { result += mark("+", b[index]) }
                line = change.a.upperBound
            }
            while line < endA { result += mark(" ", a[line]); line += 1 }
            index = end
        }
        return result
    }
    private static func place(_ start: Int, _ end: Int) -> String { "\(start == end ? start : start + 1),\(end - start)" }
    private static func mark(_ sign: String, _ line: Substring) -> String { sign + line + (line.utf8.last == 0x0A ? "" : "\n\\ No newline at end of file\n") }
}
