import Litmus
import TestSupport
import Testing

@testable import Checker
@testable import Machine

/// Steps that are looked up must be those that computing gives, one by one.
@Suite struct LocalStepTests {
    /// A step as a search sees it.
    private struct Step: Equatable {
        var label: UInt32
        var state: [UInt64]
    }

    private static func steps(of machine: Machine) -> [Step] {
        (0..<machine.successorCount).map { number in
            let start = machine.successorStates + number * machine.stateWords
            return Step(
                label: machine.successorLabels[number],
                state: Array(UnsafeBufferPointer(start: start, count: machine.stateWords)))
        }
    }

    /// Goes through the states of a test, and compares both ways in each; how many states that were, and how many situations.
    private func compare(_ scenario: Scenario) throws -> (states: Int, situations: Int) {
        var widths = FieldWidths()
        while true {
            let machine = try Machine(scenario, widths: widths)
            guard machine.localSteps.isUsed else { return (0, 0) }
            var first = [UInt64](repeating: 0, count: machine.stateWords)
            first.withUnsafeMutableBufferPointer { $0.baseAddress.map(machine.writeInitialState) }
            var known: Set<[UInt64]> = [first]
            var queue = [first]
            var next = 0
            while next < min(queue.count, 3000), machine.failure == nil {
                queue[next].withUnsafeBufferPointer { buffer in
                    guard let state = buffer.baseAddress else { return }
                    let isFinal = machine.computeSteps(of: state)
                    let lookedUp = Self.steps(of: machine)
                    machine.steps.removeAll()
                    machine.threadSteps = 0
                    for cpu in 0..<machine.cpuCount { machine.computeSteps(of: state, cpu) }
                    machine.walkAfterEnd(state)
                    // A run that has gone wild ends there, whatever its CPUs could do.
                    guard machine.failure == nil, !machine.isWild(in: state) else { return }
                    #expect(Self.steps(of: machine) == lookedUp)
                    #expect(isFinal == (machine.threadSteps == 0))
                    for step in lookedUp where known.insert(step.state).inserted { queue.append(step.state) }
                }
                next += 1
            }
            if machine.outgrown.isEmpty {
                return (next, (0..<machine.cpuCount).map { machine.localSteps.tables[$0].count }.reduce(0, +))
            }
            let canGrow = widths.grow(machine.outgrown)
            try #require(canGrow)
        }
    }

    private static let files = Checkout.corpus.enumerated().filter { $0.offset % 6 == 0 }.map(\.element)

    @Test(arguments: files)
    func everyReachedStateOfTheCorpusHasTheSameStepsEitherWay(_ file: String) throws {
        for prepared in try Prepared.questions(path: "Corpus/" + file) {
            for (_, profiles) in prepared.assignments {
                // Sorting interchangeable CPUs comes after both and would only hide a difference.
                let scenario = prepared.checker.lowered.scenario(
                    on: profiles, isEager: false, reductions: Set(Reduction.allCases).subtracting([.symmetry]))
                _ = try compare(scenario)
            }
        }
    }

    @Test func aSituationIsMetAgainAndAgain() throws {
        let prepared = try Prepared(path: "Benchmarks/questions/fork-lock-and-4.litmus")
        for (_, profiles) in prepared.assignments {
            let reductions = Set(Reduction.allCases).subtracting([.symmetry])
            let found = try compare(
                prepared.checker.lowered.scenario(on: profiles, isEager: false, reductions: reductions))
            #expect(found.states > 1500)
            #expect(found.situations < 1000)
        }
    }

    @Test func whatAFlushAsksOfAChangingAddressSpaceIsNotLookedUp() throws {
        let text = """
            X86_64 spaces
            { [PTE(x)] = (oa:PA(x)); [PTE(child:x)] = (oa:PA(x)); 0:rdi = PTE(x); 1:rax = child; }
             P0                     | P1              ;
             lock andb $-3,(%rdi)   | movq %rax,%cr3  ;
             call flush_tlb_page(x) | movl $1,(x)     ;
            exists (lost_dirty(x))
            """
        let prepared = try Prepared(text: text, on: "cet")
        let scenario = prepared.checker.lowered.scenario(
            on: prepared.assignments[0].profiles, isEager: false, reductions: Set(Reduction.allCases))
        #expect(try !Machine(scenario).localSteps.isUsed)
    }
}
