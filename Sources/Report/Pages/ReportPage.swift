import Checker
import Litmus

/// A report: one HTML file that asks nothing of a network and renders the same where scripts are off.
///
/// Text that comes from tests is escaped, names of fragments consist of letters, digits and hyphens, and a policy in the head
/// forbids what a page could load.
package struct ReportPage: Sendable {
    /// Tests that stand together in the matrix.
    package struct Group: Sendable {
        /// A folder, or a kernel.
        package var title: String
        /// The tests.
        package var tests: [TestFindings]
        /// How their runs are shown again.
        package var replay: ReplayCommand
        /// The version of the kernel that they were compiled with.
        package var kernel: String?
        /// Questions beside the matrix: whether a kernel without shadow stacks keeps their rule, which is information.
        package var others: [(test: LitmusTest, verdict: Verdict)]

        /// Gathers tests.
        package init(
            title: String, tests: [TestFindings], replay: ReplayCommand, kernel: String? = nil,
            others: [(test: LitmusTest, verdict: Verdict)] = []
        ) {
            self.others = others
            self.title = title
            self.tests = tests
            self.replay = replay
            self.kernel = kernel
        }
    }

    /// So many runs are drawn; the others are text.
    package static let mostDrawn = 10

    private let command: String
    private let profiles: [String]
    private let groups: [Group]
    private let runs: [ReportRun]
    private let lines: [String]
    private let intro: String

    /// A report of verdicts.
    /// - Parameters:
    ///   - command: the command line that makes it.
    ///   - profiles: the columns of the matrix.
    ///   - lines: what is said of all tests together.
    package init(command: String, profiles: [String], groups: [Group], lines: [String]) {
        self.command = command
        self.profiles = profiles
        self.groups = groups
        self.lines = lines
        intro = ""
        runs = groups.flatMap { $0.runs }
    }

    /// A page of runs without a matrix.
    /// - Parameter intro: what stands before them, as HTML.
    init(command: String, runs: [ReportRun], lines: [String], intro: String = "") {
        self.command = command
        self.runs = runs
        self.lines = lines
        self.intro = intro
        profiles = []
        groups = []
    }

    /// A page of one run.
    package init(command: String, run: ReportRun) { self.init(command: command, runs: [run], lines: []) }

    /// The text of the file.
    package func rendered() -> String {
        let slugs = ReportSlugs(runs)
        let drawn = drawnRuns
        var html = HTMLText()
        html.add(Self.head(title: title))
        html.add("<header><div><h1>Ptero report</h1>")
        for line in lines { html.element("p", text: line) }
        html.element("pre", "tabindex=\"0\"", text: command)
        html.add(
            "</div><div class=\"tools\" hidden><label><input type=\"checkbox\" id=\"letters\" checked> keys j and k</label> <button type=\"button\" id=\"theme\">light / dark</button></div></header><main>"
        )
        if !groups.isEmpty { html.add(ReportMatrix(groups, profiles: profiles, slugs).rendered()) }
        html.add(intro)
        if !runs.isEmpty { html.add(PageLegend.html) }
        for number in runs.indices where drawn.contains(number) {
            html.add(RunSection(runs[number], slug: slugs.all[number]).rendered())
        }
        let others = runs.indices.filter { !drawn.contains($0) }
        if !others.isEmpty {
            html.add("<section class=\"others\">")
            html.element("h2", text: "\(Figures.count(others.count, "more run")), as text")
            html.element("p", "class=\"dim\"", text: "Each opens. `ptero replay --html` draws one of them.")
            for number in others { html.add(RunSection(runs[number], slug: slugs.all[number]).folded()) }
            html.add("</section>")
        }
        html.add(
            "</main><p id=\"live\" aria-live=\"polite\" class=\"unseen\"></p><script>\(PageScript.text)</script></body></html>\n"
        )
        return html.body
    }

    private var title: String {
        runs.count == 1 && groups.isEmpty
            ? "\(runs[0].title) on \(runs[0].profiles.joined(separator: ", ")): Ptero" : "Ptero report"
    }

    /// The runs that are drawn: what was not expected first, then failures, then other answers, each in the order of the tests.
    private var drawnRuns: Set<Int> {
        let ranked =
            runs.indices.filter { runs[$0].isUnexpected }
            + runs.indices.filter { !runs[$0].isUnexpected && runs[$0].isFailure }
            + runs.indices.filter { !runs[$0].isUnexpected && !runs[$0].isFailure }
        return Set(ranked.prefix(Self.mostDrawn))
    }

    private static func head(title: String) -> String {
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
            + "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
            + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">"
            + "<link rel=\"icon\" href=\"data:,\"><title>\(SVGText.escaped(title))</title><style>\(PageStyle.text)</style></head>\n<body>"
            + "<svg class=\"unseen\" width=\"0\" height=\"0\" aria-hidden=\"true\">\(PictureStyle.patterns)</svg>"
    }
}

extension ReportPage.Group {
    /// The runs of its tests, and of the questions beside them.
    fileprivate var runs: [ReportRun] {
        let own = tests.flatMap { test in
            test.toldRuns.compactMap { finding, profiles in
                ReportRun(finding, of: test.test, profiles: profiles, replay: replay, kernel: kernel)
            }
        }
        let beside = others.compactMap { test, verdict -> ReportRun? in
            var run = ReportRun(
                Finding(verdict), of: test, profiles: [verdict.profile], replay: replay, kernel: kernel)
            run?.isInMatrix = false
            run?.word = "breaks the rule of shadow stacks"
            run?.remarks.append(
                "no failure of this version: it gives programs no shadow stacks, as Linux does from 6.6 on")
            return run
        }
        return own + beside
    }
}

/// The names of runs in fragments, each different.
struct ReportSlugs {
    /// By the run's position.
    let all: [String]
    /// By the test's title and the profile, the names in the order of the runs: files can share a title.
    private let byTitle: [String: [String]]

    init(_ runs: [ReportRun]) {
        var used: Set<String> = []
        var byTitle: [String: [String]] = [:]
        all = runs.map { run in
            let base = HTMLText.slug(run.title + "-" + (run.profiles.first ?? ""))
            var (slug, number) = (base, 1)
            while !used.insert(slug).inserted {
                number += 1
                slug = "\(base)-v\(number)"
            }
            for profile in run.profiles where run.isInMatrix {
                byTitle["\(run.title)\n\(profile)", default: []].append(slug)
            }
            return slug
        }
        self.byTitle = byTitle
    }

    /// The fragment of a run, the `number`-th of that title and profile.
    func slug(_ title: String, _ profile: String, number: Int) -> String? {
        let slugs = byTitle["\(title)\n\(profile)"] ?? []
        return slugs.indices.contains(number) ? slugs[number] : nil
    }
}
