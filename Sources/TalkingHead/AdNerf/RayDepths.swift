// Where along a ray AD-NeRF looks: evenly at first, then where the first look found something (engine specification, 4.3).

enum RayDepths {
    /// `count` depths from near to far. With `random` each is moved within its cell, the last stays at far.
    static func even(near: Float, far: Float, count: Int, random: ((Int) -> Float)?, into z: UnsafeMutablePointer<Float>) {
        for i in 0..<count {
            let t = Float(i) / Float(count - 1)
            z[i] = near * (1 - t) + far * t
        }
        guard let random else { return }
        var before = z[0]
        for i in 0..<count {
            let lower = i == 0 ? z[0] : before
            let upper = i == count - 1 ? z[i] : 0.5 * (z[i] + z[i + 1])
            before = upper
            z[i] = lower + (upper - lower) * (i == count - 1 ? 1 : random(i))
        }
    }

    /// The depths of the coarse pass and `draws` more where its weights lie, sorted; `coarse + draws` in all.
    /// Without `random` the draws are spread evenly over the distribution.
    static func refined(_ z: UnsafePointer<Float>, weights: UnsafePointer<Float>, coarse: Int, draws: Int, random: ((Int) -> Float)?,
                        into out: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>) {
        // Bins lie between the middles of neighbouring depths; `scratch` holds the distribution over them: coarse − 1 values, the first 0.
        let bins = coarse - 1
        var total: Float = 0
        for i in 1..<(coarse - 1) { total += weights[i] + 1e-5 }
        scratch[0] = 0
        for i in 1..<bins { scratch[i] = scratch[i - 1] + (weights[i] + 1e-5) / total }
        func middle(_ i: Int) -> Float { 0.5 * (z[i] + z[i + 1]) }
        for k in 0..<draws {
            let u = random.map { $0(k) } ?? Float(k) / Float(max(draws - 1, 1))
            // The first bin whose sum exceeds u.
            var low = 0, high = bins
            while low < high {
                let mid = (low + high) / 2
                if scratch[mid] <= u { low = mid + 1 } else { high = mid }
            }
            let below = max(low - 1, 0), above = min(low, bins - 1)
            var span = scratch[above] - scratch[below]
            if span < 1e-5 { span = 1 }
            let t = (u - scratch[below]) / span
            out[coarse + k] = middle(below) + t * (middle(above) - middle(below))
        }
        for i in 0..<coarse { out[i] = z[i] }
        var all = UnsafeMutableBufferPointer(start: out, count: coarse + draws)
        all.sort()
    }
}
