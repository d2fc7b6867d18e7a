import Checker
import Diagnostics
import Litmus

/// Markdown for a pull request or a mail: what was found, what does not pass with its run, and how to see it again.
struct MarkdownText {
    private let document: CheckDocument
    private let origin: CheckDocument.Origin
    private var body = ""

    /// With more tests than this the table has only those that do not pass.
    private static let mostRows = 50

    init(_ document: CheckDocument, _ origin: CheckDocument.Origin) {
        self.document = document
        self.origin = origin
    }

    /// The text.
    func rendered() -> String {
        var text = self
        text.body = "## Ptero\n\n"
        for line in document.lines { text.body += Self.escaped(line) + "\n\n" }
        text.addFence([printable(origin.command)])
        for group in document.groups { text.addTable(group) }
        text.addFaults()
        for problem in document.problems { text.add(problem) }
        for group in document.skipped { text.body += Self.escaped(group.line) + "\n\n" }
        while text.body.utf8.last == UInt8(ascii: "\n") { text.body.removeLast() }
        return text.body + "\n"
    }

    /// The verdicts of a group, a line for each test.
    private mutating func addTable(_ group: ReportPage.Group) {
        let all = document.groups.reduce(0) { $0 + $1.tests.count }
        let tests = group.tests.filter { test in
            all <= Self.mostRows
                || test.findings.contains { test.shortfall(of: $0, isStrict: document.isStrict) != nil }
        }
        guard !tests.isEmpty else { return }
        var profiles: [String] = []
        for finding in tests.flatMap({ $0.findings }) where !profiles.contains(finding.verdict.profile) {
            profiles.append(finding.verdict.profile)
        }
        body += "| \(Self.escaped(group.title)) | \(profiles.map(Self.escaped).joined(separator: " | ")) |\n"
        body += "|---|\(profiles.map { _ in "---|" }.joined())\n"
        for test in tests {
            let cells = profiles.map { profile -> String in
                guard let finding = test.findings.first(where: { $0.verdict.profile == profile }) else { return "-" }
                let isBad = test.shortfall(of: finding, isStrict: document.isStrict) != nil
                return isBad ? "**\(finding.verdict.observation.rawValue)** ❌" : finding.verdict.observation.rawValue
            }
            body += "| \(Self.escaped(test.test.title)) | \(cells.joined(separator: " | ")) |\n"
        }
        body += "\n"
    }

    private mutating func addFaults() {
        guard !document.faults.isEmpty else { return }
        body += "### Inputs in error\n\n"
        for diagnostic in document.faults.flatMap({ $0.diagnostics }) {
            body += "* \(Self.escaped(diagnostic.origin)): \(Self.escaped(diagnostic.sentences))\n"
        }
        body += "\n"
    }

    private mutating func add(_ problem: Problem) {
        body += "### \(Self.escaped(problem.title)): \(Self.escaped(problem.headline))\n\n"
        if let description = problem.test.test.description { body += "> \(Self.escaped(description))\n\n" }
        body += "\(Self.escaped(problem.test.file)): \(Self.escaped(problem.finding.verdict.condition))\n\n"
        if let run = problem.finding.verdict.shownRun {
            body += "**\(Self.escaped(RunSentences(run).conclusion))**\n\n"
            for (number, sentence) in RunStory(run).sentences.enumerated() {
                body += "\(number + 1). \(Self.escaped(sentence.text))\n"
            }
            body += "\n"
            addFence(FailureText.lines(of: WitnessText(run)))
        }
        if let replay = problem.replay { addFence([replay]) }
    }

    /// Lines as they are, in a fence that nothing in them can end.
    private mutating func addFence(_ lines: [String]) {
        var (longest, length) = (0, 0)
        for line in lines {
            for byte in line.utf8 {
                length = byte == UInt8(ascii: "`") ? length + 1 : 0
                longest = max(longest, length)
            }
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        body += fence + "\n" + lines.map { printable($0) + "\n" }.joined() + fence + "\n\n"
    }

    /// A text on one line that means itself, in a table too.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in printable(text).unicodeScalars {
            switch scalar {
            case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "&", "~", "#", "$":
                result += "\\"
                result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
