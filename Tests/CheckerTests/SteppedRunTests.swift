import Diagnostics
import Explorer
import Litmus
import Machine
import TestSupport
import Testing

@testable import Checker

@Suite struct SteppedRunTests {
    private static let text = """
        X86_64 lock-and
        Fault=P1:retry
        {
          [PTE(x)] = (oa:PA(x), rw:1, d:0);
          0:rdi = PTE(x);
        }
         P0                     | P1          ;
         lock andb $-3,(%rdi)   | movl $1,(x) ;
         call flush_tlb_page(x) |             ;
        exists (shadow_stack_exposed(x))

        """

    private static func stepped(_ text: String = text, _ profile: String = "late") throws -> SteppedRun {
        let checker = try TestChecker(try LitmusParser.parse(text))
        let profile = try #require(CPUProfile.shipped.first { $0.name == profile })
        return try SteppedRun(checker, on: [CPUProfile](repeating: profile, count: checker.test.threads.count))
    }

    private static let limits = SearchLimits(maxStates: 200_000)

    @Test func eachChoiceIsARunThatGoesOneStepFurther() throws {
        let stepped = try Self.stepped()
        #expect(stepped.run.steps.isEmpty && stepped.run.isLiteral)
        let first = stepped.choices
        #expect(first.map { $0.number } == Array(first.indices))
        for choice in first {
            #expect(try stepped.go(to: [choice.number]) == 1)
            #expect(stepped.run.replay == choice.run.replay)
            #expect(stepped.run.steps == choice.run.steps)
        }
        // The start again, whatever was tried.
        #expect(try stepped.go(to: []) == 0)
        #expect(stepped.choices.map { $0.run.steps } == first.map { $0.run.steps })
    }

    @Test func stopsAtAStepThatIsNotPossible() throws {
        let stepped = try Self.stepped()
        #expect(try stepped.go(to: [0, 99, 0]) == 1)
        #expect(stepped.run.steps.count == 1)
        #expect(try stepped.outlook(after: [0, 99], limits: Self.limits) == nil)
    }

    /// What is said of a state follows from what is said of the states after it, all the way to the ends.
    @Test(arguments: ["cet", "late"])
    func fatesFollowFromThoseOfTheNextSteps(profile: String) throws {
        let stepped = try Self.stepped(Self.text, profile)
        var path: [Int] = []
        for turn in 0..<12 {
            _ = try stepped.go(to: path)
            if stepped.run.isComplete { break }
            let here = try #require(try stepped.outlook(after: path, limits: Self.limits))
            let next = try stepped.choices.map { choice in
                try #require(try stepped.outlook(after: path + [choice.number], limits: Self.limits))
            }
            #expect(here.end == .complete)
            #expect((here.fate == .impossible) == next.allSatisfy { $0.fate == .impossible })
            #expect((here.fate == .certain) == next.allSatisfy { $0.fate == .certain })
            #expect(Set(next.flatMap { $0.states.map(\.text) }) == Set(here.states.map(\.text)))
            if let way = here.way, !way.isEmpty {
                #expect(next.compactMap { $0.way?.count }.min() == way.count - 1)
                #expect(try stepped.shortestWay(after: path, limits: Self.limits)?.way?.count == way.count)
            }
            path.append(turn % max(1, stepped.choices.count))
        }
    }

    @Test func theShortestWayShowsTheViolation() throws {
        let stepped = try Self.stepped(Self.text, "cet")
        let found = try #require(try stepped.shortestWay(after: [], limits: Self.limits))
        let way = try #require(found.way)
        #expect(try stepped.go(to: way) == way.count)
        #expect(!stepped.run.ending.harms.isEmpty && stepped.run.isDecided)
        let outlook = try #require(try stepped.outlook(after: way, limits: Self.limits))
        #expect(outlook.fate == .certain && outlook.way == [])
        #expect(stepped.checker.asksForHarm)
        // On another class there is none.
        let strict = try Self.stepped(Self.text, "strict")
        let none = try #require(try strict.shortestWay(after: [], limits: Self.limits))
        #expect(none.way == nil && none.end == .complete)
        #expect(try strict.outlook(after: [], limits: Self.limits)?.fate == .impossible)
    }

