import Checker
import Litmus

/// The table tests x profiles: words in cells, a failure a cross and a link, what was not expected marked twice.
struct ReportMatrix {
    private let groups: [ReportPage.Group]
    private let profiles: [String]
    private let slugs: ReportSlugs

    init(_ groups: [ReportPage.Group], profiles: [String], _ slugs: ReportSlugs) {
        self.groups = groups
        self.profiles = profiles
        self.slugs = slugs
    }

    /// The table under its heading.
    func rendered() -> String {
        var html = HTMLText()
        html.add(
            "<section class=\"matrix\"><h2>Verdicts, by class of CPUs</h2><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"verdicts\"><table>"
        )
        html.add("<thead><tr><th scope=\"col\">test</th>")
        for profile in profiles { html.element("th", "scope=\"col\"", text: profile) }
        html.add("</tr></thead>")
        var seen: [String: Int] = [:]
        for group in groups {
            html.add(
                "<tbody><tr><th scope=\"rowgroup\" colspan=\"\(profiles.count + 1)\" class=\"group\">\(SVGText.escaped(group.title))</th></tr>"
            )
            for test in group.tests { addRow(&html, test, &seen) }
            html.add("</tbody>")
        }
        html.add(
            "</table></div><p class=\"dim\"><b class=\"bad\">✕</b> it can go wrong, and a run is shown below; <b class=\"bad\">!</b> not expected; "
                + "<b>?</b> a limit was hit; Never: no run of this class of CPUs does it; –: the test is not for it</p></section>"
        )
        return html.body
    }

    private func addRow(_ html: inout HTMLText, _ test: TestFindings, _ seen: inout [String: Int]) {
        html.add("<tr>")
        html.element("th", "scope=\"row\"", text: test.test.title)
        let others = test.findings.filter { !profiles.contains($0.verdict.profile) }
        if others.count == test.findings.count && !others.isEmpty {
            html.add("<td colspan=\"\(profiles.count)\">")
            for finding in others { html.add(link(finding, &seen, words: " on " + finding.verdict.profile) + " ") }
            html.add("</td></tr>")
            return
        }
        for profile in profiles {
            guard let finding = test.findings.first(where: { $0.verdict.profile == profile }) else {
                html.add("<td class=\"dim\">–</td>")
                continue
            }
            let style = finding.outcome == .unexpected ? "bad un" : finding.isFailure ? "bad" : ""
            html.add("<td\(style.isEmpty ? "" : " class=\"\(style)\"")>\(link(finding, &seen, words: ""))</td>")
        }
        html.add("</tr>")
    }

    /// A cell's words, linked to the run where there is one.
    private func link(_ finding: Finding, _ seen: inout [String: Int], words: String) -> String {
        let verdict = finding.verdict
        var text = verdict.observation == .inconclusive ? "? not known" : verdict.observation.rawValue
        if finding.isFailure { text = "✕ " + text }
        if finding.outcome == .unexpected { text += " !" }
        text = SVGText.escaped(text + words)
        guard verdict.shownRun != nil else { return text }
        let key = "\(verdict.test)\n\(verdict.profile)"
        let number = seen[key, default: 0]
        seen[key] = number + 1
        guard let slug = slugs.slug(verdict.test, verdict.profile, number: number) else { return text }
        return "<a href=\"#\(slug)\">\(text)</a>"
    }
}
