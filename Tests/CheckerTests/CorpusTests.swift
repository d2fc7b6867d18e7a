import Checker
import Foundation
import Litmus
import Machine
import TestSupport
import Testing

@Suite struct CorpusTests {
    @Test func thereIsACorpus() {
        #expect(Checkout.corpus.count >= 300)
        #expect(Checkout.herd.count == 471)
    }

    @Test(arguments: Checkout.corpus)
    func everyTestHasTheVerdictThatItExpectsWithAWitnessThatCanBeReplayed(_ path: String) throws {
        let prepared = try Prepared(path: "Corpus/" + path)
        #expect(!prepared.assignments.isEmpty)
        for (label, profiles) in prepared.assignments {
            let verdict = try prepared.checker.check(label: label, profiles: profiles)
            #expect(verdict.expected != nil, "\(label): the test expects nothing")
            #expect(verdict.isAsExpected, "\(label): \(verdict.observation)")
            let hasAnswer = verdict.quantifier == .forall ? verdict.negative > 0 : verdict.positive > 0
            #expect((verdict.witness != nil) == hasAnswer, "\(label)")
            guard let witness = verdict.witness else { continue }
            let replayed = try prepared.checker.replay(witness.replay, profiles: profiles)
            #expect(replayed.steps.map(\.text) == witness.steps.map(\.text), "\(label)")
            #expect(replayed.replay == witness.replay, "\(label)")
            #expect(replayed.conclusion == witness.conclusion, "\(label)")
            #expect(!witness.conclusion.isEmpty, "\(label)")
            #expect(witness.steps.allSatisfy { !$0.text.isEmpty }, "\(label)")
        }
    }

    /// The reference takes its time in a debug build, so each test runs on one profile, another for each test;
    /// `PTERO_ALL_PROFILES=1` runs all, as the `differential` executable does.
    @Test(arguments: Checkout.corpus.indices)
    func theReferenceSearchFindsTheSameFinalStates(_ number: Int) throws {
        let prepared = try Prepared(path: "Corpus/" + Checkout.corpus[number])
        let runsAll = ProcessInfo.processInfo.environment["PTERO_ALL_PROFILES"] != nil
        for (position, (label, profiles)) in prepared.assignments.enumerated() {
            guard runsAll || position == number % prepared.assignments.count else { continue }
            let fast = try prepared.checker.check(label: label, profiles: profiles)
            var options = CheckOptions()
            options.usesReference = true
            let reference = try prepared.checker.check(label: label, profiles: profiles, options: options)
            #expect(fast.states.map(\.text) == reference.states.map(\.text), "\(label)")
            #expect(fast.states.map(\.isPositive) == reference.states.map(\.isPositive), "\(label)")
            #expect(fast.observation == reference.observation, "\(label)")
            #expect(reference.isAsExpected, "\(label)")
            #expect((fast.witness == nil) == (reference.witness == nil), "\(label)")
        }
    }

    @Test func theX86CorpusHasHerd7sVerdictsAndNumbersOfStates() throws {
        let table = try Checkout.text("Tests/Corpora/x86_64/verdicts.tsv").split(separator: "\n").dropFirst()
        #expect(table.count == Checkout.herd.count)
        for row in table {
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
