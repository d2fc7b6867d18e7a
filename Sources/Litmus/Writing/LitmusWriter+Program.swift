import X86

extension LitmusWriter {
    /// The rows of the program, heads first, the columns aligned; a handler stands right of its thread.
    static func program(of test: LitmusTest) -> [String] {
        var columns: [[String]] = []
        for thread in test.threads {
            let holes = test.holes.filter { $0.processor == thread.processor }
            columns.append(["P\(thread.processor)"] + cells(of: thread.program, holes))
            if let handler = test.handlers[thread.processor] {
                columns.append(["P\(thread.processor).F"] + cells(of: handler.program))
            }
            if let handler = test.interrupts[thread.processor] {
                columns.append(["P\(thread.processor).I"] + cells(of: handler.program))
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

    /// One cell for each instruction and each hole, its labels before it; labels at the end get a cell of their own.
    private static func cells(of program: Program, _ holes: [Hole] = []) -> [String] {
        if program.labels.isEmpty, holes.isEmpty {
            return program.instructions.indices.map { program.instructions[$0].text }
        }
        let labels = Dictionary(grouping: program.labels.keys) { program.labels[$0] ?? 0 }
        var cells: [String] = []
        for index in 0...program.instructions.count {
            var marks = (labels[index] ?? []).sorted()
            func add(_ marks: [String], _ text: String?) {
                let words = marks.map { $0 + ":" } + (text.map { [$0] } ?? [])
                if !words.isEmpty { cells.append(words.joined(separator: " ")) }
            }
            for hole in holes where hole.position == index {
                add(marks.filter(hole.labels.contains), text(of: hole))
                marks.removeAll(where: hole.labels.contains)
            }
            add(marks, index < program.instructions.count ? program.instructions[index].text : nil)
        }
        return cells
    }
}
