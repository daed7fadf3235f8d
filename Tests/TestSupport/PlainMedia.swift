// Media files simple enough to write by hand: WAV and PPM.
import Foundation

public enum PlainMedia {
    /// 16-bit mono WAV of syllables: bursts of a 180 Hz buzz with pauses between them.
    public static func speechLike(seconds: Double, sampleRate: Int = 16_000) -> [UInt8] {
        wav((0..<Int(seconds * Double(sampleRate))).map { i in
            let t = Double(i) / Double(sampleRate)
            let loud = max(0, sin(2 * .pi * 3 * t))
            let buzz = sin(2 * .pi * 180 * t) + 0.5 * sin(2 * .pi * 720 * t) + 0.3 * sin(2 * .pi * 2500 * t)
            return Int16(max(-32000, min(32000, 9000 * loud * buzz)))
        }, sampleRate: sampleRate)
    }

    /// A WAV file of one channel.
    public static func wav(_ samples: [Int16], sampleRate: Int = 16_000) -> [UInt8] {
        var bytes: [UInt8] = []
        func put(_ text: String) { bytes += Array(text.utf8) }
        func put(_ value: Int, _ width: Int) { for k in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * k))) } }
        put("RIFF"); put(36 + 2 * samples.count, 4); put("WAVEfmt "); put(16, 4); put(1, 2); put(1, 2)
        put(sampleRate, 4); put(2 * sampleRate, 4); put(2, 2); put(16, 2); put("data"); put(2 * samples.count, 4)
        for sample in samples { put(Int(sample), 2) }
        return bytes
    }

    /// A colourful PPM picture.
    public static func ppm(width: Int, height: Int) -> [UInt8] {
        var bytes = Array("P6 \(width) \(height) 255\n".utf8)
        for y in 0..<height { for x in 0..<width { bytes += [UInt8(255 * x / width), UInt8(255 * y / height), 128] } }
        return bytes
    }

    /// A `.npy` array whose numbers count from 0.
    public static func numpy(_ shape: [Int]) -> [UInt8] {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape.map(String.init).joined(separator: ", "))), }"
        header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
        let numbers = (0..<shape.reduce(1, *)).flatMap { n in (0..<4).map { UInt8(truncatingIfNeeded: Float(n).bitPattern >> UInt32(8 * $0)) } }
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + numbers
    }
}
