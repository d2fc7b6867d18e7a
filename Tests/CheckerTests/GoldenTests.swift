import Checker
import Foundation
import Litmus
import Machine
import Testing

/// The exact number of states that each search stores, so that a broken or a silently lost reduction shows at once.
///
/// After a deliberate change: `PTERO_REGENERATE_GOLDEN=1 swift test --filter GoldenTests`, and read the difference. The
/// reference's numbers change only with the model.
@Suite("State counts", .serialized)
struct GoldenTests {
    private static let name = "state-counts.tsv"
    private static let head = "test\tprofile\tfast\treference\tfinals"

    /// The tests whose counts are kept: those that run everywhere, a few of each folder.
    private static var tests: [String] {
        ["wrprotect", "fork", "ksm", "tso", "tlb", "properties", "history"].flatMap { folder in
            TestFiles.corpus.filter { $0.hasPrefix(folder + "/") }.prefix(folder == "fork" ? 4 : 7)
        }
    }

    private static func rows() throws -> [String] {
        try tests.flatMap { path in
            let prepared = try Prepared(path: "Corpus/" + path)
            let fast = try prepared.verdicts()
            let reference = try prepared.verdicts { $0.usesReference = true }
            return zip(fast, reference).map { fast, reference in
                [
                    path, fast.profile, String(fast.statistics.states), String(reference.statistics.states),
                    String(fast.states.count),
                ].joined(separator: "\t")
            }
        }
    }

    @Test("counts are those of the golden file")
    func counts() throws {
        let rows = try Self.rows()
        let file = TestFiles.golden.appendingPathComponent(Self.name)
        if ProcessInfo.processInfo.environment["PTERO_REGENERATE_GOLDEN"] != nil {
            let text = ([Self.head] + rows).joined(separator: "\n") + "\n"
            try text.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let golden = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(golden.first == Self.head)
        #expect(golden.count - 1 == rows.count)
        for (row, kept) in zip(rows, golden.dropFirst()) where row != kept {
            Issue.record("now \(row), was \(kept)")
        }
    }

    @Test("at least thirty tests are kept for each profile")
    func coverage() throws {
        let golden = try String(contentsOf: TestFiles.golden.appendingPathComponent(Self.name), encoding: .utf8)
        let profiles = golden.split(separator: "\n").dropFirst().compactMap {
            $0.split(separator: "\t").dropFirst().first
        }
        for profile in ProfileFile.builtIn {
            #expect(profiles.count { $0 == profile.name } >= 30, "\(profile.name)")
        }
    }
}
