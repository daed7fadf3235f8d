// ZIP archives without compression, written by hand.

public enum StoredZip {
    /// An archive of entries, in order.
    public static func archive(_ entries: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var result: [UInt8] = [], directory: [UInt8] = []
        func number(_ value: Int, _ width: Int) -> [UInt8] { (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        for (name, bytes) in entries {
            let sum = Int(checkSum(bytes)), title = Array(name.utf8)
            let facts = number(20, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(sum, 4) + number(bytes.count, 4) + number(bytes.count, 4)
                + number(title.count, 2) + number(0, 2)
            directory += [0x50, 0x4B, 1, 2] + number(20, 2) + facts + number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(result.count, 4) + title
            result += [0x50, 0x4B, 3, 4] + facts + title + bytes
        }
        let end = [0x50, 0x4B, 5, 6] + number(0, 4) + number(entries.count, 2) + number(entries.count, 2) + number(directory.count, 4) + number(result.count, 4) + number(0, 2)
        return result + directory + end
    }

    /// CRC-32 as ZIP counts it.
    static func checkSum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
