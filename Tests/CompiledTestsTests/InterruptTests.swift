import Checker
import Diagnostics
import Litmus
import TestSupport
import Testing

/// Handlers of interrupts in C (`P1_I`), and per-CPU data that other CPUs reach.
@Suite struct InterruptTests {
    /// P0 takes the page of `x` away, interrupts P1, and frees the frame.
    private func shootdown(_ handler: String, start: String = "", before: String = "send_ipi(1);") -> String {
        """
        C shootdown
        { [PTE(x)] = (oa:PA(x));\(start) }
        extern int x;
        P0(pte_t *pte_x, int *x) { WRITE_ONCE(pte_x->pte, 0); \(before) free_frame(x); }
        P1(int *x) { int r = READ_ONCE(*x); }
        \(handler)
        exists (stale_frame(x))
        """
    }

    private static let invalidates = "P1_I() { asm volatile(\"invlpg %0\" :: \"m\"(x) : \"memory\"); }"

    @Test func aHandlerRunsWhereAnotherCPUAsksForIt() async throws {
        let flushed = shootdown(Self.invalidates, before: "send_ipi(1); flush_tlb_local(x);")
        for reference in [false, true] {
            func observation(_ text: String) async throws -> Observation {
                try Sample.verdict(of: try await Sample.compile(text).test, reference: reference).observation
            }
            #expect(try await observation(flushed) == .never)
            #expect(try await observation(shootdown("P1_I() { }")) == .sometimes)
            #expect(try await observation(shootdown(Self.invalidates, before: "")) == .sometimes)
        }
    }

    /// The thread's stack and registers are as they were; what the handler did to the CPU's own data stays.
    @Test func theThreadGoesOnAsItWas() async throws {
        let verdict = try await Sample.verdict(
            """
            C stack
            { }
            #define ADD(v) asm volatile("addl %0,%%gs:count" :: "r"(v) : "memory", "cc")
            static __attribute__((noinline)) int sum(volatile int *numbers) { return numbers[0] + numbers[1]; }
            P0(int *go) { WRITE_ONCE(*go, 1); send_ipi(1); }
            P1(int *go) {
                volatile int numbers[2] = { 20, 3 };
                int seen, count;
                seen = READ_ONCE(*go);
                seen = sum(numbers);
                wait_for(go, 1);
                seen += sum(numbers);
                asm volatile("movl %%gs:count,%0" : "=r"(count));
            }
            P1_I() { volatile int numbers[2] = { 100, 200 }; ADD(sum(numbers)); }
            locations [1:seen; 1:count;]
            exists (1:seen=46 /\\ 1:count=300)
            """)
        #expect(verdict.observation == .sometimes)
        // The interrupt comes before or after the count is read.
        #expect(verdict.states.count == 2)
    }

    /// An interrupt comes between any two instructions, also where no other CPU can notice them.
    @Test(arguments: [
        ("int a; WRITE_ONCE(*go, 1); GET(a);", "1:a=5"),
        ("int a, b; WRITE_ONCE(*go, 1); GET(a); GET(b);", "1:a=0 /\\ 1:b=5"),
        // An increment in three instructions loses what the handler adds.
        ("int a, b; WRITE_ONCE(*go, 1); GET(a); a++; SET(a); GET(b);", "1:b=1"),
        ("int a; WRITE_ONCE(*go, 1); BUMP; GET(a);", "1:a=6"),
    ]) func theCPUsOwnDataChangeUnderTheThread(_ body: String, _ condition: String) async throws {
        let text = """
            C own
            { }
            #define GET(v) asm volatile("movl %%gs:count,%0" : "=r"(v) :: "memory")
            #define SET(v) asm volatile("movl %0,%%gs:count" :: "r"(v) : "memory")
            #define BUMP asm volatile("incl %%gs:count" ::: "memory", "cc")
            P0(int *go) { wait_for(go, 1); send_ipi(1); }
            P1(int *go) { \(body) }
            P1_I() { asm volatile("addl $5,%%gs:count" ::: "memory", "cc"); }
            exists (\(condition))
            """
        for reference in [false, true] {
            let verdict = try Sample.verdict(of: try await Sample.compile(text).test, reference: reference)
            #expect(verdict.observation == .sometimes)
        }
    }

