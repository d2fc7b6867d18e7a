import Checker
import Diagnostics
import Explorer
import Litmus
import X86

/// What carries a test's verdicts, as text: the test with the findings beside its lines.
package struct WhyText: Sendable {
    let removals: Removals
    let replay: ReplayCommand
    private let showsWitnesses: Bool
    /// The text of a test in C or Swift; nil for columns.
    private let source: String?

    /// Where code ends and findings begin.
    private static let widestCode = 44

    /// The text of these findings.
    ///
    /// `source` is the text of a test in C or Swift, nil for a test in columns.
    package init(_ removals: Removals, source: String?, replay: ReplayCommand, showsWitnesses: Bool) {
        self.removals = removals
        self.source = source
        self.replay = replay
        self.showsWitnesses = showsWitnesses
    }

    /// All of it.
    package func rendered(_ style: Style = .plain) -> String {
        var text = style.apply(.heading, printable(removals.test.title)) + "\n"
        if let description = removals.test.description { text += wrapped(printable("\"\(description)\"")) }
        text += "\n" + base(style) + "\n" + listing(style) + runs(style) + "\n"
        text += wrapped(summary)
        if removals.isInterrupted { text += "Interrupted: this is what is known so far.\n" }
        return text
    }

    /// The profiles on which steps are judged.
    var judged: [String] { removals.base.filter { $0.isGood }.map { $0.profile } }

    // MARK: The whole test

    private func base(_ style: Style) -> String {
        let condition = LitmusWriter.text(of: removals.test.condition)
        guard !removals.base.isEmpty else { return wrapped("This test is for other profiles.") }
        var text = ""
        let all = removals.base.map { $0.profile }
        if let good = removals.base.first(where: { $0.isGood }) {
            text += wrapped(
                "\(printable(condition)) is \(good.observation.rawValue) on \(RemovalWords.profiles(judged, of: all)). Without a step:"
            )
        }
        var groups: [(observation: Observation, profiles: [String])] = []
        for verdict in removals.base where !verdict.isGood {
            if let known = groups.firstIndex(where: { $0.observation == verdict.observation }) {
                groups[known].profiles.append(verdict.profile)
            } else {
                groups.append((verdict.observation, [verdict.profile]))
            }
        }
        for (observation, profiles) in groups {
            let names = RemovalWords.profiles(profiles, of: all)
            let isKnown = observation != .inconclusive
            text += wrapped(
                (judged.isEmpty ? "\(printable(condition)) is" : "It is")
                    + " \(observation.rawValue) on \(names), with every step in its place: "
                    + (isKnown
                        ? "there is nothing to lose there, and no step is judged." : "no step can be judged there."))
        }
        return text
    }

    // MARK: The listing

    /// A line of the test, and the findings beside it by their number from 0.
    struct Line {
        var text: String
        var findings: [Int] = []
    }

    /// The test line by line.
    var lines: [Line] { source.map(sourceLines) ?? columnLines }

    private func listing(_ style: Style) -> String {
        let lines = lines
        let width = min(Self.widestCode, lines.filter { !$0.findings.isEmpty }.map { $0.text.count }.max() ?? 0)
        var text = ""
        for line in lines {
            guard !line.findings.isEmpty else {
                text += line.text + "\n"
                continue
            }
            var left = line.text
            if left.count > width {
                text += left + "\n"
                left = ""
            }
            for number in line.findings {
                let (role, words) = phrase(number)
                for part in TextWrap.lines(of: words, width: max(30, WitnessText.width - width - 2), indent: 5) {
                    text +=
                        left + String(repeating: " ", count: width + 2 - left.count) + style.apply(role, part) + "\n"
                    left = ""
                }
            }
        }
        return text
    }

    /// The findings at a place; an order stands beside the second of its steps.
    private func findings(where isHere: (Removal, Removal.Part) -> Bool) -> [Int] {
        removals.findings.indices.filter { number in
            let removal = removals.findings[number].removal
            let part = removal.step == .order ? removal.parts.last : removal.parts.first
            return part.map { isHere(removal, $0) } ?? false
        }
    }

    private var columnLines: [Line] {
        let test = removals.test
        return test.threads.flatMap { thread in
            column(thread, "P\(thread.processor)", isHandler: false)
                + (test.handlers[thread.processor].map { column($0, "P\(thread.processor).F", isHandler: true) } ?? [])
                + (test.interrupts[thread.processor].map { column($0, "P\(thread.processor).I", isHandler: nil) } ?? [])
        }
    }

    /// - Parameter isHandler: nil for a handler of interrupts, from which nothing is taken away.
    private func column(_ column: ThreadColumn, _ name: String, isHandler: Bool?) -> [Line] {
        let labels = Dictionary(grouping: column.program.labels.keys) { column.program.labels[$0] ?? 0 }
        return [Line(text: name)]
            + column.program.instructions.enumerated().map { index, instruction in
                let marks = (labels[index] ?? []).sorted().map { $0 + ": " }.joined()
                let found = findings { removal, part in
                    removal.processor == column.processor && removal.isHandler == isHandler && part.index == index
                }
                return Line(text: printable("    \(marks)\(instruction.text)"), findings: found)
            }
    }

    private func sourceLines(_ source: String) -> [Line] {
        let texts = source.split(omittingEmptySubsequences: false, whereSeparator: { $0.isNewline }).map(String.init)
        let digits = String(texts.count).count
        return texts.enumerated().map { index, text in
            let number = String(index + 1)
            let clean = printable(text.replacingTabs)
            let found = findings { _, part in part.place.line == index + 1 }
            return Line(
                text: String(repeating: " ", count: digits - number.count) + "\(number) | \(clean)", findings: found)
        }.dropLast(texts.last?.isEmpty == true ? 1 : 0)
    }

    /// A finding in words, and how much it weighs.
    func phrase(_ number: Int) -> (Style.Role, String) {
        let finding = removals.findings[number]
        var head = "[\(number + 1)] "
        if source != nil {
            // A line of C can have several steps: what the compiler made of it says which.
            switch finding.removal.step {
            case .lock(false): head += "lock prefix of `\(printable(finding.removal.parts.first?.text ?? ""))`"
            case .order, .statement: head += RemovalWords.step(finding.removal)
            default:
                head += "\(RemovalWords.step(finding.removal)) `\(printable(finding.removal.parts.first?.text ?? ""))`"
            }
        } else {
            head += RemovalWords.step(finding.removal)
        }
        switch finding.kind {
        case .needed: return (.bad, head + ": needed, else " + harms(finding))
        case .unneeded: return (.faint, head + ": not needed for this question")
        case .unjudged: return (.faint, head + ": not judged")
        case .meaningless: return (.faint, head + ": part of the question: " + emptiness(finding))
        case .inconclusive: return (.unsure, head + ": not known: " + limit(finding))
        }
    }

    /// What goes wrong, on which profiles.
    private func harms(_ finding: RemovalFinding) -> String {
        var groups: [(harm: String, profiles: [String])] = []
        for verdict in finding.verdicts where verdict.outcome == .needed {
            let harm = RemovalWords.harm(verdict.harm)
            if let known = groups.firstIndex(where: { $0.harm == harm }) {
                groups[known].profiles.append(verdict.profile)
            } else {
                groups.append((harm, [verdict.profile]))
            }
        }
        return groups.map { "\($0.harm) on \(RemovalWords.profiles($0.profiles, of: judged))" }.joined(separator: "; ")
    }

    private func emptiness(_ finding: RemovalFinding) -> String {
        var reasons: [String] = []
        func add(_ reason: String) { if !reasons.contains(reason) { reasons.append(reason) } }
        for verdict in finding.verdicts {
            switch verdict.outcome {
            case .meaningless(let notes): notes.map(RemovalWords.reason).forEach(add)
            case .disarmed: add("without it no other step is needed")
            case .impossible(let diagnostic): add("without it \(printable(diagnostic.message))")
            default: break
            }
        }
        return reasons.joined(separator: "; ")
    }

    private func limit(_ finding: RemovalFinding) -> String {
        for verdict in finding.verdicts {
            if case .inconclusive(let reason?, _) = verdict.outcome {
                return "\(reason.text) on \(printable(verdict.profile))"
            }
        }
        return "not every profile was looked at"
    }

    // MARK: Runs and summary

    private func runs(_ style: Style) -> String {
        var text = ""
        for (number, finding) in removals.findings.enumerated() where finding.kind == .needed {
            let groups = Self.grouped(finding)
            text += wrapped("[\(number + 1)] " + RemovalWords.sentence(finding.removal), indent: 4)
            for (verdict, profiles) in groups {
                let names = RemovalWords.profiles(profiles, of: judged)
                text += wrapped(
                    "    \(verdict.observation?.rawValue ?? "-") on \(names): \(RemovalWords.harm(verdict.harm))",
                    indent: 6)
                if showsWitnesses, let witness = verdict.witness {
                    text += "\n" + WitnessText(witness).rendered(replay: nil, style: style) + "\n"
                }
                if let line = replayLine(verdict, finding.file) { text += "    " + style.apply(.faint, line) + "\n" }
            }
        }
        guard !text.isEmpty else { return "" }
        if removals.findings.allSatisfy({ $0.file == nil }) {
            text += wrapped(
                "The witnesses are runs of the test without the step: --output DIR writes each of these tests, and the line that replays it; --witness shows the runs here."
            )
        }
        return "\nWhat goes wrong:\n" + text
    }

    /// What goes wrong without a step, the same once with all its profiles.
    static func grouped(_ finding: RemovalFinding) -> [(verdict: RemovalVerdict, profiles: [String])] {
        var groups: [(verdict: RemovalVerdict, profiles: [String])] = []
        for verdict in finding.verdicts where verdict.outcome == .needed {
            if let known = groups.firstIndex(where: {
                $0.verdict.observation == verdict.observation && $0.verdict.harm == verdict.harm
                    && $0.verdict.replay == verdict.replay
            }) {
                groups[known].profiles.append(verdict.profile)
            } else {
                groups.append((verdict, [verdict.profile]))
            }
        }
        return groups
    }

    private func replayLine(_ verdict: RemovalVerdict, _ file: String?) -> String? {
        guard let steps = verdict.replay else { return nil }
        guard let file else { return "witness \(steps)" }
        return replay.line(
            file: file, condition: removals.test.conditionName, profile: verdict.profile, steps: steps)
    }

    /// How many steps there are of each kind.
    var summary: String {
        let kinds = removals.findings.map { $0.kind }
        func count(_ kind: RemovalFinding.Kind) -> Int { kinds.count { $0 == kind } }
        let counted = kinds.count - count(.meaningless)
        if kinds.isEmpty { return "This test has no step that could be taken away." }
        var parts: [String] = []
        func add(_ number: Int, _ words: String) { if number > 0 { parts.append("\(number) \(words)") } }
        add(count(.needed), "needed")
        add(count(.unneeded), "not needed for this question")
        add(count(.inconclusive), "not known")
        add(count(.unjudged), "not judged")
        let question = count(.meaningless)
        let verb = question == 1 ? "is" : "are"
        if counted == 0 {
            return "No step to judge: " + (question > 0 ? "\(question) \(verb) part of the question" : "") + "."
        }
        let apart = question > 0 ? "\(question) more \(verb) part of the question" : ""
        return "\(Figures.count(counted, "step")): \(parts.joined(separator: ", "))"
            + (apart.isEmpty ? "" : "; \(apart)") + "."
    }

    private func wrapped(_ text: String, indent: Int = 0) -> String {
        TextWrap.lines(of: text, width: WitnessText.width, indent: indent).map { $0 + "\n" }.joined()
    }
}

extension String {
    /// The text with tabs as four blanks, so that what stands beside it is aligned.
    fileprivate var replacingTabs: String {
        split(separator: "\t", omittingEmptySubsequences: false).joined(separator: "    ")
    }
}

extension ReplayCommand {
    /// The command line that shows a run again.
    func line(file: String, condition: String?, profile: String, steps: String) -> String {
        var words = ["ptero replay", Self.quoted(Self.path(file))]
        if let condition { words.append("--condition \(Self.quoted(condition))") }
        if !profile.contains(":") {
            words.append("--profile \(Self.quoted(profileArguments[profile].map(Self.path) ?? profile))")
        }
        words += compilerArguments.map(Self.quoted)
        words.append("--witness \(Self.quoted(steps))")
        return words.joined(separator: " ")
    }
}
