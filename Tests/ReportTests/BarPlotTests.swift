import Foundation
import Testing

@testable import Report

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Bars and their axis.
@Suite struct BarPlotTests {
    @Test(arguments: [[0.3], [0.004, 0.02, 48], [1, 1], [1e9], [7, 0], [], [0.1, 8.1], [99_999], [1e18]])
    func anAxisHasRoomForEveryValueAndNotTooManyNumbers(_ values: [Double]) {
        for isLogarithmic in [false, true] {
            let axis = BarAxis(values, isLogarithmic: isLogarithmic)
            #expect((2...16).contains(axis.ticks.count), "\(axis.ticks)")
            #expect(values.allSatisfy { (0...1).contains(axis.position(of: $0)) })
            #expect(axis.position(of: axis.ticks[0]) == 0)
            let places = axis.ticks.map { axis.position(of: $0) }
            #expect(places == places.sorted() && Set(places).count == places.count)
            #expect(Set(axis.ticks.map { axis.label(of: $0) }).count == axis.ticks.count, "\(axis.ticks)")
        }
    }

    @Test func positionsOnALogarithmicAxisAreLogarithms() {
        let axis = BarAxis([0.001, 10], isLogarithmic: true)
        #expect(axis.ticks.count == 5)
        for value in [0.001, 0.00316, 0.02, 0.5, 1, 9.99] {
            #expect(abs(axis.position(of: value) - (log10(value) + 3) / 4) < 1e-3, "\(value)")
        }
        #expect(axis.position(of: 0) == 0 && axis.position(of: 1e-9) == 0)
    }

    @Test func numbersHaveAsManyDecimalsAsTheyNeed() {
        #expect(BarAxis([2.9], isLogarithmic: false).ticks == [0, 0.5, 1, 1.5, 2, 2.5])
        let axis = BarAxis([0.0005, 300], isLogarithmic: true)
        #expect(
            axis.ticks.map { axis.label(of: $0) } == ["0.0001", "0.001", "0.01", "0.1", "1", "10", "100", "1000"])
    }

    @Test func aPlotIsXMLWithARowForEachBar() throws {
        let hostile = "</text><script>alert(1)</script>\u{1B}[31m & \"quotes\" ]]>"
        let plot = BarPlot(
            title: hostile, subtitle: hostile,
            [
                .init(
                    hostile, note: hostile,
                    [.init(hostile, 3, end: 4, text: "3 s"), .init("other", 1, text: "1 s", isMain: false)]),
                .init("nothing", note: "", []),
            ]
        ).rendered()
        let parser = XMLParser(data: Data(plot.utf8))
        let reader = TextReader()
        parser.delegate = reader
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(!plot.contains("<script") && !plot.contains("\u{1B}"))
        #expect(reader.texts.contains("3 s") && reader.texts.contains("1 s") && !reader.texts.contains("nothing"))
        #expect(reader.elements.filter { $0 == "rect" }.count == 3, "the page and two bars")
    }
}

/// What stands in the texts of a drawing.
private final class TextReader: NSObject, XMLParserDelegate {
    private(set) var texts: [String] = []
    private(set) var elements: [String] = []
    private var text: String?

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        elements.append(name)
        if name == "text" { text = "" }
    }

    func parser(_ parser: XMLParser, foundCharacters characters: String) { text? += characters }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if name == "text", let text { texts.append(text) }
        text = nil
    }
}
