import Foundation
import Litmus
import Machine
import Report
import TestSupport
import Testing

@testable import Checker

@Suite struct CorpusTests {
    @Test func thereIsACorpus() {
        #expect(Checkout.corpus.count >= 300)
        #expect(Checkout.herd.count == 471)
    }

    /// One walk over the corpus for all that is to hold of every test, because a search in a debug build takes its time.
    @Test(arguments: Checkout.corpus.indices)
    func everyTestHasItsVerdictAndAWitnessThatShowsIt(_ number: Int) throws {
        for prepared in try Prepared.questions(path: "Corpus/" + Checkout.corpus[number]) {
            #expect(!prepared.assignments.isEmpty)
            try check(prepared, number)
        }
    }

    private func check(_ prepared: Prepared, _ number: Int) throws {
        let (checker, assignments) = (prepared.checker, prepared.assignments)
        // Profiles that cannot differ share a search, unless everything is asked for.
        for group in Volume.isFull ? assignments.indices.map({ [$0] }) : checker.sharedSearches(assignments) {
            let (label, profiles) = assignments[group[0]]
            let first = try checker.check(label: label, profiles: profiles)
            if let witness = first.witness { try check(witness, checker, label, profiles) }
            for (position, verdict) in checker.verdicts(of: group, among: assignments, first) {
                try check(
                    verdict, checker, assignments[position].profiles,
                    withReference: position == number % assignments.count)
            }
        }
    }

    private func check(
        _ verdict: Verdict, _ checker: TestChecker, _ profiles: [CPUProfile], withReference: Bool
    ) throws {
        let label = verdict.profile
        #expect(verdict.expected != nil, "\(label): the test expects nothing")
        #expect(verdict.isAsExpected, "\(label): \(verdict.observation)")
        let hasAnswer = verdict.quantifier == .forall ? verdict.negative > 0 : verdict.positive > 0
        #expect((verdict.witness != nil) == hasAnswer, "\(label)")
        // The reference takes long in a debug build: one profile, another for each test, unless all is asked for. All
        // profiles are compared by `differential --oracle Corpus`, too.
        guard Volume.isFull || withReference else { return }
        try compareWithReference(verdict, checker, profiles)
        if verdict.quantifier != .forall {
            #expect(try checker.canBeMet(on: profiles) == (verdict.positive > 0), "\(label)")
        }
    }

    private func check(_ witness: Run, _ checker: TestChecker, _ label: String, _ profiles: [CPUProfile]) throws {
        let replayed = try checker.replay(witness.replay, profiles: profiles)
        #expect(replayed.steps == witness.steps, "\(label)")
        #expect(replayed.replay == witness.replay, "\(label)")
        #expect(replayed.ending == witness.ending, "\(label)")
        #expect(!witness.sentences.conclusion.isEmpty, "\(label)")
        #expect(witness.sentences.steps.allSatisfy { !$0.isEmpty }, "\(label)")
        RunStructureTests.expectOrder(of: witness, on: profiles)
        // The run shows what the condition asks about.
        #expect(try answers(checker, witness.replay, profiles), "\(label): \(witness.replay)")
        // What ran together with a step is found again for every step.
        let steps = try #require(Run.steps(of: witness.replay))
        _ = try checker.run(on: profiles, following: steps) { machine, step, state, next in
            guard machine.outgrown.isEmpty else { return }
            #expect(machine.localRun(label: step, from: state, to: next) != nil, "\(label): \(witness.replay)")
        }
    }

    private func compareWithReference(_ fast: Verdict, _ checker: TestChecker, _ profiles: [CPUProfile]) throws {
        var options = CheckOptions()
        options.usesReference = true
        // Some tests with several levels have a million states in the literal form.
        options.limits.maxStates = Volume.isFull ? 200_000 : 20_000
        let reference = try checker.check(label: fast.profile, profiles: profiles, options: options)
        guard reference.end == .complete || checker.lowered.map.tables == nil else { return }
        #expect(fast.states.map(\.text) == reference.states.map(\.text), "\(fast.profile)")
        #expect(fast.states.map(\.isPositive) == reference.states.map(\.isPositive), "\(fast.profile)")
        #expect(fast.observation == reference.observation, "\(fast.profile)")
        #expect(reference.isAsExpected, "\(fast.profile)")
        #expect((fast.witness == nil) == (reference.witness == nil), "\(fast.profile)")
    }

    /// Takes a run of the plain machine step by step; whether its last state answers the condition.
    ///
    /// Independent of the recorder: the steps are counted anew, and the question is asked of the state itself.
    private func answers(_ checker: TestChecker, _ replay: String, _ profiles: [CPUProfile]) throws -> Bool {
        let steps = try #require(Run.steps(of: replay))
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

    @Test(arguments: 0..<4) func theX86CorpusHasHerd7sVerdictsAndNumbersOfStates(_ part: Int) throws {
        let table = try Checkout.text("Tests/Corpora/x86_64/verdicts.tsv").split(separator: "\n").dropFirst()
        #expect(table.count == Checkout.herd.count)
        for (number, row) in table.enumerated() where number % 4 == part {
            let columns = row.split(separator: "\t").map(String.init)
            try #require(columns.count >= 6)
            let prepared = try Prepared(text: Checkout.text("Tests/Corpora/x86_64/" + columns[0]), on: "strict")
            let verdict = try #require(try prepared.verdicts().first)
            #expect(verdict.observation.rawValue == columns[2], "\(columns[0])")
            #expect(verdict.states.count == Int(columns[5]), "\(columns[0])")
            #expect(verdict.isValidated == (columns[1] == "Ok"), "\(columns[0])")
        }
    }
}
