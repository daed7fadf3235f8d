// Addresses of documents: URIs of the editor, paths of the language.
import Foundation

/// `file:///a%20b.scene` and `/a b.scene`.
package enum DocumentAddress {
    /// A document that is no file has a made-up path in no folder.
    package static func path(_ uri: String) -> String {
        guard uri.hasPrefix("file://") else {
            let name = uri.split(separator: "/").last.map(String.init) ?? uri
            return (name.split(separator: ":").last.map(String.init) ?? name).removingPercentEncoding ?? name
        }
        let rest = uri.dropFirst(7)
        // A host stands before the path: `file://localhost/x`.
        guard let slash = rest.firstIndex(of: "/") else { return String(rest) }
        let path = String(rest[slash...])
        return path.removingPercentEncoding ?? path
    }
    package static func uri(_ path: String) -> String {
        let allowed = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
        return "file://" + (path.hasPrefix("/") ? "" : "/") + (path.addingPercentEncoding(withAllowedCharacters: allowed) ?? path)
    }
}
