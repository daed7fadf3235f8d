// A persona goes out as the original's checkpoint and comes back as it was.
import Engines
import Foundation
import StudioKit
import TalkingHead
import Tensors
import TestSupport
import Testing

@Suite struct PersonaExportTests {
    @Test func anExportedCheckpointReadsBackAsItWas() throws {
        let folder = try ScratchFolder()
        try SmallPersona.write(to: folder.file("nova.persona"))
        try PersonaWork.exportCheckpoint(folder.file("nova.persona"), output: folder.file("out/nova.pth"))
        let package = try PersonaPackage.read(folder.file("nova.persona"))
        var back = try CheckpointImport.read(folder.file("out/nova.pth"))
        // What hears for the persona goes along under names of its own.
        #expect(!package.speechEncoder.isEmpty)
        #expect(PersonaPackage.takeSpeechEncoder(from: &back.tensors) == package.speechEncoder)
        #expect(back.occupancy == package.weights.occupancy)
        #expect(back.meanDensityTorso == package.weights.meanDensityTorso)
        #expect(Set(back.tensors.keys) == Set(package.weights.tensors.keys))
        for (key, tensor) in package.weights.tensors {
            let found = try #require(back.tensors[key])
            guard key.hasPrefix("individual_codes") else { #expect(found == tensor, "\(key)"); continue }
            // The original keeps ten thousand rows: all of them are the persona's own.
            #expect(found.shape == [10_000, tensor.shape[1]])
            let rows = stride(from: 0, to: found.count, by: tensor.count).map { Array(found.values[$0..<($0 + tensor.count)]) }
            let same = rows.allSatisfy { $0 == tensor.values }
            #expect(same, "\(key)")
        }
        // The same persona gives the same bytes.
        try PersonaWork.exportCheckpoint(folder.file("nova.persona"), output: folder.file("again.pth"))
        let equal = try folder.bytes("again.pth") == folder.bytes("out/nova.pth")
        #expect(equal)
    }

    @Test func aCheckpointIsNamedAsOne() throws {
        let folder = try ScratchFolder()
        let failure = #expect(throws: StudioFailure.self) { try PersonaWork.exportCheckpoint(folder.file("x.persona"), output: folder.file("x.zip")) }
        #expect(failure?.exitCode == 2)
        let missing = #expect(throws: StudioFailure.self) { try PersonaWork.exportCheckpoint(folder.file("x.persona"), output: folder.file("x.pth")) }
        #expect(missing?.exitCode == 3)
        #expect(folder.contents.isEmpty)
    }
}
