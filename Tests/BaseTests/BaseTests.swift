// Laws of exact time, addressed randomness, content keys and bands.
import Base
import Testing

@Suite struct RationalLaws {
    @Test func lowestTermsAndSign() {
        #expect(Rational(6, -4) == Rational(-3, 2))
        #expect(Rational(0, 5) == .zero)
        #expect(Rational(5, 0) == Rational(5))
    }

    @Test func roundingIsExactAtHalves() {
        #expect(Rational(1, 2).rounded == 1)
        #expect(Rational(-1, 2).rounded == 0)
        #expect(Rational(-3, 2).floor == -2)
        #expect(Rational(-3, 2).ceiling == -1)
        #expect(Rational(7, 1).ceiling == 7)
    }

    @Test func ntscNeverDrifts() {
        let rate = FrameRate(Rational(24000, 1001))
        for frame in stride(from: 0, through: 3_000_000, by: 99_991) {
            let time = rate.time(ofFrame: frame)
            #expect(rate.nearestFrame(to: time) == frame)
            #expect(rate.frame(at: time) == frame)
        }
    }

    @Test func overflowRoundsInsteadOfTrapping() {
        let large = Rational(Int64.max, 3)
        let product = large * large
        #expect(product.doubleValue > 1e18)
        let tiny = Rational(1, Int64.max) * Rational(1, Int64.max)
        #expect(tiny >= .zero)
        #expect(Rational(Int64.min, 1).doubleValue < -9e18)
    }

    @Test func orderAgreesWithSubtraction() {
        let random = SeededRandom(seed: 3)
        for i in 0..<500 as Range<UInt64> {
            let a = Rational(Int64(random.integer(4 * i, below: 2000)) - 1000, Int64(random.integer(4 * i + 1, below: 999)) + 1)
            let b = Rational(Int64(random.integer(4 * i + 2, below: 2000)) - 1000, Int64(random.integer(4 * i + 3, below: 999)) + 1)
            #expect((a < b) == (a - b < .zero))
            #expect((a + b) - b == a)
        }
    }
}

@Suite struct RandomLaws {
    @Test func addressDecidesValue() {
        let a = SeededRandom(seed: 7, stream: 1)
        let b = SeededRandom(seed: 7, stream: 2)
        #expect(a.bits(5) == SeededRandom(seed: 7, stream: 1).bits(5))
        #expect(a.bits(5) != b.bits(5))
        #expect(a.bits(5) != a.bits(6))
    }

    @Test func uniformFillsItsRangeEvenly() {
        let random = SeededRandom(seed: 11)
        var bins = [Int](repeating: 0, count: 10)
        for i in 0..<20_000 as Range<UInt64> {
            let value = random.uniform(i)
            #expect(value >= 0 && value < 1)
            bins[Int(value * 10)] += 1
        }
        for count in bins { #expect(abs(count - 2000) < 250) }
    }

    @Test func normalHasUnitVariance() {
        let random = SeededRandom(seed: 2)
        var sum: Float = 0, squares: Float = 0
        for i in 0..<20_000 as Range<UInt64> {
            let value = random.normal(i)
            sum += value
            squares += value * value
        }
        #expect(abs(sum / 20_000) < 0.03)
        #expect(abs(squares / 20_000 - 1) < 0.05)
    }
}

@Suite struct KeyLaws {
    @Test func everyPartCounts() {
        var keys = Set<ContentKey>()
        for text in ["", "a", "b", "ab", "ba", "abcdefgh", "abcdefghi"] {
            var key = ContentKey("node")
            key.mix(text)
            keys.insert(key)
        }
        #expect(keys.count == 7)
        var first = ContentKey("node"), second = ContentKey("node")
        first.mix("ab"); first.mix("c")
        second.mix("a"); second.mix("bc")
        #expect(first != second)
        #expect(ContentKey("node", version: 1) != ContentKey("node", version: 2))
    }

    @Test func printsThirtyTwoDigits() {
        #expect(ContentKey("x").description.count == 32)
    }
}

@Suite struct BandLaws {
    @Test(arguments: [1, 2, 5]) func everyIndexOnce(threads: Int) {
        let buffer = Buffer<Int32>(count: 1000)
        let base = UInt(bitPattern: buffer.pointer)
        ComputeBudget(threads: threads).forEach(1000) { index in
            let pointer = UnsafeMutablePointer<Int32>(bitPattern: base)
            pointer?[index] += Int32(index)
        }
        let wrong = (0..<1000).filter { buffer[$0] != Int32($0) }
        #expect(wrong.isEmpty)
    }

    @Test func buffersAreAlignedAndZero() {
        let buffer = Buffer<Float>(count: 33)
        let address = UInt(bitPattern: buffer.pointer)
        let sum = buffer.elements.reduce(0, +)
        #expect(address % 64 == 0)
        #expect(sum == 0)
    }
}
