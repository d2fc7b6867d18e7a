import Diagnostics
import Litmus
import Machine
import TestSupport
import Testing

@testable import Checker

@Suite struct WitnessTests {
    @Test(arguments: [[], [0], [35], [36], [1, 2, 3], [100, 0, 36, 35]])
    func replayStringsAreReadBack(_ steps: [Int]) {
        #expect(Run.steps(of: Run.text(of: steps)) == steps)
    }

    @Test(arguments: ["-", "1 2", "(", "(1", "(x)", "(-1)", "1)", "é", "(99999999999999999999)"])
    func whatIsNoReplayStringIsRefused(_ text: String) throws {
        #expect(Run.steps(of: text) == nil)
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
