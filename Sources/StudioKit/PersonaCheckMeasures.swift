// What a persona check tries beyond the frames of its footage: eyes that shut step by step, holes in a turned head.
import Engines
import Foundation
import Imaging
import Motion
import TalkingHead

extension PersonaCheck {
    /// The eyes of the most frontal frame, shut step by step, as a share of the open ones; empty where they cannot be measured.
    func blink(_ measure: any OpeningMeasure) throws -> [Double] {
        let usual = footage.held.filter { $0.landmarks.count == 68 }
        guard let frame = usual.max(by: { $0.cameraToWorld[2, 2] < $1.cameraToWorld[2, 2] }) else { return [] }
        let truth = try footage.pixels(of: frame).image
        let eyes = try [Float(0), 0.25, 0.5, 0.75, 1].map { closure -> Double? in
            let conditions = ActorConditions(pose: .neutral, eyeClosure: closure, audioCode: persona.silentCode)
            let drawn = pictures.flattened(try persona.render(cameraToWorld: frame.cameraToWorld, conditions, budget: budget))
            return measure.openings(drawn, like: truth, frame)?.eyes
        }
        let seen = eyes.compactMap { $0 }
        guard seen.count == eyes.count, seen[0] > 0 else { return [] }
        return seen.map { $0 / seen[0] }
    }

    /// The share of a turned head's pixels that one can look through though head surrounds them.
    func holes(_ degrees: Int) throws -> Double {
        var pose = HeadPose.neutral
        pose.yaw = Float(degrees) * .pi / 180
        var conditions = ActorConditions(pose: pose, eyeClosure: 0, audioCode: persona.silentCode)
        conditions.torso = false
        let drawn = try persona.render(conditions, budget: budget)
        let (width, height) = (drawn.width, drawn.height)
        var solid = [Bool](repeating: false, count: width * height)
        drawn.withPixels { p in for i in solid.indices { solid[i] = p[4 * i + 3] > 0.5 } }
        // What the border reaches without crossing the head lies outside.
        var outside = [Bool](repeating: false, count: width * height)
        var open: [Int] = []
        func visit(_ x: Int, _ y: Int) {
            guard x >= 0, y >= 0, x < width, y < height else { return }
            let i = y * width + x
            if !solid[i], !outside[i] {
                outside[i] = true
                open.append(i)
            }
        }
        for x in 0..<width { visit(x, 0); visit(x, height - 1) }
        for y in 0..<height { visit(0, y); visit(width - 1, y) }
        while let i = open.popLast() {
            let (x, y) = (i % width, i / width)
            visit(x - 1, y); visit(x + 1, y); visit(x, y - 1); visit(x, y + 1)
        }
        let head = solid.count { $0 }
        return Double(solid.indices.count { !solid[$0] && !outside[$0] }) / Double(max(head, 1))
    }
}
