import Checker
import Machine
import Report
import Testing

/// Stores that no CPU can tell from later ones: they do not wait in a buffer, and only they.
@Suite struct UnseenStoreTests {
    /// States with and without the reduction, after seeing that all answers are the same.
    private func states(_ text: String, on profile: String) throws -> (with: Int, without: Int) {
        let prepared = try Prepared(text: text, on: profile)
        let with = try #require(try prepared.verdicts().first)
        let without = try #require(try prepared.verdicts { $0.reductions.remove(.unseenStores) }.first)
        let reference = try #require(try prepared.verdicts { $0.usesReference = true }.first)
        for verdict in [without, reference] {
            #expect(with.observation == verdict.observation)
            #expect(Set(with.states) == Set(verdict.states))
            #expect((with.witness == nil) == (verdict.witness == nil))
        }
        #expect(with.witness?.steps.count == without.witness?.steps.count)
        return (with.statistics.states, without.statistics.states)
    }

    /// A write-protection against a writer who stores twice.
    private static func test(_ code: [String], writer: [String] = ["movl $1,(x)", "movl $2,(x)"], _ condition: String)
        -> String
    {
        let rows = max(code.count, writer.count)
        let table = (0..<rows).map { row in
            " \(row < code.count ? code[row] : "") | \(row < writer.count ? writer[row] : "") ;"
        }
        return """
            X86_64 unseen
            { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); }
             P0 | P1 ;
            \(table.joined(separator: "\n"))
            exists (\(condition))
            """
    }

    @Test(arguments: ["cet", "late", "knl", "book"])
    func whoWritesAPageThatNobodyReadsNeedsNoStoreBuffer(_ profile: String) throws {
        let text = Self.test(["lock andb $-3,(%rdi)", "call flush_tlb_page(x)"], "lost_dirty(x)")
        let found = try states(text, on: profile)
        #expect(found.with < found.without)
    }

    @Test(
        arguments: [
            (["lock andb $-3,(%rdi)", "call flush_tlb_page(x)"], "stale_write(x)"),
            (["call writeback(x)"], "lost_dirty(x)"), (["call writeback(x)"], "written(x)"),
            (["call reclaim(x)"], "lost_dirty(x)"), (["call free_frame(x)"], "stale_frame(x)"),
            (["movl (x),%eax"], "lost_dirty(x)"), (["lock addl $1,(x)"], "lost_dirty(x)"),
            (["lock andb $-3,(%rdi)"], "x=2"),
        ] as [([String], String)])
    func whereSomebodyCanTellWhenAStoreArrivesItWaits(_ code: [String], _ condition: String) throws {
        let found = try states(Self.test(code, condition), on: "late")
        #expect(found.with == found.without)
    }

    @Test func whatDoesNotAskAboutThePageIsNoHindrance() throws {
        // `free_frame` alone, `writeback` alone: nobody looks.
        for code in [["call free_frame(x)"], ["call writeback(x)"]] {
            let found = try states(Self.test(code, "fault(P1,x)"), on: "cet")
            #expect(found.with < found.without)
        }
    }

    @Test(arguments: ["cet", "late", "knl"])
    func storesToEntriesWaitWhateverStoresToDataDo(_ profile: String) throws {
        // P1's store to its own entry hides memory's from its walker for as long as it is buffered.
        let text = """
            X86_64 entries
            { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); 1:rdi = PTE(x); 1:r8 = (oa:PA(x), rw:0, d:0); }
             P0                   | P1              ;
             lock andb $-3,(%rdi) | movl $1,(x)     ;
                                  | movq %r8,(%rdi) ;
                                  | movl $2,(x)     ;
            exists (lost_dirty(x) /\\ [PTE(x)]=(rw:0, d:0))
            """
        _ = try states(text, on: profile)
    }

    @Test func aWitnessTellsTheDrainsThatWereLeftOut() throws {
        // P1's mfence waits for the buffer; the run ends when the last store has arrived.
        let text = Self.test(
            ["movq (%rdi),%rax"], writer: ["movl $1,(x)", "mfence", "movl $2,(x)"], "written(x) /\\ ~fault(P1,x)")
        let prepared = try Prepared(text: text, on: "cet")
        let verdict = try #require(try prepared.verdicts().first)
        let witness = try #require(verdict.witness)
        let drains = witness.steps.indices.filter { witness.steps[$0].report.kind == .drain }
        let fence = try #require(witness.sentences.steps.firstIndex { $0 == "mfence" })
        #expect(drains.count == 2)
        #expect(drains[0] < fence && fence < drains[1])
        #expect(witness.isComplete)
        let plain = try #require(try prepared.verdicts { $0.reductions = [] }.first)
        #expect(plain.witness?.steps.count == witness.steps.count)
        let again = try prepared.checker.replay(witness.replay, profiles: prepared.assignments[0].profiles)
        #expect(again.steps == witness.steps)
    }

    @Test func whereFewerStoresMakeAShorterRunTheShortestIsFoundAllTheSame() throws {
        // Faulting at once, P1 stores nothing; the reduced machine counts no drains and could prefer any of its runs.
        let text = """
            X86_64 shortest
            { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); }
             P0                   | P1          | P2          ;
             lock andb $-3,(%rdi) | movl $1,(x) | movl $1,(x) ;
                                  | movl $1,(x) | movl $1,(x) ;
                                  | movl $1,(x) | movl $1,(x) ;
            exists ([PTE(x)]=(rw:0))
            """
        let prepared = try Prepared(text: text)
        let reduced = try prepared.verdicts()
        let plain = try prepared.verdicts { $0.reductions = [] }
        #expect(reduced.count == 6)
        for (reduced, plain) in zip(reduced, plain) {
            #expect(reduced.witness?.steps.count == plain.witness?.steps.count, "\(reduced.profile)")
        }
    }
}