    /// Each CPU's stack has the same address: another would read its own, and so would the handler.
    @Test func addressesOfStacksAreNotPassedOn() async throws {
        let fault = await Sample.diagnostic(
            """
            C stack
            { }
            static volatile int *shared;
            P0(int *go) { volatile int local[2] = { 9, 9 }; shared = local; send_ipi(1); }
            P1(int *go) { WRITE_ONCE(*go, 1); }
            P1_I() { int r = *shared; }
            exists (go=1)
            """)
        #expect(fault?.message == "P0 stores the address of its own stack where other CPUs can read it")
    }

    @Test func handlersWaitForNoOtherCPU() async throws {
        let fault = await Sample.diagnostic(shootdown("P1_I() { flush_tlb_page(&x); }"))
        #expect(fault?.message == "flush_tlb_page in an interrupt handler waits for other CPUs with interrupts off")
    }

    @Test(arguments: [
        ("P1_I(int *x) { }", "P1_I has parameters, and an interrupt passes none"),
        ("P2_I() { }", "P2_I handles interrupts of P2, which the test does not have"),
        ("P1_I() { } P1_I() { }", "P1_I is defined twice"),
        ("P1_I() { send_ipi(0); }", "send_ipi in an interrupt handler waits for other CPUs"),
    ]) func slipsAreExplained(_ handler: String, _ message: String) async throws {
        let fault = try #require(await Sample.diagnostic(shootdown(handler)))
        #expect(fault.message.contains(message))
        #expect(fault.remedy != nil)
        #expect(fault.place != nil)
    }

    @Test(arguments: ["send_ipi(0);", "send_ipi(7);"]) func onlyOtherCPUsThatHandleInterruptsAreAsked(
        _ call: String
    ) async throws {
        let fault = try #require(await Sample.diagnostic(shootdown(Self.invalidates, before: call)))
        #expect(fault.remedy == "as in send_ipi(1), with a function P1_I")
    }

    // MARK: Per-CPU data

    private static let perCPU = """
        extern unsigned long __per_cpu_offset[];
        extern int __ptero_cpu_number;
        __attribute__((section(".data..percpu"))) int count = 5;
        #define OTHER(cpu) (*(volatile int *)((char *)&count + __per_cpu_offset[cpu]))
        #define NUMBER ({ int n; asm volatile("movl %%gs:__ptero_cpu_number,%0" : "=r"(n)); n; })
        """

    @Test func anotherCPUsDataAreShared() async throws {
        let verdict = try await Sample.verdict(
            """
            C percpu
            { }
            \(Self.perCPU)
            P0(int *unused) { int own, other; other = OTHER(1); asm volatile("movl %%gs:count,%0" : "=r"(own)); }
            P1(int *unused) { asm volatile("movl $7,%%gs:count" ::: "memory"); }
            locations [0:own; 0:other;]
            exists (0:other=7)
            """)
        #expect(verdict.observation == .sometimes)
        #expect(verdict.states.count == 2)
        let others = verdict.states.allSatisfy { "\($0)".contains("0:own=5") }
        #expect(others, "\(verdict.states)")
    }

    /// `this_cpu_ptr` gives an address that others can get; per-CPU data that are only declared are shared, too.
    @Test(arguments: ["count", "declared"]) func addressesOfPerCPUDataArePassedOn(_ name: String) async throws {
        let verdict = try await Sample.verdict(
            """
            C percpu
            { }
            \(Self.perCPU)
            extern int declared;
            static volatile int *own;
            P0(int *unused) { volatile int *other = own; int hit = other != 0, seen = other ? *other : 0; }
            P1(int *unused) {
                unsigned long offset;
                asm volatile("movl $7,%%gs:\(name)" ::: "memory");
                asm volatile("movq %%gs:this_cpu_off,%0" : "=r"(offset));
                own = (int *)((char *)&\(name) + offset);
            }
            forall (0:hit=0 \\/ 0:seen=7)
            """)
        #expect(verdict.observation == .always)
        #expect(verdict.states.count == 2)
    }

