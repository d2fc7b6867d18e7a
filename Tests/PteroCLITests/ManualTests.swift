import Foundation
import Report
import TestSupport
import Testing

@testable import PteroCLI

@Suite struct ManualTests {
    private static var pages: [ManualPage] { (try? ManualPage.all()) ?? [] }

    @Test func goldenPages() throws {
        let pages = try ManualPage.all()
        #expect(pages.map(\.file).prefix(2) == ["ptero.1", "ptero-check.1"])
        // All commands but the hidden one that makes these pages.
        #expect(pages.count == PteroCommand.configuration.subcommands.count)
        for page in pages { try Golden.expect(page.text, "manual-\(page.file)") }
    }

    @Test func exitStatusIsThatOfTheCode() throws {
        for page in try ManualPage.all() {
            let sections = page.text.components(separatedBy: "\n.SH ")
            let section = try #require(sections.first { $0.hasPrefix("EXIT STATUS\n") })
            let told = section.matches(of: /\.TP\n\\fB([0-9]+)\\fR\n([^.]+)\./).map { (String($0.1), String($0.2)) }
            let endings = PteroCommand.endings(ofCommand: page.command.commandName).list
            #expect(told.map(\.0) == endings.map { "\($0.status.rawValue)" }, "\(page.name)")
            for (ending, text) in zip(endings, told) {
                // `lock andb` is bold on the page.
                let words = text.1.replacing("\n", with: " ").replacing("\\fB", with: "`").replacing("\\fR", with: "`")
                #expect(words.lowercased() == RoffText.escaped(ending.meaning).lowercased())
            }
        }
        let help = PteroCommand.helpMessage(columns: 80)
        for status in ExitStatus.allCases { #expect(help.contains(status.meaning)) }
    }

    /// The manual of the documentation says the same numbers.
    @Test func documentationHasEveryStatus() throws {
        let text = try String(contentsOf: Checkout.file("Documentation/exit-codes-and-output.md"), encoding: .utf8)
        let rows = text.matches(of: /(?m)^\| ([0-9]+) \|/).map { String($0.1) }
        #expect(rows == ExitStatus.allCases.map { "\($0.rawValue)" })
    }

    @Test func everyOptionIsOnItsPage() throws {
        for page in try ManualPage.all() {
            for parameter in page.command.parameters {
                for name in parameter.names ?? [] {
                    #expect(page.text.contains(RoffText.bold(name.spelling)), "\(page.name) \(name.spelling)")
                }
            }
        }
    }

    /// The examples of help and manual pages are command lines that the parser takes; `.ci/commands` runs them.
    @Test func everyExampleIsACommandLine() throws {
        var count = 0
        for page in try ManualPage.all() {
            let lines = (page.command.discussion ?? "").split(separator: "\n").filter { $0.hasPrefix("  ptero ") }
            #expect(!lines.isEmpty, "\(page.name)")
            for line in lines {
                // Help breaks longer ones.
                #expect(line.count <= 80, "\(line)")
                // What is after it in a pipe or a redirection, or told beside it, is not Ptero's.
                let text = line.dropFirst(2).replacing("$(uname -r)", with: "VERSION")
                    .prefix(while: { $0 != "|" && $0 != ">" })
                let command = text.firstRange(of: "   ").map { text[..<$0.lowerBound] } ?? text
                let arguments = command.split(separator: " ").dropFirst()
                    .map { String($0).replacing("'", with: "") }.filter { $0.first != "@" }
                #expect(throws: Never.self, "\(line)") { _ = try PteroCommand.parseAsRoot(arguments) }
                count += 1
            }
        }
        #expect(count > 60)
    }

    @Test func textIsEscaped() {
        #expect(RoffText.paragraph(".TH is no request") == "\\&.TH is no request\n")
        #expect(RoffText.paragraph("'tis a \\fB") == "\\(aqtis a \\efB\n")
        #expect(
            RoffText.paragraph("see `a-b` or *words here* or *.litmus")
                == "see \\fBa\\-b\\fR or \\fIwords here\\fR or *.litmus\n")
        #expect(RoffText.literal(["  .x '"]) == ".EX\n  .x \\(aq\n.EE\n")
        #expect(RoffText.literal([".x"]) == ".EX\n\\&.x\n.EE\n")
    }

    @Test func writesAllPagesToAFolder() throws {
        let bench = try Bench()
        #expect(bench.run("manual", "--output", "man1") == .badInput)
        #expect(bench.errors.contains("man1 is not a folder"))
        try FileManager.default.createDirectory(
            at: bench.folder.appending(path: "man1"), withIntermediateDirectories: false)
        #expect(bench.run("manual", "--output", "man1") == .success)
        let names = try FileManager.default.contentsOfDirectory(atPath: bench.folder.path + "/man1")
        #expect(names.sorted() == Self.pages.map(\.file).sorted())
        #expect(bench.run("manual", "check") == .success)
        #expect(bench.output.contains("ptero\\-check \\- checks litmus tests"))
        #expect(bench.run("manual", "chek") == .badInput)
        #expect(bench.errors.contains("did you mean `check`?"))
        #expect(bench.run("manual", "check", "--output", "man1") == .badInput)
    }

    @Test(
        .enabled(if: Program.find("mandoc") != nil, "mandoc is not installed"))
    func mandocFindsNothingWrong() throws {
        for page in try ManualPage.all() {
            let (status, text) = try Program.run("mandoc", ["-Tlint", "-Wwarning"], input: page.text)
            #expect(status == 0 && text == "", "\(page.name): \(text)")
        }
    }

    @Test(
        .enabled(if: Program.find("man") != nil && Program.find("groff") != nil, "man or groff is not installed"))
    func manFindsNothingWrong() throws {
        for page in try ManualPage.all() {
            let (status, text) = try Program.run(
                "sh", ["-c", "LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l - 2>&1 >/dev/null"],
                input: page.text)
            #expect(status == 0 && text == "", "\(page.name): \(text)")
        }
    }
}

/// Programs of this machine, as tests of what is made for them run them.
enum Program {
    /// Where a program is on the search path.
    static func find(_ name: String) -> String? {
        Installed.path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program to its end: its status, and what it printed on both streams.
    static func run(
        _ name: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(find(name)))
        process.arguments = arguments
        process.environment = ["PATH": Installed.path, "HOME": NSTemporaryDirectory()].merging(environment) { $1 }
        let folder = try TemporaryFolder()
        try folder.write("input", input)
        process.standardInput = try FileHandle(forReadingFrom: folder.url.appending(path: "input"))
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
}
