import Explorer
import Machine
import TestSupport
import Testing

@testable import Checker

/// Several threads on one test must find what one finds, in the same order, whatever the number.
@Suite struct ThreadTests {
    /// Everything of an exploration that anybody sees.
    private struct Seen: Equatable {
        var states: Int
        var transitions: Int
        var depth: Int
        var finals: [[UInt64]]
        var goalRun: [Int]?
        var runs: [[Int]]

        init(_ exploration: Exploration) {
            states = exploration.statistics.states
            transitions = exploration.statistics.transitions
            depth = exploration.statistics.depth
            var finals: [[UInt64]] = []
            exploration.finals.forEach { _, state in
                finals.append(Array(UnsafeBufferPointer(start: state, count: exploration.finals.stateWords)))
            }
            self.finals = finals
            goalRun = exploration.goalRun
            runs = (0..<min(3, finals.count)).map { exploration.run(toFinal: $0) }
        }
    }

    private static let files = Checkout.corpus.enumerated().filter { $0.offset % 8 == 0 }.map(\.element)

    @Test(arguments: files) func threadsChangeNothing(file: String) throws {
        for prepared in try Prepared.questions(path: "Corpus/" + file) { try compare(prepared, file) }
    }

    private func compare(_ prepared: Prepared, _ file: String) throws {
        let lowered = prepared.checker.lowered
        for (_, profiles) in prepared.assignments {
            func explore(threads: Int, _ widths: FieldWidths) throws -> (Exploration, Machine) {
                let scenario = lowered.scenario(on: profiles, isEager: false, reductions: Set(Reduction.allCases))
                let machine = try Machine(scenario, widths: widths)
                // Short enough that nearly every level is shared out, so that followers are at a loss all the time.
                let search = FastSearch(threads: threads, sharedLevelLength: 2)
                let system = MachineSystem(machine, lowered.question)
                return (search.explore(system, limits: SearchLimits(), findLivelocks: true), machine)
            }
            var widths = FieldWidths()
            var (alone, machine) = try explore(threads: 1, widths)
            while !machine.outgrown.isEmpty {
                let grew = widths.grow(machine.outgrown)
                try #require(grew)
                (alone, machine) = try explore(threads: 1, widths)
            }
            for threads in [2, 3] {
                let (together, _) = try explore(threads: threads, widths)
                #expect(Seen(together) == Seen(alone), "\(file) with \(threads) threads")
            }
        }
    }
}
