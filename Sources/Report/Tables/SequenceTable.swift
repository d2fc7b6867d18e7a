import Checker
import Litmus
import PageTable
import Synthesis

/// The table *sequence x CPU class*: which candidates work where, and what goes wrong elsewhere.
///
/// It is made of the tests with a `Sequence=` line. One with `Failure=` says that the sequence fails on every profile where
/// its condition can hold; one with `Remark=` gives a note there.
package struct SequenceTable: Sendable {
    private let profiles: [String]
    private let isEverybody: Bool
    private let isWhole: Bool
    private let rows: [Row]
    private let failures: [Failure]
    private let remarks: [Remark]
    private let costs: CostTable?

    private struct Failure: Sendable {
        var words: String
        var properties: [String]
    }

    /// A remark and where it applies; sequences of which the same can be said share it.
    private struct Remark: Sendable, Hashable {
        var words: String
        var profiles: [String]
    }

    fileprivate struct Row: Sendable {
        var name: String
        var folder: String
        /// Positions in `failures`, by profile; a missing profile was not asked about.
        var failures: [String: Set<Int>] = [:]
        var unknown: Set<String> = []
        var remarks: [Int] = []
        /// What it costs a clean entry and a dirty one, from the first of its tests that has a price.
        var prices: [SequencePrice] = []

        fileprivate var failing: [String] { failures.filter { !$0.value.isEmpty }.map { $0.key } }
    }

    /// The table of these tests.
    ///
    /// `isEverybody` says that `profiles` are all classes of CPUs there are, `isWhole` that no test is missing because it could
    /// not be read; only then a sequence can work for everybody. With `costs` there is a column of prices.
    package init(
        _ tests: [TestFindings], profiles: [String], isEverybody: Bool, isWhole: Bool = true, costs: CostTable? = nil
    ) {
        self.profiles = profiles
        self.costs = costs
        self.isWhole = isWhole
        self.isEverybody = isEverybody
        var failures: [Failure] = []
        var rows: [Row] = []
        var notes: [(row: Int, words: String, profiles: [String])] = []
        for test in tests {
            guard let sequence = test.test.sequence else { continue }
            let row: Int
            if let known = rows.firstIndex(where: { $0.name == sequence }) {
                row = known
            } else {
                row = rows.count
                rows.append(Row(name: sequence, folder: Summary.folder(of: test.file)))
            }
            if let costs, rows[row].prices.isEmpty { rows[row].prices = Self.prices(test.test, costs) }
            if let words = test.test.failure {
                let number = failures.firstIndex { $0.words == words } ?? failures.count
                if number == failures.count { failures.append(Failure(words: words, properties: [])) }
                for property in test.test.condition.proposition.propertyNames
                where !failures[number].properties.contains(property) {
                    failures[number].properties.append(property)
                }
                rows[row].note(test.findings, failure: number)
            } else if let words = test.test.remark {
                let holding = test.findings.filter { $0.verdict.positive > 0 }.map { $0.verdict.profile }
                if let known = notes.firstIndex(where: { $0.row == row && $0.words == words }) {
                    notes[known].profiles += holding.filter { !notes[known].profiles.contains($0) }
                } else if !holding.isEmpty {
                    notes.append((row, words, holding))
                }
            }
        }
        // Letters and numbers are given out in the order in which the table shows them; what happened nowhere needs none.
        let order = Self.order(rows)
        var used: [Int] = []
        for row in order {
            let here = Set(profiles.flatMap { rows[row].failures[$0] ?? [] }).union(rows[row].failures.values.joined())
            used += here.sorted().filter { !used.contains($0) }
        }
        self.failures = used.map { failures[$0] }
        var remarks: [Remark] = []
        for row in order {
            for (profile, numbers) in rows[row].failures {
                rows[row].failures[profile] = Set(numbers.compactMap(used.firstIndex))
            }
            for note in notes where note.row == row {
                let remark = Remark(words: note.words, profiles: note.profiles)
                let number = remarks.firstIndex(of: remark) ?? remarks.count
                if number == remarks.count { remarks.append(remark) }
                rows[row].remarks.append(number)
            }
        }
        self.rows = order.map { rows[$0] }
        self.remarks = remarks
    }

    /// Whether there is a sequence at all.
    package var isEmpty: Bool { rows.isEmpty }

    /// The table, the letters and the notes.
    package func rendered(_ style: Style = .plain) -> String {
        var table = TextTable(
            [.init("sequence", maxWidth: 42)] + profiles.map { .init($0, maxWidth: 10) }
                + (costs == nil ? [] : [.init("cost", maxWidth: 15)]) + [.init("verdict", maxWidth: 34)])
        var folder: String?
        for row in rows {
            if row.folder != folder {
                table.append(heading: row.folder)
                folder = row.folder
            }
            let verdict = verdict(row)
            table.append(
                [TextTable.Cell("  " + row.name)] + profiles.map { cell(row, $0) }
                    + (costs == nil ? [] : [TextTable.Cell(Self.words(row.prices))])
                    + [TextTable.Cell(verdict.text + notes(row), verdict.role)])
        }
        let introduction = "Which sequence works on which CPUs: right, or the letters of what goes wrong."
        var text = TextWrap.lines(of: introduction, width: style.width).map { $0 + "\n" }.joined() + "\n"
        text += table.rendered(style)
        if !failures.isEmpty { text += "\nWhat goes wrong:\n" }
        for (number, failure) in failures.enumerated() {
            let names = failure.properties.isEmpty ? "" : " (\(failure.properties.joined(separator: ", ")))"
            text += Self.entry("  \(Self.letter(number))  ", failure.words + names, style)
        }
        if !remarks.isEmpty { text += "\nWhat can happen but is not a failure:\n" }
        for (number, remark) in remarks.enumerated() {
            text += Self.entry("  \(number + 1)  ", "\(remark.words), on \(places(remark.profiles))", style)
        }
        text += priceLegend(style)
        if !isWhole {
            text += "\nSome tests could not be read, so no sequence is said to work.\n"
        }
        if rows.contains(where: { !$0.unknown.isEmpty }) { text += "\n  ?  inconclusive\n" }
        return text
    }

    // MARK: Prices

    /// What P0 of a test costs a clean and a dirty entry, both used; none where it has no price.
    private static func prices(_ test: LitmusTest, _ costs: CostTable) -> [SequencePrice] {
        let clean = PageTableEntry.litmusDefault.clearing(PageTableEntry.dirtyMask)
        let entries = [clean, clean.setting(PageTableEntry.dirtyMask)]
        let prices = entries.compactMap { SequencePrice(test, entry: $0.rawValue, costs) }
        return prices.count == entries.count ? prices : []
    }

    private static func words(_ prices: [SequencePrice]) -> String {
        var words: [String] = []
        for price in prices {
            let flushes = price.flushes == 0 ? "" : price.flushes == 1 ? "+f" : "+\(price.flushes)f"
            let text = SynthesisWords.price(price.ratio) + flushes
            if words.last != text { words.append(text) }
        }
        return words.isEmpty ? "-" : words.joined(separator: " ")
    }

    /// What the column of prices means; empty without it.
    private func priceLegend(_ style: Style) -> String {
        guard let costs else { return "" }
        let prices = rows.flatMap { $0.prices }
        let spread = Figures.fixed((prices.map { $0.spread }.max() ?? 0) * 100, decimals: 0)
        let flush = prices.contains { $0.flushes > 0 } ? "; f is a flush for each entry" : ""
        let text =
            "Costs are ratios to `lock andb` on \(costs.machine), \(costs.date): sums of building blocks, which spread by up "
            + "to \(spread)%, of an entry that is clean, and of one that is dirty where that differs\(flush)."
        return "\n" + TextWrap.lines(of: text, width: style.width).map { $0 + "\n" }.joined()
    }

    /// A line of the legend: later lines begin under the words.
    private static func entry(_ mark: String, _ words: String, _ style: Style) -> String {
        let lines = TextWrap.lines(of: words, width: max(20, style.width - mark.count))
        let indent = String(repeating: " ", count: mark.count)
        return lines.enumerated().map { ($0.offset == 0 ? mark : indent) + $0.element + "\n" }.joined()
    }

    private func cell(_ row: Row, _ profile: String) -> TextTable.Cell {
        guard let failures = row.failures[profile] else { return .init("-", .faint) }
        if !failures.isEmpty {
            return .init(failures.sorted().map(Self.letter).joined(separator: " "), .bad)
        }
        return row.unknown.contains(profile) ? .init("?", .unsure) : .init("right", .good)
    }

    /// The words of the last column; a sequence works only where every question about it was answered.
    private func verdict(_ row: Row) -> (text: String, role: Style.Role) {
        let failing = row.failing
        if !failing.isEmpty {
            if isEverybody && Set(failing).isSuperset(of: profiles) { return ("fails everywhere", .bad) }
            return ("fails on \(sorted(failing).joined(separator: " "))", .bad)
        }
        if !row.unknown.isEmpty { return ("not known", .unsure) }
        let asked = profiles.filter { row.failures[$0] != nil }
        if asked.isEmpty { return ("nothing asked", .unsure) }
        if !isWhole { return ("no failure found", .unsure) }
        if isEverybody && asked.count == profiles.count { return ("works for everybody", .good) }
        return ("works on \(asked.joined(separator: " "))", .good)
    }

    private func notes(_ row: Row) -> String {
        row.remarks.isEmpty ? "" : " (\(row.remarks.sorted().map { String($0 + 1) }.joined(separator: ", ")))"
    }

    private func places(_ names: [String]) -> String {
        Set(names).isSuperset(of: profiles) && profiles.count > 1
            ? "every profile" : sorted(names).joined(separator: " ")
    }

    private func sorted(_ names: [String]) -> [String] {
        profiles.filter(names.contains) + names.filter { !profiles.contains($0) }.sorted()
    }

    /// The letter of a failure: `A` to `Z`, then `A1`, `B1` and so on.
    private static func letter(_ number: Int) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        return String(letters[number % letters.count]) + (number < letters.count ? "" : "\(number / letters.count)")
    }

    /// The folder with most sequences first; in a folder what fails in most places first, what works for everybody last.
    private static func order(_ rows: [Row]) -> [Int] {
        var folders: [(name: String, rows: [Int])] = []
        for row in rows.indices {
            if let known = folders.firstIndex(where: { $0.name == rows[row].folder }) {
                folders[known].rows.append(row)
            } else {
                folders.append((rows[row].folder, [row]))
            }
        }
        return folders.enumerated()
            .sorted { ($1.element.rows.count, $0.offset) < ($0.element.rows.count, $1.offset) }
            .flatMap { folder in
                folder.element.rows.sorted { (rows[$1].failing.count, $0) < (rows[$0].failing.count, $1) }
            }
    }
}

extension SequenceTable.Row {
    /// Takes up what a test with `Failure=` found.
    fileprivate mutating func note(_ findings: [Finding], failure number: Int) {
        for finding in findings {
            let verdict = finding.verdict
            // What was found before a limit was hit was found nevertheless.
            if verdict.positive > 0 {
                failures[verdict.profile, default: []].insert(number)
            } else {
                failures[verdict.profile, default: []].formUnion([])
                if verdict.observation == .inconclusive { unknown.insert(verdict.profile) }
            }
        }
    }
}

extension Proposition {
    /// The named properties that it speaks of, in reading order.
    var propertyNames: [String] {
        switch kind {
        // That a page was written violates nothing by itself.
        case .property(.written, _): []
        case .property(let property, _), .tableProperty(let property, _): [property.name]
        case .stuck: [ThreadProperty.stuck.name]
        case .wild: [ThreadProperty.wild.name]
        case .not(let part): part.propertyNames
        case .and(let parts), .or(let parts): parts.flatMap { $0.propertyNames }
        case .constant, .equal, .identical, .same, .fault: []
        }
    }
}
