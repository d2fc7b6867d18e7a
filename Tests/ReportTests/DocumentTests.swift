import Checker
import Diagnostics
import Foundation
import Litmus
import Machine
import Report
import TestSupport
import Testing

/// Formats that are one document: complete, well-formed, and with nothing of a test taken for their own marks.
@Suite struct DocumentTests {
    private static let hostile = "a\"b'<c>&]]>|`*_[l](u){0}%,:: ##[x]\u{1}\u{0}\u{7f}\u{85}\u{2028}\u{ffff}\\"

    private static let origin = CheckDocument.Origin(
        command: "ptero check dir", version: "0.1.0", directory: "/root-of-all", time: "2026-11-30T11:00:00")

    private func tests() throws -> [TestFindings] {
        let twoStep = try Checkout.text("Corpus/wrprotect/two-step+write+lost-dirty.litmus")
            .replacing("late=Sometimes", with: "late=Never").replacing("book=Sometimes", with: "book=Never")
        return [
            try Samples.findings(twoStep, file: "dir/two-step.litmus", profiles: ["cet", "late", "book"]),
            try Samples.findings(Samples.storeBuffering, file: "dir/SB.litmus", profiles: ["cet"]),
        ]
    }

    private func document(_ tests: [TestFindings], _ faults: [InputFault] = []) -> CheckDocument {
        let skipped = SkippedTests(reason: "no clang", count: 1, hasSequence: false, files: ["dir/c.litmus"])
        return CheckDocument(
            [.init(title: "dir/", tests: tests, replay: ReplayCommand())], faults: faults, skipped: [skipped],
            lines: [Summary(tests, unreadable: faults.count, skipped: [skipped]).line], status: .badInput)
    }

    private func sample() throws -> CheckDocument {
        var fault = Diagnostic(
            file: "dir/bad.litmus", place: SourcePlace(line: 4, column: 2), length: 3,
            message: "unknown instruction \"foo\"", remedy: "ptero isa lists the supported instructions")
        fault.others = [Diagnostic(withoutPlace: "this is longer than 16 MiB", file: "dir/bad.litmus")]
        return document(try tests(), [InputFault(file: "dir/bad.litmus", fault)])
    }

    @Test func goldenDocuments() throws {
        let document = try sample()
        try Golden.expect(document.rendered(.ktap, Self.origin), "document.ktap")
        try Golden.expect(document.rendered(.junit, Self.origin), "document.xml")
        try Golden.expect(document.rendered(.sarif, Self.origin), "document.sarif")
        try Golden.expect(document.rendered(.markdown, Self.origin), "document.md")
        try Golden.expect(document.rendered(.github, Self.origin), "document-github.txt")
        try Golden.expect(document.faults.map { $0.json(.check) }.joined(), "document-faults.json")
    }

    /// `.ci/formats` validates records by a reader of JSON Schema; this needs none.
    @Test func theSchemaHasEveryKeyOfARecord() throws {
        let schema = try JSONSerialization.jsonObject(
            with: Data(Checkout.bytes("Documentation/ptero-check.schema.json")))
        let kinds = try #require((schema as? [String: Any])?["$defs"] as? [String: [String: Any]])
        func keys(_ kind: String) throws -> (all: Set<String>, required: Set<String>) {
            let kind = try #require(kinds[kind])
            let properties = try #require(kind["properties"] as? [String: Any])
            return (Set(properties.keys), Set(kind["required"] as? [String] ?? []))
        }
        func check(_ text: String, _ kind: String) throws {
            let record = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            let (all, required) = try keys(kind)
            #expect(Set(record.keys).isSubset(of: all), "\(Set(record.keys).subtracting(all))")
            #expect(required.isSubset(of: record.keys), "\(required.subtracting(record.keys))")
            for step in record["steps"] as? [[String: Any]] ?? [] {
                let (all, required) = try keys("step")
                #expect(Set(step.keys).isSubset(of: all), "\(Set(step.keys).subtracting(all))")
                #expect(required.isSubset(of: step.keys))
            }
        }
        for line in try sample().faults[0].json(.check).split(separator: "\n") { try check(String(line), "fault") }
        for finding in try tests()[0].findings {
            try check(
                VerdictJSON.text(
                    finding, showsSteps: true, assumptions: ["a"], kernel: "6.12", directory: "d", breaksRule: true,
                    warnings: [Diagnostic("odd", at: SourcePlace(line: 1, column: 1))]), "verdict")
        }
    }

