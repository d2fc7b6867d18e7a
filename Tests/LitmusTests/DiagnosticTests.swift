import Diagnostics
import Litmus
import Testing
import X86

/// Diagnostics and files.
@Suite struct DiagnosticTests {
    @Test func renderingShowsPlaceLineCaretAndRemedy() throws {
        let source = Sample.test(state: "[PTE(x)] = (rww:1);")
        let diagnostic = try #require(fault(in: source))
        #expect(
            diagnostic.rendered(source: source) == """
                t.litmus:3:15: error: an entry has no field `rww`
                { [PTE(x)] = (rww:1); }
                              ^~~
                  remedy: did you mean `rw`?
                """)
    }

    @Test func renderingNeedsNoSourceAndNoFile() {
        let diagnostic = Diagnostic(place: SourcePlace(line: 9, column: 2), message: "wrong")
        #expect(diagnostic.rendered(source: nil) == "input:9:2: error: wrong")
        #expect(diagnostic.rendered(source: "one line") == "input:9:2: error: wrong")
        let far = Diagnostic(place: SourcePlace(line: 1, column: 900), length: 5, message: "wrong")
        #expect(far.rendered(source: "short") == "input:1:900: error: wrong")
    }

    @Test func whatIsAboutNoPlaceNamesTheFileOrTheTool() {
        let general = Diagnostic(withoutPlace: "there is no such option", remedy: "see --help")
        #expect(general.rendered() == "ptero: error: there is no such option\n  remedy: see --help")
        let unreadable = Diagnostic(withoutPlace: "the file cannot be read", file: "a\u{1b}.litmus")
        #expect(unreadable.rendered(source: "text") == "a .litmus: error: the file cannot be read")
        #expect(general.origin == "ptero")
    }

    @Test func placesOutOfRangeAreHarmless() {
        for (line, column) in [(0, 0), (-1, 5), (1, -3), (Int.max, Int.max), (1, Int.max)] {
            let diagnostic = Diagnostic(place: SourcePlace(line: line, column: column), length: .max, message: "m")
            #expect(diagnostic.rendered(source: "ab\ncd").contains("error: m"))
        }
    }

    @Test func tabsKeepTheCaretInItsColumn() {
        let diagnostic = Diagnostic(place: SourcePlace(line: 2, column: 3), length: 40, message: "m")
        #expect(diagnostic.rendered(source: "a\n\tbcd\r\ne").hasSuffix("\n\tbcd\n\t ^~"))
    }

    @Test func longLinesAreCut() {
        let source = String(repeating: "a", count: 5000) + "X" + String(repeating: "b", count: 5000)
        let diagnostic = Diagnostic(place: SourcePlace(line: 1, column: 5001), length: 1, message: "m")
        let lines = diagnostic.rendered(source: source).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].count == 160)
        #expect(lines[1].dropFirst(lines[2].count - 1).first == "X")
    }

    @Test func messagesCannotWriteToTheTerminal() {
        let diagnostic = Diagnostic(place: SourcePlace(line: 1, column: 1), message: "a\u{1b}[2Jb\nc")
        let text = diagnostic.rendered(source: "\u{1b}]0;title\u{7}\u{9b}x")
        #expect(!text.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{7}" || $0 == "\u{9b}" })
        #expect(text.split(separator: "\n").count == 3)
    }

    @Test func columnsCountCharactersNotBytes() throws {
        let source = Sample.test(head: "Remark=äöü", state: "(* äöü€𝄞 *) x=§;")
        let diagnostic = try #require(fault(in: source))
        #expect(diagnostic.place == SourcePlace(line: 3, column: 17))
    }

    @Test(
        arguments: [
            ([], "the file is empty"), (Array("  \n\t".utf8), "nothing but blanks"),
            (Array("X86_64 t\n".utf8) + [0], "byte 0 does not occur in text"), ([0x7f, 0x45, 0x4c, 0x46], "byte 127"),
            (Array("X86_64 t\n".utf8) + [0xff], "not valid UTF-8"), (Array("a".utf8) + [0xc3], "not valid UTF-8"),
            ([0xc0, 0x80], "not valid UTF-8"), ([0xed, 0xa0, 0x80], "not valid UTF-8"),
            ([0xf4, 0x90, 0x80, 0x80], "not valid UTF-8"),
            ([0xe0, 0x80, 0x80], "not valid UTF-8"), ([0x41, 0x80], "not valid UTF-8"),
            ([UInt8](repeating: 0x20, count: (16 << 20) + 1), "the limit is 16777216"),
        ] as [([UInt8], String)])
    func filesThatAreNoText(_ bytes: [UInt8], _ message: String) {
        #expect {
            _ = try LitmusParser.parse(bytes: bytes, file: "f")
        } throws: { error in
            (error as? Diagnostic)?.message.contains(message) == true
        }
    }

    @Test func aLongCommentIsPassedInTime() throws {
        let filler = "(*" + String(repeating: "x", count: (2 << 20)) + "*)"
        let test = try parsed(Sample.test(head: filler, state: "x=1;"))
        #expect(test.initializations.map(\.place) == [SourcePlace(line: 3, column: 3)])
    }

    @Test func manyPhrasesAreRefusedInTime() {
        let assignments = String(repeating: "x=1;", count: 70_000)
        #expect(fault(in: Sample.test(state: assignments))?.message.contains("at most 65536") == true)
        let atoms = Array(repeating: "x=1", count: 70_000).joined(separator: "/\\")
        #expect(fault(in: Sample.test("exists " + atoms))?.message.contains("at most 65536") == true)
        let heads = (0..<300).map { "P\($0)" }.joined(separator: "|")
        #expect(fault(in: Sample.test(program: heads + ";\n"))?.message.contains("head of a column") == true)
        let rows = " P0 ;\n" + String(repeating: ";", count: 70_000)
        #expect(fault(in: Sample.test(program: rows))?.message.contains("at most 65536") == true)
    }
}
