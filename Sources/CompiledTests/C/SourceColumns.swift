import Diagnostics
import Litmus
import X86

/// Turns clang's places, whose columns count bytes, into places of a test, whose columns count characters.
struct SourceColumns {
    /// The lines of the C text; the first begins after the initial state.
    private let lines: [[UInt8]]
    private let start: SourcePlace

    /// The places of a test's C text.
    init(_ test: CTest) {
        lines = test.text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        start = test.textPlace
    }

    /// The place for a line and a column that clang gave.
    func place(line: Int, column: Int) -> SourcePlace {
        guard line >= start.line, line - start.line < lines.count else {
            return SourcePlace(line: max(1, line), column: max(1, column))
        }
        // The first line is filled up with blanks, one for each character in front of it.
        let indent = line == start.line ? start.column - 1 : 0
        let bytes = lines[line - start.line].prefix(max(0, column - 1 - indent))
        let characters = String(decoding: bytes, as: UTF8.self).unicodeScalars.count
        let beyond = max(0, column - 1 - indent - bytes.count)
        return SourcePlace(line: line, column: max(1, indent + characters + beyond + 1))
    }
}
