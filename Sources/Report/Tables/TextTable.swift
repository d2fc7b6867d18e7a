/// A table in plain text: columns two blanks apart, no rules, cells wrapped to their column's width.
package struct TextTable: Sendable {
    /// One cell.
    package struct Cell: Sendable, Hashable {
        /// The text; newlines begin new lines of the cell.
        package var text: String
        /// How it is set off.
        package var role: Style.Role

        /// Makes a cell.
        package init(_ text: String, _ role: Style.Role = .plain) {
            self.text = text
            self.role = role
        }
    }

    /// How a column is laid out.
    package struct Column: Sendable, Hashable {
        /// The heading; newlines begin new lines of it.
        package var title: String
        /// Whether its cells end rather than begin under each other.
        package var isRightAligned: Bool
        /// The width beyond which cells are wrapped, in characters, or nil.
        package var maxWidth: Int?
        /// The width it has at least.
        package var minWidth: Int

        /// Makes a column.
        package init(_ title: String, isRightAligned: Bool = false, maxWidth: Int? = nil, minWidth: Int = 0) {
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
    package init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; cells that are missing are empty.
    package mutating func append(_ cells: [Cell]) { rows.append(.cells(cells)) }

    /// Adds a row whose second cell runs on over the columns to its right.
    package mutating func append(_ first: Cell, spanning rest: Cell) { rows.append(.spanning(first, rest)) }

    /// Adds a line that stands before a group of rows.
    package mutating func append(heading: String) { rows.append(.heading(heading)) }

    /// The table, a line for each row or more, without blanks at line ends and with a newline after the last.
    ///
    /// No line is longer than `width`, by default the style's: columns are narrowed, the widest first, as far as words are not
    /// cut, and moved together. Where that is not enough the table comes in several parts, each with the first column.
    package func rendered(_ style: Style = .plain, width: Int? = nil) -> String {
        let width = max(Self.leastWidth, width ?? style.width)
        let (parts, gap) = parts(width)
        return parts.enumerated().map { number, columns in
            part(columns, gap, width, style, isFirst: number == 0)
        }.joined(separator: "\n")
    }

    /// Less room than this is not asked for: what is wider than the terminal then wraps there.
    private static let leastWidth = 40

    /// The columns of each part of the table, their widths, and the blanks between them.
    private func parts(_ width: Int) -> (parts: [[(column: Int, width: Int)]], gap: Int) {
        let natural = columns.indices.map { self.width(of: $0, limit: columns[$0].maxWidth ?? .max) }
        let least = columns.indices.map { min(natural[$0], leastWidth(of: $0)) }
        let gap = [2, 1].first { gap in least.reduce(-gap, { $0 + $1 + gap }) <= width } ?? 2
        var groups: [[Int]] = []
        for column in columns.indices.dropFirst() {
            let taken = (groups.last ?? []).map { least[$0] + gap }.reduce(least.first ?? 0, +)
            if groups.isEmpty || taken + gap + least[column] > width { groups.append([]) }
            groups[groups.count - 1].append(column)
        }
        if groups.isEmpty { groups = [[]] }
        let parts = groups.map { group in
            let group = (columns.isEmpty ? [] : [0]) + group
            var widths = group.map { natural[$0] }
            while widths.reduce(-gap, { $0 + $1 + gap }) > width {
                let narrowable = widths.indices.filter { widths[$0] > least[group[$0]] }
                guard let widest = narrowable.max(by: { widths[$0] < widths[$1] }) else { break }
                widths[widest] -= 1
            }
            return Array(zip(group, widths)).map { (column: $0.0, width: $0.1) }
        }
        return (parts, gap)
    }

    private func part(
        _ shown: [(column: Int, width: Int)], _ gap: Int, _ width: Int, _ style: Style, isFirst: Bool
    ) -> String {
        var lines: [String] = []
        func line(_ cells: [Cell]) {
            lines += self.line(
                shown.map { cells.indices.contains($0.column) ? cells[$0.column] : Cell("") }, shown, gap, style)
        }
        if columns.contains(where: { !$0.title.isEmpty }) { line(columns.map { Cell($0.title, .heading) }) }
        for row in rows {
            switch row {
            case .cells(let cells): line(cells)
            case .spanning(let first, let rest) where isFirst: lines += spanning(first, rest, shown, gap, width, style)
            case .spanning: break
            case .heading(let text):
                lines += TextWrap.lines(of: text, width: width).map { style.apply(.heading, $0) }
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func spanning(
        _ first: Cell, _ rest: Cell, _ shown: [(column: Int, width: Int)], _ gap: Int, _ width: Int, _ style: Style
    ) -> [String] {
        let label = shown.first?.width ?? 0
        let left = TextWrap.lines(of: first.text, width: max(1, label))
        let right = TextWrap.lines(of: rest.text, width: max(1, width - label - gap))
        return (0..<max(left.count, right.count)).map { number in
            let name = left.indices.contains(number) ? left[number] : ""
            guard right.indices.contains(number) else { return style.apply(first.role, name) }
            let padded = name + String(repeating: " ", count: max(0, label - name.count))
            let blanks = String(repeating: " ", count: gap)
            return style.apply(first.role, padded) + blanks + style.apply(rest.role, right[number])
        }
    }

    /// The texts of a column, its title first.
    private func texts(of column: Int) -> [String] {
        [columns[column].title]
            + rows.map { row in
                switch row {
                case .cells(let cells): cells.indices.contains(column) ? cells[column].text : ""
                case .spanning(let first, _): column == 0 ? first.text : ""
                case .heading: ""
                }
            }
    }

    private func width(of column: Int, limit: Int) -> Int {
        var width = columns[column].minWidth
        for text in texts(of: column) {
            for line in TextWrap.lines(of: text, width: limit) { width = max(width, line.count) }
        }
        return width
    }

    /// The width below which words would be cut; names that are very long are cut all the same.
    private func leastWidth(of column: Int) -> Int {
        var width = max(1, columns[column].minWidth)
        for text in texts(of: column) {
            for word in text.split(whereSeparator: { $0 == " " || $0.isNewline }) { width = max(width, word.count) }
        }
        return min(width, max(columns[column].minWidth, column == 0 ? 14 : 18))
    }

    private func line(
        _ cells: [Cell], _ shown: [(column: Int, width: Int)], _ gap: Int, _ style: Style
    ) -> [String] {
        let wrapped = zip(cells, shown).map { TextWrap.lines(of: $0.text, width: $1.width) }
        let height = wrapped.map({ $0.count }).max() ?? 0
        return (0..<max(1, height)).map { number in
            var line = ""
            var pending = 0
            for (position, lines) in wrapped.enumerated() {
                let text = lines.indices.contains(number) ? lines[number] : ""
                let blank = max(0, shown[position].width - text.count)
                let before = columns[shown[position].column].isRightAligned ? blank : 0
                pending += before
                // Blanks wait until something follows them, so that no line ends in blanks.
                if !text.isEmpty {
                    line += String(repeating: " ", count: pending) + style.apply(cells[position].role, text)
                    pending = 0
                }
                pending += blank - before + gap
            }
            return line
        }
    }
}

/// Breaks text into lines between words.
package enum TextWrap {
    /// Lines of at most `width` characters; a word that is longer is cut.
    ///
    /// Lines after the first of a paragraph begin with `indent` blanks.
    package static func lines(of text: String, width: Int, indent: Int = 0) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph in
            wrap(paragraph, width: max(1, width), indent: min(indent, max(0, width - 1)))
        }
    }

    private static func wrap(_ paragraph: Substring, width: Int, indent: Int) -> [String] {
        guard paragraph.count > width else { return [String(paragraph)] }
        // What is set in stays set in.
        let leading = min(paragraph.prefix { $0 == " " }.count, max(0, width / 2 - 1))
        let indent = max(indent, leading)
        var lines: [String] = []
        var line = String(repeating: " ", count: leading)
        var isEmpty = true
        for word in paragraph.split(separator: " ") {
            var word = word
            if !isEmpty && line.count + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent)
                isEmpty = true
            }
            while (isEmpty ? line.count : line.count + 1) + word.count > width {
                let part = beginning(of: word, atMost: max(1, width - (isEmpty ? line.count : line.count + 1)))
                lines.append(line + (isEmpty ? "" : " ") + part)
                word = word.dropFirst(part.count)
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

    /// As much of a word as fits, up to the last sign between its parts where there is one in the second half.
    private static func beginning(of word: Substring, atMost room: Int) -> Substring {
        let part = word.prefix(room)
        guard let sign = part.lastIndex(where: { "+-/_.,:".contains($0) }) else { return part }
        let whole = part[...sign]
        return whole.count * 2 >= room ? whole : part
    }
}
