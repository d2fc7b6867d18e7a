import Foundation
import Testing

@testable import Report

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
        let reader = try XMLReader(plot)
        let texts = reader.elements.filter { $0.name == "text" }.map(\.text)
        #expect(!plot.contains("<script") && !plot.contains("\u{1B}"))
        #expect(texts.contains("3 s") && texts.contains("1 s") && !texts.contains("nothing"))
        #expect(reader.count("rect") == 3, "the page and two bars")
    }
}
