import Diagnostics
import Litmus
import Testing

@Suite struct SwiftTestTests {
    private static func parse(_ text: String) throws -> SwiftTest {
        try SwiftTest.parse(bytes: Array(text.utf8), file: "a.swift")
    }

    private static func diagnostic(_ text: String) -> Diagnostic? {
        do {
            _ = try parse(text)
            return nil
        } catch { return error as? Diagnostic }
    }

    private static func test(_ code: String, head: String = "Swift a\n{ x = 5; }\nexists (x=1)") -> String {
        "/* \(head) */\n\(code)\n"
    }

    private static let writer = "@_cdecl(\"P0\") func w(x: UnsafeMutablePointer<Int32>) { x.pointee = 1 }"

    @Test func aTestIsTheFirstCommentAndTheRestIsSwift() throws {
        let parsed = try Self.parse(
            """
            // SPDX-License-Identifier: Apache-2.0
            /* Swift name
            "What it shows."
            Fault=P1:retry
            (* Result: Never cet=Sometimes *)
            {
              [PTE(x)] = (oa:PA(x), rw:1, d:0);
            }
            exists (lost_dirty(x) /\\ 0:r1=0) */
            /* another comment, with @_cdecl("P7") func no() in it /* and one inside */ */
            let text = "@_cdecl(\\"P8\\") func no()"
            struct Local { func P0() {} }
            @_cdecl("P1")
            @inline(never)
            public func second(_ x: UnsafeMutablePointer<Int32>) {}
            @_cdecl("P0") func first(
                at pte_x: UnsafeMutablePointer<UInt64>, child_pte_x: UnsafeRawPointer, _ y: UnsafePointer<Int>?
            ) {}
            @_cdecl("elsewhere") func other(n: Int) {}
            """)
        #expect(parsed.test.name == "name")
        #expect(parsed.test.description == "What it shows.")
        #expect(parsed.test.expectation.byProfile["cet"] == .sometimes)
        #expect(parsed.functions.map(\.processor) == [0, 1])
        let first = try #require(parsed.functions.first)
        #expect(first.parameters.map(\.spelling) == ["pte_x", "child_pte_x", "y"])
        #expect(
            first.parameters.map(\.name) == [
                .leaf(page: "x", space: nil), .leaf(page: "x", space: "child"), .variable("y"),
            ])
        #expect(first.parameters.map(\.type) == ["uint64_t", nil, "int64_t"])
        #expect(first.place.line == 16)
        #expect(parsed.test.threads.count == 2)
    }

    @Test func theCAttributeOfNewerCompilersExportsToo() throws {
        let parsed = try Self.parse(Self.test("@c(P0) func w(x: UnsafeMutablePointer<Int32>) { x.pointee = 1 }"))
        #expect(parsed.functions.map(\.parameters.first?.spelling) == ["x"])
    }

    @Test(arguments: [
        ("/* Swift a */", true), ("\u{feff}// x\n\n/*\n  Swift a", true), ("Swift a", false), ("/* Swiftly */", false),
        ("import A\n/* Swift a */", false), ("// Swift a", false), ("", false), ("/*", false),
    ])
    func whatASwiftTestIs(_ text: String, _ isOne: Bool) {
        #expect(SwiftTest.isSwiftTest(Array(text.utf8)) == isOne)
    }

    private static let faults: [(text: String, line: Int, words: String)] = [
        (test(""), 3, "exports no function P0"),
        (test(writer.replacing("P0", with: "P1")), 4, "there is a P1 and no P0"),
        (test(writer + "\n" + writer), 5, "exported twice"),
        (test("@_cdecl(\"P0\") func w(x: Int) {}"), 4, "`x: Int` is not a pointer"),
        (test("@_cdecl(\"P0\") func w(_: UnsafeMutablePointer<Int32>) {}"), 4, "has no name"),
        (test("@_cdecl(\"P0\") func w(x) {}"), 4, "has no type"),
        (test("@_cdecl(\"P0\") func w(x: UnsafeMutablePointer<Int32> {}"), 4, "not closed"),
        (test("@_cdecl(\"P0\")\nlet a = 1"), 4, "no function follows"),
        (
            test(
                "@_cdecl(\"P0\") func w(a: UnsafeRawPointer, b: UnsafeRawPointer, c: UnsafeRawPointer, "
                    + "d: UnsafeRawPointer, e: UnsafeRawPointer, f: UnsafeRawPointer, g: UnsafeRawPointer) {}"), 4,
            "at most six"
        ),
        ("/* Swift a\n{ }\nexists (x=1)\n" + writer, 1, "does not end"),
        (test(writer, head: "Swift a\nexists (x=1)"), 2, "no initial state"),
        (test(writer, head: "Swift a\n{ }\n"), 2, "no condition"),
        (test(writer, head: "Swift a\n{ 0:rdi = x; }\nexists (x=1)"), 2, "set in a Swift test"),
        (test(writer, head: "Swift a\n{ }\nexists (1:r=1)"), 3, "no processor P1"),
        (test(writer, head: "Swift a\n{ }\nexists (lost_dirty(zz))"), 3, "does not use `zz`"),
        (test(writer, head: "Swift a\nFault=sometimes\n{ }\nexists (x=1)"), 2, "sometimes"),
        (test(writer, head: "Swift\n"), 1, "has no name"),
        ("let a = 1", 1, "does not begin with a test"),
    ]

    @Test(arguments: faults)
    func faultsHaveAPlaceAndARemedy(_ text: String, _ line: Int, _ words: String) throws {
        let fault = try #require(Self.diagnostic(text))
        #expect(fault.message.contains(words), "\(fault.message)")
        #expect(fault.place?.line == line, "\(fault.message)")
        #expect(fault.file == "a.swift")
    }

    @Test func columnsCountFromTheLineEvenBehindAByteOrderMark() throws {
        let fault = try #require(Self.diagnostic("\u{feff}/* Swift a { } exists (x%1) */ " + Self.writer))
        #expect(fault.place?.line == 1)
        let plain = try #require(Self.diagnostic("/* Swift a { } exists (x%1) */ " + Self.writer))
        #expect(fault.place?.column == plain.place.map { $0.column + 1 })
    }
}
