// Which fonts this machine has for the styles of the language, and the libraries that set them.
import CFreeType
import CHarfBuzz

/// Facts for `studio version` and `studio doctor`.
package enum FontReport {
    /// The file that a family name leads to; another family's where the machine lacks it, nil where it has no font at all.
    package static func file(family: String) -> String? { FontSearch.file(family: family, weight: 400)?.path }

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
