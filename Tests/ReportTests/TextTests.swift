import Testing

@testable import Report

@Suite struct FiguresTests {
    @Test(arguments: [
        (0.0, 2, "0.00"), (1.005, 1, "1.0"), (1.25, 1, "1.3"), (0.995, 2, "1.00"), (12.3456, 3, "12.346"), (7, 0, "7"),
        (-0.001, 2, "0.00"), (-1.5, 1, "-1.5"), (.infinity, 2, "-"), (.nan, 2, "-"), (1e30, 2, "-"), (0.05, 2, "0.05"),
    ])
    func decimals(value: Double, decimals: Int, text: String) {
        #expect(Figures.fixed(value, decimals: decimals) == text)
    }

    @Test(arguments: [
        (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (-1234, "-1,234"), (1_234_567, "1,234,567"),
        (Int.min, "-9,223,372,036,854,775,808"),
    ])
    func grouping(count: Int, text: String) {
        #expect(Figures.grouped(count) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (200 << 20, "200 MiB"),
        (3 << 30, "3.0 GiB"),
        (5 << 40, "5.0 TiB"), (-1, "0 B"),
    ])
    func byteUnits(count: Int, text: String) {
        #expect(Figures.bytes(count) == text)
    }

    @Test func nouns() {
        #expect(Figures.count(1, "test") == "1 test")
        #expect(Figures.count(0, "test") == "0 tests")
        #expect(Figures.count(2, "entry", plural: "entries") == "2 entries")
    }
}

@Suite struct TextWrapTests {
    @Test func breaksBetweenWords() {
        #expect(TextWrap.lines(of: "one two three", width: 7) == ["one two", "three"])
        #expect(TextWrap.lines(of: "one two", width: 7) == ["one two"])
    }

    @Test func cutsWordsThatAreTooLong() {
        #expect(TextWrap.lines(of: "abcdefgh", width: 3) == ["abc", "def", "gh"])
        #expect(TextWrap.lines(of: "a bcdefgh i", width: 3) == ["a", "bcd", "efg", "h i"])
    }

    @Test func indentsContinuations() {
        #expect(TextWrap.lines(of: "one two three", width: 7, indent: 2) == ["one two", "  three"])
        #expect(TextWrap.lines(of: "abcdefgh", width: 4, indent: 2) == ["abcd", "  ef", "  gh"])
    }

    @Test func keepsParagraphs() { #expect(TextWrap.lines(of: "a\n\nb", width: 9) == ["a", "", "b"]) }

    @Test func survivesAnyWidth() {
        for width in -1...5 {
            let lines = TextWrap.lines(of: "a bb ccc dddd", width: width, indent: 3)
            #expect(lines.allSatisfy { $0.count <= max(1, width) })
            #expect(lines.joined().filter { $0 != " " } == "abbcccdddd")
        }
    }
}

@Suite struct TextTableTests {
    @Test func alignsAndLeavesNoBlanksAtLineEnds() {
        var table = TextTable([.init("name"), .init("n", isRightAligned: true), .init("note")])
        table.append([.init("a"), .init("1"), .init("")])
        table.append([.init("long"), .init("100"), .init("x")])
        table.append([.init("short")])
        #expect(table.rendered() == "name     n  note\na        1\nlong   100  x\nshort\n")
    }

    @Test func wrapsCellsAndTitles() {
        var table = TextTable([.init("a\nb"), .init("t", maxWidth: 7)])
        table.append([.init("1"), .init("one two three")])
        #expect(table.rendered() == "a  t\nb\n1  one two\n   three\n")
    }

    @Test func colourDoesNotChangeTheLayout() {
        var table = TextTable([.init("a"), .init("b")])
        table.append([.init("x", .bad), .init("y")])
        table.append([.init("long"), .init("z", .good)])
        let colored = table.rendered(Style(isColored: true))
        #expect(colored.contains("\u{1b}[1;31mx\u{1b}[0m     y"))
        #expect(colored.replacing(/\u{1b}\[[0-9;]*m/, with: "") == table.rendered())
    }

    @Test func spanningRowsRunOn() {
        var table = TextTable([.init("a"), .init("b"), .init("c")])
        table.append([.init("1"), .init("2"), .init("3")])
        table.append(.init("x"), spanning: .init("over all columns"))
        table.append(heading: "group")
        #expect(table.rendered() == "a  b  c\n1  2  3\nx  over all columns\ngroup\n")
    }
}

@Suite struct JSONTextTests {
    @Test func values() {
        #expect(JSONText.null.text == "null")
        #expect(JSONText.array([.bool(true), .integer(-3), .optional(nil)]).text == "[true, -3, null]")
        #expect(JSONText.decimal(.nan, decimals: 3).text == "null")
        #expect(JSONText.object([.init("a", .decimal(1.5, decimals: 2))]).text == "{\"a\": 1.50}")
    }

    @Test func escapes() {
        let text = JSONText.string("a\"b\\c\n\t\u{1}\u{7f}\u{2028}é/\u{1f600}").text
        #expect(text == "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f\\u2028é/\u{1f600}\"")
    }
}

@Suite struct StyleTests {
    @Test func plainTextStaysPlain() {
        for role in [Style.Role.plain, .heading, .good, .bad, .unsure, .faint] {
            #expect(Style.plain.apply(role, "x") == "x")
            #expect(Style(isColored: true).apply(role, "") == "")
        }
        #expect(Style(isColored: true).apply(.bad, "x") == "\u{1b}[1;31mx\u{1b}[0m")
    }

    @Test func controlCharactersDoNotReachATerminal() {
        #expect(printable("a\u{1b}[31mb\u{7f}\u{9b}é\n") == "a?[31mb??é?")
    }
}
