// A longer or shorter throat: the bands of a voice move down or up.

/// Where each log-mel band is read from: between which two bands, and how far.
struct BandShift {
    private let places: [(low: Int, share: Float)]

    /// Band b is read at b · `length` + `bands`, held at the ends.
    init(length: Float = 1, bands: Float) {
        let count = LogMelExtractor.bands
        places = (0..<count).map { band in
            let place = min(max(Float(band) * length + bands, 0), Float(count - 1)), low = min(Int(place), count - 2)
            return (low, place - Float(low))
        }
    }

    /// What a log-mel step [bands] has there.
    func level(of step: UnsafePointer<Float>, _ band: Int) -> Float {
        let (low, share) = places[band]
        return step[low] + (step[low + 1] - step[low]) * share
    }

    /// Levels [count][bands], moved.
    func moved(_ levels: [Float]) -> [Float] {
        let bands = places.count
        return [Float](unsafeUninitializedCapacity: levels.count) { moved, filled in
            levels.withUnsafeBufferPointer { levels in
                guard let levels = levels.baseAddress else { return }
                for n in 0..<moved.count { moved.initializeElement(at: n, to: level(of: levels + n / bands * bands, n % bands)) }
            }
            filled = levels.count
        }
    }
}
