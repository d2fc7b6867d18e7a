import Diagnostics
import X86

/// The columns of a test's program.
struct ProgramColumns {
    var threads: [ThreadColumn] = []
    var handlers: [Int: ThreadColumn] = [:]
    var interrupts: [Int: ThreadColumn] = [:]
    var holes: [Hole] = []
    /// Where the program's text ends.
    var end: Int
}

/// Reads the program: a row of heads, then rows of cells, each row ended by `;`.
struct ProgramParser {
    /// What a column's code is run for, and how its head ends.
    enum ColumnKind: String, CaseIterable {
        case thread = ""
        case fault = ".F"
        case interrupt = ".I"

        /// As messages name such a column.
        var text: String {
            switch self {
            case .thread: "column"
            case .fault: "fault handler"
            case .interrupt: "interrupt handler"
            }
        }
    }

    /// One column while it is read.
    struct Column {
        var processor: Int
        var kind: ColumnKind
        var range: Range<Int>
        var assembly = AssemblyParser()
        /// A part of it could not be read.
        var isBroken = false

        var name: String { "P\(processor)\(kind.rawValue)" }
        var isHandler: Bool { kind != .thread }
    }

    /// The longest cell that is given to the assembly parser, in bytes.
    static let longestCell = 4096

    /// One row of the program as it is found.
    private struct Row {
        /// The row without its `;`.
        var range: Range<Int>
        var cells: [Range<Int>]
    }

    let source: SourceText
    let paging: Paging
    let log: FaultLog
    /// The text without comments, and without what stands in the braces of holes that were met.
    var bytes: [UInt8]
    /// The same with it.
    let written: [UInt8]
    var offset: Int
    var columns: [Column] = []
    /// The braces of holes, by where their `??` stands.
    var braces: [Int: Range<Int>] = [:]
    /// The holes in the order of the text.
    var holes: [FoundHole] = []

    /// Reads from the byte after the initial state up to the word that begins the condition, or the end.
    ///
    /// Rows and cells that cannot be understood are noted and left out.
    static func parse(
        _ source: SourceText, _ bytes: [UInt8], at offset: Int, paging: Paging, log: FaultLog
    ) throws(Diagnostic) -> ProgramColumns {
        var parser = ProgramParser(source: source, bytes: bytes, offset: offset, paging: paging, log: log)
        return try parser.program()
    }

    private init(source: SourceText, bytes: [UInt8], offset: Int, paging: Paging, log: FaultLog) {
        self.source = source
        self.paging = paging
        self.bytes = bytes
        written = bytes
        self.offset = offset
        self.log = log
    }

