import Checker
import Foundation
import Litmus
import Machine
import TestSupport
import Testing

/// Accessed above the leaf that is set after all levels were read (`accessedLate`), rule by rule.
@Suite struct LateAccessedTests {
    private static func profile(_ name: String, _ change: (inout CPUProfile) -> Void = { _ in }) -> CPUProfile {
        var profile = CPUProfile.shipped.first { $0.name == name } ?? CPUProfile.builtIn[0]
        profile.name = "changed"
        change(&profile)
        return profile
    }

    /// `strict`, top-down and late: nothing else tells the two apart.
    private static let topDown = profile("strict")
    private static let late = profile("strict") { $0.accessedLate = true }

    private func run(_ text: String, on profile: CPUProfile, isLiteral: Bool = false) throws -> Verdict {
        let checker = try TestChecker(LitmusParser.parse(text))
        var options = CheckOptions()
        options.usesReference = isLiteral
        let cpus = [CPUProfile](repeating: profile, count: checker.test.threads.count)
        return try checker.check(label: profile.name, profiles: cpus, options: options)
    }

    /// What is observed top-down and late, by both searches.
    private func expect(_ text: String, topDown: Observation, late: Observation) throws {
        for isLiteral in [false, true] {
            #expect(try run(text, on: Self.topDown, isLiteral: isLiteral).observation == topDown, "\(text)")
            #expect(try run(text, on: Self.late, isLiteral: isLiteral).observation == late, "\(text)")
        }
    }

    /// P0 changes entries and tells P1, which then reads x.
    private func message(_ code: String, initial: String = "", condition: String) -> String {
        let rows = (code + "; movl $1,(done)").split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        let others = ["call wait_for(done,1)", "movl (x),%eax"]
        let columns = (0..<max(rows.count, 2)).map { row in
            " \(row < rows.count ? rows[row] : "") | \(row < 2 ? others[row] : "") ;"
        }
        return """
            X86_64 message
            { done = 0; x = 5; [PUD(x)] = (table:PD(x)); [PMD(x)] = (table:PT(x), a:0); \(initial)
              0:rdi = PTE(x); 0:rsi = PMD(x); 0:r8 = (table:PT(x), a:0, rw:0); }
             P0 | P1 ;
            \(columns.joined(separator: "\n"))
            exists (\(condition))
            """
    }

    @Test func aStaleLeafIsFilledBelowATablePointerWithoutAccessed() throws {
        let text = message(
            "movq $0,(%rdi); mfence; movq (%rsi),%rcx",
            condition: "0:rcx=(table:PT(x), a:0) /\\ not (fault(P1,x))")
        try expect(text, topDown: .never, late: .sometimes)
    }

    /// A serialising instruction of P1 ends what it has begun before.
    @Test(arguments: [("nop", Observation.sometimes), ("cpuid", .never), ("serialize", .never), ("mfence", .sometimes)])
    func aSerialisingInstructionEndsTheWalk(_ instruction: String, late: Observation) throws {
        let text = """
            X86_64 serialises
            { ready = 0; seen = 0; done = 0; [PMD(x)] = (table:PT(x), a:0); 0:rdi = PTE(x); 0:rsi = PMD(x); }
             P0                    | P1                     ;
             movq $0,(%rdi)        | call wait_for(ready,1) ;
             mfence                | \(instruction)         ;
             movl $1,(ready)       | movl $1,(seen)         ;
             call wait_for(seen,1) | call wait_for(done,1)  ;
             movq (%rsi),%rcx      | movl (x),%eax          ;
             movl $1,(done)        |                        ;
            exists (0:rcx=(table:PT(x), a:0) /\\ not (fault(P1,x)))
            """
        #expect(try run(text, on: Self.topDown).observation == .never)
        #expect(try run(text, on: Self.late).observation == late)
    }

    @Test func anEntryThatHasChangedEndsTheWalkWithAccessedSet() throws {
        // R/W is another, and A was 0 before: the update sets A, but the walk begins again and finds the leaf cleared.
        let changes = "movq $0,(%rdi); xchgq %r8,(%rsi); movq (%rsi),%rcx"
        let isUnseen = "0:r8=(table:PT(x), a:0) /\\ 0:rcx=(table:PT(x), a:0)"
        let filled = message(changes, condition: "\(isUnseen) /\\ not (fault(P1,x))")
        #expect(try run(filled, on: Self.late).observation == .never)
        // No manual says that bits which no walker looks at are compared.
        let ignored = filled.replacingOccurrences(of: "a:0, rw:0)", with: "a:0, sd:1)")
        #expect(try run(ignored, on: Self.topDown).observation == .never)
        #expect(try run(ignored, on: Self.late).observation == .sometimes)
    }

    @Test func aWalkThatFaultsLeavesAccessedAbove() throws {
        let text = """
            X86_64 fault
            { [PMD(x)] = (table:PT(x), a:0); [PTE(x)] = (p:0); }
             P0 ;
             movl (x),%eax ;
            exists ([PMD(x)].a=0 /\\ fault(P0,x))
            """
        try expect(text, topDown: .never, late: .sometimes)
    }

    /// The literal search looks at the CPU's own walks alone: with a walker on another CPU it has millions of states.
    @Test func accessedIsSetFromTheTopDownwards() throws {
        let alone = """
            X86_64 order
            { x = 5; [PUD(x)] = (table:PD(x), a:0); [PMD(x)] = (table:PT(x), a:0); 0:rdi = PMD(x); 0:rsi = PUD(x); }
             P0               ;
             movq (%rdi),%rcx ;
             movq (%rsi),%rdx ;
            exists (0:rcx=(table:PT(x), a:1) /\\ 0:rdx=(table:PD(x), a:0))
            """
        try expect(alone, topDown: .never, late: .never)
        let watched = """
            X86_64 order
            { [PUD(x)] = (table:PD(x), a:0); [PMD(x)] = (table:PT(x), a:0); 0:rdi = PMD(x); 0:rsi = PUD(x); }
             P0               | P1            ;
             movq (%rdi),%rcx | movl (x),%eax ;
             movq (%rsi),%rdx |               ;
            exists (0:rcx=(table:PT(x), a:1) /\\ 0:rdx=(table:PD(x), a:0))
            """
        for profile in [Self.topDown, Self.late] { #expect(try run(watched, on: profile).observation == .never) }
    }

    /// Where no entry above the leaf can have A=0 the field costs nothing and changes nothing.
    @Test(arguments: [
        "Corpus/levels/case-39-table+no-flush.litmus", "Corpus/levels/case-25-move-table+flush.litmus",
        "Corpus/levels/pmd-not-accessed+no-flush.litmus",
    ])
    func theFieldCostsNothingWhereAccessedIsSet(_ file: String) throws {
        let text = try Checkout.text(file)
        let (plain, late) = (try run(text, on: Self.topDown), try run(text, on: Self.late))
        let hasLate = text.contains("a:0")
        #expect((plain.statistics.states == late.statistics.states) == !hasLate)
        #expect(hasLate || Set(plain.states) == Set(late.states))
    }
}
