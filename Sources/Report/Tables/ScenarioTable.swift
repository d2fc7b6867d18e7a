import Checker
import Diagnostics
import Explorer
import Litmus
import X86

/// The table of scenarios that ask for a failure: what each comes to on each class of CPUs, and in words.
package struct ScenarioTable: Sendable {
    private let tests: [TestFindings]
    private let leftOut: [(name: String, words: String)]
    private let profiles: [String]
    private let isEverybody: Bool

    /// A table of these tests, whose conditions say what goes wrong.
    ///
    /// `isEverybody` says that `profiles` are all classes of CPUs there are. Scenarios that were left out stand below the
    /// others, with the reason.
    package init(
        _ tests: [TestFindings], leftOut: [(name: String, words: String)] = [], profiles: [String], isEverybody: Bool
    ) {
        self.tests = tests
        self.leftOut = leftOut
        self.profiles = profiles
        self.isEverybody = isEverybody
    }

    /// The table and, if anything in it needs one, a legend.
    package func rendered(_ style: Style = .plain) -> String {
        var table = TextTable(
            [.init("scenario", maxWidth: 24)] + profiles.map { .init($0) } + [.init("verdict", maxWidth: 34)])
        for test in tests {
            let cells = profiles.map { profile -> TextTable.Cell in
                guard let finding = test.findings.first(where: { $0.verdict.profile == profile }) else {
                    return .init("-", .faint)
                }
                let word = finding.verdict.observation.rawValue
                switch finding.outcome {
                case .expected, .open: return .init(word)
                case .unexpected: return .init(word + "!", .bad)
                case .inconclusive: return .init("?", .unsure)
                }
            }
            let (words, role) = Self.verdict(test, profiles: profiles, isEverybody: isEverybody)
            table.append([.init(printable(test.test.title))] + cells + [.init(words, role)])
        }
        for (name, words) in leftOut {
            table.append(
                [.init(printable(name))] + profiles.map { _ in .init("-", .faint) } + [.init(printable(words), .faint)])
        }
        let outcomes = Set(tests.flatMap { $0.findings.map { $0.outcome } })
        var legend: [String] = []
        if !leftOut.isEmpty {
            legend.append("-  the scenario is not for this kernel, or not for this profile")
        } else if tests.contains(where: { $0.findings.count < profiles.count }) {
            legend.append("-  the scenario is not for this profile")
        }
        if outcomes.contains(.unexpected) { legend.append("!  not as it should be, see below") }
        if outcomes.contains(.inconclusive) { legend.append("?  inconclusive, see below") }
        if tests.contains(where: { $0.hasKnownFailure }) {
            legend.append("A failure without ! is known: the scenario expects it on that class of CPUs.")
        }
        if !besides.isEmpty {
            legend.append(
                "Scenarios with entries above the leaf are checked on \(besides.joined(separator: " and ")) besides; a failure "
                    + "there is in the verdict, and --profile gives each a column.")
        }
        let lines = legend.flatMap { TextWrap.lines(of: "  " + $0, width: style.width) }.map { $0 + "\n" }.joined()
        return table.rendered(style) + (lines.isEmpty ? "" : "\n" + lines)
    }

    /// Classes of CPUs that some scenarios were checked on and that have no column.
    private var besides: [String] {
        tests.flatMap { $0.findings.map { $0.verdict.profile } }.reduce(into: []) { names, name in
            if !profiles.contains(name), !names.contains(name) { names.append(name) }
        }
    }

    /// What a scenario comes to, in words: where its condition can hold, something goes wrong.
    static func verdict(
        _ test: TestFindings, profiles: [String], isEverybody: Bool
    ) -> (words: String, role: Style.Role) {
        let failing = test.findings.filter { $0.verdict.positive > 0 }.map { $0.verdict.profile }
        let isOpen = test.findings.contains { $0.outcome == .inconclusive }
        let isBad = test.findings.contains { $0.outcome == .unexpected }
        if !failing.isEmpty {
            let role: Style.Role = isBad ? .bad : .plain
            if isEverybody && Set(failing).isSuperset(of: profiles) { return ("fails everywhere", role) }
            return ("fails on \(failing.joined(separator: " "))", role)
        }
        if isOpen { return ("not known", .unsure) }
        let asked = test.findings.map { $0.verdict.profile }
        if asked.isEmpty { return ("not for these profiles", .faint) }
        if isEverybody && Set(asked).isSuperset(of: profiles) { return ("works for everybody", isBad ? .bad : .good) }
        return ("works on \(asked.joined(separator: " "))", isBad ? .bad : .good)
    }
}

