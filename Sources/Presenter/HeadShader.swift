// Colours of the head: skin, eyes, mouth and hair, in linear light.
import Kernels

/// What the shader needs to know of eight surface points in head space.
struct SurfacePoints {
    var position: V8
    var normal: V8
    /// Away from the surface towards the camera.
    var view: V8
    var material: F8
    var open: F8
    var lit: F8
}

/// Shades the head of one frame.
struct HeadShader: Sendable {
    let shape: HeadShape
    private var mouth: MouthShape { shape.mouth }

    /// Linear colour, and how much of each point is lip (0…1).
    @inline(__always) func shade(_ s: SurfacePoints) -> (color: V8, lip: F8) {
        var color = V8(f8(0), f8(0), f8(0))
        var lip = f8(0)
        let isSkin = s.material .== Material.skin
        if any(isSkin) {
            let (c, l) = skin(s)
            color = V8.choose(isSkin, c, color)
            lip = select(isSkin, l, lip)
        }
        let isEye = s.material .== Material.eye
        if any(isEye) { color = V8.choose(isEye, eye(s), color) }
        let isHair = (s.material .== Material.hair) .| (s.material .== Material.lash)
        if any(isHair) { color = V8.choose(isHair, hair(s), color) }
        let isInside = (s.material .== Material.teeth) .| (s.material .== Material.mouth)
        if any(isInside) { color = V8.choose(isInside, inside(s), color) }
        return (color, lip)
    }

    // MARK: skin

    @inline(__always) private func skin(_ s: SurfacePoints) -> (V8, F8) {
        let p = s.position
        let ax = absolute(p.x)
        var albedo = V8(SIMD3(0.610, 0.345, 0.240))
        func bump(_ a: F8, _ b: F8) -> F8 { exp(-(a * a + b * b)) }
        let blush = bump((ax - 0.46) * (1 / 0.22), (p.y + 0.33) * (1 / 0.18))
        let noseTip = bump(p.x * (1 / 0.141), (p.y + 0.34) * (1 / 0.12)) * smoothstep(0.85, 1, p.z)
        albedo = albedo * V8.mix(V8(SIMD3(1, 1, 1)), V8(SIMD3(1.06, 0.76, 0.74)), saturate(blush * 0.75 + noseTip * 0.5))
        albedo = albedo * (1 + 0.05 * noise3(p * 5))
        let e = (V8(ax, p.y, p.z) - V8(EyeShape.center)).length
        let around = (e - 0.30) * (1 / 0.07)
        albedo = albedo * V8.mix(V8(SIMD3(1, 1, 1)), V8(SIMD3(0.93, 0.85, 0.83)), exp(-around * around) * 0.6)
        albedo = brows(albedo, p)
        let (lipped, lip, inner) = lips(albedo, p)
        albedo = lids(lipped, p)
        let nostril = ellipsoid(V8(ax - 0.052, p.y + 0.435, p.z - 0.985), SIMD3(0.05, 0.042, 0.07))
        albedo = albedo * V8.mix(V8(SIMD3(1, 1, 1)), V8(SIMD3(0.30, 0.14, 0.12)), smoothstep(0.01, -0.02, nostril))
        return (lightSkin(s, albedo, wet: lip * (1 - inner * 0.5), open: s.open * (1 - 0.65 * inner)), lip * (1 - inner))
    }

    /// Tapered strokes: a band that thins outwards, its edge broken by soft hairs.
    @inline(__always) private func brows(_ albedo: V8, _ p: V8) -> V8 {
        let ax = absolute(p.x)
        let x0: Float = 0.135, x1: Float = 0.68
        let t = saturate((ax - x0) * (1 / (x1 - x0)))
        let center = 0.335 + 0.135 * sine(t * 2.35) - 0.045 * t
        let half = (0.054 - 0.034 * t * t) * smoothstep(-0.05, 0.16, t)
        let beyond = maximum(maximum(x0 - ax, ax - x1), f8(0))
        let off = p.y - center
        let stroke = noise2((ax - p.y * 0.9) * 44, (p.y + ax * 0.3) * 6)
        let d = (off * off + beyond * beyond).squareRoot() - half + 0.012 * stroke
        let mask = smoothstep(0.018, -0.016, d) * smoothstep(0.1, 0.3, p.z)
        let color = V8(SIMD3(0.075, 0.036, 0.022)) * (1 + 0.35 * stroke)
        return V8.mix(albedo, color, mask * 0.92)
    }

