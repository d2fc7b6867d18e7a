import Checker
import Explorer
import Litmus
import Machine
import TestSupport
import Testing

@Suite struct LimitTests {
    /// Never on every profile, and some hundred states.
    private static let never = """
        X86_64 never
        { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); }
         P0                     | P1          | P2            ;
         lock andb $-67,(%rdi)  | movl $1,(x) | movl (x),%eax ;
         call flush_tlb_page(x) | movl $1,(x) | movl (x),%ebx ;
        exists (2:rax=7)
        """

    /// The test for a search; the reference takes seconds in a debug build, on one profile where samples are taken.
    private static func prepared(usesReference: Bool) throws -> Prepared {
        try Prepared(text: never, on: usesReference && !Volume.isFull ? "late" : nil)
    }

    /// The verdicts without a limit: of the fast search, and of the reference.
    private static let full = [false, true].map { usesReference in
        Result { try prepared(usesReference: usesReference).verdicts { $0.usesReference = usesReference } }
    }

    @Test(arguments: [false, true], [1, 2, 5, 20, 40])
    func aSearchThatHitALimitSaysInconclusiveNeverNever(_ usesReference: Bool, _ maxStates: Int) throws {
        let full = try Self.full[usesReference ? 1 : 0].get()
        #expect(full.allSatisfy { $0.observation == .never && $0.end == .complete && $0.reason == nil })
        let cut = try Self.prepared(usesReference: usesReference).verdicts {
            $0.usesReference = usesReference
            $0.limits.maxStates = maxStates
        }
        for verdict in cut {
            #expect(verdict.observation == .inconclusive)
            #expect(verdict.end == .stateLimit)
            #expect(verdict.reason == .states(maxStates))
            #expect(!verdict.isAsExpected)
            #expect(verdict.witness == nil)
        }
    }

    @Test func anExpectationIsNotMetByAnInconclusiveVerdict() throws {
        let text = Self.never.replacingFirst("{", with: "(* Result: Never *)\n{")
        for verdict in try Prepared(text: text).verdicts() { #expect(verdict.isAsExpected) }
        for verdict in try Prepared(text: text).verdicts({ $0.limits.maxStates = 3 }) { #expect(!verdict.isAsExpected) }
    }

    @Test(arguments: [false, true])
    func limitsOfMemoryAndTime(_ usesReference: Bool) throws {
        // Six unordered counters, each counting by another number: far more states than the limits allow.
        let heads = (0..<6).map { "P\($0)" }.joined(separator: " | ")
        let rows = ["x", "y", "x", "y"].map { variable in
            (1...6).map { "lock addl $\($0),(\(variable))" }.joined(separator: " | ") + " ;"
        }
        let text =
            "X86_64 many\n{ [PTE(x)] = (d:0); [PTE(y)] = (d:0); }\n \(heads) ;\n\(rows.joined(separator: "\n"))\nexists (x=99)\n"
        for verdict in try Prepared(text: text, on: "strict").verdicts({
            $0.usesReference = usesReference
            $0.limits.maxMemory = 1 << 18
        }) {
            #expect(verdict.observation == .inconclusive)
            #expect(verdict.end == .memoryLimit)
        }
        for verdict in try Prepared(text: text, on: "strict").verdicts({
            $0.usesReference = usesReference
            $0.limits.timeout = 0.05
        }) {
            #expect(verdict.observation == .inconclusive)
            #expect(verdict.end == .timeLimit)
        }
    }

    /// P0 waits for ever, so every state leads into a circle; `rows` stores and loads of two others make the states many.
    private static func spinning(rows: Int) -> String {
        let registers = ["eax", "ebx", "ecx", "edx"]
        let others = (0..<rows).map { row in
            let register = registers[row % 4]
            return [
                " | movl $\(row + 1),(w0) | movl $\(row + 1),(w1) ;",
                " | movl (w1),%\(register) | movl (w0),%\(register) ;",
            ].joined(separator: "\n")
        }
        return """
            X86_64 spinning
            { int v = 0; int w0 = 0; int w1 = 0; }
            P0 | P1 | P2 ;
            L0: movl (v),%eax | | ;
            testl %eax,%eax | | ;
            je L0 | | ;
            \(others.joined(separator: "\n"))
            locations [1:rax; 1:rbx; 1:rcx; 1:rdx; 2:rax; 2:rbx; 2:rcx; 2:rdx;]
            exists (stuck(P0))
            """
    }

    @Test(arguments: [false, true])
    func aSearchForLivelocksObeysTheLimitsToo(_ usesReference: Bool) throws {
        let text = Self.spinning(rows: 2)
        let full = try Prepared(text: text, on: "strict").verdicts { $0.usesReference = usesReference }
        #expect(full.map(\.observation) == [.always])
        // What the states alone need is less than what they and the search for livelocks need.
        let bytes = try #require(full.first).statistics.bytes
        var ends: [SearchEnd] = []
        for part in [bytes / 2, bytes, bytes * 2, bytes * 20] {
            let verdict = try #require(
                try Prepared(text: text, on: "strict").verdicts {
                    $0.usesReference = usesReference
                    $0.limits.maxMemory = part
                }.first)
            ends.append(verdict.end)
            #expect((verdict.observation == .always) == (verdict.end == .complete))
        }
        #expect(ends.first == .memoryLimit && ends.last == .complete)
        for threads in [1, 2] {
            let verdict = try #require(try Prepared(text: text, on: "strict").verdicts { $0.threads = threads }.first)
            #expect(verdict.states.map(\.text) == full[0].states.map(\.text))
            #expect(usesReference || verdict.replay == full[0].replay)
        }
    }

    @Test(arguments: [0.05, 0.5])
    func aTestThatIsAllLivelocksTakesLittleTime(_ timeout: Double) throws {
        let stopwatch = Stopwatch()
        let verdict = try #require(
            try Prepared(text: Self.spinning(rows: 8), on: "strict").verdicts { $0.limits.timeout = timeout }.first)
        #expect(verdict.observation == .inconclusive && verdict.end == .timeLimit)
        #expect(verdict.reason == .time(timeout))
        #expect(stopwatch.seconds < timeout + 2)
    }

    @Test func aBufferWithoutEndIsInconclusive() throws {
        let text = "X86_64 endless\n{ }\n P0 ;\n L0: movl $1,(x) ;\n jmp L0 ;\nexists (x=2)\n"
        let verdict = try #require(try Prepared(text: text, on: "strict").verdicts().first)
        #expect(verdict.observation == .inconclusive)
        #expect(verdict.reason == .outgrown(.storeBuffer))
    }
}

extension String {
    /// The text with the first occurrence of a part replaced.
    fileprivate func replacingFirst(_ part: String, with other: String) -> String {
        guard let start = indices.first(where: { self[$0...].hasPrefix(part) }) else { return self }
        return String(self[..<start]) + other + String(self[index(start, offsetBy: part.count)...])
    }
}
