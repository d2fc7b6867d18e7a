import Checker
import Diagnostics
import Litmus
import Machine
import Testing

/// Roots and PCIDs: `PTI=on`, `Pcid=`, `Levels=5`, and the services that are one instruction.
@Suite struct AddressSpaceRootTests {
    /// The verdict of both searches, which must agree.
    private func verdict(
        _ state: String, _ code: String, head: String, _ condition: String,
        on profile: CPUProfile = CPUProfile.builtIn[0]
    ) throws -> Observation {
        let text = "X86_64 roots\n\(head)\n{ \(state) }\n\(code)\n\(condition)\n"
        let test = try LitmusParser.parse(text)
        let checker = try TestChecker(test)
        let cpus = [CPUProfile](repeating: profile, count: test.threads.count)
        var options = CheckOptions()
        options.limits.maxStates = 200_000
        let fast = try checker.check(label: profile.name, profiles: cpus, options: options)
        options.usesReference = true
        let slow = try checker.check(label: profile.name, profiles: cpus, options: options)
        #expect(fast.observation == slow.observation && Set(fast.states) == Set(slow.states), "\(text)")
        return fast.observation
    }

    private static let broadcast = CPUProfile.shipped.first { $0.name == "amd-broadcast" } ?? CPUProfile.builtIn[0]

    /// A column that has been in `other` with bit 63 set and is back.
    private static func visited(_ rest: String) -> String {
        let visit = "orq %rdx,%rax; orq %rdx,%rcx; movq %rax,%cr3; movq %rcx,%cr3; " + rest
        return " P0 ;\n" + visit.split(separator: ";").map { "\($0) ;\n" }.joined()
    }

    @Test(
        "INVLPG drops the loaded tag; a flush service, and flush_tlb_local, both",
        arguments: [
            ("invlpg (x)", Observation.sometimes), ("call flush_tlb_local(x)", .never),
            ("call flush_tlb_page(x)", .never),
            ("call flush_tlb_mm()", .never), ("call flush_tlb_range(x,2M,4K,0)", .never),
            ("invlpg (x); call invpcid_flush_one(mm:user:x)", .never),
            ("invlpg (x); call invpcid_flush_single_context(mm:user)", .never),
            ("invlpg (x); call invpcid_flush_single_context(mm)", .sometimes),
            ("invlpg (x); call invpcid_flush_all()", .never),
            ("invlpg (x); call invpcid_flush_all_nonglobals()", .never),
        ])
    func userTag(_ drop: String, _ expected: Observation) throws {
        let state =
            "x = 5; [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); 0:rax = mm:user; 0:rcx = mm; 0:rdx = 0x8000000000000000;"
        let code = Self.visited("movq $0,(%rdi); \(drop); movq %rax,%cr3; movl (x),%ebx")
        #expect(try verdict(state, code, head: "PTI=on", "exists (0:rbx=5)") == expected)
    }

    @Test("a root for user mode has PGDs of its own and shares what is below")
    func userRoot() throws {
        let state = "x = 5; [PGD(x)] = (p:0); [PGD(mm:user:x)] = (table:PDPT(x)); 0:rax = mm:user;"
        let code = " P0 ;\n movq %rax,%cr3 ;\n movl (x),%ebx ;\n"
        #expect(try verdict(state, code, head: "PTI=on", "exists (0:rbx=5)") == .always)
        let other = "x = 5; [PGD(x)] = (table:PDPT(x)); [PGD(mm:user:x)] = (p:0); 0:rax = mm:user;"
        #expect(try verdict(other, code, head: "PTI=on", "exists (0:rbx=5)") == .never)
        let copied = "x = 5; [PGD(x)] = (p:0); 0:rax = mm:user;"
        #expect(try verdict(copied, code, head: "PTI=on", "exists (0:rbx=5)") == .never)
    }

    @Test(
        "under one PCID what was made in one space serves the other, and goes with it",
        arguments: [
            ("movl (x),%ebx", Observation.sometimes), ("invlpg (x); movl (x),%ebx", .never),
            ("call invpcid_flush_one(x); movl (x),%ebx", .never),
            ("call invpcid_flush_one(mm:x); movl (x),%ebx", .never),
            ("call flush_tlb_mm(); movl (x),%ebx", .never), ("movq %rcx,%cr3; movl (x),%ebx", .never),
        ])
    func sharedTag(_ rest: String, _ expected: Observation) throws {
        let state =
            "x = 5; y = 7; [PTE(x)] = (oa:PA(x)); [PTE(child:x)] = (oa:PA(y)); 0:rax = child; 0:rcx = child; 0:rdx = 0x8000000000000000;"
        let code =
            " P0 ;\n" + ("orq %rdx,%rax; movq %rax,%cr3; " + rest).split(separator: ";").map { "\($0) ;\n" }.joined()
        #expect(try verdict(state, code, head: "Pcid=mm:1 child:1", "exists (0:rbx=5)") == expected)
    }

