// The numbers of the colour matrices: between R, G, B and the planes of a film.
import CFFmpeg
import Imaging

enum ColorWeights {
    /// Share of red and blue in the luma.
    private static func shares(_ matrix: Int32) -> (red: Double, blue: Double)? {
        switch matrix {
        case SWS_CS_ITU709: (0.2126, 0.0722)
        case SWS_CS_ITU601: (0.299, 0.114)
        case SWS_CS_BT2020: (0.2627, 0.0593)
        case SWS_CS_SMPTE240M: (0.212, 0.087)
        case SWS_CS_FCC: (0.30, 0.11)
        default: nil
        }
    }

    /// From colours in 0…1 to levels of 8 bits, limited range.
    static func toPlanes(_ matrix: Int32) -> PlaneWeights? {
        guard let (kr, kb) = shares(matrix) else { return nil }
        let kg = 1 - kr - kb
        let (luma, chroma, black) = (219.0, 224.0, 16.0)
        func row(_ r: Double, _ g: Double, _ b: Double, _ offset: Double) -> SIMD4<Float> { SIMD4(Float(r), Float(g), Float(b), Float(offset)) }
        let cb = chroma / (2 * (1 - kb)), cr = chroma / (2 * (1 - kr))
        return PlaneWeights([row(kr * luma, kg * luma, kb * luma, black), row(-kr * cb, -kg * cb, (1 - kb) * cb, 128), row((1 - kr) * cr, -kg * cr, -kb * cr, 128)])
    }

    /// From levels of 8 bits to colours in 0…1.
    static func fromPlanes(_ matrix: Int32, fullRange: Bool) -> PlaneWeights? {
        guard let (kr, kb) = shares(matrix) else { return nil }
        let kg = 1 - kr - kb
        let (luma, chroma, black) = fullRange ? (255.0, 255.0, 0.0) : (219.0, 224.0, 16.0)
        let (red, blue) = (2 * (1 - kr) / chroma, 2 * (1 - kb) / chroma)
        func row(_ cb: Double, _ cr: Double) -> SIMD4<Float> { SIMD4(Float(1 / luma), Float(cb), Float(cr), Float(-black / luma - 128 * (cb + cr))) }
        return PlaneWeights([row(0, red), row(-blue * kb / kg, -red * kr / kg), row(blue, 0)])
    }
}
