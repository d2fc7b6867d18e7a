import X86

extension LitmusWriter {
    /// The rows of the program, heads first, the columns aligned; a handler stands right of its thread.
    static func program(of test: LitmusTest) -> [String] {
        var columns: [[String]] = []
        for thread in test.threads {
            columns.append(["P\(thread.processor)"] + cells(of: thread.program))
            if let handler = test.handlers[thread.processor] {
                columns.append(["P\(thread.processor).F"] + cells(of: handler.program))
            }
        }
        let widths = columns.map { column in column.reduce(0) { max($0, $1.utf8.count) } }
        let height = columns.reduce(0) { max($0, $1.count) }
        let blanks = String(repeating: " ", count: widths.reduce(0, max))
        return (0..<height).map { row in
            var line = ""
            line.reserveCapacity(widths.reduce(2) { $0 + $1 + 3 })
            for (column, width) in zip(columns, widths) {
                let cell = row < column.count ? column[row] : ""
                line += line.isEmpty ? " " : " | "
                line += cell
                line += blanks.prefix(width - cell.utf8.count)
            }
            return line + " ;"
        }
    }

    /// One cell for each instruction, its labels before it; labels after the last instruction get a cell of their own.
    private static func cells(of program: Program) -> [String] {
        if program.labels.isEmpty { return program.instructions.indices.map { program.instructions[$0].text } }
        let labels = Dictionary(grouping: program.labels.keys) { program.labels[$0] ?? 0 }
        func marks(_ index: Int) -> String { (labels[index] ?? []).sorted().map { $0 + ":" }.joined(separator: " ") }
        var cells = program.instructions.enumerated().map { index, instruction in
            let marks = marks(index)
            return marks.isEmpty ? instruction.text : marks + " " + instruction.text
        }
        let last = marks(program.instructions.count)
        if !last.isEmpty { cells.append(last) }
        return cells
    }
}
