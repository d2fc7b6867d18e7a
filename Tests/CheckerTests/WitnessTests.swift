import Diagnostics
import Litmus
import Machine
import TestSupport
import Testing

@testable import Checker

@Suite struct WitnessTests {
    /// Takes a run of the plain machine step by step; whether its last state answers the condition.
    ///
    /// Independent of the narrator: the steps are counted anew, and the question is asked of the state itself.
    private func answers(_ checker: TestChecker, _ replay: String, _ profiles: [CPUProfile]) throws -> Bool {
        let steps = try #require(Witness.steps(of: replay))
        var widths = FieldWidths()
        while true {
            let machine = try Machine(checker.lowered.scenario(on: profiles, isEager: false), widths: widths)
            var state = [UInt64](repeating: 0, count: machine.stateWords)
            state.withUnsafeMutableBufferPointer { $0.baseAddress.map(machine.writeInitialState) }
            for step in steps {
                state.withUnsafeBufferPointer { $0.baseAddress.map { _ = machine.computeSteps(of: $0) } }
                guard machine.outgrown.isEmpty else { break }
                try #require(step < machine.successorCount)
                let next = machine.successorStates + step * machine.stateWords
                state = Array(UnsafeBufferPointer(start: next, count: machine.stateWords))
            }
            if machine.outgrown.isEmpty {
                let question = checker.lowered.question
                return state.withUnsafeBufferPointer { buffer in
                    guard let base = buffer.baseAddress else { return false }
                    return question.isDecided(base, of: machine)
                        || question.isAnswered(by: question.read(base, of: machine))
                }
            }
            let canGrow = widths.grow(machine.outgrown)
            try #require(canGrow)
        }
    }

    @Test(arguments: Checkout.corpus)
    func theRunThatAWitnessDescribesShowsWhatTheConditionAsksAbout(_ path: String) throws {
        let prepared = try Prepared(path: "Corpus/" + path)
        for (label, profiles) in prepared.assignments {
            let verdict = try prepared.checker.check(label: label, profiles: profiles)
            guard let witness = verdict.witness else { continue }
            #expect(try answers(prepared.checker, witness.replay, profiles), "\(label): \(witness.replay)")
        }
    }

    @Test(arguments: [[], [0], [35], [36], [1, 2, 3], [100, 0, 36, 35]])
    func replayStringsAreReadBack(_ steps: [Int]) {
        #expect(Witness.steps(of: Witness.text(of: steps)) == steps)
    }

    @Test(arguments: ["-", "1 2", "(", "(1", "(x)", "(-1)", "1)", "é", "(99999999999999999999)"])
    func whatIsNoReplayStringIsRefused(_ text: String) throws {
        #expect(Witness.steps(of: text) == nil)
        let prepared = try Prepared(path: "Corpus/" + #require(Checkout.corpus.first))
        let profiles = try #require(prepared.assignments.first?.profiles)
        #expect(throws: Diagnostic.self) { try prepared.checker.replay(text, profiles: profiles) }
        #expect(throws: Diagnostic.self) { try prepared.checker.replay("zzzz(1000)", profiles: profiles) }
    }

    @Test func theSameQuestionHasTheSameWitnessAtAnyNumberOfThreads() throws {
        for path in Checkout.corpus.filter({ $0.hasPrefix("wrprotect/") }).prefix(12) {
            let prepared = try Prepared(path: "Corpus/" + path)
            let first = try prepared.verdicts().map { $0.witness?.replay }
            #expect(try prepared.verdicts().map { $0.witness?.replay } == first, "\(path)")
            #expect(try prepared.verdicts { $0.threads = 2 }.map { $0.witness?.replay } == first, "\(path)")
        }
    }

    @Test(arguments: Checkout.corpus.filter { $0.hasPrefix("tso/") })
    func reductionsChangeNeitherStatesNorTheLengthOfAWitness(_ path: String) throws {
        let prepared = try Prepared(path: "Corpus/" + path)
        let reduced = try prepared.verdicts()
        let plain = try prepared.verdicts { $0.reductions = [] }
        for (reduced, plain) in zip(reduced, plain) {
            #expect(reduced.states.map(\.text) == plain.states.map(\.text))
            #expect(reduced.witness?.steps.count == plain.witness?.steps.count)
            #expect(reduced.statistics.states <= plain.statistics.states)
        }
    }
}