    @inline(__always) private func lips(_ albedo: V8, _ p: V8) -> (V8, F8, F8) {
        let g = mouth
        let ax = absolute(p.x)
        let near = (p.z .> 0.3) .& (ax .< (g.width + 0.06))
        guard any(near) else { return (albedo, f8(0), f8(0)) }
        let xc = minimum(ax, f8(g.width))
        let opening = g.lens(xc), t = xc * (1 / g.width)
        let y = p.y - g.centerY - g.bend(xc)
        let ru = g.upperRadius * (1 - 0.80 * t * t), rl = g.lowerRadius * (1 - 0.82 * t * t)
        let b0 = ax * (1 / 0.045), b1 = (ax - 0.085) * (1 / 0.06)
        let bow = exp(-b0 * b0) * -0.020 + exp(-b1 * b1) * 0.014
        let top = g.up * opening + ru * 1.62 + bow, bottom = -g.low * opening - rl * 1.70
        let edge = minimum(top - y, y - bottom)
        var lip = smoothstep(-0.012, 0.014, edge) * smoothstep(0.02, -0.02, ax - g.width)
        lip = select(near, lip, f8(0))
        let within = minimum(g.up * opening - y, y + g.low * opening)
        var inner = smoothstep(0, 0.03, within) * smoothstep(-0.05, -0.13, p.z - g.depth(xc))
        inner = select(near, inner, f8(0))
        let color = V8(SIMD3(0.43, 0.115, 0.110)) * (1 + 0.10 * noise2(p.x * 60, y * 9))
        var result = V8.mix(albedo, color, lip * 0.88)
        result = V8.mix(result, V8(SIMD3(0.16, 0.035, 0.035)), inner)
        return (result, lip, inner)
    }

    @inline(__always) private func lids(_ albedo: V8, _ p: V8) -> V8 {
        let l = V8(absolute(p.x), p.y, p.z) - V8(EyeShape.center)
        let near = (l.length .< (EyeShape.radius + 0.07)) .& (l.z .> 0)
        guard any(near) else { return albedo }
        let x = l.x * (1 / EyeShape.radius), y = l.y * (1 / EyeShape.radius)
        let above = y - shape.eye.upperLid(x), below = shape.eye.lowerLid(x) - y
        let side = smoothstep(1.0, 0.85, absolute(x))
        var c = V8.mix(albedo, V8(SIMD3(0.035, 0.020, 0.018)), smoothstep(0.11, 0.02, absolute(above)) * side * 0.9)
        c = V8.mix(c, V8(SIMD3(0.42, 0.20, 0.17)), smoothstep(0.09, 0.02, absolute(below)) * side * 0.5)
        let shadow = smoothstep(0.5, 0.1, above) * smoothstep(-0.02, 0.08, above) * (0.55 * shape.eye.open)
        c = c * V8.mix(V8(SIMD3(1, 1, 1)), V8(SIMD3(0.86, 0.76, 0.73)), shadow)
        return V8.choose(near, c, albedo)
    }

    /// Wrapped diffuse light that reaches further in red, two highlights, and a little fuzz at grazing angles.
    @inline(__always) private func lightSkin(_ s: SurfacePoints, _ albedo: V8, wet: F8, open: F8) -> V8 {
        let n = s.normal
        let k = n.dot(StudioLight.key), f = n.dot(StudioLight.fill)
        func wrapped(_ d: F8, _ w: Float) -> F8 { maximum((d + w) * (1 / (1 + w)), f8(0)) }
        let lit = s.lit
        let diffuseKey = V8(wrapped(k, 0.42) * power(lit, 0.55), wrapped(k, 0.20) * power(lit, 0.85), wrapped(k, 0.12) * lit)
        let diffuseFill = V8(wrapped(f, 0.42), wrapped(f, 0.20), wrapped(f, 0.12)) * (0.35 + 0.65 * open)
        let occlusion = V8(power(open, 0.75), open, open)
        var light = V8(StudioLight.keyColor) * diffuseKey + V8(StudioLight.fillColor) * diffuseFill
        light = light + StudioLight.ambient(n) * occlusion
        light = light + V8(StudioLight.rimColor) * (maximum(n.dot(StudioLight.rim), f8(0)) * open * 0.45)
        light = light + V8(StudioLight.rim2Color) * (maximum(n.dot(StudioLight.rim2), f8(0)) * open * 0.40)
        var c = albedo * light * 0.80
        let h = (V8(StudioLight.key) + s.view).normalized
        let grazing = 1 - maximum(h.dot(s.view), f8(0))
        let fresnel = 0.020 + 0.97 * grazing * grazing * grazing * grazing * grazing
        let shine = (microfacets(n, h, 0.52) * 0.8 + microfacets(n, h, 0.34) * 0.2) * fresnel * maximum(k, f8(0)) * lit
        c = c + V8(StudioLight.keyColor) * (shine * 0.9 + wet * microfacets(n, h, 0.38) * lit * 0.018)
        let facing = 1 - maximum(n.dot(s.view), f8(0))
        return c + V8(SIMD3(0.07, 0.05, 0.05)) * (facing * facing * facing * facing * open * 0.4)
    }

