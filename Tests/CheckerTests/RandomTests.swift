import Checker
import Foundation
import Generator
import Litmus
import Machine
import Oracle
import TestSupport
import Testing

/// A small sample of what the `differential` executable runs by the thousand; `PTERO_RANDOM_TESTS` turns it up.
@Suite struct RandomTests {
    static let count = Volume.rounds("PTERO_RANDOM_TESTS", full: 200, sample: 100)
    static let maxStates = 8_000

    /// The profiles that tests run on and may name: those that ship, and one with `invlpgb`.
    static let profiles: [CPUProfile] = {
        var broadcast = CPUProfile.builtIn[0]
        broadcast.name = TestGenerator.broadcastProfile
        broadcast.broadcastInvalidate = true
        return CPUProfile.shipped + [broadcast]
    }()

    /// The same profiles, as the oracle has them.
    private static let oracleProfiles: [OracleProfile] = {
        var broadcast = OracleProfile.builtIn[0]
        broadcast.name = TestGenerator.broadcastProfile
        broadcast.broadcastInvalidate = true
        return OracleProfile.builtIn + OracleProfile.onRequest + [broadcast]
    }()

    private func compare(_ random: RandomTest, on profile: CPUProfile, asksOracle: Bool) throws {
        let checker = try TestChecker(LitmusParser.parse(random.text))
        for (label, profiles) in try checker.assignments(among: [profile], known: Self.profiles) {
            var options = CheckOptions()
            options.limits.maxStates = Self.maxStates
            let fast = Result { try checker.check(label: label, profiles: profiles, options: options) }
            options.usesReference = true
            let slow = Result { try checker.check(label: label, profiles: profiles, options: options) }
            switch (fast, slow) {
            case (.success(let fast), .success(let slow)):
                guard slow.end == .complete else { continue }
                #expect(Set(fast.states) == Set(slow.states), "\(label)\n\(random.text)")
                #expect(fast.observation == slow.observation, "\(label)\n\(random.text)")
                #expect((fast.witness == nil) == (slow.witness == nil), "\(label)\n\(random.text)")
                if asksOracle { try compareWithOracle(slow, checker.test, profiles, random) }
            case (.failure, .failure): break
            case (.failure(let error), .success(let verdict)), (.success(let verdict), .failure(let error)):
                // The side that gave a verdict must have stopped before it came to what the other refuses.
                #expect(verdict.end != .complete, "\(label): \(error)\n\(random.text)")
            }
        }
    }

    private func compareWithOracle(
        _ verdict: Verdict, _ test: LitmusTest, _ profiles: [CPUProfile], _ random: RandomTest
    ) throws {
        let own = try profiles.map { profile in
            try #require(Self.oracleProfiles.first { $0.name == profile.name })
        }
        let result: OracleResult
        do {
            result = try Oracle.explore(test, profiles: own, maxStates: Self.maxStates)
        } catch OracleError.unsupported { return }
        guard result.isComplete else { return }
        #expect(result.observation == verdict.observation, "\(random.text)")
        #expect(result.positive == verdict.positive, "\(random.text)")
        #expect(result.negative == verdict.negative, "\(random.text)")
    }

    @Test(arguments: 0..<count)
    func randomPageTableTests(_ number: Int) throws {
        let random = TestGenerator.test(seed: 2026, index: number, size: TestGenerator.Size(cpus: 2, fragments: 4))
        // Where there is no `invlpgb`, it ends the thread.
        let usesBroadcasts = random.text.contains("invlpgb")
        let profile = usesBroadcasts ? Self.profiles.count - 1 : number % Self.profiles.count
        try compare(random, on: Self.profiles[profile], asksOracle: number % 4 == 0)
    }

    @Test(arguments: 0..<(count + 3) / 4)
    func randomTestsWithUpperLevels(_ number: Int) throws {
        let random = TableTestGenerator.test(seed: 2026, index: number, size: TestGenerator.Size(cpus: 2, fragments: 4))
        // Tests with odd numbers have pages of several sizes.
        try compare(random, on: Self.profiles[number % Self.profiles.count], asksOracle: number % 4 < 2)
    }

    @Test(arguments: 0..<(count + 1) / 2)
    func randomTestsWithoutPageTables(_ number: Int) throws {
        let random = PlainTestGenerator.test(seed: 2026, index: number, size: TestGenerator.Size(fragments: 5))
        try compare(random, on: CPUProfile.builtIn[1], asksOracle: number % 4 == 0)
    }

    @Test func aSeedGivesTheSameTestsEverywhere() {
        // FNV-1a over the text, so that a change of the generator (which makes seeds in reports useless) is noticed.
        func digest(_ text: String) -> UInt64 {
            text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        }
        let tests = (0..<50).map { TestGenerator.test(seed: 1, index: $0) }
        #expect(tests == (0..<50).map { TestGenerator.test(seed: 1, index: $0) })
        #expect(Set(tests.map(\.text)).count == 50)
        #expect(digest(tests.map(\.text).joined()) == 7_648_025_932_489_342_189)
        #expect(
            digest((0..<50).map { PlainTestGenerator.test(seed: 1, index: $0).text }.joined())
                == 1_526_847_213_797_968_147)
        // Of tests with upper levels the first generation stays what seeds of then meant.
        let tables = (0..<50).map { TableTestGenerator.test(seed: 1, index: $0, generation: .tables).text }
        #expect(digest(tables.joined()) == 15_795_071_181_592_600_890)
    }

    @Test func everyThirdTestWithUpperLevelsIsAboutWhoIsFlushed() {
        let words = [
            "enter_lazy_tlb", "switch_mm", "PTI=", "Pcid=", "invlpgb", "Levels=5", ".I", "[PUD(x)] = (table:PD(x)",
        ]
        for number in 0..<300 {
            let old = TableTestGenerator.test(seed: 4, index: number, generation: .tables)
            let new = TableTestGenerator.test(seed: 4, index: number)
            #expect(number % 3 == 2 || old == new)
            #expect(number % 3 != 2 || words.contains { new.text.contains($0) }, "\(new.text)")
        }
    }

    @Test(arguments: 0..<100)
    func everyRandomTestIsATestAndReadsTheSameAfterItWasWritten(_ number: Int) throws {
        for random in [
            TestGenerator.test(seed: 7, index: number), PlainTestGenerator.test(seed: 7, index: number),
            TableTestGenerator.test(seed: 7, index: number),
        ] {
            let test = try LitmusParser.parse(random.text)
            #expect(test.threads.count == random.cpuCount)
            #expect(try LitmusParser.parse(LitmusWriter.text(of: test)).isSame(as: test))
        }
    }

    @Test func theShrinkerKeepsWhatFailsAndDropsTheRest() {
        let random = TestGenerator.test(seed: 3, index: 5)
        let small = TestShrinker { $0.columns.contains { !$0.isEmpty } && !$0.assignments.isEmpty }.shrunk(random)
        #expect(small.columns.reduce(0) { $0 + $1.count } == 1)
        #expect(small.assignments.count == 1)
        #expect(small.headers.isEmpty && small.locations.isEmpty && small.atoms.isEmpty && small.handlers.isEmpty)
    }
}
