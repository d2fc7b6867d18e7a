import Checker
import Litmus
import Machine
import Testing

/// INVLPGB and TLBSYNC, on a CPU class that has them: what their operands name, and their weak order.
///
/// The texts are those of the design's cases, with verdicts derived by hand.
@Suite struct BroadcastTests {
    /// A CPU with shadow stacks and INVLPGB.
    private static func profile(_ change: (inout CPUProfile) -> Void = { _ in }) throws -> CPUProfile {
        var profile = try #require(CPUProfile.builtIn.first { $0.name == "cet" })
        profile.name = "bcast"
        profile.broadcastInvalidate = true
        change(&profile)
        return profile
    }

    private static func observation(_ text: String, on profile: CPUProfile) throws -> Observation {
        let test = try LitmusParser.parse(text, file: nil)
        let checker = try TestChecker(test)
        var found: [Observation] = []
        for usesReference in [false, true] {
            var options = CheckOptions()
            options.usesReference = usesReference
            found.append(
                try checker.check(
                    label: profile.name,
                    profiles: [CPUProfile](repeating: profile, count: test.threads.count), options: options
                ).observation)
        }
        #expect(found[0] == found[1])
        return found[0]
    }

    /// P0 unmaps pages, invalidates with these operands, and frees a frame that P1 reads.
    private static func freed(
        _ entry: String, rax: String, ecx: String = "$0", edx: String = "$0", read: String = "x",
        between: String = "mfence", tag: String = ""
    ) -> String {
        """
        X86_64 invlpgb
        { [PTE(x)] = (oa:PA(x)\(entry)); [PTE(y)] = (oa:PA(y)\(entry)); 0:rdi = PTE(x); 0:rsi = PTE(y); 0:rax = x; \(tag) }
         P0                 | P1 ;
         movq $0,(%rdi)     | movl (\(read)),%eax ;
         movq $0,(%rsi)     | ;
         \(between)        | ;
         \(rax)            | ;
         movl \(ecx),%ecx  | ;
         movl \(edx),%edx  | ;
         invlpgb            | ;
         tlbsync            | ;
         call free_frame(\(read)) | ;
        exists (stale_frame(\(read)))
        """
    }

    @Test func theOperandsSayWhatGoes() throws {
        let profile = try Self.profile()
        func ends(_ text: String) throws -> Observation { try Self.observation(text, on: profile) }
        // The address, and nothing after it.
        #expect(try ends(Self.freed("", rax: "orq $1,%rax")) == .never)
        #expect(try ends(Self.freed("", rax: "orq $1,%rax", read: "y")) == .sometimes)
        // ECX counts further pages; ECX[31] makes steps of 2 MiB (FreeBSD-EN-26:10).
        #expect(try ends(Self.freed("", rax: "orq $9,%rax", ecx: "$1", read: "y")) == .never)
        #expect(try ends(Self.freed("", rax: "orq $9,%rax", ecx: "$0x80000001", read: "y")) == .sometimes)
        // RAX[3] includes global translations.
        #expect(try ends(Self.freed(", g:1", rax: "orq $1,%rax")) == .sometimes)
        #expect(try ends(Self.freed(", g:1", rax: "orq $9,%rax")) == .never)
        // No address is every page.
        #expect(try ends(Self.freed("", rax: "movl $8,%eax", read: "y")) == .never)
        #expect(try ends(Self.freed(", g:1", rax: "xorl %eax,%eax")) == .sometimes)
        // A PCID in EDX[27:16], if RAX[1] says so: mm's, and another's.
        let child = "[PTE(child:x)] = (p:0);"
        #expect(try ends(Self.freed("", rax: "orq $3,%rax", tag: child)) == .never)
        #expect(try ends(Self.freed("", rax: "orq $3,%rax", edx: "$0x10000", tag: child)) == .sometimes)
        #expect(try ends(Self.freed("", rax: "orq $1,%rax", edx: "$0x10000", tag: child)) == .never)
    }

    @Test func anInvalidationMayOvertakeTheStoreBeforeItUnlessTheCPUOrdersThem() throws {
        let text = Self.freed("", rax: "orq $1,%rax", between: "nop")
        #expect(try Self.observation(text, on: Self.profile()) == .sometimes)
        #expect(try Self.observation(text, on: Self.profile { $0.invlpgbOrdered = true }) == .never)
        // No operand helps: these are the design's cases invlpgb-all and invlpgb-range as they are written.
        for rax in ["movl $8,%eax", "orq $9,%rax"] {
            #expect(try Self.observation(Self.freed("", rax: rax, between: "nop"), on: Self.profile()) == .sometimes)
        }
    }

    @Test func theSenderTooDropsItsTranslationOnlyByTlbsync() throws {
        func text(_ end: String) -> String {
            """
            X86_64 sender
            { x = 5; [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); 0:rax = x; }
             P0             ;
             movl (x),%ebx  ;
             movq $0,(%rdi) ;
             mfence         ;
             orq $1,%rax    ;
             invlpgb        ;
             \(end)        ;
             movl (x),%esi  ;
            exists (0:rsi=5)
            """
        }
        #expect(try Self.observation(text("nop"), on: Self.profile()) == .sometimes)
        #expect(try Self.observation(text("tlbsync"), on: Self.profile()) == .never)
    }

    @Test func whetherATargetsOlderStoresAreOutIsAField() throws {
        let text = """
            X86_64 broadcast-target-store-buffer
            { [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); 0:rax = x; }
             P0 | P1 ;
             movq $0,(%rdi) | movl $1,(x) ;
             mfence | ;
             orq $1,%rax | ;
             invlpgb | ;
             tlbsync | ;
             call free_frame(x) | ;
            exists (stale_frame(x))
            """
        #expect(try Self.observation(text, on: Self.profile()) == .never)
        #expect(try Self.observation(text, on: Self.profile { $0.broadcastDrains = false }) == .sometimes)
        // Flush services are broadcasts on such a CPU.
        let service = text.replacing("orq $1,%rax", with: "nop").replacing("invlpgb", with: "call flush_tlb_page(x)")
            .replacing("tlbsync", with: "nop")
        #expect(try Self.observation(service, on: Self.profile()) == .never)
        #expect(try Self.observation(service, on: Self.profile { $0.broadcastDrains = false }) == .sometimes)
    }

    @Test func withoutThemTheInstructionsAreInvalidOpcodes() throws {
        let plain = try Self.profile { $0.broadcastInvalidate = false }
        #expect(try Self.observation(Self.freed("", rax: "orq $1,%rax"), on: plain) == .never)
    }
}
