import Checker
import Explorer
import Litmus
import Machine
import Testing

@Suite("Limits")
struct LimitTests {
    /// Never on every profile, and some hundred states.
    private static let never = """
        X86_64 never
        { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); }
         P0                     | P1          | P2            ;
         lock andb $-67,(%rdi)  | movl $1,(x) | movl (x),%eax ;
         call flush_tlb_page(x) | movl $1,(x) | movl (x),%ebx ;
        exists (2:rax=7)
        """

    @Test("a search that hit a limit says Inconclusive, never Never", arguments: [false, true], [1, 2, 5, 20, 40])
    func states(_ usesReference: Bool, _ maxStates: Int) throws {
        let full = try Prepared(text: Self.never).verdicts { $0.usesReference = usesReference }
        #expect(full.allSatisfy { $0.observation == .never && $0.end == .complete && $0.reason == nil })
        let cut = try Prepared(text: Self.never).verdicts {
            $0.usesReference = usesReference
            $0.limits.maxStates = maxStates
        }
        for verdict in cut {
            #expect(verdict.observation == .inconclusive)
            #expect(verdict.end == .stateLimit)
            #expect(verdict.reason?.contains("\(maxStates)") == true)
            #expect(!verdict.isAsExpected)
            #expect(verdict.witness == nil)
        }
    }

    @Test("an expectation is not met by an inconclusive verdict")
    func expectation() throws {
        let text = Self.never.replacingFirst("{", with: "(* Result: Never *)\n{")
        for verdict in try Prepared(text: text).verdicts() { #expect(verdict.isAsExpected) }
        for verdict in try Prepared(text: text).verdicts({ $0.limits.maxStates = 3 }) { #expect(!verdict.isAsExpected) }
    }

    @Test("limits of memory and time", arguments: [false, true])
    func memoryAndTime(_ usesReference: Bool) throws {
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

    @Test("a buffer without end is inconclusive")
    func endlessStores() throws {
        let text = "X86_64 endless\n{ }\n P0 ;\n L0: movl $1,(x) ;\n jmp L0 ;\nexists (x=2)\n"
        let verdict = try #require(try Prepared(text: text, on: "strict").verdicts().first)
        #expect(verdict.observation == .inconclusive)
        #expect(verdict.reason?.contains("store buffer") == true)
    }
}

extension String {
    /// The text with the first occurrence of a part replaced.
    fileprivate func replacingFirst(_ part: String, with other: String) -> String {
        guard let start = indices.first(where: { self[$0...].hasPrefix(part) }) else { return self }
        return String(self[..<start]) + other + String(self[index(start, offsetBy: part.count)...])
    }
}