    @Test func aLimitIsNoAnswer() throws {
        let stepped = try Self.stepped()
        let outlook = try #require(try stepped.outlook(after: [], limits: SearchLimits(maxStates: 3)))
        #expect(outlook.fate == .unknown && outlook.end == .stateLimit)
    }

    /// Evictions, and fills for a CPU that uses none of them.
    @Test func stepsThatNobodyCanTell() throws {
        let stepped = try Self.stepped()
        let idle = stepped.choices.filter(\.isIdle)
        #expect(idle.allSatisfy { $0.run.steps.last?.cpu == 0 && $0.run.steps.last?.report.kind == .speculate })
        let fill = try #require(stepped.choices.first { $0.run.steps.last?.report.kind == .walk })
        _ = try stepped.go(to: [fill.number])
        #expect(stepped.choices.contains { $0.isIdle && $0.run.steps.last?.report.kind == .evict })
    }

    @Test func aTestOfFiveLevelsNeedsSuchCPUs() throws {
        let checker = try TestChecker(
            LitmusParser.parse(Self.text.replacing("Fault=P1:retry", with: "Levels=5")))
        var profile = CPUProfile.builtIn[0]
        profile.fiveLevels = false
        let error = #expect(throws: Diagnostic.self) { try SteppedRun(checker, on: [profile, profile]) }
        #expect(error?.message == "cet has no tables of five levels")
    }

    @Test func conditionsThatAskForNoHarm() throws {
        func asks(_ condition: String) throws -> Bool {
            try TestChecker(
                LitmusParser.parse(Self.text.replacing("exists (shadow_stack_exposed(x))", with: condition))
            ).asksForHarm
        }
        #expect(try asks("exists (lost_dirty(x) \\/ [x]=7)"))
        #expect(try !asks("exists ([x]=1)"))
        #expect(try !asks("forall (lost_dirty(x))"))
        #expect(try !asks("exists (~lost_dirty(x) /\\ [x]=1)"))
    }

    /// From the start, what can come is what the verdict is made of; where the literal machine is large, as far as it is known.
    @Test(arguments: Volume.sample(Array(Checkout.corpus.enumerated()), every: 9).map { $0.offset })
    func whatCanComeFromTheStartIsTheVerdict(_ number: Int) throws {
        let path = Checkout.corpus[number]
        for question in try LitmusParser.parse(Checkout.text("Corpus/\(path)")).questions {
            let checker = try TestChecker(question)
            let assignments = try checker.assignments(
                among: CPUProfile.builtIn, known: CPUProfile.shipped, onRequest: CPUProfile.onRequest)
            let (label, profiles) = assignments[number % assignments.count]
            let verdict = try checker.check(label: label, profiles: profiles)
            let stepped = try SteppedRun(checker, on: profiles)
            let found = try #require(try stepped.outlook(after: [], limits: SearchLimits(maxStates: 3000)))
            let answering = question.condition.quantifier == .forall ? verdict.negative : verdict.positive
            if found.end == .complete {
                #expect(found.states == verdict.states, "\(path) on \(label)")
                #expect((found.fate == .impossible) == (answering == 0), "\(path) on \(label)")
            }
            #expect((found.fate == .possible || found.fate == .certain) ? answering > 0 : true, "\(path) on \(label)")
            guard let way = found.way else { continue }
            #expect(try stepped.go(to: way) == way.count)
            // There the answer is: the run is over or decided, or goes round in circles for good.
            let there = try stepped.outlook(after: way, limits: SearchLimits(maxStates: 3000))
            #expect(there?.way == [], "\(path) on \(label)")
        }
    }
}
