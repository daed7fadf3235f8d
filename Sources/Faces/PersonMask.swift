// Who is a person in a picture: the network of the person mask.
import Base
import Foundation
import Imaging
import Tensors

/// The selfie segmentation network. Immutable; see `PersonMasker` for running it.
package final class PersonMaskModel: Sendable {
    package let path: String
    let network: LiteNetwork
    /// Of the file's bytes: part of the key of everything that was made with it.
    package let contentKey: ContentKey

    /// Reads a `selfie_segmentation.tflite`; errors name the file and what it lacks.
    package init(path: String) throws(CheckpointError) {
        self.path = path
        let bytes = try ByteReader.load(path, limit: 64 << 20)
        network = try LiteNetwork(bytes: bytes, path: path)
        let input = network.inputShape, output = network.outputShapes.first ?? []
        guard input.count == 4, input[0] == 1, (64...1024).contains(input[1]), (64...1024).contains(input[2]), input[3] == 3, output == [1, input[1], input[2], 1] else {
            throw .wrongShape(path: path, key: "its output", expected: "one number a pixel", found: output)
        }
        var key = ContentKey("person mask")
        key.mix(bytes: bytes)
        contentKey = key
    }
}

/// Runs the person mask. One picture at a time.
package final class PersonMasker {
    private let model: PersonMaskModel
    private let memory: LiteMemory
    /// Size of a mask in numbers.
    package var width: Int { model.network.inputShape[2] }
    package var height: Int { model.network.inputShape[1] }

    package init(_ model: PersonMaskModel) {
        self.model = model
        memory = model.network.makeMemory()
    }

    /// How much of a person every place of the picture holds, 0…1, row-major, `width × height` over the whole picture.
    package func mask(_ frame: Frame) -> [Float] {
        let (w, h) = (width, height)
        let small = frame.drawn(into: PixelRect(x: 0, y: 0, width: Double(w), height: Double(h)), canvasWidth: w, canvasHeight: h)
        return small.withPixels { pixels in
            model.network.run(memory) { input in
                for i in 0..<(w * h) { for c in 0..<3 { input[3 * i + c] = pixels[4 * i + c] } }
            }
        }[0]
    }
}
