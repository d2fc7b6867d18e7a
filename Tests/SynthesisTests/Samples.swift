import Checker
import Diagnostics
import Explorer
import Litmus
import Machine
import Synchronization

@testable import Synthesis

/// A file of the write-protect problem in small: one entry, one writer.
enum Sample {
    /// Fills in the start and the hole's contract.
    static func text(
        entry: String = "rw:1, d:0, a:1", contract: String = "in rdi; scratch rax rcx rdx",
        starts: String = "starts (rw:1, d:*, a:*, sd:0)",
        ensures: String = #"ensures ([PTE(x)] = old with (rw:0, d:0, sd: old.sd \/ old.d))"#,
        condition: String = #"~exists (lost_dirty(x) \/ kernel_shadow_stack(x) \/ stale_write(x))"#,
        name: String = "write"
    ) -> String {
        """
        X86_64 \(name)
        Failure=a write is lost, or the kernel makes a shadow-stack entry
        { [PTE(x)] = (oa:PA(x), \(entry)); 0:rdi = PTE(x); }
         P0 | P1 ;
         ??wp {\(contract)} | movl $1,(x) ;
         call flush_tlb_page(x) | ;
        \(starts)
        \(ensures)
        \(condition)
        """
    }

    /// The profiles that every user sees.
    static let profiles = CPUProfile.builtIn

    /// The test of a text.
    static func test(_ text: String) throws -> LitmusTest { try LitmusParser.parse(text, file: "sample.litmus") }

    /// A problem of one file.
    static func problem(_ text: String = Sample.text()) throws -> SynthesisProblem {
        try SynthesisProblem([try test(text)])
    }

    /// The problem that the late profile makes easy: only W is to go.
    static var easy: String {
        text(
            contract: "in rdi; scratch rax rcx; only movzbl mov andb andl and btr cmpxchg",
            starts: "starts (rw:*, d:*, a:*)", ensures: "ensures ([PTE(x)] = old with (rw:0))",
            condition: "~exists (lost_dirty(x))")
    }

    /// The same with few instructions and few entries: whole searches of it take a moment.
    static var tiny: String {
        text(
            contract: "in rdi; scratch rax rcx; only mov andb and cmpxchg", starts: "starts (rw:1, d:*, a:1)",
            ensures: "ensures ([PTE(x)] = old with (rw:0))", condition: "~exists (lost_dirty(x))")
    }

    /// Searches with small bounds.
    static func search(
        _ problem: SynthesisProblem, profiles: [CPUProfile] = CPUProfile.builtIn, length: Int = 2, threads: Int = 1,
        journal: (any Journal)? = nil, change: (inout SynthesisOptions) -> Void = { _ in }
    ) throws -> SynthesisResult {
        var options = SynthesisOptions()
        options.length = length
        options.branchLength = 2
        options.termLength = 3
        options.threads = threads
        change(&options)
        var synthesizer = Synthesizer(
            problem, profiles: .init(offered: profiles, known: CPUProfile.shipped), options: options, journal: journal)
        return try synthesizer.run()
    }
}

/// A journal in memory.
final class MemoryJournal: Journal {
    private let content = Mutex<[String: String]>([:])

    init(_ pieces: [String: String] = [:]) { content.withLock { $0 = pieces } }

    var pieces: [String: String] { content.withLock { $0 } }
    func result(of piece: String) -> String? { content.withLock { $0[piece] } }
    func record(_ piece: String, _ result: String) { content.withLock { $0[piece] = result } }
    func synchronize() {}
}

extension SynthesisResult {
    /// All that a report tells.
    var essence: [String] {
        answers.map { answer in
            "\(answer.lines) \(EntryKind.allCases.map { answer.price.costs[$0] ?? -1 }) \(answer.price.raced ?? -1) \(answer.isConfirmed)"
        } + nearMisses.map { "\($0)" } + shortfalls.map { "\($0.lines) \($0.ranking)" } + counts.map { "\($0)" }
            + kills.map { "\($0)" } + ["\(judged) \(right) \(isComplete)"]
    }
}