    @Test("the upper levels of one space lead walks of the other into its tables, whatever level the test names")
    func sharedTagAboveWhatIsNamed() throws {
        // P0 was in child; back in mm, whose PMD is empty, a cached PDPTE of child leads to child's PMD, which is set by now.
        let state = """
            x = 5; [PMD(x)] = (p:0); [PMD(child:x)] = (p:0); [PTE(child:x)] = (oa:PA(x)); 0:rdi = PMD(child:x);
            0:r8 = (table:PT(child:x)); 0:rax = child; 0:rcx = mm; 0:rdx = 0x8000000000000000;
            """
        let code = Self.visited("movq %r8,(%rdi); mfence; movl (x),%ebx")
        #expect(try verdict(state, code, head: "Pcid=mm:1 child:1", "exists (0:rbx=5)") == .sometimes)
        #expect(try verdict(state, code, head: "Pcid=mm:1 child:2", "exists (0:rbx=5)") == .never)
    }

    @Test("a descriptor of invpcid names all that have the PCID")
    func descriptorOfSharedTag() throws {
        let state =
            "x = 5; [PTE(x)] = (oa:PA(x)); [PTE(child:x)] = (p:0); uint64_t d[2] = {9, x}; 0:rax = child; 0:rdx = 0x8000000000000000; 0:rsi = 1;"
        let code = " P0 ;\n orq %rdx,%rax ;\n movq %rax,%cr3 ;\n invpcid (d),%rsi ;\n movl (x),%ebx ;\n"
        #expect(try verdict(state, code, head: "Pcid=mm:9 child:9", "exists (0:rbx=5)") == .never)
        let wrong = state.replacing("{9, x}", with: "{1, x}")
        #expect(try verdict(wrong, code, head: "Pcid=mm:9 child:9", "exists (0:rbx=5)") == .sometimes)
    }

    @Test(
        "what invlpgb names",
        arguments: [
            ("invlpgb(x)", Observation.never), ("invlpgb(x, final)", .never), ("invlpgb(mm)", .never),
            ("invlpgb()", .never),
            ("invlpgb(child:x)", .sometimes), ("invlpgb(child)", .sometimes), ("invlpgb(y)", .sometimes),
        ])
    func broadcasts(_ call: String, _ expected: Observation) throws {
        let state =
            "x = 5; done = 0; [PTE(x)] = (oa:PA(x)); [PTE(y)] = (oa:PA(y)); [PTE(child:x)] = (p:0); 0:rdi = PTE(x);"
        let code = """
             P0 | P1 ;
             movq $0,(%rdi) | call wait_for(done,1) ;
             mfence | movl (x),%ebx ;
             call \(call) | ;
             tlbsync | ;
             movl $1,(done) | ;
            """
        #expect(try verdict(state, code, head: "", "exists (1:rbx=5)", on: Self.broadcast) == expected)
    }

    @Test(
        "global translations go with bit 3 alone",
        arguments: [
            ("invlpgb(x)", Observation.sometimes), ("invlpgb(x, global)", .never), ("invlpgb()", .sometimes),
            ("invlpgb(global)", .never),
        ])
    func broadcastsOfGlobals(_ call: String, _ expected: Observation) throws {
        let state = "x = 5; [PTE(x)] = (oa:PA(x), g:1); 0:rdi = PTE(x);"
        let code = " P0 ;\n movq $0,(%rdi) ;\n mfence ;\n call \(call) ;\n tlbsync ;\n movl (x),%ebx ;"
        #expect(try verdict(state, code, head: "", "exists (0:rbx=5)", on: Self.broadcast) == expected)
    }

    @Test("without the instruction a thread ends")
    func missingInstructions() throws {
        var old = CPUProfile.builtIn[0]
        old.invpcid = false
        let code = " P0 ;\n call invpcid_flush_all() ;\n movl $1,%eax ;"
        #expect(try verdict("x = 0;", code, head: "", "exists (0:rax=1)", on: old) == .never)
        #expect(try verdict("x = 0;", code, head: "", "exists (0:rax=1)") == .always)
        let broadcast = " P0 ;\n call invlpgb() ;\n movl $1,%eax ;"
        #expect(try verdict("x = 0;", broadcast, head: "", "exists (0:rax=1)") == .never)
    }

    @Test("five levels: the walk is one step longer, and a CPU without them has no verdict")
    func fiveLevels() throws {
        let state = "x = 5; [PGD(x)] = (table:PML4(x)); [P4D(x)] = (table:PDPT(x), rw:0); 0:rdi = PGD(x);"
        let code = " P0 ;\n movl (x),%ebx ;\n movl $7,(x) ;\n movq $0,(%rdi) ;"
        #expect(try verdict(state, code, head: "Levels=5", "exists (0:rbx=5 /\\ fault(P0))") == .always)
        var old = CPUProfile.builtIn[0]
        old.fiveLevels = false
        #expect(throws: Diagnostic.self) { try verdict(state, code, head: "Levels=5", "exists (true)", on: old) }
    }

    @Test("what is equal by chance is refused")
    func clashes() {
        for head in ["Pcid=mm:1", "Pcid=mm:3 other:4"] {
            #expect(throws: Diagnostic.self, "\(head)") {
                try verdict("[PTE(child:x)] = (p:0);", " P0 ;\n movl (x),%eax ;", head: head, "exists (true)")
            }
        }
    }
}
