// TTML captions through libxml2: no network, no entities, no external files.
import Base
import CXML2
import Foundation

enum TimedTextMarkup {
    static func parse(_ data: Data, path: String) throws(InterchangeError) -> [CaptionCue] {
        let options = Int32(XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue)
        let document = data.withUnsafeBytes { raw in
            xmlReadMemory(raw.bindMemory(to: CChar.self).baseAddress, Int32(clamping: raw.count), nil, nil, options)
        }
        guard let document else { throw .malformed(path: path, line: 1, reason: "this is no well-formed XML") }
        defer { xmlFreeDoc(document) }
        guard document.pointee.intSubset == nil else { throw .malformed(path: path, line: 1, reason: "a document type is not allowed in captions") }
        var cues: [CaptionCue] = []
        try walk(xmlDocGetRootElement(document), path, &cues, 0)
        if cues.isEmpty { throw .malformed(path: path, line: 1, reason: "no paragraph with begin and end was found") }
        return cues
    }

    private static func walk(_ node: xmlNodePtr?, _ path: String, _ cues: inout [CaptionCue], _ depth: Int) throws(InterchangeError) {
        guard depth < 64 else { throw .malformed(path: path, line: 1, reason: "elements are nested too deep") }
        var current = node
        while let element = current {
            if element.pointee.type == XML_ELEMENT_NODE, let name = element.pointee.name {
                if String(cString: name) == "p" { try append(element, path, &cues) } else { try walk(element.pointee.children, path, &cues, depth + 1) }
            }
            current = element.pointee.next
        }
    }

    private static func append(_ element: xmlNodePtr, _ path: String, _ cues: inout [CaptionCue]) throws(InterchangeError) {
        let line = Int(xmlGetLineNo(element))
        guard let begin = attribute(element, "begin").flatMap(time) else { throw .malformed(path: path, line: line, reason: "a paragraph without a begin that can be read") }
        let end = attribute(element, "end").flatMap(time) ?? attribute(element, "dur").flatMap(time).map { begin + $0 }
        guard let end, begin <= end else { throw .malformed(path: path, line: line, reason: "a paragraph without an end behind its begin") }
        cues.append(CaptionCue(range: TimeRange(start: begin, end: end), text: text(element.pointee.children, 0)))
    }

    private static func attribute(_ element: xmlNodePtr, _ name: String) -> String? {
        guard let value = xmlGetProp(element, name) else { return nil }
        defer { sk_xml_free(value) }
        return String(cString: value)
    }

    /// Offsets (`12.5s`, `300ms`) and clocks (`00:00:02.5`).
    private static func time(_ text: String) -> Rational? {
        if text.hasSuffix("ms"), let value = CaptionFile.time(String(text.dropLast(2))) { return value / Rational(1000) }
        if text.hasSuffix("s") { return CaptionFile.time(String(text.dropLast())) }
        return CaptionFile.time(text)
    }

    private static func text(_ node: xmlNodePtr?, _ depth: Int) -> String {
        var result = ""
        var current = node
        while let item = current, depth < 64 {
            if item.pointee.type == XML_TEXT_NODE, let content = item.pointee.content {
                result += String(cString: content).split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
            } else if item.pointee.type == XML_ELEMENT_NODE, let name = item.pointee.name {
                result += String(cString: name) == "br" ? "\n" : text(item.pointee.children, depth + 1)
            }
            current = item.pointee.next
        }
        return result
    }
}
