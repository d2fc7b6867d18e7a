import Checker
import Diagnostics
import Litmus
import Machine
import Testing
import X86

/// Tests that cannot be checked.
@Suite struct DiagnosticTests {
    /// What is wrong with a test, and where.
    struct Bad: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var state: String
        var code: String
        /// A word of the message.
        var mentions: String
        /// Whether the fault lies at the first instruction.
        var isInCode = false
        var condition = "exists (true)"
    }

    static let refused: [Bad] = [
        Bad(
            testDescription: "a wild address", state: "0:rax = 5;", code: "movl (%rax),%ebx", mentions: "0x5",
            isInCode: true),
        Bad(testDescription: "no address at all", state: "", code: "movl (%rax),%ebx", mentions: "0x0", isInCode: true),
        Bad(
            testDescription: "an address past the end", state: "0:rax = x;", code: "movl 8(%rax),%ebx",
            mentions: "nothing"),
        Bad(
            testDescription: "past the end of a page's data", state: "[PTE(x)] = (d:0); 0:rax = x;",
            code: "movl 8(%rax),%ebx", mentions: "x"),
        Bad(
            testDescription: "an access across words", state: "0:rax = x; uint64_t x;", code: "movl 5(%rax),%ebx",
            mentions: "cross", isInCode: true),
        Bad(
            testDescription: "a store across words", state: "int x[4]; 0:rax = x;", code: "movq %rbx,4(%rax)",
            mentions: "cross"),
        Bad(
            testDescription: "an unknown service", state: "", code: "call flush_everything(x)",
            mentions: "flush_everything"),
        Bad(
            testDescription: "a service without its argument", state: "[PTE(x)] = (d:0);",
            code: "call flush_tlb_page()", mentions: "flush_tlb_page"),
        Bad(testDescription: "a service with too many", state: "", code: "call spin_lock(x, y)", mentions: "spin_lock"),
        Bad(testDescription: "a wait for no number", state: "", code: "call wait_for(x, y)", mentions: "y"),
        Bad(testDescription: "a flush of what is no page", state: "", code: "call flush_tlb_page(x)", mentions: "x"),
        Bad(
            testDescription: "a service for a frame by its address", state: "[PTE(x)] = (d:0);",
            code: "call free_frame(PA(x))", mentions: "PA(x)", isInCode: true),
        Bad(
            testDescription: "a service for a page that is misspelt", state: "[PTE(x)] = (d:0);",
            code: "call free_frame(X)", mentions: "X", isInCode: true),
        Bad(
            testDescription: "a lock in a register", state: "0:rdi = l;", code: "call spin_lock(%rdi)", mentions: "%rdi"
        ),
        Bad(testDescription: "a lock in parentheses", state: "", code: "call spin_unlock((l))", mentions: "(l)"),
        Bad(testDescription: "a lock of one byte", state: "char l;", code: "call spin_lock(l)", mentions: "4 bytes"),
        Bad(
            testDescription: "a wait for an element", state: "int x[2];", code: "call wait_for(x[1],1)",
            mentions: "x[1]"),
        Bad(
            testDescription: "a wait for an entry", state: "[PTE(x)] = (d:0);", code: "call wait_for(pte_x,1)",
            mentions: "pte_x"),
        Bad(
            testDescription: "a wait for what does not fit", state: "char x;", code: "call wait_for(x,256)",
            mentions: "256 does not fit"),
        Bad(
            testDescription: "a flush of an address space that is misspelt", state: "[PTE(child:x)] = (d:0);",
            code: "call flush_tlb_mm(chidl)", mentions: "chidl", isInCode: true),
        Bad(
            testDescription: "a flush of a page by its entry", state: "[PTE(x)] = (d:0);",
            code: "call flush_tlb_page(PTE(x))", mentions: "PTE(x)"),
        Bad(
            testDescription: "a flush of a page of two address spaces", state: "[PTE(child:x)] = (d:0);",
            code: "call flush_tlb_page(child:mm:x)", mentions: "child:mm"),
        Bad(
            testDescription: "a local flush of another address space", state: "[PTE(child:x)] = (d:0);",
            code: "call flush_tlb_local(child:x)", mentions: "loaded"),
        Bad(
            testDescription: "CR3 garbage", state: "0:rax = 12345;", code: "movq %rax,%cr3", mentions: "CR3",
            isInCode: true),
        Bad(testDescription: "CR3 with a variable", state: "0:rax = x;", code: "movq %rax,%cr3", mentions: "CR3"),
        Bad(testDescription: "iretq outside a handler", state: "", code: "iretq", mentions: "iretq", isInCode: true),
        Bad(
            testDescription: "a frame that is nobody's", state: "[PTE(x)] = (d:0); 0:rax = PTE(x); 0:rbx = 0x777067;",
            code: "movq %rbx,(%rax) ;\n movl (x),%ecx", mentions: "frame"),
        Bad(
            testDescription: "size_conflict", state: "[PTE(x)] = (d:0);", code: "movl (x),%eax",
            mentions: "size_conflict", condition: "exists (size_conflict(x))"),
        Bad(
            testDescription: "a property of what is no page", state: "", code: "movl (x),%eax", mentions: "x",
            condition: "exists (stale_write(x))"),
        Bad(
            testDescription: "an access to a page-table entry across words", state: "0:rax = PTE(x);",
            code: "movq 4(%rax),%rbx", mentions: "cross"),
    ]

    @Test(arguments: refused)
    func whatIsWrongIsSaidWithItsPlace(_ example: Bad) throws {
        let text = "X86_64 bad\n{ \(example.state) }\n P0 ;\n \(example.code) ;\n\(example.condition)\n"
        for usesReference in [false, true] {
            let error = #expect(throws: Diagnostic.self) {
                let prepared = try Prepared(text: text, file: "bad.litmus")
                _ = try prepared.verdicts { $0.usesReference = usesReference }
            }
            guard let error else { return }
            #expect(error.message.contains(example.mentions), "\(error.message)")
            #expect(error.file == "bad.litmus")
            #expect((error.place?.line ?? 0) >= 3 && (error.place?.column ?? 0) >= 2)
            if example.isInCode { #expect(error.place == SourcePlace(line: 4, column: 2)) }
            #expect(error.rendered(source: text).hasPrefix("bad.litmus:"))
        }
    }

    @Test func locksAndWaitsMayNameAVariableFirst() throws {
        let text = """
            X86_64 names
            { char c = -1; uint64_t w = 0x100000000; }
             P0                      ;
             call spin_lock(l)       ;
             call spin_unlock(l)     ;
             call wait_for(c,-1)     ;
             call wait_for(w,0x100000000) ;
             call wait_for(l,0)      ;
             call spin_lock(l$1)     ;
             movl $1,(x)             ;
            forall (x=1)
            """
        for usesReference in [false, true] {
            let verdicts = try Prepared(text: text).verdicts { $0.usesReference = usesReference }
            #expect(verdicts.allSatisfy { $0.observation == .always })
        }
    }

    @Test func whatNoRunReachesIsNoMistake() throws {
        let text = "X86_64 unreached\n{ 0:rax = 5; }\n P0 ;\n hlt ;\n movl (%rax),%ebx ;\nexists (0:rbx=0)\n"
        let verdicts = try Prepared(text: text).verdicts()
        #expect(verdicts.allSatisfy { $0.observation == .always })
    }

    @Test func aPageOfShadowStackThatNobodyMapsIsToldWhereItStands() throws {
        let text = "X86_64 t\nShadowStack=x yy\n{ [PTE(x)] = (d:1); yy = 0; }\n P0 ;\n nop ;\nexists (true)\n"
        let error = #expect(throws: Diagnostic.self) { _ = try TestChecker(LitmusParser.parse(text)) }
        #expect(error?.message.contains("yy") == true)
        #expect(error?.place == SourcePlace(line: 2, column: 15))
    }

    @Test func aProfileThatIsNotOnOfferIsNamedWithThoseThatAre() {
        let text = "X86_64 profile\nCPU=strict pentium\n{ }\n P0 ;\n movl $1,(x) ;\nexists (x=1)\n"
        let error = #expect(throws: Diagnostic.self) { try Prepared(text: text, file: "profile.litmus") }
        #expect(error?.message.contains("pentium") == true)
        #expect(error?.place?.line == 2)
        #expect(error?.remedy?.contains("strict") == true)
    }

    @Test func theHeaderChoosesAndMixesCPUs() throws {
        let body = "{ [PTE(x)] = (d:0); }\n P0 | P1 ;\n movl $1,(x) | movl $2,(x) ;\nexists (x=1)\n"
        let listed = try Prepared(text: "X86_64 a\nCPU=late cet\n\(body)")
        #expect(listed.assignments.map(\.label) == ["late", "cet"])
        let narrowed = try Prepared(text: "X86_64 a\nCPU=late cet\n\(body)", on: "cet")
        #expect(narrowed.assignments.map(\.label) == ["cet"])
        let mixed = try Prepared(text: "X86_64 a\nCPU=P1:knl P0:cet\n\(body)", on: "strict")
        #expect(mixed.assignments.map(\.label) == ["P0:cet P1:knl"])
        #expect(mixed.assignments.first?.profiles.map(\.name) == ["cet", "knl"])
        let open = try Prepared(text: "X86_64 a\n\(body)")
        #expect(open.assignments.map(\.label) == CPUProfile.builtIn.map(\.name))
    }
}
