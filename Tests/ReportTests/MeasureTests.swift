import Synthesis
import TestSupport
import Testing

@testable import Report

/// What `ptero measure` prints, of figures that nobody measured.
@Suite struct MeasureTests {
    /// A measurement with every kind of figure.
    private static var sample: MachineMeasurement {
        var measurement = MachineMeasurement(
            machine: "A CPU & <another>", date: "2026-11-29", cpu: 3,
            nanoseconds: [.small: 7.254, .medium: 7.5, .large: 12])
        for (number, item) in CostItem.allCases.enumerated() {
            var row = MeasuredRow(.item(item))
            for setting in CostSetting.allCases where setting == .small || !item.isOfNoTable {
                let price = (CostTable.nominal[item]?.minimum ?? 0) * (setting == .contended ? 3.5 : 1)
                row.figures[.setting(setting)] = .price(CostEntry(minimum: price, spread: Double(number % 8) / 100))
            }
            measurement.rows.append(row)
        }
        let reasons: [UnusableReason] = [
            .spread(0.734), .unitSpread(12), .stolen(0.25), .samples(0), .samples(3), .oneCPU, .systemCall, .endless,
            .signal(11), .notReached,
        ]
        for (number, reason) in reasons.enumerated() {
            measurement.rows[number].figures[.setting(.contended)] = .unusable(reason)
        }
        measurement.rows += sequences
        return measurement
    }

    private static var sequences: [MeasuredRow] {
        var loop = MeasuredRow(.sequence("cmpxchg+write+lost-dirty"), leftOut: ["call flush_tlb_page(x)"])
        loop.sameIn = ["cmpxchg+read", "cmpxchg+wrss"]
        for (number, start) in EntryStart.allCases.enumerated() {
            loop.figures[.start(start)] = .price(CostEntry(minimum: 1 + Double(number) / 4, spread: 0.02))
        }
        loop.figures[.setting(.contended)] = .unusable(.spread(0.9))
        let problems: [SequenceProblem] = [
            .notColumns, .noColumn, .noEntry, .instruction("hlt"), .memory("movl $1,(x)"), .registers,
        ]
        return [loop]
            + problems.enumerated().map { number, problem in
                var row = MeasuredRow(.sequence("test-\(number)"))
                for start in EntryStart.allCases { row.figures[.start(start)] = .unusable(.notRunnable(problem)) }
                return row
            }
    }

    @Test func goldenTable() throws {
        let text = MeasureTable(Self.sample).rendered()
        try Golden.expect(text, "measure.txt")
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test(arguments: [40, 60, 100, 200]) func noLineIsLongerThanTheTerminal(_ width: Int) {
        let text = MeasureTable(Self.sample).rendered(Style(isColored: false, width: width))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= width }, "\(text)")
    }

    @Test func goldenJSON() throws {
        let text = MeasureJSON.text(Self.sample)
        try Golden.expect(text, "measure.json")
        #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
    }

    @Test func goldenPlot() throws {
        let text = MeasurePlot(Self.sample).text
        try Golden.expect(text, "measure.svg")
        #expect(text.contains("A CPU &amp; &lt;another>") || text.contains("A CPU &amp; &lt;another&gt;"))
        #expect(text.contains("prefers-color-scheme: dark"))
    }

    @Test func everyBuildingBlockHasARowAndALabelOfItsOwnInItsGroup() {
        let items = CostWords.groups.flatMap { $0.items }
        #expect(items.count == CostItem.allCases.count && Set(items) == Set(CostItem.allCases))
        for group in CostWords.groups {
            #expect(Set(group.items.map { CostWords.label($0) }).count == group.items.count, "\(group.heading)")
        }
    }

    @Test func whatWasNotReachedIsCountedAndSaid() {
        var measurement = Self.sample
        #expect(MeasureTable(measurement).rendered().contains("Out of time: 1 figure not measured"))
        measurement.isInterrupted = true
        #expect(MeasureTable(measurement).rendered().contains("Interrupted: 1 figure not measured"))
        #expect(!measurement.isComplete)
        measurement.isUnpinned = true
        #expect(MeasureTable(measurement).rendered().contains("would not keep the program on one CPU"))
    }

    @Test func pricesFromAFileHaveTheSameTable() {
        let text = MeasureTable(MachineMeasurement(CostTable.nominal)).rendered()
        #expect(text.hasPrefix("nominal\n") && !text.contains("sequence, on") && text.contains("mfence"))
        #expect(!text.contains("could not be used"))
    }

    @Test func aHugePriceAndAnEmptyMeasurementAreDrawn() {
        var table = CostTable.nominal
        table[.pageFault] = CostEntry(minimum: 1e9, spread: 1e9)
        for measurement in [MachineMeasurement(table), MachineMeasurement(machine: "none", date: "")] {
            let text = MeasurePlot(measurement).text
            #expect(text.hasSuffix("</svg>\n") && text.utf8.count < 200_000)
        }
    }
}
