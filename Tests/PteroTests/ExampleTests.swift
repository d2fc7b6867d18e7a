// `Ptero` alone would do, as in `.ci/outside`. But of a module that another one exports the compiler does not see that it
// has changed: an incremental build would keep code that was made for another layout of `Verdict`.
import Checker
import Diagnostics
import Foundation
import Litmus
import Machine
import Ptero
import Report
import TestSupport
import Testing

/// What the landing page of the library shows; `.ci/outside` builds the same program in a package of its own.
@Suite struct ExampleTests {
    /// The landing page's code blocks of a language.
    private static func blocks(_ language: String) throws -> [String] {
        let page = try Checkout.text("Sources/Ptero/Ptero.docc/Ptero.md")
        return page.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    /// The page's test, in a file of its own while `body` runs.
    private func withTest<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = try TemporaryFolder(["lock-and.litmus": try #require(try Self.blocks("litmus").first)])
        defer { folder.remove() }
        return try body(folder.file("lock-and.litmus").path)
    }

    @Test func theExampleTellsAVerdictAndARun() throws {
        var lines: [String] = []
        func print(_ items: Any...) { lines.append(items.map { "\($0)" }.joined(separator: " ")) }
        try withTest { path in
            let test = try LitmusTest(contentsOf: path)
            for verdict in try test.check(on: .builtIn) {
                print(verdict.profile, verdict.observation)
                if let run = verdict.witness { print(run.text()) }
            }
        }
        #expect(lines.first == "cet sometimes" && lines.last == "late never" && lines.count == 3)
        #expect(lines[1].contains("PTE(x)") && lines[1].contains("movl $1,(x)"), "\(lines[1])")
    }

    @Test func thePageShowsTheExampleThatIsTested() throws {
        let source = try Checkout.text("Tests/PteroTests/ExampleTests.swift")
        let example = try #require(try Self.blocks("swift").first { $0.contains("import Ptero") })
        for line in example.split(separator: "\n") where !line.contains("contentsOf") {
            #expect(source.contains(line.drop { $0 == " " }), "\(line)")
        }
    }

    @Test func whatIsWrongWithAFileIsToldWithItsName() throws {
        let missing = #expect(throws: Diagnostic.self) { try LitmusTest(contentsOf: "there-is-no.litmus") }
        #expect(missing?.file == "there-is-no.litmus" && missing?.place == nil)
        try withTest { path in
            var text = try String(contentsOfFile: path, encoding: .utf8)
            text.replace("CPU=cet late", with: "CPU=cet later")
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let test = try LitmusTest(contentsOf: path)
            let unknown = #expect(throws: Diagnostic.self) { try test.check(on: .builtIn) }
            #expect(unknown?.file == path && unknown?.place == SourcePlace(line: 2, column: 9))
        }
    }
}
