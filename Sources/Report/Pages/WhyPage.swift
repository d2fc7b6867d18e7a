import Checker
import Litmus

extension ReportPage {
    /// A page of what carries a test's verdicts: the test with the findings beside its lines, and a run for each step that is
    /// needed.
    package init(why parts: [WhyText], command: String) {
        self.init(
            command: command, runs: parts.flatMap { $0.reportRuns },
            lines: parts.map { "\($0.removals.test.title): \($0.summary)" },
            intro: parts.map { $0.page }.joined())
    }
}

extension WhyText {
    /// The runs of what goes wrong without a step, and of what goes wrong with all of them.
    fileprivate var reportRuns: [ReportRun] {
        let base = TestFindings(test: removals.test, file: removals.file, findings: removals.base.map { Finding($0) })
        let whole = base.toldRuns.compactMap { finding, profiles in
            ReportRun(finding, of: removals.test, profiles: profiles, replay: replay)
        }
        let without = removals.findings.enumerated().flatMap { number, finding in
            Self.grouped(finding).compactMap { verdict, profiles -> ReportRun? in
                guard let run = verdict.witness else { return nil }
                var shown = ReportRun(
                    run, of: finding.removal.test, profiles: profiles, replay: replayLine(verdict, finding.file, run))
                shown.title = "[\(number + 1)] " + RemovalWords.sentence(finding.removal)
                shown.word = verdict.observation?.rawValue
                shown.isFailure = true
                return shown
            }
        }
        return whole + without
    }

    /// The command line that shows a run again, where its test was written.
    private func replayLine(_ verdict: RemovalVerdict, _ file: String?, _ run: Run) -> String? {
        guard let file else { return nil }
        let line = replay.line(
            file: file, condition: removals.test.conditionName, profile: verdict.profile, steps: run.replay)
        return run.isLiteral ? line + " --reference" : line
    }

    /// The test with the findings beside its lines, as a table.
    fileprivate var page: String {
        var html = HTMLText()
        html.add("<section class=\"why\">")
        html.element("h2", text: removals.test.title)
        if let description = removals.test.description {
            html.element("p", "class=\"quote\"", text: "“\(description)”")
        }
        html.element("p", text: "\(LitmusWriter.text(of: removals.test.condition)): " + verdicts)
        html.add("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"steps\"><table><thead><tr>")
        html.add("<th scope=\"col\">line</th><th scope=\"col\">without it</th></tr></thead><tbody>")
        for line in lines {
            html.add("<tr><th scope=\"row\"><code>\(SVGText.escaped(line.text))</code></th><td>")
            for number in line.findings {
                let (role, words) = phrase(number)
                let mark = role == .bad ? "✕ " : ""
                html.element(
                    "p", role == .bad ? "class=\"bad\"" : role == .unsure ? "" : "class=\"dim\"", text: mark + words)
            }
            html.add("</td></tr>")
        }
        html.add("</tbody></table></div></section>\n")
        return html.body
    }

    /// `Never on cet, late`, for each observation.
    private var verdicts: String {
        var groups: [(word: String, profiles: [String])] = []
        for verdict in removals.base {
            let word = verdict.observation.rawValue
            if let known = groups.firstIndex(where: { $0.word == word }) {
                groups[known].profiles.append(verdict.profile)
            } else {
                groups.append((word, [verdict.profile]))
            }
        }
        return groups.map { "\($0.word) on \($0.profiles.joined(separator: ", "))" }.joined(separator: "; ")
    }
}
