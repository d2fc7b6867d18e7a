/// A table in plain text: columns two blanks apart, no rules, cells wrapped to their column's width.
public struct TextTable: Sendable {
    /// One cell.
    public struct Cell: Sendable, Hashable {
        /// The text; newlines begin new lines of the cell.
        public var text: String
        /// How it is set off.
        public var role: Style.Role

        /// Makes a cell.
        public init(_ text: String, _ role: Style.Role = .plain) {
            self.text = text
            self.role = role
        }
    }

    /// How a column is laid out.
    public struct Column: Sendable, Hashable {
        /// The heading; newlines begin new lines of it.
        public var title: String
        /// Whether its cells end rather than begin under each other.
        public var isRightAligned: Bool
        /// The width beyond which cells are wrapped, in characters, or nil.
        public var maxWidth: Int?
        /// The width it has at least.
        public var minWidth: Int

        /// Makes a column.
        public init(_ title: String, isRightAligned: Bool = false, maxWidth: Int? = nil, minWidth: Int = 0) {
            self.title = title
            self.isRightAligned = isRightAligned
            self.maxWidth = maxWidth
            self.minWidth = minWidth
        }
    }

    private enum Row: Sendable {
        case cells([Cell])
        /// A first cell, then text that runs on over all other columns.
        case spanning(Cell, Cell)
        case heading(String)
    }

    private let columns: [Column]
    private var rows: [Row] = []

    /// Makes a table without rows.
    public init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; cells that are missing are empty.
    public mutating func append(_ cells: [Cell]) { rows.append(.cells(cells)) }

    /// Adds a row whose second cell runs on over the columns to its right.
    public mutating func append(_ first: Cell, spanning rest: Cell) { rows.append(.spanning(first, rest)) }

    /// Adds a line that stands before a group of rows.
    public mutating func append(heading: String) { rows.append(.heading(heading)) }

    /// The table, a line for each row or more, without blanks at line ends and with a newline after the last.
    public func rendered(_ style: Style = .plain) -> String {
        let widths = columns.indices.map(width(of:))
        var lines: [String] = []
        if columns.contains(where: { !$0.title.isEmpty }) {
            lines += line(columns.map { Cell($0.title, .heading) }, widths, style)
        }
        for row in rows {
            switch row {
            case .cells(let cells): lines += line(cells, widths, style)
            case .spanning(let first, let rest):
                let label = first.text + String(repeating: " ", count: max(0, (widths.first ?? 0) - first.text.count))
                lines.append(style.apply(first.role, label) + "  " + style.apply(rest.role, rest.text))
            case .heading(let text): lines.append(style.apply(.heading, text))
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func width(of column: Int) -> Int {
        let limit = columns[column].maxWidth ?? .max
        var width = columns[column].minWidth
        for line in TextWrap.lines(of: columns[column].title, width: limit) { width = max(width, line.count) }
        for row in rows {
            let text: String
            switch row {
            case .cells(let cells): text = cells.indices.contains(column) ? cells[column].text : ""
            case .spanning(let first, _): text = column == 0 ? first.text : ""
            case .heading: text = ""
            }
            for line in TextWrap.lines(of: text, width: limit) { width = max(width, line.count) }
        }
        return width
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ style: Style) -> [String] {
        let wrapped = columns.indices.map { column in
            cells.indices.contains(column) ? TextWrap.lines(of: cells[column].text, width: widths[column]) : []
        }
        let height = wrapped.map({ $0.count }).max() ?? 0
        return (0..<max(1, height)).map { number in
            var line = ""
            var pending = 0
            for (column, lines) in wrapped.enumerated() {
                let text = lines.indices.contains(number) ? lines[number] : ""
                let blank = max(0, widths[column] - text.count)
                let before = columns[column].isRightAligned ? blank : 0
                pending += before
                // Blanks wait until something follows them, so that no line ends in blanks.
                if !text.isEmpty {
                    line += String(repeating: " ", count: pending) + style.apply(cells[column].role, text)
                    pending = 0
                }
                pending += blank - before + 2
            }
            return line
        }
    }
}

/// Breaks text into lines between words.
public enum TextWrap {
    /// Lines of at most `width` characters; a word that is longer is cut.
    ///
    /// Lines after the first of a paragraph begin with `indent` blanks.
    public static func lines(of text: String, width: Int, indent: Int = 0) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph in
            wrap(paragraph, width: max(1, width), indent: min(indent, max(0, width - 1)))
        }
    }

    private static func wrap(_ paragraph: Substring, width: Int, indent: Int) -> [String] {
        guard paragraph.count > width else { return [String(paragraph)] }
        var lines: [String] = []
        var line = ""
        var isEmpty = true
        for word in paragraph.split(separator: " ") {
            var word = word
            if !isEmpty && line.count + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent)
                isEmpty = true
            }
            while (isEmpty ? line.count : line.count + 1) + word.count > width {
                let room = max(1, width - (isEmpty ? line.count : line.count + 1))
                lines.append(line + (isEmpty ? "" : " ") + word.prefix(room))
                word = word.dropFirst(room)
                line = String(repeating: " ", count: indent)
                isEmpty = true
            }
            if word.isEmpty { continue }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        if !isEmpty { lines.append(line) }
        return lines
    }
}
