import Checker
import Diagnostics
import Litmus

/// SARIF 2.1.0 (OASIS): a result for each problem, with its run as a code flow.
struct SARIFText {
    private let document: CheckDocument
    private let origin: CheckDocument.Origin

    init(_ document: CheckDocument, _ origin: CheckDocument.Origin) {
        self.document = document
        self.origin = origin
    }

    /// The text.
    func rendered() -> String {
        let problems = document.problems
        let rules = SARIFRule.rules(of: problems)
        let driver: JSONText = .object([
            .init("name", .string("Ptero")), .init("version", .string(origin.version)),
            .init("semanticVersion", .string(origin.version)), .init("rules", .array(rules.map { $0.json })),
        ])
        let run: JSONText = .object([
            .init("tool", .object([.init("driver", driver)])), .init("invocations", .array([invocation])),
            // Diagnostics count Unicode scalars, and so do places in tests.
            .init("columnKind", .string("unicodeCodePoints")),
            .init("results", .array(problems.map { result($0, rules) })),
        ])
        return JSONText.object([
            .init("$schema", .string("https://json.schemastore.org/sarif-2.1.0.json")),
            .init("version", .string("2.1.0")), .init("runs", .array([run])),
        ]).indented() + "\n"
    }

    /// How the command ran: what could not be used is a notification.
    private var invocation: JSONText {
        var members: [JSONText.Member] = [
            .init("commandLine", .string(origin.command)),
            .init("endTimeUtc", .string(origin.time + "Z")),
            .init("executionSuccessful", .bool(document.status != .badInput && document.status != .defect)),
            .init("exitCode", .integer(Int(document.status.rawValue))),
        ]
        let faults = document.faults.flatMap { $0.diagnostics }
        if !faults.isEmpty {
            members.append(.init("toolExecutionNotifications", .array(faults.map(notification))))
        }
        return .object(members)
    }

    private func notification(_ diagnostic: Diagnostic) -> JSONText {
        var members: [JSONText.Member] = [
            .init("level", .string("error")), .init("message", SARIFRun.message(diagnostic.sentences)),
        ]
        if let region = TextRegion(diagnostic) {
            members.append(
                .init("locations", .array([.object([.init("physicalLocation", physical(region))])])))
        }
        return .object(members)
    }

    private func result(_ problem: Problem, _ rules: [SARIFRule]) -> JSONText {
        let rule = SARIFRule(of: problem)
        let parts = ["\(problem.title): \(problem.headline).", problem.conclusion].compactMap { $0 }
        var members: [JSONText.Member] = [
            .init("ruleId", .string(rule.id)),
            .init("ruleIndex", .integer(rules.firstIndex(of: rule) ?? -1)),
        ]
        members += Self.level(problem.shortfall)
        members.append(.init("message", SARIFRun.message(parts.joined(separator: " "))))
        members.append(
            .init(
                "locations",
                .array([
                    .object([
                        .init("physicalLocation", physical(problem.place)),
                        .init(
                            "logicalLocations",
                            .array([.object([.init("name", .string(printable(problem.finding.verdict.test)))])])),
                    ])
                ])))
        if let run = problem.finding.verdict.shownRun {
            let flow = SARIFRun(run, file: problem.test.file, directory: origin.directory)
            members.append(.init("codeFlows", .array([flow.codeFlow])))
        }
        members.append(.init("partialFingerprints", fingerprint(problem)))
        members.append(.init("properties", properties(problem)))
        return .object(members)
    }

    /// What is not known is open, and has no level by the standard.
    private static func level(_ shortfall: Shortfall?) -> [JSONText.Member] {
        switch shortfall {
        case .unexpected?: [.init("level", .string("error"))]
        case .empty?: [.init("level", .string("warning"))]
        case .inconclusive?: [.init("kind", .string("open")), .init("level", .string("none"))]
        case nil: [.init("level", .string("note"))]
        }
    }

    /// The same for the same verdict of the same test, wherever its lines have moved.
    private func fingerprint(_ problem: Problem) -> JSONText {
        let verdict = problem.finding.verdict
        let words = [verdict.hash, problem.profiles.joined(separator: ","), verdict.observation.rawValue]
        return .object([.init("pteroVerdict/v1", .string(words.joined(separator: ":")))])
    }

    private func properties(_ problem: Problem) -> JSONText {
        let verdict = problem.finding.verdict
        var members: [JSONText.Member] = [
            .init("profiles", .array(problem.profiles.map(JSONText.string))),
            .init("condition", .string(verdict.condition)),
            .init("observation", .string(verdict.observation.rawValue)),
            .init("expected", .optional(verdict.expected?.rawValue)),
        ]
        if let replay = problem.replay { members.append(.init("replay", .string(replay))) }
        if let kernel = problem.kernel { members.append(.init("kernel", .string(kernel))) }
        return .object(members)
    }

    private func physical(_ region: TextRegion) -> JSONText { region.sarif(in: origin.directory) }
}

extension TextRegion {
    /// A `physicalLocation`.
    func sarif(in directory: String) -> JSONText {
        var members = [
            JSONText.Member("artifactLocation", .object([.init("uri", .string(uri(in: directory)))]))
        ]
        if let line {
            var region = [JSONText.Member("startLine", .integer(line))]
            if let column { region.append(.init("startColumn", .integer(column))) }
            if let endColumn { region.append(.init("endColumn", .integer(endColumn))) }
            members.append(.init("region", .object(region)))
        }
        return .object(members)
    }
}

/// What a result is an instance of: a violated property, or a verdict that does not pass for another reason.
struct SARIFRule: Hashable {
    var id: String
    var text: String

    /// The rule of a problem.
    init(of problem: Problem) {
        let ending = problem.finding.verdict.shownRun?.ending
        switch problem.shortfall {
        case .inconclusive?:
            self.init("inconclusive", "A search hit a limit: nothing is claimed about the runs not seen.")
        case .empty?: self.init("empty", "A verdict says less than it seems to.")
        case .unexpected?, nil:
            switch ending?.harms.first {
            case .property(let property, _)?: self.init(guideOf: property.name)
            case .stuck?: self.init(guideOf: ThreadProperty.stuck.name)
            case .wild?: self.init(guideOf: ThreadProperty.wild.name)
            case .fault?: self.init(guideOf: ThreadProperty.fault.name)
            case nil: self.init("verdict", "A verdict is not as expected.")
            }
        }
    }

    private init(guideOf name: String) {
        self.init(name, PropertyGuide.all.first { $0.name == name }?.text ?? name)
    }

    private init(_ id: String, _ text: String) {
        self.id = id
        self.text = text
    }

    /// Those of some problems, each once.
    static func rules(of problems: [Problem]) -> [SARIFRule] {
        var rules: [SARIFRule] = []
        for rule in problems.map(SARIFRule.init(of:)) where !rules.contains(rule) { rules.append(rule) }
        return rules
    }

    /// A `reportingDescriptor`.
    var json: JSONText {
        .object([
            .init("id", .string(id)), .init("shortDescription", .object([.init("text", .string(id))])),
            .init("fullDescription", .object([.init("text", .string(text))])),
        ])
    }
}