/// The same scenarios with two kernels, side by side.
package struct ScenarioComparison: Sendable {
    private let first: KernelReport.Part
    private let second: KernelReport.Part
    private let profiles: [String]
    private let isEverybody: Bool

    /// Compares what was found with a first and with a second kernel.
    package init(
        _ first: KernelReport.Part, _ second: KernelReport.Part, profiles: [String], isEverybody: Bool
    ) {
        self.first = first
        self.second = second
        self.profiles = profiles
        self.isEverybody = isEverybody
    }

    /// The table, with `*` before each scenario whose verdict differs on some profile, and a line that counts them.
    package func rendered(_ style: Style = .plain) -> String {
        var table = TextTable([
            .init("  scenario", maxWidth: 26), .init(first.title, maxWidth: 30), .init(second.title, maxWidth: 30),
            .init("differs on", maxWidth: 24),
        ])
        var changed = 0
        for name in names {
            let pair = pair(name)
            let differing = differences(name)
            changed += differing.isEmpty ? 0 : 1
            let cells = zip(pair, [first, second]).map { test, part -> TextTable.Cell in
                guard let test else {
                    return part.leftOut.contains { $0.name == name }
                        ? .init("not for this kernel", .faint) : .init("could not be checked", .unsure)
                }
                let (words, role) = ScenarioTable.verdict(test, profiles: profiles, isEverybody: isEverybody)
                return .init(words, role)
            }
            let isWhole = isEverybody && Set(differing).isSuperset(of: profiles)
            table.append(
                [.init((differing.isEmpty ? "  " : "* ") + printable(name), differing.isEmpty ? .plain : .heading)]
                    + cells
                    + [.init(isWhole ? "every profile" : differing.joined(separator: " "))])
        }
        if let row = ruleRow { table.append(row) }
        let count =
            changed == 0 ? "nothing differs" : "\(Figures.count(changed, "scenario")) differ\(changed == 1 ? "s" : "")"
        return table.rendered(style) + "\n  *  " + count + "\n"
    }

    /// Whether something fails with the first kernel that does not with the second, or fails always and not sometimes.
    package var isFirstWorse: Bool {
        names.contains { name in differences(name).contains { isFirstWorse(name, on: $0) } }
    }

    private func isFirstWorse(_ name: String, on profile: String) -> Bool {
        func rank(_ test: TestFindings?) -> Int? {
            switch test?.findings.first(where: { $0.verdict.profile == profile })?.verdict.observation {
            case .never?: 0
            case .sometimes?: 1
            case .always?: 2
            case .inconclusive?, nil: nil
            }
        }
        let pair = pair(name)
        guard let own = rank(pair[0]), let other = rank(pair[1]) else { return false }
        return own > other
    }

    /// What was found with the first kernel, where what is expected is what the second does: only what is worse is unexpected.
    var judged: [TestFindings] {
        first.tests.map { test in
            var test = test
            let other = pair(test.test.title)[1]
            let differing = differences(test.test.title)
            for position in test.findings.indices {
                let verdict = test.findings[position].verdict
                let isWorse =
                    differing.contains(verdict.profile) && isFirstWorse(test.test.title, on: verdict.profile)
                let wanted = other?.findings.first { $0.verdict.profile == verdict.profile }?.verdict.observation
                test.findings[position].verdict.expected = isWorse ? wanted : verdict.observation
            }
            return test
        }
    }

    /// For each scenario that differs a run to what only one of the kernels does.
    package func runs(_ style: Style = .plain) -> String {
        var text = ""
        for name in names {
            let pair = pair(name)
            let differing = differences(name)
            for (position, part) in [first, second].enumerated() {
                guard var own = pair[position], let other = pair[1 - position] else { continue }
                own.findings = Array(
                    own.findings.filter { finding in
                        let profile = finding.verdict.profile
                        return differing.contains(profile) && finding.verdict.positive > 0
                            && other.findings.contains { $0.verdict.profile == profile && $0.verdict.positive == 0 }
                    }.prefix(1))
                let run = WitnessList(own, replay: part.replay).rendered(style)
                if !run.isEmpty {
                    let title = part.title.split(separator: "\n").joined(separator: ", ")
                    text += "\n" + style.apply(.heading, "Only with \(title):") + run
                }
            }
        }
        return text
    }

    /// The scenarios of either kernel, in order.
    private var names: [String] {
        var names: [String] = []
        for name in [first, second].flatMap({ $0.tests.map { $0.test.title } + $0.leftOut.map { $0.name } })
        where !names.contains(name) { names.append(name) }
        return names
    }

    private func pair(_ name: String) -> [TestFindings?] {
        [first, second].map { part in part.tests.first { $0.test.title == name } }
    }

    /// What is only information for a kernel that knows no shadow stacks.
    private var ruleRow: [TextTable.Cell]? {
        let parts = [first, second]
        guard parts.contains(where: { $0.ruleBreakers != nil }) else { return nil }
        return [.init("  shadow-stack rule")]
            + parts.map { part in
                guard let breakers = part.ruleBreakers else { return .init("part of each scenario") }
                return .init(
                    breakers.isEmpty ? "kept" : "broken in \(Figures.count(breakers.count, "scenario")), see below")
            }
    }

    /// The profiles on which two results differ: another verdict, or none.
    private func differences(_ name: String) -> [String] {
        // A scenario that is about one of the kernels only tells nothing about the other.
        if [first, second].contains(where: { $0.leftOut.contains { $0.name == name } }) { return [] }
        let pair = pair(name)
        let asked = (pair.compactMap({ $0 }).first?.findings ?? []).map({ $0.verdict.profile })
        return asked.filter { profile in
            let words = pair.map { test in
                test?.findings.first { $0.verdict.profile == profile }?.verdict.observation
            }
            return Set(words).count > 1
        }
    }
}

extension TestFindings {
    /// Whether something goes wrong somewhere as expected.
    fileprivate var hasKnownFailure: Bool { findings.contains { $0.outcome == .expected && $0.verdict.positive > 0 } }
}
