import Checker
import Foundation
import GoldenFiles
import Litmus
import Machine
import Testing

@testable import Report

@Suite struct PropertyGuideTests {
    /// The corpus of the checkout that this file is part of.
    private var corpus: URL {
        URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Corpus")
    }

    @Test func everyPropertyIsExplained() {
        let names = Set(PropertyGuide.all.map(\.name))
        #expect(names == Set(Property.allCases.map(\.rawValue)).union(["stuck", "fault"]))
    }

    @Test func examplesShowWhatTheyAreFor() throws {
        for guide in PropertyGuide.all {
            guard let example = guide.example else { continue }
            let text = try String(contentsOf: corpus.appendingPathComponent(example), encoding: .utf8)
            #expect(text.contains(guide.name + "("), "\(example) does not ask for \(guide.name)")
            let findings = try Samples.findings(text, profiles: CPUProfile.builtIn.map(\.name)).findings
            #expect(findings.contains { $0.verdict.positive > 0 }, "\(example) never shows it")
        }
    }

    @Test func golden() throws {
        try Golden.expect(PropertyGuide.text(PropertyGuide.all, corpus: "Corpus"), "properties.txt")
        try Golden.expect(ModelLimits.text(), "limits.txt")
    }
}