    // MARK: eyes

    @inline(__always) private func eye(_ s: SurfacePoints) -> V8 {
        let p = s.position
        let side = select(p.x .< 0, f8(-1), f8(1))
        let local = V8(p.x - side * EyeShape.center.x, p.y - EyeShape.center.y, p.z - EyeShape.center.z)
        let e = local.normalized
        // Both eyes look at the camera of the neutral pose, a hair inwards.
        let gaze = V8(side * -0.035, f8(-0.015), f8(0.9993))
        let cosine = e.dot(gaze)
        let angle = arccosine(cosine)
        let side1 = V8(gaze.z, f8(0), -gaze.x)
        let around = arctangent(e.y - gaze.y * cosine, e.dot(side1))
        let iris: Float = 0.60, pupil: Float = 0.25
        let t = angle * (1 / iris)
        let white = V8.mix(V8(SIMD3(0.80, 0.79, 0.78)), V8(SIMD3(0.74, 0.55, 0.51)), smoothstep(0.75, 1.25, angle) * 0.8)
        let fibre = 0.5 + 0.5 * noise2(around * 9 + 40, t * 3)
        var color = V8.mix(V8(SIMD3(0.055, 0.185, 0.200)), V8(SIMD3(0.22, 0.46, 0.42)), saturate(fibre * 0.9) * smoothstep(1.05, 0.5, t))
        color = V8.mix(color, V8(SIMD3(0.40, 0.27, 0.09)), smoothstep(0.78, 0.42, t) * (0.30 + 0.3 * fibre))
        color = color * (0.45 + 0.9 * smoothstep(1.0, 0.72, t))
        color = color * (1 + 0.9 * saturate(e.dot(SIMD3<Float>(0.35, -0.70, 0.55))) * smoothstep(0.3, 0.8, t))
        color = V8.mix(color, V8(SIMD3(0.006, 0.005, 0.006)), smoothstep(pupil + 0.04, pupil - 0.03, angle))
        color = V8.mix(color, V8(SIMD3(0.03, 0.045, 0.05)), smoothstep(0.80, 0.98, t) * smoothstep(1.14, 1.0, t) * 0.85)
        color = V8.mix(color, white, smoothstep(0.96, 1.10, t))
        let x = side * local.x * (1 / EyeShape.radius), y = local.y * (1 / EyeShape.radius)
        let lid = shape.eye.upperLid(x) - y, low = y - shape.eye.lowerLid(x)
        let shade = (0.34 + 0.66 * smoothstep(-0.02, 0.42, lid)) * (0.65 + 0.35 * smoothstep(0, 0.16, low))
        let n = s.normal
        var light = V8(StudioLight.keyColor) * (saturate(n.dot(StudioLight.key) * 0.7 + 0.3) * (0.45 + 0.55 * s.lit) * 0.75)
        light = light + V8(StudioLight.fillColor) * saturate(n.dot(StudioLight.fill) * 0.6 + 0.4) + StudioLight.ambient(n) * 1.3
        var c = color * light * shade * 0.82
        let r = n * (2 * n.dot(s.view)) - s.view
        let window = smoothstep(0.90, 0.955, r.dot(SIMD3<Float>(-0.4187, 0.4354, 0.7955)))
        let second = smoothstep(0.94, 0.97, r.dot(SIMD3<Float>(0.6632, 0.1658, 0.7296)))
        c = c + (V8(SIMD3(1, 0.97, 0.92)) * (window * 1.5) + V8(SIMD3(0.75, 0.85, 1)) * (second * 0.3)) * shade * smoothstep(1.3, 0.9, t)
        return c
    }

