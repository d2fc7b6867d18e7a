import Litmus
import Oracle
import TestSupport
import Testing

/// The oracle by itself on who is flushed, with verdicts that follow by hand from levels.md and Linux 6.12's tlb.c.
@Suite struct OracleWhoTests {
    /// CPUs that differ from one that ships in what they keep of upper levels.
    private static let invented: [OracleProfile] = {
        func changed(_ name: String, _ change: (inout OracleProfile) -> Void) -> OracleProfile {
            var profile = OracleProfile(
                name: name, onWriteRevoked: .refault, onNotPresent: .refault, shadowStack: false)
            change(&profile)
            return profile
        }
        return [
            changed("entries") { $0.upperLevels = .byEntry },
            changed("tce-entries") {
                $0.upperLevels = .byEntry
                $0.tce = true
            },
            changed("pdes") { $0.upperLevelsCached = [2] },
            changed("pmd-entries") {
                $0.upperLevels = .byEntry
                $0.upperLevelsCached = [2]
            },
            changed("late-a") { $0.accessedLate = true },
        ]
    }()

    private func check(_ text: String) throws {
        let test = try LitmusParser.parse(text)
        var sets = try test.oracleProfileSets
        if test.cpuAssignment == nil { sets += Self.invented.map { one in (one.name, test.threads.map { _ in one }) } }
        let sample = ["cet", "book", "amd", "amd-broadcast"] + Self.invented.map(\.name)
        for (name, profiles) in sets where Volume.isFull || sample.contains(name) {
            guard let expected = test.expectation[name] else { continue }
            let result = try Oracle.explore(test, profiles: profiles, maxStates: 50_000)
            #expect(result.observation == expected, "\(test.name) on \(name)")
        }
    }

    @Test(arguments: Volume.sample(designCases, every: 3)) func verdictsOfTheDesign(_ text: String) throws {
        try check(text)
    }

    @Test(arguments: Volume.sample(upperCases, every: 3)) func whatIsKeptOfUpperLevels(_ text: String) throws {
        try check(text)
    }

    @Test(arguments: Volume.sample(modeCases, every: 3)) func lazinessAndMissedFlushes(_ text: String) throws {
        try check(text)
    }

    @Test(arguments: Volume.sample(tagCases, every: 3)) func tagsAndRoots(_ text: String) throws { try check(text) }

    @Test(arguments: Volume.sample(interruptCases, every: 3)) func interrupts(_ text: String) throws { try check(text) }
}
