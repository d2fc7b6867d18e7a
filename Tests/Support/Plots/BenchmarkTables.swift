import Report

/// The tables of a Markdown file, by the words of their heads.
struct BenchmarkTables {
    private struct Table {
        var head: [String]
        var rows: [[String]]
    }

    private let tables: [Table]
    /// When the comparisons were run, and on what.
    private let machine: String

    init(_ text: String) {
        var tables: [Table] = []
        var isInside = false
        var machine = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("Taken on ") { machine = String(line.prefix { $0 != ";" }) }
            guard line.hasPrefix("|") else {
                isInside = false
                continue
            }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
            if !isInside {
                tables.append(Table(head: cells, rows: []))
            } else if !cells.allSatisfy({ $0.allSatisfy { "-: ".contains($0) } }) {
                tables[tables.count - 1].rows.append(cells)
            }
            isInside = true
        }
        self.tables = tables
        self.machine = machine
    }

    /// From a question to its verdict, beside the peers.
    var forkPlot: BarPlot? {
        guard let table = table(["question", "profile", "Ptero", "Spin, from the question"]) else { return nil }
        let columns = [("Ptero", "Ptero"), ("Spin", "Spin, from the question"), ("rumur", "rumur, from the question")]
        let rows = table.rows.filter { cell($0, "profile", table) == "cet" }
        return BarPlot(
            title: "From a question about fork() to its verdict", subtitle: machine,
            [
                BarPlot.Panel(
                    "Profile cet; a name ends with the number of writers", note: "seconds, ten times more at each line",
                    rows.flatMap { row in bars(cell(row, "question", table), row, columns, table) }, isLogarithmic: true
                )
            ])
    }

    /// x86-TSO tests of growing size, beside herd7.
    var scalingPlot: BarPlot? {
        guard let table = table(["test", "Ptero", "herd7", "states explored"]) else { return nil }
        return BarPlot(
            title: "x86-TSO tests of growing size", subtitle: machine,
            [
                BarPlot.Panel(
                    "Ptero and herd7",
                    note: "seconds, ten times more at each line; herd7's are recorded ones, up to 120",
                    table.rows.flatMap {
                        bars(cell($0, "test", table), $0, [("Ptero", "Ptero"), ("herd7", "herd7")], table)
                    },
                    isLogarithmic: true)
            ])
    }

    /// Operations of AddressSpace, beside C.
    var libraryPlot: BarPlot? {
        guard let table = table(["operation", "C", "Swift", "ratio", "goal"]) else { return nil }
        return BarPlot(
            title: "AddressSpace beside plain C",
            subtitle: "nanoseconds a page in Swift, as a ratio to C on the same tables",
            [
                BarPlot.Panel(
                    "The thin line ends at the goal", note: "1 is the speed of C",
                    table.rows.compactMap { row in
                        guard let ratio = number(cell(row, "ratio", table)), let goal = number(cell(row, "goal", table))
                        else { return nil }
                        return BarPlot.Bar(
                            cell(row, "operation", table), ratio, end: goal, text: "\(cell(row, "ratio", table))")
                    })
            ])
    }

    private func bars(_ name: String, _ row: [String], _ columns: [(String, String)], _ table: Table) -> [BarPlot.Bar] {
        columns.compactMap { tool, column in
            let figure = cell(row, column, table)
            guard let value = number(figure) else { return nil }
            return BarPlot.Bar(
                tool == "Ptero" ? "\(name): Ptero" : tool, value, text: "\(figure) s", isMain: tool == "Ptero")
        }
    }

    private func table(_ head: [String]) -> Table? { tables.first { table in head.allSatisfy(table.head.contains) } }

    private func cell(_ row: [String], _ column: String, _ table: Table) -> String {
        guard let position = table.head.firstIndex(of: column), position < row.count else { return "" }
        return row[position].filter { $0 != "*" }
    }

    /// A figure; one that was not reached counts as its limit.
    private func number(_ text: String) -> Double? { Double(text.hasPrefix(">") ? text.dropFirst() : text[...]) }
}
