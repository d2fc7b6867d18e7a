import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Reads XML by a parser that is not ours: its elements, in the order in which they begin.
final class XMLReader: NSObject, XMLParserDelegate {
    struct Element {
        var name: String
        var attributes: [String: String]
        /// What stands in it outside of the elements in it.
        var text = ""

        func number(_ attribute: String) -> Double { attributes[attribute].flatMap { Double($0) } ?? 0 }
    }

    private(set) var elements: [Element] = []
    /// The positions of those that have not ended.
    private var open: [Int] = []

    /// Reads a text; one that is not well-formed fails the test.
    init(_ text: String) throws {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        try #require(
            parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "not well-formed"): \(text.prefix(400))")
    }

    /// How many elements have a name.
    func count(_ name: String) -> Int { elements.count { $0.name == name } }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        open.append(elements.count)
        elements.append(Element(name: name, attributes: attributes))
    }

    func parser(_ parser: XMLParser, foundCharacters characters: String) {
        if let position = open.last { elements[position].text += characters }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        open.removeLast()
    }
}