    /// The same document with every text of a test, a file and a message replaced.
    private func spoiled(_ text: String) throws -> CheckDocument {
        var tests = try tests()
        for number in tests.indices {
            tests[number].test.name = text
            tests[number].test.description = text
            tests[number].file = text
            for position in tests[number].findings.indices {
                tests[number].findings[position].verdict.test = text
                tests[number].findings[position].verdict.file = text
                tests[number].findings[position].verdict.condition = text
            }
        }
        var document = document(
            tests, [InputFault(file: text, Diagnostic(withoutPlace: text, file: text, remedy: text))])
        document.groups[0].title = text
        document.skipped[0].reason = text
        document.skipped[0].files = [text]
        document.lines = [text]
        return document
    }

    static let spoilers = [
        hostile, "", " ", "#", "reboot: System halted", "1..3", "ok 1 x", "::error::x",
        String(repeating: "w|", count: 5_000),
    ]

    @Test(arguments: spoilers) func jUnitIsXMLWhateverTestsAreCalled(_ text: String) throws {
        let xml = try spoiled(text).rendered(.junit, Self.origin)
        let reader = try XMLReader(xml)
        #expect(reader.count("testcase") == 6)
        #expect(reader.count("failure") == 2 && reader.count("error") == 1 && reader.count("skipped") == 1)
    }

