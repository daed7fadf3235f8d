// Fonts: found by family through fontconfig or opened by file.
import CFontconfig
import CFreeType
import CHarfBuzz
import Synchronization

/// Why text could not be drawn.
package enum TypographyError: Error, Sendable, CustomStringConvertible {
    case noFont(String)
    case unreadable(path: String)
    package var description: String {
        switch self {
        case .noFont(let name): "no font was found for “\(name)”"
        case .unreadable(let path): "\(path): is not a font that can be read"
        }
    }
}

/// One face of a font at one size, shaped by HarfBuzz. Confined to its `TextPainter`.
final class FontFace {
    let face: FT_Face
    let shaper: OpaquePointer
    let path: String

    init(library: FT_Library, path: String, index: Int, pixels: Double) throws(TypographyError) {
        var made: FT_Face?
        guard FT_New_Face(library, path, FT_Long(index), &made) == 0, let made else { throw .unreadable(path: path) }
        face = made
        self.path = path
        FT_Set_Char_Size(made, 0, FT_F26Dot6((pixels * 64).rounded()), 72, 72)
        guard let font = hb_ft_font_create_referenced(made) else {
            FT_Done_Face(made)
            throw .unreadable(path: path)
        }
        shaper = font
        hb_ft_font_set_load_flags(font, FT_Int32(FT_LOAD_NO_HINTING))
    }
    deinit {
        hb_font_destroy(shaper)
        FT_Done_Face(face)
    }
    var ascent: Double { Double(face.pointee.size.pointee.metrics.ascender) / 64 }
    var descent: Double { -Double(face.pointee.size.pointee.metrics.descender) / 64 }
    func has(_ character: Unicode.Scalar) -> Bool { FT_Get_Char_Index(face, FT_ULong(character.value)) != 0 }
}

/// Family names to files.
enum FontSearch {
    /// fontconfig keeps global state; one search at a time.
    private static let lock = Mutex<Void>(())

    /// A font of exactly this family is there.
    static func hasFamily(_ name: String) -> Bool {
        lock.withLock { _ in
            guard let pattern = FcPatternCreate() else { return true }
            defer { FcPatternDestroy(pattern) }
            FcPatternAddString(pattern, FC_FAMILY, name)
            guard let wanted = FcObjectSetCreate() else { return true }
            defer { FcObjectSetDestroy(wanted) }
            FcObjectSetAdd(wanted, FC_FILE)
            guard let found = FcFontList(nil, pattern, wanted) else { return true }
            defer { FcFontSetDestroy(found) }
            return found.pointee.nfont > 0
        }
    }

    /// The best file for a family and a weight (100…900), and one that has a character where one is asked for.
    static func file(family: String, weight: Int, containing character: Unicode.Scalar? = nil) -> (path: String, index: Int)? {
        lock.withLock { _ in
            guard let pattern = FcPatternCreate() else { return nil }
            defer { FcPatternDestroy(pattern) }
            FcPatternAddString(pattern, FC_FAMILY, family)
            FcPatternAddInteger(pattern, FC_WEIGHT, FcWeightFromOpenType(Int32(weight)))
            FcPatternAddBool(pattern, FC_SCALABLE, FcBool(1))
            var set: OpaquePointer?
            if let character, let made = FcCharSetCreate() {
                FcCharSetAddChar(made, character.value)
                FcPatternAddCharSet(pattern, FC_CHARSET, made)
                set = made
            }
            defer { if let set { FcCharSetDestroy(set) } }
            FcConfigSubstitute(nil, pattern, FcMatchPattern)
            FcDefaultSubstitute(pattern)
            var result = FcResultNoMatch
            guard let match = FcFontMatch(nil, pattern, &result) else { return nil }
            defer { FcPatternDestroy(match) }
            var file: UnsafeMutablePointer<FcChar8>?
            var index: Int32 = 0
            guard FcPatternGetString(match, FC_FILE, 0, &file) == FcResultMatch, let file else { return nil }
            FcPatternGetInteger(match, FC_INDEX, 0, &index)
            return (String(cString: file), Int(index))
        }
    }
}
