import Checker
import Foundation
import Litmus
import Machine
import TestSupport
import Testing

/// Witnesses as the literal machine takes them.
@Suite struct LiteralRunTests {
    /// A test of the corpus with its verdict on a profile, told both ways.
    private func verdict(_ path: String, _ name: String) throws -> Verdict {
        let test = try LitmusParser.parse(Checkout.text("Corpus/\(path)"))
        let checker = try TestChecker(test)
        let profile = try #require(CPUProfile.shipped.first { $0.name == name })
        var options = CheckOptions()
        options.tellsLiteralRuns = true
        return try checker.check(
            label: name, profiles: [CPUProfile](repeating: profile, count: test.threads.count), options: options)
    }

    /// A walker that goes on into a freed table had cached the way there: that step matters, too.
    @Test func aPartialWalkIntoAFreedTableRestsOnTheStepThatCachedIt() throws {
        let run = try #require(try verdict("levels/case-41-invlpgb+no-sync.litmus", "amd-broadcast").literalWitness)
        let last = try #require(run.steps.last)
        #expect(last.report.kind == .readTable)
        #expect(last.because.map { run.steps[$0].report.kind } == [.walk, .instruction])
        #expect(last.because.allSatisfy(run.stepsThatMatter.contains))
    }

    /// The nine steps of `pictures.md`: the walk that caches the clean translation, and the decision to set D, are among them.
    @Test func theStepsThatExplainAreThere() throws {
        let run = try #require(try verdict("wrprotect/two-step+write+lost-dirty.litmus", "late").literalWitness)
        #expect(run.isLiteral)
        let kinds = run.steps.map(\.report.kind)
        #expect(
            kinds == [
                .walk, .instruction, .instruction, .instruction, .beginDirty, .setDirty, .drain, .flush, .acknowledge,
            ])
        #expect(run.stepsThatMatter == Array(0..<9))
        #expect(run.steps[4].because == [0])
        #expect(run.steps[5].because == [1, 4])
    }

    /// Software's steps and the updates of memory are the witness's, in its order; only fills, decisions and evictions are added.
    @Test(arguments: Volume.sample(Checkout.corpus, every: 6)) func nothingButHardwareIsAdded(_ path: String) throws {
        let free: Set<StepKind> = [
            .walk, .beginAccessed, .beginDirty, .walkAgain, .speculate, .evict, .abandonWalk, .readTable,
        ]
        let test = try LitmusParser.parse(Checkout.text("Corpus/\(path)"))
        for question in test.questions {
            let checker = try TestChecker(question)
            for (label, profiles) in try checker.assignments(among: CPUProfile.builtIn, known: CPUProfile.shipped) {
                var options = CheckOptions()
                options.tellsLiteralRuns = true
                let verdict = try checker.check(label: label, profiles: profiles, options: options)
                guard let witness = verdict.witness else { continue }
                let literal = try #require(verdict.literalWitness, "\(path) on \(label)")
                func told(_ run: Run) -> [String] {
                    run.steps.map(\.report).filter { !free.contains($0.kind) }.map {
                        "\($0.cpu) \($0.kind) \($0.index ?? -1)"
                    }
                }
                #expect(told(literal) == told(witness), "\(path) on \(label)")
                #expect(literal.ending.harms == witness.ending.harms && literal.ending.values == witness.ending.values)
                // It can be replayed by its own string.
                #expect(try checker.replay(literal.replay, profiles: profiles, isEager: true).replay == literal.replay)
            }
        }
    }

    @Test func aRunOfTheLiteralMachineIsItsOwn() throws {
        let test = try LitmusParser.parse(Checkout.text("Corpus/wrprotect/two-step+write+lost-dirty.litmus"))
        let checker = try TestChecker(test)
        let profiles = [CPUProfile](repeating: CPUProfile.builtIn[2], count: 2)
        var options = CheckOptions()
        options.usesReference = true
        let witness = try #require(
            try checker.check(label: profiles[0].name, profiles: profiles, options: options).witness)
        #expect(checker.literalRun(of: witness, on: profiles)?.replay == witness.replay)
    }
}
