import Diagnostics
import Foundation
import Litmus
import Machine
import TestSupport
import Testing
import X86

/// What the documentation says in numbers and tables, compared with what there is.
@Suite struct DocumentationTests {
    /// The cells of the table rows of a page that begin so.
    private func rows(_ page: String, beginning start: String) throws -> [[String]] {
        try Checkout.text(page).split(separator: "\n").filter { $0.hasPrefix(start) }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    @Test func theCorpusPageCountsTheTestsOfEachFolder() throws {
        let corpus = Checkout.file("Corpus")
        var counted: [String: Int] = [:]
        for row in try rows("Corpus/README.md", beginning: "| `") where row.count > 2 && row[0].hasSuffix("/`") {
            counted[String(row[0].dropFirst().dropLast(2))] = Int(row[1])
        }
        var found: [String: Int] = [:]
        let files = FileManager.default.enumerator(atPath: corpus.path)?.compactMap { $0 as? String } ?? []
        // What Swift tests include is no test.
        for file in files
        where (file.hasSuffix(".litmus") || file.hasSuffix(".swift")) && !file.hasSuffix("/Tables.swift") {
            found[String(file.prefix { $0 != "/" }), default: 0] += 1
        }
        #expect(counted == found)
    }

    @Test func theMachinePageHasTheProfilesAsTheyAre() throws {
        for profile in CPUProfile.builtIn {
            let row = try #require(try rows("Documentation/machine.md", beginning: "| `\(profile.name)` |").first)
            #expect(
                Array(row[1...4]) == [
                    profile.onWriteRevoked.rawValue, profile.onNotPresent.rawValue, profile.onFrameChanged.rawValue,
                    profile.shadowStack ? "yes" : "no",
                ], "\(profile.name)")
        }
        let text = try Checkout.text("Documentation/machine.md")
        for profile in CPUProfile.onRequest { #expect(text.contains("`\(profile.name)`"), "\(profile.name)") }
    }

    @Test func theLanguagePageNamesEveryServiceAndEveryProperty() throws {
        let text = try Checkout.text("Documentation/litmus.md") + Checkout.text("Documentation/machine.md")
        for name in KernelService.names { #expect(text.contains("`\(name)("), "\(name)") }
        for property in Property.allCases { #expect(text.contains("`\(property.rawValue)("), "\(property.rawValue)") }
    }

    @Test func whatTheLimitsPageSaysIsRefusedIsRefused() throws {
        for line in [
            "rdtsc", "rdrand %rax", "invd", "wbnoinvd", "rdsspq %rax", "incsspq %rax", "wrmsr", "swapgs", "syscall",
        ] {
            #expect(throws: Diagnostic.self, "\(line)") {
                _ = try LitmusParser.parse("X86_64 t\n{ }\n P0 ;\n \(line) ;\nexists (true)\n")
            }
        }
        for entry in ["[P4D(x)] = (p:1)", "[PGD(x)] = (oa:PA(x), ps:1)", "[PTE(x)] = (oa:PML4(x))"] {
            #expect(throws: Diagnostic.self, "\(entry)") {
                _ = try LitmusParser.parse("X86_64 t\n{ \(entry); }\n P0 ;\n nop ;\nexists (true)\n")
            }
        }
    }
}
