import Checker
import Foundation
import Litmus
import Machine
import TestSupport
import Testing
import X86

@testable import Report

@Suite struct PropertyGuideTests {
    @Test func everyPropertyIsExplained() {
        let names = Set(PropertyGuide.all.map(\.name))
        #expect(names == Set(Property.allCases.map(\.rawValue)).union(ThreadProperty.allCases.map(\.rawValue)))
    }

    @Test(arguments: KernelService.allCases)
    func everyServiceIsExplained(_ service: KernelService) {
        #expect(service.spelling.hasPrefix("\(service.name)(") && service.spelling.hasSuffix(")"))
        #expect(!service.summary.isEmpty && !service.summary.hasSuffix("."))
    }

    @Test func examplesShowWhatTheyAreFor() throws {
        for guide in PropertyGuide.all {
            guard let example = guide.example else { continue }
            let text = try Checkout.text("Corpus/" + example)
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
