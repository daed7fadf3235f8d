// The committed persona with a small picture, so that a test renders a frame in milliseconds.
import Foundation

public enum SmallPersona {
    public enum Trouble: Error { case layout(String) }

    /// Copies `personas/nova.persona` to a folder, seen through a camera of `side` × `side` pixels.
    public static func write(to folder: String, side: Int = 64) throws {
        let source = SharedFolder.projectRoot + "/personas/nova.persona/"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let (manifest, size) = try shrunk(Data(contentsOf: URL(fileURLWithPath: source + "manifest.json")), side)
        try manifest.write(to: URL(fileURLWithPath: folder + "/manifest.json"))
        try weights(Data(contentsOf: URL(fileURLWithPath: source + "weights.safetensors")), from: size, to: side).write(to: URL(fileURLWithPath: folder + "/weights.safetensors"))
    }

    /// Focal length and middle follow the picture's size.
    private static func shrunk(_ data: Data, _ side: Int) throws -> (Data, Int) {
        guard var manifest = try JSONSerialization.jsonObject(with: data) as? [String: Any], var facts = manifest["facts"] as? [String: Any],
              let size = facts["width"] as? Int, let focal = manifest["focal"] as? Double
        else { throw Trouble.layout("manifest") }
        facts["width"] = side
        facts["height"] = side
        manifest["facts"] = facts
        manifest["focal"] = focal * Double(side) / Double(size)
        manifest["center"] = [Double(side) / 2, Double(side) / 2]
        return (try JSONSerialization.data(withJSONObject: manifest), size)
    }

    /// The same tensors, with every n-th pixel of the plate.
    private static func weights(_ data: Data, from size: Int, to side: Int) throws -> Data {
        let bytes = [UInt8](data)
        let length = (0..<8).reduce(0) { $0 + Int(bytes[$1]) << (8 * $1) }
        guard let header = try JSONSerialization.jsonObject(with: data.subdata(in: 8..<(8 + length))) as? [String: [String: Any]] else { throw Trouble.layout("header") }
        func offsets(_ entry: [String: Any]) throws -> [Int] {
            guard let pair = entry["data_offsets"] as? [Int], pair.count == 2 else { throw Trouble.layout("data_offsets") }
            return pair
        }
        var made: [String: [String: Any]] = [:]
        var body = Data()
        for (name, entry) in try header.sorted(by: { try offsets($0.value)[0] < offsets($1.value)[0] }) {
            let pair = try offsets(entry)
            var part = bytes[(8 + length + pair[0])..<(8 + length + pair[1])]
            var entry = entry
            if name == "background" {
                let step = size / side, plate = Array(part)
                part = (0..<(side * side)).flatMap { i in (0..<3).map { plate[3 * ((i / side) * step * size + (i % side) * step) + $0] } }[...]
                entry["shape"] = [side, side, 3]
            }
            entry["data_offsets"] = [body.count, body.count + part.count]
            body.append(contentsOf: part)
            made[name] = entry
        }
        return try file(made, body)
    }

    /// A safetensors file.
    public static func file(_ header: [String: [String: Any]], _ body: Data) throws -> Data {
        var text = try JSONSerialization.data(withJSONObject: header, options: [.sortedKeys])
        while text.count % 8 != 0 { text.append(0x20) }
        var result = Data((0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) })
        result.append(text)
        result.append(body)
        return result
    }
}
