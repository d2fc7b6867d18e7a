import Testing

@testable import CompiledTests

@Suite struct AssemblyListingTests {
    @Test func functionsAndDataAreTakenApart() throws {
        let listing = AssemblyListing(
            """
            \t.text
            \t.file 1 "/a" "b.c" md5 0x0
            \t.type f,@function
            f:   # @f
            \tnop
            \t.section .smp_locks,"a"
            \t.long 1
            \t.text
            \tret
            .Lend:
            \t.size f, .Lend-f
            \t.set g, f
            \t.data
            a:\t.long 1, 2
            \t.size a, 8
            b:
            \t.quad a, c+8
            \t.byte -1
            \t.p2align 3
            \t.asciz "x\\n\\001\\"#"
            \t.zero 3, 7
            c:
            \t.quad .Lx-.Ly
            \t.comm d,24,8
            """)
        #expect(listing.functions.map(\.name) == ["f"])
        #expect(listing.function("g")?.name == "f")
        #expect(listing.function("f")?.lines.map(\.text).contains("nop") == true)
        #expect(listing.files[1] == "b.c")
        #expect(listing.data.object("a")?.bytes == [1, 0, 0, 0, 2, 0, 0, 0])
        let b = try #require(listing.data.object("b"))
        #expect(b.pointers == [0: .init(symbol: "a", addend: 0), 8: .init(symbol: "c", addend: 8)])
        #expect(Array(b.bytes[16...]) == [255, 0, 0, 0, 0, 0, 0, 0, 120, 10, 1, 34, 35, 0, 7, 7, 7])
        #expect(listing.data.object("c")?.unknown == [0])
        #expect(listing.data.object("d")?.bytes.count == 24)
        #expect(listing.data.object("nothing") == nil)
    }

    @Test func namesAndArgumentsAreRead() {
        #expect(AssemblyText.names("foo+4(%rip), $bar, 0x1f(%rax,%rbx,4), 1f").map(String.init) == ["foo", "bar"])
        #expect(AssemblyText.arguments("\"a,b\", c , 3") == ["\"a,b\"", "c", "3"])
        #expect(AssemblyText.withoutComment("  .asciz \"#\\\"#\" # end") == ".asciz \"#\\\"#\"")
        #expect(DataImage.integer("-0x10") == 0 &- 16)
        #expect(DataImage.integer("010") == 8)
        #expect(DataImage.integer("x") == nil)
    }

    @Test func hugeDirectivesAreBounded() {
        let listing = AssemblyListing(
            "\t.data\nbig:\n\t.zero 18446744073709551615\n\t.fill 99999999999,8,1\n\t.skip -1\n")
        #expect((listing.data.object("big")?.bytes.count ?? 0) <= 17 << 20)
    }

    @Test func bugTablesTellWarningsFromBugs() throws {
        func reports(_ flags: Int) throws -> ReachedCode.Reports {
            let listing = AssemblyListing(
                """
                \t.text
                \t.type P0,@function
                P0:
                .Ltmp1:
                \t.byte 15
                \t.byte 11
                \t.section __bug_table,"aw",@progbits
                \t.long .Ltmp1-.
                \t.short 12
                \t.short \(flags)
                \t.text
                \tret
                .Lend:
                \t.size P0, .Lend-P0
                """)
            let source = ReachedCode.SourceFile(name: "a", file: nil, functionPlace: .init(line: 1, column: 1))
            return try ReachedCode("P0", in: listing, source: source, stubs: []).reports
        }
        #expect(try reports(2305) == .warning)
        #expect(try reports(0) == .bug)
    }
}