    private mutating func program() throws(Diagnostic) -> ProgramColumns {
        skipBlanks()
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ";") { offset += 1 }
        guard let heads = try row() else {
            let end = max(1, bytes.trimmed(0..<min(offset, bytes.count)).upperBound)
            throw source.diagnostic(
                "the test has no program", at: end - 1..<end,
                remedy: "after the initial state come the columns, beginning with a row ` P0 | P1 ;`")
        }
        let areHeadsRead = log.attempt { () throws(Diagnostic) in try readHeads(lineOfHeads(heads)) } != nil
        var count = 0
        while let row = try row() {
            count += 1
            guard count <= Grammar.mostPhrases else {
                throw source.diagnostic("a program has at most \(Grammar.mostPhrases) rows", at: offset - 1..<offset)
            }
            if areHeadsRead { read(row) }
            // Nobody reads more of them.
            if log.isFull { break }
        }
        return finished()
    }

    /// The next row, or nil when the program has ended.
    private mutating func row() throws(Diagnostic) -> Row? {
        skipBlanks()
        guard !programEnds(at: offset) else { return nil }
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: ";"):
                // herd7 takes `lock; incl (x)` as one instruction.
                if endsInLock(start..<offset) {
                    bytes[offset] = .space
                } else {
                    let row = Row(range: start..<offset, cells: cells(of: start..<offset))
                    offset += 1
                    return row
                }
            case UInt8(ascii: "?") where bytes.has("??", at: offset):
                guard takeBraces() else { return Row(range: offset..<offset, cells: [offset..<offset]) }
            case .newline where conditionBegins(after: offset):
                let range = bytes.trimmed(start..<offset)
                log.note(unended(range))
                return Row(range: range, cells: cells(of: range))
            default: break
            }
            offset += 1
        }
        throw unended(start..<offset)
    }

    /// The parts of a row between its bars.
    private func cells(of range: Range<Int>) -> [Range<Int>] {
        var cells: [Range<Int>] = []
        var start = range.lowerBound
        for offset in range where bytes[offset] == UInt8(ascii: "|") {
            cells.append(bytes.trimmed(start..<offset))
            start = offset + 1
        }
        cells.append(bytes.trimmed(start..<range.upperBound))
        return cells
    }

    /// The first line of a row that has more than one; the rest is left for later.
    private func firstLine(of row: Row) -> (line: Row, rest: Row)? {
        guard let end = bytes[row.range].firstIndex(of: .newline) else { return nil }
        let rest = bytes.trimmed(end..<row.range.upperBound)
        let line = bytes.trimmed(row.range.lowerBound..<end)
        guard !rest.isEmpty, !line.isEmpty else { return nil }
        return (Row(range: line, cells: cells(of: line)), Row(range: rest, cells: cells(of: rest)))
    }

    private func unended(_ row: Range<Int>) -> Diagnostic {
        let end = bytes.trimmed(row).upperBound
        return source.diagnostic(
            "the row does not end: `;` is missing here",
            at: max(row.lowerBound, end - 1)..<max(end, row.lowerBound + 1),
            remedy: "end each row of the program with `;`")
    }

    private mutating func skipBlanks() {
        while offset < bytes.count, bytes[offset].isBlank { offset += 1 }
    }

    /// Whether what stands here is not a row any more.
    private func programEnds(at start: Int) -> Bool {
        guard start < bytes.count, bytes[start] != UInt8(ascii: "~"), !bytes.has("<<", at: start) else { return true }
        let word = name(at: start)
        if Grammar.closingWords.contains(word) { return true }
        // What is in parentheses is not an instruction, but the rest of a condition.
        if bytes[start] == UInt8(ascii: "(") { return true }
        guard word == "not" else { return isMisspelledClosing(word, at: start) }
        let next = bytes[(start + 3)...].firstIndex { !$0.isBlank } ?? bytes.count
        return name(at: next) == "exists"
    }

    /// Whether a slip in a word such as `exists` stands here, and no label and no instruction.
    private func isMisspelledClosing(_ word: String, at start: Int) -> Bool {
        let next = bytes[(start + word.utf8.count)...].firstIndex { !$0.isBlank } ?? bytes.count
        guard next < bytes.count, bytes[next] != UInt8(ascii: ":") else { return false }
        return Grammar.closingWord(near: word) != nil
    }

    func conditionBegins(after newline: Int) -> Bool {
        var start = newline + 1
        while start < bytes.count, bytes[start].isBlank, bytes[start] != .newline { start += 1 }
        return start < bytes.count && bytes[start] != .newline && programEnds(at: start)
    }

    private func name(at start: Int) -> String {
        let end = bytes[min(start, bytes.count)...].prefix(16).firstIndex { !$0.continuesName }
        return bytes.text(min(start, bytes.count)..<(end ?? min(start + 16, bytes.count)))
    }

    private func endsInLock(_ cell: Range<Int>) -> Bool {
        let text = bytes.trimmed(cell)
        let start = text.upperBound - 4
        guard start >= text.lowerBound, bytes.has("lock", at: start) || bytes.has("LOCK", at: start) else {
            return false
        }
        return start == text.lowerBound || bytes[start - 1].isBlank
            || [UInt8(ascii: ":"), UInt8(ascii: "|")].contains(bytes[start - 1])
    }

    // MARK: Heads

    /// The cells of the row of heads; where its `;` is missing the lines after it are rows of their own.
    private mutating func lineOfHeads(_ row: Row) -> [Range<Int>] {
        guard let (line, rest) = firstLine(of: row),
            line.cells.allSatisfy({ head($0) != nil }), !row.cells.allSatisfy({ head($0) != nil })
        else { return row.cells }
        log.note(unended(line.range))
        offset = rest.range.lowerBound
        return line.cells
    }

    /// What the head of a column names: `P0`, `P1.F`, `P1.I`.
    private func head(_ range: Range<Int>) -> (processor: Int, kind: ColumnKind)? {
        let text = bytes.text(range)
        let kind = [ColumnKind.fault, .interrupt].first { text.hasSuffix($0.rawValue) } ?? .thread
        let number = text.dropFirst().dropLast(kind.rawValue.utf8.count)
        guard text.first == "P", !number.isEmpty, number.utf8.allSatisfy({ $0.isDigit }),
            let processor = Int(number), processor < Grammar.mostProcessors
        else { return nil }
        return (processor, kind)
    }

    private mutating func readHeads(_ heads: [Range<Int>]) throws(Diagnostic) {
        guard heads.count <= ColumnKind.allCases.count * Grammar.mostProcessors else {
            throw source.diagnostic(
                "a test has at most \(Grammar.mostProcessors) processors", at: heads.first ?? 0..<1)
        }
        for range in heads {
            guard let (processor, kind) = head(range) else { throw notAHead(bytes.text(range), at: range) }
            let column = Column(processor: processor, kind: kind, range: range)
            guard !columns.contains(where: { $0.name == column.name }) else {
                throw source.diagnostic(
                    "there are two columns \(column.name)", at: range, remedy: "number the columns P0, P1, ...")
            }
            columns.append(column)
        }
        let threads = columns.filter { !$0.isHandler }
        let numbers = Set(threads.map { $0.processor })
        for column in columns where column.isHandler && !numbers.contains(column.processor) {
            throw source.diagnostic(
                "the \(column.kind.text) \(column.name) belongs to no column", at: column.range,
                remedy: "add a column P\(column.processor)")
        }
        if let gap = (0..<max(1, numbers.count)).first(where: { !numbers.contains($0) }) {
            let place = threads.max { $0.processor < $1.processor } ?? columns.first
            throw source.diagnostic(
                "there is no column P\(gap)", at: place?.range ?? offset..<offset + 1,
                remedy: "columns are numbered P0, P1, ... without gaps")
        }
    }

    private func notAHead(_ text: String, at range: Range<Int>) -> Diagnostic {
        let range = range.isEmpty ? range.lowerBound..<range.lowerBound + 1 : range
        return source.diagnostic(
            text.isEmpty ? "a column has no head" : "`\(text.prefix(40))` is not the head of a column", at: range,
            remedy:
                "the first row names the columns: ` P0 | P1 ;`, `P1.F` for P1's fault handler, `P1.I` for its interrupts"
        )
    }

    // MARK: Cells

    /// Reads a row.
    ///
    /// Of one that does not fit the columns, but whose first line does, the `;` is missing there.
    private mutating func read(_ row: Row) {
        var row = row
        while let (line, rest) = firstLine(of: row), line.cells.count == columns.count, !fits(row) {
            log.note(unended(line.range))
            readCells(line)
            row = rest
        }
        readCells(row)
    }

    /// Whether a row of several lines can be read as it is.
    private func fits(_ row: Row) -> Bool {
        guard row.cells.count == columns.count else { return false }
        return zip(row.cells, columns).allSatisfy { cell, column in
            var assembly = column.assembly
            let code = cell.lowerBound..<(holeMark(in: cell) ?? cell.upperBound)
            return !bytes[code].contains(.newline) || (try? Self.parse(source, bytes, code, &assembly)) != nil
        }
    }

    private mutating func readCells(_ row: Row) {
        let cells = row.cells
        if cells.count == 1, cells.allSatisfy({ $0.isEmpty }) { return }
        guard cells.count == columns.count else {
            let last = cells.last ?? offset - 1..<offset
            let extra = cells.count > columns.count ? cells[columns.count] : last.upperBound..<last.upperBound + 1
            log.note(
                source.diagnostic(
                    "the row has \(cells.count) cell\(cells.count == 1 ? "" : "s"), the test \(columns.count) column\(columns.count == 1 ? "" : "s")",
                    at: extra.isEmpty ? extra.lowerBound..<extra.lowerBound + 1 : extra,
                    remedy: "separate the cells by `|`; a cell may be empty"))
            for index in columns.indices { columns[index].isBroken = true }
            return
        }
        for (index, cell) in cells.enumerated() where !cell.isEmpty {
            let isRead: Void? = log.attempt { () throws(Diagnostic) in
                guard cell.count <= Self.longestCell else {
                    throw source.diagnostic(
                        "a cell has at most \(Self.longestCell) bytes", at: cell, remedy: "write it as several rows")
                }
                try checkForms(in: cell)
                if let mark = holeMark(in: cell) {
                    try readHole(at: mark, in: cell, column: index)
                } else {
                    try Self.parse(source, bytes, cell, &columns[index].assembly)
                }
            }
            if isRead == nil { columns[index].isBroken = true }
        }
    }

    static func parse(
        _ source: SourceText, _ bytes: [UInt8], _ cell: Range<Int>, _ assembly: inout AssemblyParser
    ) throws(Diagnostic) {
        do throws(Diagnostic) {
            let line = String(decoding: bytes[cell].map { $0 == .newline ? .space : $0 }, as: UTF8.self)
            try assembly.parse(line: line, at: source.place(of: cell.lowerBound))
        } catch {
            throw error.inFile(source.file)
        }
    }

    /// Finds what the test language has and this version has not.
    private func checkForms(in cell: Range<Int>) throws(Diagnostic) {
        try checkLabels(in: cell)
        for start in cell where bytes[start] == UInt8(ascii: "(") {
            var word = start
            while word > cell.lowerBound, bytes[word - 1].continuesName { word -= 1 }
            // The mark of an immediate is not part of the name.
            while word < start, bytes[word] == UInt8(ascii: "$") { word += 1 }
            guard word < start else { continue }
            let fault = Grammar.fault(
                in: source, ofForm: bytes.text(word..<start), at: word..<start, paging,
                isInService: isArgument(word, in: cell))
            if let fault { throw fault }
        }
    }

    /// Whether what begins here is an argument of a call: a parenthesis or a comma is before it, and somewhere `call`.
    private func isArgument(_ word: Int, in cell: Range<Int>) -> Bool {
        let before = bytes.trimmed(cell.lowerBound..<word)
        guard let last = bytes[before].last, last == UInt8(ascii: "(") || last == UInt8(ascii: ",") else {
            return false
        }
        return bytes[before].indices.contains { bytes.has("call ", at: $0) }
    }

    /// Finds numeric labels: several of a column may be called the same, so that neither a condition nor a written test could
    /// name them.
    private func checkLabels(in cell: Range<Int>) throws(Diagnostic) {
        for colon in cell where bytes[colon] == UInt8(ascii: ":") {
            let end = bytes.trimmed(cell.lowerBound..<colon).upperBound
            var start = end
            while start > cell.lowerBound, bytes[start - 1].continuesName { start -= 1 }
            guard start < end, bytes[start].isDigit else { continue }
            throw source.diagnostic(
                "the label `\(bytes.text(start..<end))` is a number", at: start..<end,
                remedy: "give it a name that begins with a letter, such as `L\(bytes.text(start..<end))`")
        }
    }

    private func finished() -> ProgramColumns {
        var result = ProgramColumns(holes: checkedHoles(), end: offset)
        // What a column lacks at its end may be in a row that could not be read.
        for column in columns where !column.isBroken {
            var program = Program()
            do throws(Diagnostic) { program = try column.assembly.finish() } catch {
                log.note(error.inFile(source.file))
            }
            let thread = ThreadColumn(
                processor: column.processor, program: program, place: source.place(of: column.range.lowerBound))
            switch column.kind {
            case .thread: result.threads.append(thread)
            case .fault: result.handlers[column.processor] = thread
            case .interrupt: result.interrupts[column.processor] = thread
            }
        }
        result.threads.sort { $0.processor < $1.processor }
        return result
    }
}
