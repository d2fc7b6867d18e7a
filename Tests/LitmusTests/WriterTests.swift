import Litmus
import Testing
import X86

@Suite struct WriterTests {
    @Test func theTextOfATest() throws {
        #expect(
            LitmusWriter.text(of: try parsed(Sample.fork)) == """
                X86_64 wrprotect-lock-and+write
                "fork() write-protects a live entry with one locked AND while another CPU writes the page"
                CPU=cet late strict knl
                Fault=P1:retry
                (* Result: cet=Sometimes knl=Never late=Never strict=Never *)
                {
                  [PTE(x)]=(oa:PA(x), rw:1, d:0);
                  0:rdi=PTE(x);
                }
                 P0                     | P1          ;
                 lock andb $-3,(%rdi)   | movl $1,(x) ;
                 call flush_tlb_page(x) |             ;
                exists (shadow_stack_exposed(x))

                """)
    }

    @Test(arguments: Sample.all)
    func whatIsWrittenIsReadAsTheSame(_ source: String) throws {
        let test = try parsed(source)
        let again = try parsed(LitmusWriter.text(of: test))
        #expect(again.isSame(as: test))
        #expect(LitmusWriter.text(of: again) == LitmusWriter.text(of: test))
    }

    @Test(arguments: [
        "~(x=1)", "x=1 /\\ y=2 \\/ true", "(x=1 \\/ y=2) /\\ true", "(x=1 /\\ y=2) /\\ true", "x=1 \\/ (y=2 \\/ true)",
        "~(~(false))", "[x]=[a[2]]", "a[1]=2", "[PTE(c:x)].oa=PA(x)", "[PTE(x)]==(p:0)", "0:ah=1:r9w", "x=-5",
        "x=0x123456789a",
        "x=-100000", "0:rax=pte_x", "true => x=1", "~(0:rax=1) /\\ x!=2",
    ])
    func propositionsSurvive(_ text: String) throws {
        let source = Sample.test("exists (\(text))")
        let test = try parsed(source)
        #expect(
            try parsed(LitmusWriter.text(of: test)).condition == test.condition,
            "\(LitmusWriter.text(of: test.condition))")
    }

    @Test func propositionsHaveNoNeedlessParentheses() throws {
        let text = "0:rax=1 /\\ (1:rbx=0 \\/ [x]=2) /\\ ~([y]=1) \\/ written(x)"
        let test = try parsed(Sample.test(state: "x=0; y=0;", "forall (\(text))"))
        #expect(LitmusWriter.text(of: test.condition) == "forall (\(text))")
    }

    @Test func treesMadeByHandAreWritten() {
        #expect(LitmusWriter.text(of: Proposition.and([])) == "true")
        #expect(LitmusWriter.text(of: Proposition.or([])) == "false")
        #expect(LitmusWriter.text(of: Proposition.not(.or([.constant(true)]))) == "~(true)")
    }

    @Test func registerNamesAreReadBack() {
        for register in Register.allCases {
            for width in Width.allCases {
                let operand = RegisterOperand(register, width)
                #expect(RegisterOperand(name: operand.name) == operand)
            }
        }
        #expect(RegisterOperand(.rdx, .byte, isHighByte: true).name == "dh")
        #expect(RegisterOperand(.rsp, .byte).name == "spl")
        #expect(RegisterOperand(name: "rip") == nil)
    }

    @Test func descriptionsCannotBreakTheText() throws {
        var test = try parsed(Sample.fork)
        test.description = "say \"hello\" (* { "
        test.name = "two words"
        let again = try parsed(LitmusWriter.text(of: test))
        #expect(again.description == "say 'hello' (* { ")
        #expect(again.name == "two-words")
    }
}

@Suite struct TestIdentityTests {
    @Test func theDigestIsStable() throws {
        // Computed once; a change means that stored digests no longer match.
        let digest = try parsed(Sample.fork).testHash
        #expect(digest.count == 32)
        #expect(digest.allSatisfy { $0.isHexDigit })
        #expect(digest == "8541c2cbe7302ac35bc83973e72d0a07")
    }

    @Test func nameCommentsAndLayoutDoNotCount() throws {
        let digest = try parsed(Sample.fork).testHash
        let other = Sample.fork.replacing("wrprotect-lock-and+write", with: "n").replacing(
            "CPU=cet late", with: "CPU=cet,  late"
        )
        .replacing(" | ", with: "|").replacing("Never", with: "Always").replacing("{\n", with: "{ (* c *)")
        #expect(try parsed(other).testHash == digest)
        #expect(try parsed(Sample.fork.replacing("exists", with: "locations [x]\nexists")).testHash == digest)
    }

    @Test(arguments: [
        ("d:0", "d:1"), ("$-3", "$-2"), ("exists (", "~exists ("), ("P1:retry", "P1:stop"), ("CPU=cet", "CPU=knl2"),
        ("movl $1,(x)", "movl $1,(y)"), ("exists", "filter x=1 exists"),
    ])
    func whatMattersCounts(_ old: String, _ new: String) throws {
        #expect(try parsed(Sample.fork.replacing(old, with: new)).testHash != parsed(Sample.fork).testHash)
    }

    @Test func sameIgnoresPlacesOnly() throws {
        let test = try parsed(Sample.everything)
        #expect(try parsed("\n\n" + Sample.everything).isSame(as: test))
        #expect(try parsed("\n\n" + Sample.everything) != test)
        for (old, new) in [
            ("y=-2", "y=-3"), ("iretq", "hlt"), ("E: |", "G: |"), ("Sometimes", "Never"), ("a[1];", "a[2];"),
        ] {
            #expect(try !parsed(Sample.everything.replacing(old, with: new)).isSame(as: test), "\(old)")
        }
    }
}