    @Test(arguments: spoilers) func sARIFIsJSONWhateverTestsAreCalled(_ text: String) throws {
        let sarif = try spoiled(text).rendered(.sarif, Self.origin)
        let whole = try #require(JSONSerialization.jsonObject(with: Data(sarif.utf8)) as? [String: Any])
        let run = try #require((whole["runs"] as? [[String: Any]])?.first)
        let results = try #require(run["results"] as? [[String: Any]])
        // Two profiles that fail alike are one result.
        #expect(results.count == 1)
        let flows = try #require(results.first?["codeFlows"] as? [[String: Any]])
        #expect(flows.count == 1)
        let threads = try #require(flows.first?["threadFlows"] as? [[String: Any]])
        #expect(
            threads.compactMap { $0["id"] as? String } == ["P0", "P0's store buffer", "P1's walker", "P1's interrupt"])
    }

    @Test(arguments: spoilers) func kTAPHasOneResultForEachTestWhateverItIsCalled(_ text: String) throws {
        let lines = try spoiled(text).rendered(.ktap, Self.origin).split(separator: "\n")
        #expect(lines.starts(with: ["KTAP version 1", "1..4"]))
        let results = lines.filter { $0.wholeMatch(of: #/(?:ok|not ok) \d+ [^# ][^#]*(?: # SKIP [^#]*)?/#) != nil }
        #expect(results.count == 4)
        let inner = lines.filter { $0.wholeMatch(of: #/ {4}(?:ok|not ok) \d+ (?:cet|late|book)/#) != nil }
        #expect(inner.count == 4)
        let others = lines.filter { !results.contains($0) && !inner.contains($0) }.dropFirst(2)
        #expect(
            others.allSatisfy { $0.contains(#/^(?: {4})?# /#) || $0 == "    KTAP version 1" || $0.hasPrefix("    1..") }
        )
        #expect(!lines.contains { $0.contains("reboot: System halted") })
    }

    @Test(arguments: spoilers) func gitHubHasOneCommandForEachProblem(_ text: String) throws {
        let lines = try spoiled(text).rendered(.github, Self.origin).split(
            separator: "\n", omittingEmptySubsequences: false)
        let commands = lines.filter { $0.hasPrefix("::") }
        #expect(commands.count == 2)
        for command in commands {
            let parts = try #require(command.wholeMatch(of: #/::error ([^\n]*?)::([^\n]*)/#))
            #expect(
                parts.1.split(separator: ",").allSatisfy { $0.contains(#/^(file|line|col|endColumn|title)=[^:,]*$/#) })
        }
    }

    @Test func markdownEscapesWhatIsAMarkAndKeepsFencesClosed() throws {
        let text = try spoiled("`````` <b> | [a](b)").rendered(.markdown, Self.origin)
        #expect(text.contains("\\<b\\> \\| \\[a\\](b)"))
        let fences = text.split(separator: "\n").filter { $0.contains(#/^`{3,}$/#) }
        #expect(fences.count.isMultiple(of: 2))
    }

    @Test func pathsAreRelativeWhereTheyCanBe() throws {
        var tests = try tests()
        tests[0].file = "/root-of-all/a b/ü%.litmus"
        let sarif = document(tests).rendered(.sarif, Self.origin)
        #expect(sarif.contains("\"uri\": \"a%20b/%C3%BC%25.litmus\""))
        #expect(document(tests).rendered(.github, Self.origin).contains("::error file=a b/ü%25.litmus,line=20,"))
        tests[0].file = "/elsewhere/a.litmus"
        #expect(document(tests).rendered(.sarif, Self.origin).contains("\"uri\": \"file:///elsewhere/a.litmus\""))
        tests[0].file = "./a.litmus"
        #expect(document(tests).rendered(.sarif, Self.origin).contains("\"uri\": \"a.litmus\""))
    }

    @Test func aVerdictThatSaysLessThanItSeemsFailsOnlyUnderStrict() throws {
        let empty = Samples.lockAnd.replacing("lock andb $-3,(%rdi)  ", with: "nop                   ")
            .replacing("shadow_stack_exposed", with: "kernel_shadow_stack").replacing(
                "cet=Sometimes", with: "cet=Never")
        var document = document([try Samples.findings(empty, profiles: ["cet"])])
        document.skipped = []
        #expect(document.rendered(.ktap, Self.origin).contains("\nok 1 "))
        document.isStrict = true
        #expect(document.rendered(.ktap, Self.origin).contains("\nnot ok 1 "))
        #expect(document.rendered(.junit, Self.origin).contains("type=\"empty\""))
        #expect(document.rendered(.sarif, Self.origin).contains("\"ruleId\": \"empty\""))
    }

    @Test func aLimitIsNoFailureAndNoSuccess() throws {
        var options = CheckOptions()
        options.limits.maxStates = 5
        let document = document([try Samples.findings(Texts.large, profiles: ["cet"], options: options)])
        #expect(document.rendered(.ktap, Self.origin).contains("    not ok 1 cet\n"))
        #expect(document.rendered(.junit, Self.origin).contains("<error message=\"inconclusive: more than 5 states\""))
        #expect(document.rendered(.sarif, Self.origin).contains("\"kind\": \"open\""))
        #expect(document.rendered(.github, Self.origin).contains("::warning "))
    }

    @Test func whatGoesWrongWhereNothingIsExpectedIsANote() throws {
        let text = Samples.lockAnd.replacing(#/\(\* Result.*\*\)\n/#, with: "")
        let document = document([try Samples.findings(text, profiles: ["cet"])])
        #expect(document.rendered(.sarif, Self.origin).contains("\"level\": \"note\""))
        #expect(document.rendered(.github, Self.origin).contains("::notice "))
        #expect(document.rendered(.ktap, Self.origin).contains("    ok 1 cet\n"))
    }
}