    // MARK: mouth inside

    @inline(__always) private func inside(_ s: SurfacePoints) -> V8 {
        let p = s.position
        let isTeeth = s.material .== Material.teeth
        let gum = smoothstep(0.10, 0.05, p.y - mouth.centerY)
        let enamel = V8.mix(V8(SIMD3(0.50, 0.20, 0.19)), V8(SIMD3(0.78, 0.74, 0.66)), gum)
        let albedo = V8.choose(isTeeth, enamel, V8(SIMD3(0.46, 0.15, 0.14)))
        var reach = 0.22 + 0.68 * smoothstep(0.50, 0.80, p.z)
        reach = select(isTeeth, reach * (0.6 + 0.4 * smoothstep(0.30, 0.1, absolute(p.x))), reach)
        let n = s.normal
        let light = V8(StudioLight.keyColor) * (saturate(0.3 + 0.7 * n.dot(StudioLight.key)) * 0.52)
            + V8(StudioLight.fillColor) * 0.7 + StudioLight.ambient(n)
        let h = (V8(StudioLight.key) + s.view).normalized
        return albedo * light * reach * 0.8 + V8(StudioLight.keyColor) * (microfacets(n, h, 0.25) * reach * 0.012)
    }

    // MARK: hair

    /// Two highlights along the strands (the fibre model of Kajiya and Kay) over clumped browns.
    @inline(__always) private func hair(_ s: SurfacePoints) -> V8 {
        let p = s.position, n = s.normal
        let (around, away) = HeadShape.strands(p)
        let c = p - V8(SIMD3(0, 0.15, -0.15))
        let pole = V8(SIMD3(-0.2733, 0.9110, 0.3097))
        var tangent = (c * c.dot(pole) - pole * c.dot(c)).normalized
        tangent = (tangent - n * tangent.dot(n)).normalized
        let strand = noise2(around * 34, away * 2), clump = noise2(around * 9, away * 1.1)
        var base = V8.mix(V8(SIMD3(0.045, 0.019, 0.011)), V8(SIMD3(0.160, 0.066, 0.030)), saturate(0.45 + 0.30 * strand + 0.25 * clump))
        base = base * V8.mix(V8(SIMD3(1, 1, 1)), V8(SIMD3(1.5, 1.25, 1.0)), smoothstep(1.2, 2.4, away) * 0.5)
        let isLash = s.material .== Material.lash
        base = V8.choose(isLash, V8(SIMD3(0.012, 0.008, 0.008)), base)
        let t = (tangent + n * (0.12 * strand)).normalized
        func along(_ light: SIMD3<Float>, _ shift: Float, _ sharpness: Float) -> F8 {
            let shifted = (t + n * shift).normalized
            let d = shifted.dot((V8(light) + s.view).normalized)
            return power(maximum(1 - d * d, f8(0)), sharpness * 0.5)
        }
        let tk = t.dot(StudioLight.key), nk = n.dot(StudioLight.key)
        let diffuse = maximum(1 - tk * tk, f8(0)).squareRoot() * saturate(0.35 + 0.65 * nk)
        let fill = saturate(0.4 + 0.6 * n.dot(StudioLight.fill)) * s.open
        let deep = s.open * (0.6 + 0.4 * smoothstep(-0.9, 0.5, clump))
        var color = base * (V8(StudioLight.keyColor) * (diffuse * s.lit) + V8(StudioLight.fillColor) * fill + StudioLight.ambient(n) * deep) * 1.1
        let gloss = select(isLash, f8(0.1), f8(1)) * s.lit * saturate(nk + 0.25)
        color = color + (V8(SIMD3(1, 0.92, 0.82)) * (along(StudioLight.key, -0.10, 70) * 0.06) + base * (along(StudioLight.key, 0.14, 22) * 1.4))
            * V8(StudioLight.keyColor) * gloss
        color = color + V8(StudioLight.rimColor) * base * (maximum(n.dot(StudioLight.rim), f8(0)) * s.open * 0.9)
        return color + V8(StudioLight.rim2Color) * base * (maximum(n.dot(StudioLight.rim2), f8(0)) * s.open * 0.8)
    }
}
