// The sheet of `studio faces`: the film with its faces marked, and every face over time.
import Base
import Engines
import Faces
import Foundation
import Imaging
import Media
import Typography

/// Draws sheets.
package enum FaceSheet {
    private static let columns = 6, cell = 200, gap = 8, label = 20
    /// Faces that have a row; more are only marked in the film.
    private static let mostRows = 16
    private static let ground = SIMD4<Float>(0.07, 0.075, 0.085, 1)
    private static let colors: [SIMD4<Float>] = [SIMD4(1, 0.75, 0.2, 1), SIMD4(0.3, 0.85, 1, 1), SIMD4(0.6, 1, 0.4, 1), SIMD4(1, 0.45, 0.55, 1), SIMD4(0.8, 0.6, 1, 1)]

    /// One picture of the sheet: a frame of the film, a part of it, marks and words.
    private struct Cell {
        var frame: Int
        var column: Int
        var row: Int
        var part: PixelRect
        /// Faces whose boxes (the film) or points (one face) are drawn.
        var boxes: [(number: Int, sighting: FaceSighting)] = []
        var points: [SIMD3<Float>] = []
        var words: String
    }

    /// The first row shows the film with boxes and numbers, every other row one face.
    package static func draw(_ found: FootageFaces, path: String) throws -> Frame {
        let tracks = found.tracks.prefix(mostRows)
        var cells = film(found)
        for (row, track) in tracks.enumerated() { cells += face(track, row: row + 1) }
        let height = max(cell * found.height / max(found.width, 1), 16), filmRow = min(height, 2 * cell)
        let canvas = (width: ((cells.map(\.column).max() ?? 0) + 1) * (cell + gap) + gap, height: filmRow + label + 2 * gap + tracks.count * (cell + label + gap))
        var layers = [StackedPicture(frame: .filled(width: canvas.width, height: canvas.height, ground), opacity: 1)]
        do {
            try visit(path, Set(cells.map(\.frame))) { index, picture in
                for cell in cells where cell.frame == index {
                    let x = gap + cell.column * (Self.cell + gap)
                    let y = cell.row == 0 ? gap : filmRow + label + 2 * gap + (cell.row - 1) * (Self.cell + label + gap)
                    let size = (width: Self.cell, height: cell.row == 0 ? filmRow : Self.cell)
                    let drawn = drawn(cell, picture, size)
                    layers.append(StackedPicture(frame: drawn.drawn(into: rect(x, y, drawn), canvasWidth: canvas.width, canvasHeight: canvas.height), opacity: 1))
                    let words = try words(cell.words)
                    layers.append(StackedPicture(frame: words.drawn(into: rect(x, y + size.height + 1, words), canvasWidth: canvas.width, canvasHeight: canvas.height), opacity: 1))
                    // Canvases of the whole size: laid down before they are many.
                    if layers.count > 4 { layers = [StackedPicture(frame: .stacked(layers), opacity: 1)] }
                }
            }
        } catch { throw StudioFailure.of(error) }
        return .stacked(layers)
    }

    // MARK: what is shown

    private static func film(_ found: FootageFaces) -> [Cell] {
        evenly(found.moments).enumerated().map { column, moment in
            Cell(frame: moment.frame, column: column, row: 0, part: PixelRect(x: 0, y: 0, width: Double(found.width), height: Double(found.height)),
                 boxes: found.tracks.compactMap { track in track.looks.first { $0.frame == moment.frame }.map { (track.number, $0.sighting) } },
                 words: String(format: "%.2f s", moment.time) + (moment.numbers.isEmpty ? "  no face" : ""))
        }
    }
    private static func face(_ track: FaceTrack, row: Int) -> [Cell] {
        evenly(track.looks).enumerated().map { column, look in
            let side = Double(max(look.sighting.size.x, look.sighting.size.y)) * 1.25
            let part = PixelRect(x: Double(look.sighting.center.x) - side / 2, y: Double(look.sighting.center.y) - side / 2, width: side, height: side)
            return Cell(frame: look.frame, column: column, row: row, part: part, points: look.sighting.landmarks,
                        words: String(format: "%d:  %.2f s  yaw %.0f°  %.0f px", track.number, look.time, Double(look.sighting.yaw) * 180 / .pi, Double(look.sighting.size.y)))
        }
    }
    /// At most as many as there are columns, spread over the whole.
    private static func evenly<Item>(_ items: [Item]) -> [Item] {
        guard items.count > columns else { return items }
        return (0..<columns).map { items[(2 * $0 + 1) * items.count / (2 * columns)] }
    }

    /// Frames of the film by number, in order.
    private static func visit(_ path: String, _ wanted: Set<Int>, _ body: (Int, Frame) throws -> Void) throws {
        guard let last = wanted.max() else { return }
        let reader = try VideoReader(path: path)
        for index in 0...last {
            guard let picture = try reader.next() else { return }
            if wanted.contains(index) { try body(index, picture.frame) }
        }
    }

    // MARK: drawing

    private static func rect(_ x: Int, _ y: Int, _ frame: Frame) -> PixelRect { PixelRect(x: Double(x), y: Double(y), width: Double(frame.width), height: Double(frame.height)) }

    private static func drawn(_ cell: Cell, _ picture: Frame, _ size: (width: Int, height: Int)) -> Frame {
        let scale = min(Double(size.width) / cell.part.width, Double(size.height) / cell.part.height)
        let origin = PixelRect(x: (Double(size.width) - cell.part.width * scale) / 2 - cell.part.x * scale, y: (Double(size.height) - cell.part.height * scale) / 2 - cell.part.y * scale,
                               width: Double(picture.width) * scale, height: Double(picture.height) * scale)
        var marks: [(x: Int, y: Int, color: SIMD4<Float>)] = []
        func put(_ x: Double, _ y: Double, _ color: SIMD4<Float>) {
            let (px, py) = (Int((origin.x + x * scale).rounded(.down)), Int((origin.y + y * scale).rounded(.down)))
            if px >= 0, py >= 0, px < size.width, py < size.height { marks.append((px, py, color)) }
        }
        for point in cell.points { put(Double(point.x), Double(point.y), SIMD4(0.4, 1, 0.9, 1)) }
        for (number, face) in cell.boxes {
            let color = colors[(number - 1) % colors.count], low = face.center - face.size / 2
            let (x, y, w, h) = (Double(low.x), Double(low.y), Double(face.size.x), Double(face.size.y))
            let steps = max(Int(max(w, h) * scale), 1)
            for step in 0...steps {
                let t = Double(step) / Double(steps)
                for (px, py) in [(x + t * w, y), (x + t * w, y + h), (x, y + t * h), (x + w, y + t * h)] { put(px, py, color) }
            }
        }
        let shown = picture.drawn(into: origin, canvasWidth: size.width, canvasHeight: size.height).over(.filled(width: size.width, height: size.height, ground))
        let builder = FrameBuilder(copying: shown)
        for mark in marks { for k in 0..<4 { builder.pixels[4 * (mark.y * size.width + mark.x) + k] = mark.color[k] } }
        return builder.freeze(isOpaque: true)
    }

    private static func words(_ text: String) throws -> Frame {
        var setting = TextSetting()
        setting.size = 13
        setting.color = InkColor(0.75, 0.77, 0.8, 1)
        return try TextPainter.paint(TextBlock(paragraphs: [(text: text, setting: setting)])).frame
    }
}