    /// Only per-CPU data have copies: a constant that is longer than copies are apart is what it was.
    @Test func longConstantsAreWhole() async throws {
        let numbers = (1...600).map(String.init).joined(separator: ",")
        let verdict = try await Sample.verdict(
            """
            C constants
            { }
            \(Self.perCPU)
            static const volatile int numbers[600] = { \(numbers) };
            P0(int *unused) { int other = OTHER(1), first = numbers[0], middle = numbers[256], last = numbers[599]; }
            P1(int *unused) { int middle = numbers[300]; }
            forall (0:first=1 /\\ 0:middle=257 /\\ 0:last=600 /\\ 1:middle=301)
            """)
        #expect(verdict.observation == .always)
    }

    /// A `BUG` of any CPU counts.
    @Test func bugsOfEachCPUCount() async throws {
        let verdict = try await Sample.verdict(
            """
            C bug
            { }
            \(Self.perCPU)
            P0(int *unused) { int other = OTHER(1); }
            P1(int *unused) { if (NUMBER == 1) asm volatile("ud2"); }
            exists (0:other=3)
            """)
        #expect(verdict.observation == .always)
    }

    /// `%gs:8(%rdx)` is the running CPU's own of the variable whose address is in a register.
    @Test func aRegisterHoldsTheAddressOfPerCPUData() async throws {
        let verdict = try await Sample.verdict(
            """
            C percpu
            { }
            \(Self.perCPU)
            P0(int *unused) { int number = NUMBER, other = OTHER(1); }
            P1(int *unused) {
                int number = NUMBER;
                asm volatile("movl %0,%%gs:(%1)" :: "r"(9), "r"(&count) : "memory");
            }
            exists (0:number=0 /\\ 1:number=1 /\\ 0:other=9)
            """)
        #expect(verdict.observation == .sometimes)
    }

    @Test func thereIsRoomForFourCPUs() async throws {
        let threads = (0..<5).map { "P\($0)(int *unused) { int r = OTHER(1); }" }.joined(separator: "\n")
        let fault = await Sample.diagnostic("C percpu\n{ }\n\(Self.perCPU)\n\(threads)\nexists (0:r=1)\n")
        #expect(fault?.message == "per-CPU data that other CPUs reach is there for 4 CPUs, not for 5")
    }

    // MARK: CR3

    /// Compiled code finds the frame of the table in `mm->pgd`, and has the PCID beside it.
    @Test(arguments: [("1", Observation.always), ("0", .always)])
    func anAddressSpaceIsLoadedByItsTable(_ tag: String, _ observation: Observation) async throws {
        #expect(try await Sample.verdict(load(tag)).observation == observation)
    }

    /// No PCID is one where the test says nothing of them, and PCID 0 where it does.
    @Test(arguments: [("2", ""), ("0", "Pcid=mm:1 child:2\n")])
    func anotherPCIDIsRefused(_ tag: String, _ head: String) async throws {
        let fault = await Sample.diagnostic(load(tag, head: head))
        #expect(fault?.message == "CR3 is loaded with a value that is not an address space")
        #expect(fault?.remedy?.contains("Pcid=mm:1 init:2") == true)
    }

    private func load(_ tag: String, head: String = "") -> String {
        """
        C load
        \(head){ [PTE(x)] = (oa:PA(x)); [PTE(child:x)] = (oa:PA(y)); int x = 1; int y = 2; }
        P0(void *child, int *x) {
            unsigned long root = ((unsigned long)child - 0xffff888000000000) | \(tag), read;
            int r;
            asm volatile("movq %0,%%cr3" :: "r"(root) : "memory");
            asm volatile("movq %%cr3,%0" : "=r"(read) :: "memory");
            r = READ_ONCE(*x) + ((read & ~0xffful) == (root & ~0xffful) ? 10 : 0);
        }
        forall (0:r=12)
        """
    }
}
