// What the engines of this room have in common: packages with recorded cameras, and drawing from such a camera.
import Base
import Engines
import Foundation
import Imaging
import Motion

/// A persona that can be drawn from a camera of its data set.
package protocol CameraPersona: PersonaEngine {
    /// Draws from a camera-to-world matrix as in `transforms_*.json`.
    func render(cameraToWorld: Matrix4, _ conditions: ActorConditions, budget: ComputeBudget) throws(EngineError) -> Frame
    /// An audio code of the right length that says nothing.
    var silentCode: [Float] { get }
}

package enum PersonaOpening {
    /// What a field that has to be baked first is worth.
    package enum Baking: Sendable {
        /// Baked, and kept for all who come later.
        case asNeeded
        /// Drawn fast where it was baked before, else exactly: for estimates.
        case ifKept
        /// Drawn exactly: for a few pictures.
        case never
    }

    /// The engine that a package names. Without `quality` each draws as it usually does: fast, where it has a fast form.
    package static func open(_ package: PersonaPackage, path: String, quality: FieldQuality? = nil, baking: Baking = .asNeeded) throws(EngineError) -> any CameraPersona {
        switch package.manifest.facts.engine {
        case "er-nerf": return try ErnerfPersona(package, path: path, quality: quality ?? usual(path, baking))
        case "ad-nerf": return try AdNerfPersona(package, path: path, quality: quality == .exact ? .exact : .culled)
        case "rad-nerf": return try RadnerfPersona(package, path: path)
        case let other: throw .badPackage(path: path, entry: "engine", reason: "“\(other)” is not built; this version draws er-nerf, rad-nerf and ad-nerf")
        }
    }
}

extension PersonaOpening {
    /// How a field that can be baked is drawn where nobody asks for a quality.
    private static func usual(_ path: String, _ baking: Baking) -> FieldQuality {
        switch baking {
        case .asNeeded: .fast
        case .ifKept: isKept(path) ? .fast : .exact
        case .never: .exact
        }
    }

    /// Whether something was baked of a persona and kept. It may be of other weights: then it is baked again.
    package static func isKept(_ path: String) -> Bool { BakedStore.path(of: path).map { FileManager.default.fileExists(atPath: $0) } ?? false }
}

extension PoseConversion {
    /// Of a manifest whose camera was checked.
    init(_ manifest: PersonaManifest) {
        self.init(neutral: Matrix4(rows: manifest.neutral.map { SIMD4($0[0], $0[1], $0[2], $0[3]) }), unitsPerCentimetre: manifest.unitsPerCentimetre,
                  pivot: SIMD3(manifest.pivot[0], manifest.pivot[1], manifest.pivot[2]))
    }
}

extension PersonaPackage {
    /// The recorded cameras as head poses; averaged over seven frames where `smooth`.
    func poses(_ conversion: PoseConversion, smooth: Bool = false) -> [HeadPose] {
        let cameras = recordedPoses.map { m in Matrix4(rows: (0..<4).map { SIMD4(m[4 * $0], m[4 * $0 + 1], m[4 * $0 + 2], m[4 * $0 + 3]) }) }
        return (smooth ? CameraPath.smoothed(cameras) : cameras).map(conversion.pose)
    }

    /// The plate as a picture; nil where there is none.
    var plate: Frame? {
        guard !background.isEmpty else { return nil }
        let builder = FrameBuilder(width: manifest.facts.width, height: manifest.facts.height)
        let p = builder.pixels
        for i in 0..<(builder.width * builder.height) {
            for c in 0..<3 { p[4 * i + c] = Float(background[3 * i + c]) / 255 }
            p[4 * i + 3] = 1
        }
        return builder.freeze()
    }
}

extension AudioNetwork {
    /// The code of every frame: a row's code serves eight frames and is computed once; rows beyond the ends are zeros.
    ///
    /// - Parameter options: which rows the attention mixes, and whether a code follows the one before it.
    func codes(of features: SpeechFeatures, _ block: [Float], name: String, options: FieldOptions = FieldOptions()) throws(EngineError) -> [[Float]] {
        guard features.channels == channels else {
            throw .badInput("the speech has \(features.channels) feature channels, \(name) was trained on \(channels)")
        }
        let zero = [Float](repeating: 0, count: features.channels * features.steps)
        return block.withUnsafeBufferPointer { values in
            guard let p = values.baseAddress else { return [] }
            func code(_ row: [Float]) -> [Float] {
                let (activations, _) = rowCode(p, row, steps: features.steps)
                return activations[activations.count - 1]
            }
            let silent = code(zero), codes = features.rows.map(code)
            var before: [Float]?
            return codes.indices.map { t in
                var trace = AudioNetwork.Trace()
                attend(p, (t - options.past..<t - options.past + Self.slots).map { codes.indices.contains($0) ? codes[$0] : silent }, &trace)
                // Lips that follow: 0.35 of the code before, 0.65 of this one.
                if options.smoothLips, let last = before { trace.code = zip(last, trace.code).map { 0.35 * $0 + 0.65 * $1 } }
                before = trace.code
                return trace.code
            }
        }
    }
}
