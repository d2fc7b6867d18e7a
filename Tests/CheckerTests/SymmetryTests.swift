import Checker
import Diagnostics
import Generator
import Litmus
import Machine
import Report
import Testing

/// CPUs that do the same: which are taken for interchangeable, and that nothing is lost.
@Suite struct SymmetryTests {
    /// A lock-and write-protection against `columns`, with a flush.
    private static func test(_ columns: [String], assignments: String = "", condition: String) -> String {
        let heads = (["P0"] + columns.indices.map { "P\($0 + 1)" }).joined(separator: " | ")
        let first = "lock andb $-3,(%rdi) | " + columns.joined(separator: " | ")
        let second = "call flush_tlb_page(x) | " + columns.map { _ in "movl $1,(x)" }.joined(separator: " | ")
        return """
            X86_64 twins
            { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); \(assignments) }
             \(heads) ;
             \(first) ;
             \(second) ;
            exists (\(condition))
            """
    }

    /// States on `late` with and without the reduction, after seeing that all answers are the same.
    private func states(_ text: String, on profile: String = "late") throws -> (with: Int, without: Int) {
        let prepared = try Prepared(text: text, on: profile)
        let with = try #require(try prepared.verdicts().first)
        let without = try #require(try prepared.verdicts { $0.reductions.remove(.symmetry) }.first)
        // The reference takes long for three CPUs; what it cannot finish the random tests make up for.
        let reference = try #require(
            try prepared.verdicts {
                $0.usesReference = true
                $0.limits.maxStates = 10_000
            }.first)
        for verdict in [without, reference] where verdict.end == .complete {
            #expect(with.observation == verdict.observation)
            #expect(Set(with.states) == Set(verdict.states))
            #expect((with.witness == nil) == (verdict.witness == nil))
        }
        #expect(with.witness?.steps.count == without.witness?.steps.count)
        return (with.statistics.states, without.statistics.states)
    }

    @Test(arguments: [(2, 69, 117), (3, 178, 675)])
    func writersThatDoTheSameAreInterchangeable(_ count: Int, _ with: Int, _ without: Int) throws {
        let columns = [String](repeating: "movl $1,(x)", count: count)
        let found = try states(Self.test(columns, condition: "lost_dirty(x) \\/ kernel_shadow_stack(x)"))
        #expect(found.with < found.without)
        #expect(found == (with, without))
    }

    @Test(arguments: ["stuck(P1)", "fault(P2,x)", "fault(P1:L0,x)", "1:eax=0", "2:rbx=1"])
    func aCPUThatTheConditionNamesIsItself(_ atom: String) throws {
        // The label is on both, so that the code does not tell them apart.
        let columns = ["L0: movl $1,(x)", "L0: movl $1,(x)"]
        let found = try states(Self.test(columns, condition: "lost_dirty(x) /\\ \(atom)"))
        #expect(found.with == found.without)
        let unnamed = try states(Self.test(columns, condition: "lost_dirty(x)"))
        #expect(unnamed.with < unnamed.without)
    }

    @Test func ofThreeCPUsOfWhichOneIsNamedTheOtherTwoAreInterchangeable() throws {
        let columns = [String](repeating: "movl $1,(x)", count: 3)
        let some = try states(Self.test(columns, condition: "lost_dirty(x) /\\ ~fault(P2,x)"))
        let all = try states(Self.test(columns, condition: "lost_dirty(x)"))
        #expect(some.with < some.without)
        #expect(all.with < some.with)
    }

    @Test func onlyConstantsThatAreReadMakeADifference() throws {
        let columns = ["movl $1,(x)", "movl $2,(x)"]
        let unread = try states(Self.test(columns, condition: "lost_dirty(x)"))
        #expect(unread.with < unread.without)
        let shown = try states(Self.test(columns, condition: "lost_dirty(x) /\\ x=1"))
        #expect(shown.with == shown.without)
        let read = try states(Self.test(["movl $1,(x)", "movl $2,(x)", "movl (x),%eax"], condition: "lost_dirty(x)"))
        #expect(read.with == read.without)
        // A constant in a register may become anything.
        let kept = try states(Self.test(["movl $1,%eax", "movl $2,%eax"], condition: "lost_dirty(x)"))
        #expect(kept.with == kept.without)
    }

    @Test(arguments: [
        "1:rax = 1", "1:cpl = 3", "1:if = 0", "1:cr0.wp = 0", "[PTE(child:x)] = (oa:PA(x)); 1:mm = child",
    ])
    func whatDiffersKeepsCPUsApart(_ assignment: String) throws {
        let columns = ["movl $1,(x)", "movl $1,(x)"]
        let found = try states(Self.test(columns, assignments: assignment + ";", condition: "lost_dirty(x)"))
        #expect(found.with == found.without)
    }

    @Test func differentClassesOfCPUsAreDifferentCPUs() throws {
        let mixed = Self.test(["movl $1,(x)", "movl $1,(x)"], condition: "lost_dirty(x)")
            .split(separator: "\n", maxSplits: 1).joined(separator: "\nCPU=P0:cet P1:late P2:cet\n")
        let found = try states(mixed)
        #expect(found.with == found.without)
    }

    @Test(arguments: ["cet", "late", "knl"])
    func twinsThatFlushEachOther(_ profile: String) throws {
        let text = """
            X86_64 each-other
            { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); 1:rdi = PTE(x); 2:rdi = PTE(x); }
             P0                     | P1                     | P2                     ;
             lock andb $-3,(%rdi)   | lock andb $-3,(%rdi)   | lock andb $-3,(%rdi)   ;
             call flush_tlb_page(x) | call flush_tlb_page(x) | call flush_tlb_page(x) ;
             movl $1,(x)            | movl $1,(x)            | movl $1,(x)            ;
            exists (lost_dirty(x) \\/ stale_write(x))
            """
        let found = try states(text, on: profile)
        #expect(found.with < found.without)
    }

    @Test func broadcastInvalidationsTakenByTwins() throws {
        let text = """
            X86_64 broadcast
            { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); uint64_t 0:rax = x; }
             P0                     | P1          | P2          ;
             lock andb $-3,(%rdi)   | movl $1,(x) | movl $1,(x) ;
             invlpgb                | movl $1,(x) | movl $1,(x) ;
             tlbsync                |             |             ;
            exists (stale_write(x))
            """
        var profile = try #require(CPUProfile.builtIn.first { $0.name == "cet" })
        profile.broadcastInvalidate = true
        let checker = try TestChecker(LitmusParser.parse(text, file: nil))
        func verdict(_ change: (inout CheckOptions) -> Void) throws -> Verdict {
            var options = CheckOptions()
            change(&options)
            return try checker.check(label: "own", profiles: [profile, profile, profile], options: options)
        }
        let with = try verdict { _ in }
        let without = try verdict { $0.reductions.remove(.symmetry) }
        #expect(with.observation == without.observation)
        #expect(Set(with.states) == Set(without.states))
        #expect(with.statistics.states < without.statistics.states)
    }

    @Test func aWitnessSaysWhatTheCPUsThemselvesDoAndCanBeReplayed() throws {
        let columns = [String](repeating: "movl $1,(x)", count: 3)
        let prepared = try Prepared(
            text: Self.test(columns, condition: "written(x) /\\ kernel_shadow_stack(x)"), on: "cet")
        let verdict = try #require(try prepared.verdicts().first)
        let witness = try #require(verdict.witness)
        let again = try prepared.checker.replay(witness.replay, profiles: prepared.assignments[0].profiles)
        #expect(again.replay == witness.replay)
        #expect(again.ending == witness.ending)
        #expect(again.steps == witness.steps)
        // Of writers that are alike the first is the one that is shown.
        #expect(witness.steps.map(\.cpu).first { $0 != 0 } == 1)
        #expect(witness.steps.contains { $0.violations == ["kernel_shadow_stack(x)"] })
    }

    @Test(arguments: ["cet", "late"])
    func aWitnessIsToldWhereWhatKeepsCPUsApartHappensElsewhere(_ profile: String) throws {
        // P3 reads what P1 and P2 store, so that their constants count; in the witness it faults before.
        let text = """
            X86_64 witness-branch
            { [PTE(x)] = (oa:PA(x), d:0); [PTE(y)] = (oa:PA(y), p:0); 0:rdi = PTE(y); }
             P0                 | P1          | P2          | P3            | P4     | P5     ;
             lock orb $1,(%rdi) | movl $1,(x) | movl $2,(x) | movl (y),%eax | mfence | mfence ;
                                |             |             | movl (x),%ebx |        |        ;
            exists (fault(P3,y) /\\ written(x))
            """
        let prepared = try Prepared(text: text, on: profile)
        let with = try #require(try prepared.verdicts().first)
        let without = try #require(try prepared.verdicts { $0.reductions.remove(.symmetry) }.first)
        #expect(with.observation == .sometimes)
        #expect(with.witness?.steps.count == without.witness?.steps.count)
        #expect(with.witness?.steps.count == 8)
        #expect(with.witness?.sentences.conclusion == "There was a fault: fault(P3,y). x was written.")
    }

    @Test func aRunThatStopsEarlyIsNotSaidToDecideAnything() throws {
        let prepared = try Prepared(text: Self.test(["movl $1,(x)"], condition: "written(x)"), on: "cet")
        let witness = try prepared.checker.replay("", profiles: prepared.assignments[0].profiles)
        #expect(!witness.isComplete && !witness.isDecided)
        #expect(witness.sentences.conclusion == "The run is shown up to here, with written(x)=false; it goes on.")
    }

    @Test(arguments: 0..<60)
    func randomTestsWithTwinsAgreeWithTheReference(_ number: Int) throws {
        let size = TestGenerator.Size(cpus: 2, fragments: 4, twins: 100)
        let random = TestGenerator.test(seed: 404, index: number, size: size)
        let prepared = try Prepared(text: random.text, on: CPUProfile.builtIn[number % 6].name)
        for (label, profiles) in prepared.assignments {
            func check(_ change: (inout CheckOptions) -> Void) throws -> Verdict? {
                var options = CheckOptions()
                options.limits.maxStates = 4_000
                change(&options)
                do throws(Diagnostic) {
                    return try prepared.checker.check(label: label, profiles: profiles, options: options)
                } catch { return nil }
            }
            guard let reference = try check({ $0.usesReference = true }), reference.end == .complete,
                let with = try check({ _ in })
            else { continue }
            #expect(with.observation == reference.observation, "\(random.text)")
            #expect(Set(with.states) == Set(reference.states), "\(random.text)")
        }
    }
}
