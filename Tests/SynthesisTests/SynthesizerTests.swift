import Checker
import Diagnostics
import Litmus
import Machine
import TestSupport
import Testing

@testable import Synthesis

/// Whole searches with small bounds.
@Suite struct SynthesizerTests {
    /// On the late profile one locked instruction on W does it all.
    @Test func theLateProfileNeedsOneInstruction() throws {
        let late = try #require(CPUProfile.builtIn.first { $0.name == "late" })
        let result = try Sample.search(try Sample.problem(Sample.tiny), profiles: [late], length: 1)
        #expect(result.answers.contains { $0.lines == ["lock andb $-3,(%rdi)"] })
        #expect(result.answers.allSatisfy { $0.isConfirmed })
    }

    /// With the rule of shadow stacks there is none, and a loop or a case split has to be.
    @Test(.takesLong) func everybodyNeedsAJump() throws {
        let contract = "in rdi; scratch rax rcx; only mov and or shl bts cmpxchg"
        let problem = try SynthesisProblem([
            try Sample.test(Sample.text(contract: contract)),
            try Sample.test(Sample.text(entry: "rw:1, d:1, a:1", contract: contract, name: "dirty")),
            try Sample.test(
                Sample.text(contract: contract, condition: "~exists ([PTE(x)].rw=1)", name: "writable")),
        ])
        let result = try Sample.search(problem) { $0.termLength = 5 }
        #expect(result.rightStraight == 0 && result.isComplete)
        let loop = try #require(result.answers.first { $0.lines.last == "jne Lagain" })
        #expect(loop.price.raced != nil && loop.isConfirmed && !loop.storesPlainly)
        #expect(result.answers.contains { $0.lines.contains("Lother:") })
        for answer in result.answers {
            let questions = try problem.files.indices.flatMap { try problem.filled($0, with: answer.lines).questions }
            for question in questions {
                let checker = try TestChecker(question)
                for profile in CPUProfile.builtIn {
                    let verdict = try checker.check(label: profile.name, profiles: [profile, profile])
                    #expect(verdict.observation == .never, "\(answer.lines) on \(profile.name)")
                }
            }
        }
    }

    @Test func nearMissesFailWhereTheReportSays() throws {
        let problem = try Sample.problem(Sample.tiny)
        let result = try Sample.search(problem)
        for miss in result.nearMisses {
            let penalty = try #require(miss.penalty)
            let questions = try problem.filled(penalty.file, with: miss.lines).questions
            let checker = try TestChecker(try #require(questions.first { $0.conditionName == penalty.conditionName }))
            let profile = try #require(CPUProfile.builtIn.first { $0.name == penalty.profile })
            let verdict = try checker.check(label: profile.name, profiles: [profile, profile])
            #expect(verdict.observation == penalty.observation && verdict.replay == penalty.replay)
        }
    }

    @Test func threadsAndJournalsDoNotMatter() throws {
        let problem = try Sample.problem(Sample.tiny)
        let journal = MemoryJournal()
        let first = try Sample.search(problem, journal: journal)
        #expect(try Sample.search(problem, threads: 2).essence == first.essence)
        let pieces = journal.pieces.sorted { $0.key < $1.key }
        for count in [0, 1, pieces.count / 2, pieces.count] {
            let kept = MemoryJournal(
                [String: String](uniqueKeysWithValues: pieces.prefix(count).map { ($0.key, $0.value) }))
            #expect(try Sample.search(problem, journal: kept).essence == first.essence)
        }
    }

    /// Parts that several processes did give the report that one would have given.
    @Test func shardsMergeIntoTheWhole() throws {
        let problem = try Sample.problem(Sample.tiny)
        let whole = try Sample.search(problem)
        var pieces: [String: String] = [:]
        for index in 1...3 {
            let journal = MemoryJournal()
            _ = try Sample.search(problem, journal: journal) { $0.shard = Shard(index: index, count: 3) }
            pieces.merge(journal.pieces) { first, _ in first }
        }
        let merged = try Sample.search(problem, journal: MemoryJournal(pieces)) { $0.mergesOnly = true }
        #expect(merged.missing.isEmpty && merged.essence == whole.essence)
        let lacking = pieces.filter { !$0.key.hasPrefix("judge") }
        let short = try Sample.search(problem, journal: MemoryJournal(lacking)) { $0.mergesOnly = true }
        #expect(!short.missing.isEmpty && !short.isComplete)
    }

    /// A window without P is a matter of the contract.
    @Test func aContractForbidsWhatItForbids() throws {
        let text = Sample.text(
            contract: "in rdi; scratch rax; lock no; loop no", starts: "starts (p:1, d:*, a:*)",
            ensures: "ensures ([PTE(x)] = (p:0))", condition: "~exists (stuck(P0))")
        let problem = try Sample.problem(text)
        #expect(problem.grammar.templates.allSatisfy { !$0.isLocked })
        let result = try Sample.search(problem, length: 1)
        #expect(result.answers.first?.lines == ["movq $0,(%rdi)"])
        #expect(result.answers.first?.storesPlainly == true)
        let only = try Sample.problem(Sample.text(contract: "in rdi; scratch rax; only xchg mov"))
        #expect(!only.grammar.templates.isEmpty)
        #expect(
            only.grammar.templates.allSatisfy { ["xchg", "mov"].contains(Grammar.mnemonic(of: $0.text).dropLast()) })
        var allowance = Allowance()
        allowance.flush = true
        let flushing = try SynthesisProblem([try Sample.test(Sample.text())], allowing: allowance)
        #expect(flushing.grammar.templates.contains { $0.text == "call flush_tlb_page(x)" })
    }
}
