// A `.tflite` graph made ready to run: shapes checked once, weights unpacked, memory shared between what never lives together.
import Base
import Tensors

/// A network whose every step is known to fit. Immutable; many may run it at once, each with its own memory.
package final class LiteNetwork: Sendable {
    let path: String
    let work: [LiteWork]
    /// The slot of memory in which each computed tensor lies, and how many numbers it has.
    let places: [Int: (slot: Int, count: Int)]
    let slotCounts: [Int]
    /// Numbers that the largest unfolded picture takes.
    let patchCount: Int
    let input: Int
    let outputs: [Int]
    /// Sizes of the one input, `[1, H, W, C]`.
    package let inputShape: [Int]
    /// Sizes of the outputs, in the file's order.
    package let outputShapes: [[Int]]
    /// Multiplications of one run.
    package let multiplications: Int

    /// Reads a file's bytes; `path` is for messages.
    package init(bytes: [UInt8], path: String) throws(CheckpointError) {
        let model = try LiteModel(bytes: bytes, path: path)
        guard model.inputs.count == 1, let input = model.inputs.first else { throw model.file.fail(0, "it has \(model.inputs.count) inputs where one is expected") }
        var planner = LitePlanner(model)
        try planner.plan()
        self.path = path
        work = planner.work
        multiplications = planner.multiplications
        patchCount = planner.patchCount
        self.input = input
        outputs = model.outputs
        inputShape = model.tensors[input].shape
        outputShapes = model.outputs.map { model.tensors[$0].shape }
        (places, slotCounts) = try LiteLayout.slots(planner.work, input: input, outputs: model.outputs, counts: planner.counts, file: model.file)
    }

    /// Memory for one run at a time.
    package func makeMemory() -> LiteMemory { LiteMemory(slots: slotCounts, patches: patchCount) }

    /// Runs the network. `fill` writes the input: all of its numbers, `[H, W, C]` row-major. Gives the outputs in the file's order.
    package func run(_ memory: LiteMemory, fill: (UnsafeMutableBufferPointer<Float>) -> Void) -> [[Float]] {
        precondition(memory.slots.map(\.count) == slotCounts, "the memory is of another network")
        fill(elements(input, memory))
        for step in work { step.run(inputs: step.inputs.map { elements($0, memory).baseAddress }, output: elements(step.output, memory).baseAddress, patches: memory.patches.pointer) }
        return outputs.map { Array(elements($0, memory)) }
    }

    private func elements(_ tensor: Int, _ memory: LiteMemory) -> UnsafeMutableBufferPointer<Float> {
        guard let place = places[tensor] else { preconditionFailure("a tensor without a place") }
        return UnsafeMutableBufferPointer(start: memory.slots[place.slot].pointer, count: place.count)
    }
}

/// What a run writes between its steps. One run at a time.
package final class LiteMemory {
    final class Block {
        private let buffer: Buffer<Float>
        let count: Int
        var pointer: UnsafeMutablePointer<Float> { buffer.pointer }
        init(_ count: Int) {
            buffer = Buffer(count: count)
            self.count = count
        }
    }
    let slots: [Block]
    let patches: Block
    init(slots: [Int], patches: Int) {
        self.slots = slots.map { Block($0) }
        self.patches = Block(patches)
    }
}

/// Which tensors share memory: a slot is free again behind the last use of what lies in it.
enum LiteLayout {
    private static let mostNumbers = 48 << 20

    static func slots(_ work: [LiteWork], input: Int, outputs: [Int], counts: [Int: Int], file: FlatBytes) throws(CheckpointError) -> ([Int: (slot: Int, count: Int)], [Int]) {
        var lastUse: [Int: Int] = [:]
        for (index, step) in work.enumerated() { for tensor in step.inputs { lastUse[tensor] = index } }
        for tensor in outputs { lastUse[tensor] = Int.max }
        var places: [Int: (slot: Int, count: Int)] = [:], sizes: [Int] = [], idle: [Int] = []
        func place(_ tensor: Int) {
            let count = counts[tensor] ?? 0
            // The smallest idle slot that is large enough, else the largest, which grows.
            let fitting = idle.filter { sizes[$0] >= count }.min { sizes[$0] < sizes[$1] } ?? idle.max { sizes[$0] < sizes[$1] }
            if let fitting { idle.removeAll { $0 == fitting } } else { sizes.append(0) }
            let slot = fitting ?? sizes.count - 1
            sizes[slot] = max(sizes[slot], count)
            places[tensor] = (slot, count)
        }
        place(input)
        for (index, step) in work.enumerated() {
            let ending = Set(step.inputs.filter { lastUse[$0] == index })
            if step.mayOverwrite, let first = step.inputs.first, ending.contains(first), let old = places[first] {
                places[step.output] = (old.slot, counts[step.output] ?? 0)
                for tensor in ending.sorted() where tensor != first { if let old = places[tensor] { idle.append(old.slot) } }
            } else {
                place(step.output)
                for tensor in ending.sorted() { if let old = places[tensor] { idle.append(old.slot) } }
            }
            // What nobody reads is not kept.
            if lastUse[step.output] == nil, let own = places[step.output] { idle.append(own.slot) }
        }
        guard sizes.reduce(0, +) <= mostNumbers else { throw file.fail(0, "it needs memory for \(sizes.reduce(0, +)) numbers, more than \(mostNumbers)") }
        return (places, sizes)
    }
}
