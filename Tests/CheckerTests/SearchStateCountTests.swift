import Checker
import Foundation
import Litmus
import Machine
import TestSupport
import Testing

/// The exact number of states that each search stores, so that a broken or a silently lost reduction shows at once; and which
/// run the fast search tells, because people keep replay strings.
///
/// After a deliberate change: `PTERO_UPDATE_GOLDEN=1 swift test --filter SearchStateCountTests`, and read the difference. The
/// reference's numbers change only with the model.
@Suite struct SearchStateCountTests {
    private static let name = "state-counts.tsv"
    /// The columns: states with all reductions, with all but one, with none; of the reference; distinct final states; the
    /// replay string of the fast search.
    private static let head =
        (["test", "profile", "fast"] + Reduction.allCases.map { "no-" + $0.rawValue }
        + ["none", "reference", "finals", "replay"]).joined(separator: "\t")

    /// The tests whose counts are kept: those that run everywhere, a few of each folder, and some with identical CPUs.
    private static var tests: [String] {
        let folders = ["wrprotect", "fork", "ksm", "tso", "tlb", "properties", "history"]
        let corpus: [String] = folders.flatMap { folder in
            Checkout.corpus.filter { $0.hasPrefix(folder + "/") }.prefix(folder == "fork" ? 4 : 7)
        }
        let sequences = ["lock-and", "compare-and-exchange", "exchange-dance"]
        return corpus.map { "Corpus/" + $0 } + sequences.map { "Benchmarks/questions/fork-\($0)-2.litmus" }
    }

    /// The rows of all tests, which are searched side by side.
    private static func rows() async throws -> [String] {
        try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
            for (number, path) in tests.enumerated() { group.addTask { (number, try rows(path)) } }
            var found: [Int: [String]] = [:]
            for try await (number, own) in group { found[number] = own }
            return found.sorted { $0.key < $1.key }.flatMap { $0.value }
        }
    }

    private static func rows(_ path: String) throws -> [String] {
        let prepared = try Prepared(path: path)
        let searches =
            [try prepared.verdicts()]
            + (try Reduction.allCases.map { reduction in try prepared.verdicts { $0.reductions.remove(reduction) } })
            + [try prepared.verdicts { $0.reductions = [] }]
            // The reference would take minutes for the questions of the benchmark.
            + (path.hasPrefix("Corpus/") ? [try prepared.verdicts { $0.usesReference = true }] : [])
        return searches[0].indices.map { number in
            let verdicts = searches.map { $0[number] }
            for verdict in verdicts { #expect(Set(verdict.states) == Set(verdicts[0].states)) }
            let counts = verdicts.map { String($0.statistics.states) } + (path.hasPrefix("Corpus/") ? [] : ["-"])
            let found = [String(verdicts[0].states.count), verdicts[0].replay ?? "-"]
            return ([path, verdicts[0].profile] + counts + found).joined(separator: "\t")
        }
    }

    @Test func countsAreThoseOfTheGoldenFile() async throws {
        try await Golden.expect(([Self.head] + Self.rows()).joined(separator: "\n") + "\n", Self.name)
    }

    @Test func atLeastThirtyTestsAreKeptForEachProfile() throws {
        let golden = try String(contentsOf: Checkout.file("Tests/CheckerTests/Golden/" + Self.name), encoding: .utf8)
        let profiles = golden.split(separator: "\n").dropFirst().compactMap {
            $0.split(separator: "\t").dropFirst().first
        }
        for profile in CPUProfile.builtIn {
            #expect(profiles.count { $0 == profile.name } >= 30, "\(profile.name)")
        }
    }
}
