// A few frames of an output drawn and coded, to say what all of them will take.
import Base
import Foundation
import Imaging
import Media
import RenderGraph
import RenderNodes

/// What some frames took on this machine, now.
struct FilmTrial: Sendable {
    /// Seconds of one thread for a frame of each shot, once its files are open and its stills made.
    var drawing: [Double]
    /// What the first frame took more: files, weights, whatever an engine makes before it draws.
    var opening: Double
    /// Seconds to code a frame.
    var coding: Double
    /// Bytes of the first frame of a stretch, and of one that follows.
    var firstBytes: Double
    var laterBytes: Double
    /// Frames that were drawn.
    var drawn: Int
}

extension FilmWork {
    /// Frames in a row that are drawn and coded: the first is a key frame, the others follow it.
    private static let row = 6
    /// After so many seconds no further shot is drawn; those that are left take the mean of the others.
    private static let patience = 4.0

    /// Draws and codes some frames of this output; nothing stays on the disk.
    func trial() throws -> FilmTrial {
        let isFilm = NumberedName(target) == nil, settings = videoSettings
        let root = root(isFilm ? settings.width : output.size.width, isFilm ? settings.height : output.size.height)
        let session = RenderSession(budget: .single)
        let clock = ContinuousClock()
        var drawn = 0
        func seconds(_ work: () throws -> Void) rethrows -> Double {
            let time = try clock.measure(work)
            return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        }
        func draw(_ frame: Int) throws -> (picture: Frame, seconds: Double) {
            var picture: Frame?
            let time = try seconds { picture = try session.picture(root, frame) }
            drawn += 1
            guard let picture else { throw StudioFailure(4, "\(target): frame \(frame) was not drawn") }
            return (picture, time)
        }

        let shots = scene.timeline.shots.map { $0.frames.clamped(to: frames) }
        guard let longest = shots.indices.max(by: { shots[$0].count < shots[$1].count }), !shots[longest].isEmpty else { throw StudioFailure(4, "\(target): there is no frame to draw") }
        var costs = [Double?](repeating: nil, count: shots.count)
        // In the longest shot a row of frames: the first opens what there is to open.
        let start = max(shots[longest].lowerBound, min((shots[longest].lowerBound + shots[longest].upperBound) / 2, shots[longest].upperBound - Self.row))
        let pictures = try (start..<min(start + Self.row, shots[longest].upperBound)).map(draw)
        let steady = pictures.dropFirst().map(\.seconds).min() ?? pictures[0].seconds
        costs[longest] = steady
        var opening = max(0, pictures[0].seconds - steady)
        let begin = clock.now
        for index in shots.indices where costs[index] == nil && !shots[index].isEmpty && clock.now - begin < .seconds(Self.patience) {
            let middle = (shots[index].lowerBound + shots[index].upperBound) / 2
            let first = try draw(middle).seconds
            let second = try draw(min(middle + 1, shots[index].upperBound - 1)).seconds
            costs[index] = min(first, second)
            opening += max(0, first - second)
        }
        let known = costs.compactMap { $0 }
        let mean = known.reduce(0, +) / Double(max(known.count, 1))

        let coded = try code(pictures.map(\.picture), seconds)
        return FilmTrial(drawing: costs.map { $0 ?? mean }, opening: opening, coding: coded.seconds, firstBytes: coded.first, laterBytes: coded.later, drawn: drawn)
    }

    /// Codes frames as the output asks. Returns seconds a frame, and bytes of the first and of a later one.
    private func code(_ pictures: [Frame], _ seconds: (() throws -> Void) throws -> Double) throws -> (seconds: Double, first: Double, later: Double) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("studio-trial-\(UUID().uuidString)")
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch { throw StudioFailure.writing(folder.path, error) }
        defer { try? FileManager.default.removeItem(at: folder) }
        func bytes(_ path: String) -> Double { ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.doubleValue ?? 0 }
        if let name = NumberedName(URL(fileURLWithPath: target).lastPathComponent) {
            let path = folder.appendingPathComponent(name.name(1)).path
            let time = try seconds { try ImageFile.write(pictures[pictures.count - 1], to: path) }
            return (time, bytes(path), bytes(path))
        }
        let settings = videoSettings
        func segment(_ name: String, _ pictures: ArraySlice<Frame>) throws -> (bytes: Double, seconds: Double) {
            let path = folder.appendingPathComponent(name).path
            let time = try seconds {
                let writer = try SegmentWriter(path: path, film: target, key: ContentKey("trial"), settings: settings)
                do {
                    for picture in pictures { try writer.write(picture) }
                    try writer.finish()
                } catch {
                    writer.cancel()
                    throw error
                }
            }
            return (bytes(path), time)
        }
        let one = try segment("one", pictures.prefix(1)), all = try segment("all", pictures[...])
        guard pictures.count > 1 else { return (one.seconds, one.bytes, one.bytes) }
        let later = Double(pictures.count - 1)
        return (max(all.seconds - one.seconds, 0) / later, one.bytes, max(all.bytes - one.bytes, 0) / later)
    }
}
