import Checker
import Machine
import Testing

/// TLB entries that no access can use: they are left out, and only they.
@Suite struct UnusedTranslationTests {
    private func states(_ text: String, on profile: String) throws -> (with: Int, without: Int) {
        let prepared = try Prepared(text: text, on: profile)
        let with = try #require(try prepared.verdicts().first)
        let without = try #require(try prepared.verdicts { $0.reductions.remove(.unusedTranslations) }.first)
        let reference = try #require(try prepared.verdicts { $0.usesReference = true }.first)
        for verdict in [without, reference] {
            #expect(with.observation == verdict.observation)
            #expect(Set(with.states) == Set(verdict.states))
            #expect(with.witness?.steps.count == without.witness?.steps.count)
        }
        return (with.statistics.states, without.statistics.states)
    }

    @Test func aCPUThatChangesEntriesAndAccessesNoPageNeedsNoTLB() throws {
        let text = """
            X86_64 writer
            { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); }
             P0                   | P1          ;
             lock andb $-3,(%rdi)   | movl $1,(x) ;
             call flush_tlb_page(x) | movl $1,(x) ;
             movq (%rdi),%rax       | movl $1,(x) ;
            exists (lost_dirty(x))
            """
        let found = try states(text, on: "late")
        #expect(found.with < found.without)
    }

    @Test(arguments: ["late", "knl", "cet"])
    func anAddressThatOnlyRegistersKnowIsFoundOut(_ profile: String) throws {
        // P1's first access is to a page that its code does not show.
        let text = """
            X86_64 hidden
            { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); 1:rdi = x; }
             P0                     | P1               ;
             lock andb $-3,(%rdi)   | movq %rdi,%rax   ;
             call flush_tlb_page(x) | movl $1,(%rax)   ;
                                    | movl $1,(%rax)   ;
            exists (stale_write(x) \\/ lost_dirty(x))
            """
        let found = try states(text, on: profile)
        #expect(found.with <= found.without)
    }

    @Test func aPageThatOnlyTheFaultHandlerAccessesIsAccessed() throws {
        let text = """
            X86_64 handler
            { [PTE(x)] = (p:0); [PTE(y)] = (oa:PA(y), d:0); 0:rdi = PTE(y); }
             P0                   | P1          | P1.F        ;
             lock andb $-3,(%rdi) | movl $1,(x) | movl $1,(y) ;
                                  |             | hlt         ;
            exists (written(y) \\/ lost_dirty(y))
            """
        let found = try states(text, on: "late")
        #expect(found.with <= found.without)
    }
}
