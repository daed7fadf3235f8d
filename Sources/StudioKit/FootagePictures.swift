// Drawn frames and frames of a data set as pictures of one kind.
import Engines
import Imaging

/// Pictures of a data set's size, over its plate.
struct FootagePictures {
    let footage: any TrainingFootage

    /// A drawn person over the plate, RGB of 8 bits.
    func flattened(_ drawn: Frame) -> [UInt8] { flattened(drawn, onto: footage.background) }

    /// A drawn head over a torso (RGBA, straight alpha) over the plate.
    func flattened(_ drawn: Frame, over torso: [UInt8]) -> [UInt8] {
        let plate = footage.background
        let backdrop = (0..<(footage.width * footage.height * 3)).map { n -> UInt8 in
            let (i, c) = (n / 3, n % 3), alpha = Int(torso[4 * i + 3])
            return UInt8((Int(torso[4 * i + c]) * alpha + Int(plate[n]) * (255 - alpha) + 127) / 255)
        }
        return flattened(drawn, onto: backdrop)
    }

    private func flattened(_ drawn: Frame, onto plate: [UInt8]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: footage.width * footage.height * 3)
        drawn.withPixels { p in
            for i in 0..<(footage.width * footage.height) {
                for c in 0..<3 {
                    let v = p[4 * i + c] + (1 - p[4 * i + 3]) * Float(plate[3 * i + c]) / 255
                    bytes[3 * i + c] = UInt8(min(max(v, 0), 1) * 255 + 0.5)
                }
            }
        }
        return bytes
    }

    /// RGB of 8 bits as a picture.
    func picture(_ rgb: [UInt8]) -> Frame {
        let builder = FrameBuilder(width: footage.width, height: footage.height)
        let p = builder.pixels
        for i in 0..<(footage.width * footage.height) {
            for c in 0..<3 { p[4 * i + c] = Float(rgb[3 * i + c]) / 255 }
            p[4 * i + 3] = 1
        }
        return builder.freeze()
    }
}
