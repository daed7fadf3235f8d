// How alike two pictures are: PSNR and SSIM on colour, alpha left out.
import Foundation

extension Frame {
    /// Mean squared difference of R, G and B, 0…1.
    package func meanSquaredDifference(to other: Frame) -> Double {
        precondition(width == other.width && height == other.height, "pictures of one size are compared")
        let a = pixels, b = other.pixels
        var sum = 0.0
        for y in 0..<height {
            var row = SIMD4<Float>.zero
            for i in stride(from: 4 * y * width, to: 4 * (y + 1) * width, by: 4) {
                let d = SIMD4(a[i] - b[i], a[i + 1] - b[i + 1], a[i + 2] - b[i + 2], 0)
                row += d * d
            }
            sum += Double(row.x) + Double(row.y) + Double(row.z)
        }
        withExtendedLifetime((self, other)) {}
        return sum / Double(3 * width * height)
    }

    /// Peak signal-to-noise ratio in decibels; infinite for equal pictures.
    package func psnr(to other: Frame) -> Double {
        let error = meanSquaredDifference(to: other)
        return error == 0 ? .infinity : -10 * log10(error)
    }

    /// Mean structural similarity of the BT.709 luma, in windows of 8 × 8 at every fourth pixel (Wang et al. 2004); 1 for equal pictures.
    package func ssim(to other: Frame) -> Double {
        precondition(width == other.width && height == other.height, "pictures of one size are compared")
        let a = luma, b = other.luma
        let (c1, c2) = (0.01 * 0.01, 0.03 * 0.03)
        let side = min(8, width, height)
        var total = 0.0, windows = 0.0
        for y in stride(from: 0, through: height - side, by: 4) {
            for x in stride(from: 0, through: width - side, by: 4) {
                var (sa, sb, saa, sbb, sab) = (0.0, 0.0, 0.0, 0.0, 0.0)
                for j in y..<(y + side) {
                    for i in x..<(x + side) {
                        let (p, q) = (Double(a[j * width + i]), Double(b[j * width + i]))
                        sa += p; sb += q; saa += p * p; sbb += q * q; sab += p * q
                    }
                }
                let n = Double(side * side)
                let (ma, mb) = (sa / n, sb / n)
                let (va, vb, cov) = (max(0, saa / n - ma * ma), max(0, sbb / n - mb * mb), sab / n - ma * mb)
                total += (2 * ma * mb + c1) * (2 * cov + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2))
                windows += 1
            }
        }
        return total / windows
    }

    private var luma: [Float] {
        withPixels { p in
            (0..<(width * height)).map { 0.2126 * p[4 * $0] + 0.7152 * p[4 * $0 + 1] + 0.0722 * p[4 * $0 + 2] }
        }
    }
}
