// Which fonts this machine has for the styles of the language, and the libraries that set them.
import CFreeType
import CHarfBuzz

/// Facts for `studio version` and `studio doctor`.
package enum FontReport {
    /// The file that a family name leads to; another family's where the machine lacks it, nil where it has no font at all.
    package static func file(family: String) -> String? { FontSearch.file(family: family, weight: 400)?.path }

    /// The machine has a family of this name itself, and not only one that stands in for it.
    package static func has(family: String) -> Bool { FontSearch.hasFamily(family) }

    /// Characters of a text that no font can draw: neither the named one (the standard one where none is named) nor any that stands in for it.
    package static func missing(in text: String, family: String?, file: String?) -> [Character] {
        var setting = TextSetting()
        if let family { setting.family = family }
        setting.file = file
        guard let painted = try? TextPainter.paint(TextBlock(paragraphs: [(text: String(text.prefix(2000)), setting: setting)])) else { return [] }
        return painted.missing
    }

    /// FreeType's and HarfBuzz's versions at run time.
    package static var versions: [(name: String, version: String)] {
        var result: [(name: String, version: String)] = []
        var library: FT_Library?
        if FT_Init_FreeType(&library) == 0, let library {
            var (major, minor, patch): (FT_Int, FT_Int, FT_Int) = (0, 0, 0)
            FT_Library_Version(library, &major, &minor, &patch)
            FT_Done_FreeType(library)
            result.append(("freetype", "\(major).\(minor).\(patch)"))
        }
        result.append(("harfbuzz", String(cString: hb_version_string())))
        return result
    }
}
