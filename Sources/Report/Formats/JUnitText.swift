import Checker
import Diagnostics
import Litmus

/// JUnit's XML, as its public schema has it: a suite for each folder or kernel, a class for each test, a case for each profile.
struct JUnitText {
    private struct Case {
        var name: String
        var owner: String
        var seconds = 0.0
        /// `failure`, `error` or `skipped`, what it says, and its lines; nil for a case that passes.
        var result: (element: String, type: String?, message: String, lines: [String])?
    }

    private let document: CheckDocument
    private let origin: CheckDocument.Origin

    init(_ document: CheckDocument, _ origin: CheckDocument.Origin) {
        self.document = document
        self.origin = origin
    }

    /// The text.
    func rendered() -> String {
        var suites = document.groups.map { group in
            (name: group.title, kernel: group.kernel, cases: group.tests.flatMap { cases(of: $0, group) })
        }
        let faults = document.faults.map(testCase)
        if !faults.isEmpty { suites.append((name: "inputs in error", kernel: nil, cases: faults)) }
        let skipped = document.skipped.flatMap(cases)
        if !skipped.isEmpty { suites.append((name: "skipped", kernel: nil, cases: skipped)) }
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        for (number, suite) in suites.enumerated() {
            text += rendered(suite.name, number, kernel: suite.kernel, suite.cases)
        }
        return text + "</testsuites>\n"
    }

    // MARK: Cases

    private func cases(of test: TestFindings, _ group: ReportPage.Group) -> [Case] {
        guard !test.findings.isEmpty else {
            return [
                Case(
                    name: "no profile", owner: test.test.title,
                    result: ("skipped", nil, "the test is for other profiles", []))
            ]
        }
        var failures = FailureText()
        return test.findings.map { finding in
            var made = Case(
                name: finding.verdict.profile, owner: test.test.title, seconds: finding.verdict.seconds)
            guard let shortfall = test.shortfall(of: finding, isStrict: document.isStrict) else { return made }
            let lines = failures.lines(of: finding, in: test, shortfall, replay: group.replay)
            let (element, type) =
                switch shortfall {
                case .unexpected: ("failure", "unexpected")
                case .empty: ("failure", "empty")
                case .inconclusive: ("error", "inconclusive")
                }
            made.result = (element, type, finding.headline(shortfall), lines)
            return made
        }
    }

    private func testCase(_ fault: InputFault) -> Case {
        let lines = fault.diagnostics.map { "\($0.origin): \($0.sentences)" }
        return Case(
            name: fault.kind.name, owner: fault.name,
            result: ("error", fault.kind.name, fault.diagnostics.first?.message ?? "", lines))
    }

    private func cases(_ group: SkippedTests) -> [Case] {
        (0..<group.count).map { position in
            Case(
                name: group.noun, owner: group.files.indices.contains(position) ? group.files[position] : group.noun,
                result: ("skipped", nil, group.reason, []))
        }
    }

    // MARK: XML

    private func rendered(_ name: String, _ number: Int, kernel: String?, _ cases: [Case]) -> String {
        func count(_ element: String) -> Int { cases.count { $0.result?.element == element } }
        let title = Self.attribute(name.isEmpty ? "tests" : name)
        var text =
            "<testsuite name=\(title) package=\(title) id=\"\(number)\" timestamp=\(Self.attribute(origin.time)) "
            + "hostname=\"localhost\" tests=\"\(cases.count)\" failures=\"\(count("failure"))\" "
            + "errors=\"\(count("error"))\" skipped=\"\(count("skipped"))\" "
            + "time=\"\(Self.time(cases.reduce(0) { $0 + $1.seconds }))\">\n"
        text += "<properties>\n"
        for (key, value) in [("version", origin.version), ("command", origin.command)]
            + (kernel.map { [("kernel", $0)] } ?? [])
        {
            text += "<property name=\"\(key)\" value=\(Self.attribute(value))/>\n"
        }
        text += "</properties>\n"
        for one in cases { text += rendered(one) }
        return text + "<system-out></system-out>\n<system-err></system-err>\n</testsuite>\n"
    }

    private func rendered(_ one: Case) -> String {
        let head =
            "<testcase name=\(Self.attribute(one.name)) classname=\(Self.attribute(one.owner)) "
            + "time=\"\(Self.time(one.seconds))\""
        guard let result = one.result else { return head + "/>\n" }
        let type = result.type.map { " type=\(Self.attribute($0))" } ?? ""
        let lines = result.lines.map(SVGText.escaped).joined(separator: "\n")
        return
            "\(head)>\n<\(result.element) message=\(Self.attribute(result.message))\(type)>\(lines)</\(result.element)>\n"
            + "</testcase>\n"
    }

    private static func attribute(_ text: String) -> String { "\"\(SVGText.escaped(text))\"" }

    /// Seconds as XML Schema has decimals.
    private static func time(_ seconds: Double) -> String {
        let text = Figures.fixed(seconds, decimals: 3)
        return text == "-" ? "0" : text
    }
}
