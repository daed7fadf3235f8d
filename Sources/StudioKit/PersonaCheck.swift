// Held-out quality of a persona: its pictures against the truth.
import Base
import Engines
import Foundation
import Imaging
import Motion
import TalkingHead

/// Compares drawn frames with footage that was never trained on.
struct PersonaCheck {
    let persona: any CameraPersona
    let footage: any TrainingFootage
    /// Sees mouth and eyes; nil where nothing can, and why.
    var measure: (any OpeningMeasure)?
    var missing = ""
    /// LPIPS, where its weights are there.
    var perceptual: PerceptualDistance?

    func run(every: Int, keeps: Int, progress: ProgressHandler) throws -> Report {
        let codes = try persona.audioCodes(for: footage.features)
        var report = Report()
        var sums = (head: 0.0, face: 0.0, whole: 0.0)
        var patches: MouthPatchSums?
        var moments: [Moment?] = []
        let chosen = footage.held.enumerated().filter { $0.offset % every == 0 }.map(\.element)
        for (index, frame) in chosen.enumerated() {
            guard frame.audioID < codes.count else { continue }
            let pixels = try footage.pixels(of: frame)
            var conditions = ActorConditions(pose: .neutral, eyeClosure: frame.eyeClosure, audioCode: codes[frame.audioID])
            let own = pictures.flattened(try persona.render(cameraToWorld: frame.cameraToWorld, conditions, budget: budget))
            conditions.torso = false
            let head = pictures.flattened(try persona.render(cameraToWorld: frame.cameraToWorld, conditions, budget: budget), over: pixels.torso)
            let isHead = pixels.parsing.map { $0 == ParsingClass.head.rawValue || $0 == ParsingClass.lips.rawValue }
            sums.whole += decibels(own, pixels.image)
            sums.head += decibels(head, pixels.image)
            sums.face += decibels(own, pixels.image, where: isHead)
            moments.append(moment(own, pixels.image, frame))
            if frame.landmarks.count == 68 {
                var sums = patches ?? MouthPatchSums()
                sums.add(patch(own, frame), patch(pixels.image, frame), perceptual)
                patches = sums
            }
            if index % max(chosen.count / max(keeps, 1), 1) == 0, report.pairs.count < keeps { report.pairs.append((pictures.picture(pixels.image), pictures.picture(own))) }
            report.frames += 1
            guard progress(ProgressReport(phase: "check", done: index + 1, total: chosen.count)) else { throw EngineError.interrupted }
        }
        let frames = Double(max(report.frames, 1))
        (report.headDecibels, report.faceDecibels, report.wholeDecibels) = (sums.head / frames, sums.face / frames, sums.whole / frames)
        (report.sharpness, report.mouthDistance) = (patches?.sharpness, patches?.distance)
        report.holes = try [-15, 0, 15].map(holes)
        report.missing = missing
        if let measure {
            report.motion = MotionReport(moments, every: every, words: measure.words)
            report.motion?.blink = try blink(measure)
        }
        return report
    }

    var pictures: FootagePictures { FootagePictures(footage: footage) }

    /// PSNR of two pictures of 8 bits, over all pixels or the chosen ones; 120 dB where they are equal.
    private func decibels(_ a: [UInt8], _ b: [UInt8], where chosen: [Bool]? = nil) -> Double {
        var (error, count) = (0.0, 0.0)
        for i in 0..<(footage.width * footage.height) where chosen?[i] ?? true {
            for c in 0..<3 {
                let d = (Double(a[3 * i + c]) - Double(b[3 * i + c])) / 255
                error += d * d
            }
            count += 3
        }
        return -10 * log10(max(error / max(count, 1), 1e-12))
    }

    /// What both pictures of a frame show; nil where either shows no face.
    private func moment(_ own: [UInt8], _ truth: [UInt8], _ frame: TrainingFrame) -> Moment? {
        guard let measure, let ours = measure.openings(own, like: truth, frame), let wanted = measure.openings(truth, like: truth, frame) else { return nil }
        return Moment(ours: ours, truth: wanted, landmarks: Double(frame.landmarks[66].y - frame.landmarks[62].y))
    }

    private func patch(_ rgb: [UInt8], _ frame: TrainingFrame) -> MouthPatch {
        MouthPatch(rgb, width: footage.width, height: footage.height, landmarks: frame.landmarks)
    }

    var budget: ComputeBudget { ComputeBudget(threads: ProcessInfo.processInfo.activeProcessorCount) }
}
