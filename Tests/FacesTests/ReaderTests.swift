// Hostile `.tflite` files: cut anywhere, changed anywhere, they are refused with words and never trap.
import Base
@testable import Faces
import Foundation
import Tensors
import Testing
import TestSupport

@Suite struct ReaderTests {
    static let small = SmallNetwork.bytes()

    @Test func aNetworkOfOurOwnComputesWhatItSays() throws {
        let network = try LiteNetwork(bytes: Self.small, path: "small.tflite")
        #expect(network.inputShape == [1, 4, 4, 2])
        let input = (0..<32).map { Float($0 % 7) - 3 }
        let outputs = network.run(network.makeMemory()) { target in for k in 0..<32 { target[k] = input[k] } }
        let expected = SmallNetwork.expected(input)
        #expect(outputs.count == 1 && outputs[0].count == expected.count)
        for (a, b) in zip(outputs[0], expected) { #expect(abs(a - b) < 1e-5) }
    }

    @Test func aFileCutAnywhereIsRefused() {
        let bytes = Self.small
        var refused = 0
        for length in 0..<bytes.count {
            do { _ = try LiteNetwork(bytes: Array(bytes[..<length]), path: "cut.tflite") } catch { refused += 1 }
        }
        // The file begins with what points into its end: no proper part of it is whole.
        #expect(refused == bytes.count)
    }

    @Test func aFileChangedAnywhereIsReadOrRefused() {
        let bytes = Self.small
        var refused = 0, read = 0
        for round in 0..<4000 {
            var mutated = bytes
            for change in 0..<(1 + round % 4) {
                let random = SeededRandom(seed: 11, stream: UInt64(round)), draw = UInt64(3 * change)
                let at = random.integer(draw, below: bytes.count)
                mutated[at] = round % 3 == 0 ? UInt8(random.integer(draw + 1, below: 256)) : round % 3 == 1 ? 0xFF : mutated[at] ^ UInt8(1 << random.integer(draw + 2, below: 8))
            }
            do {
                let network = try LiteNetwork(bytes: mutated, path: "mutated.tflite")
                _ = network.run(network.makeMemory()) { $0.update(repeating: 0.5) }
                read += 1
            } catch { refused += 1 }
        }
        #expect(refused > 500 && read > 100, "\(refused) refused, \(read) read")
    }

    @Test func aBombOfSharedListsIsRefusedSoon() {
        // Every word points four bytes on: tables and lists made of themselves.
        var bytes: [UInt8] = []
        for _ in 0..<50_000 { bytes += [4, 0, 0, 0] }
        bytes.replaceSubrange(4..<8, with: Array("TFL3".utf8))
        #expect(throws: CheckpointError.self) { _ = try LiteNetwork(bytes: bytes, path: "bomb.tflite") }
    }

    @Test func theReasonNamesTheFileAndThePlace() {
        do {
            _ = try LiteNetwork(bytes: Array("not a model at all".utf8), path: "notes.txt")
            Issue.record("it was read")
        } catch { #expect("\(error)".hasPrefix("notes.txt: ") && "\(error)".contains("TFL3")) }
    }

    /// The published files, cut and changed: far larger than the small one, so only some places.
    @Test(.enabled(if: SharedFolder.file("data/models/face_landmarker.task") != nil, "the face models of the shared folder are not here"))
    func publishedFilesCutOrChangedNeverTrap() throws {
        let path = try #require(SharedFolder.file("data/models/face_landmarker.task"))
        let archive = try ZipArchive(path: path, bytes: ByteReader.load(path))
        let entry = try #require(archive.entry("face_detector.tflite"))
        let bytes = try archive.contents(entry)
        for k in 0..<60 { #expect(throws: CheckpointError.self) { _ = try LiteNetwork(bytes: Array(bytes[..<(bytes.count * k / 60)]), path: "cut.tflite") } }
        var outcomes = (refused: 0, read: 0)
        for round in 0..<300 {
            var mutated = bytes
            let random = SeededRandom(seed: 5, stream: UInt64(round))
            // Tables lie at the end of these files and at their beginning; the middle is weights.
            let reach = min(60_000, bytes.count)
            for change in 0..<3 {
                let offset = random.integer(UInt64(2 * change), below: reach)
                mutated[round % 2 == 0 ? offset : bytes.count - 1 - offset] = UInt8(random.integer(UInt64(2 * change + 1), below: 256))
            }
            do { _ = try LiteNetwork(bytes: mutated, path: "mutated.tflite"); outcomes.read += 1 } catch { outcomes.refused += 1 }
        }
        #expect(outcomes.refused > 10, "\(outcomes)")
    }
}
