import Checker
import Litmus

/// The table of scenarios that ask for a failure: what each comes to on each class of CPUs, and in words.
public struct ScenarioTable: Sendable {
    private let tests: [TestFindings]
    private let profiles: [String]
    private let isEverybody: Bool

    /// A table of these tests, whose conditions say what goes wrong; `isEverybody` says that `profiles` are all classes of
    /// CPUs there are.
    public init(_ tests: [TestFindings], profiles: [String], isEverybody: Bool) {
        self.tests = tests
        self.profiles = profiles
        self.isEverybody = isEverybody
    }

    /// The table and, if anything in it needs one, a legend.
    public func rendered(_ style: Style = .plain) -> String {
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
            table.append([.init(printable(test.test.name))] + cells + [.init(words, role)])
        }
        let outcomes = Set(tests.flatMap { $0.findings.map { $0.outcome } })
        var legend =
            tests.contains { $0.findings.count < profiles.count } ? "  -  the scenario is not for this profile\n" : ""
        if outcomes.contains(.unexpected) { legend += "  !  not as it should be, see below\n" }
        if outcomes.contains(.inconclusive) { legend += "  ?  inconclusive, see below\n" }
        if tests.contains(where: { $0.hasKnownFailure }) {
            legend += "  A failure without ! is known: the scenario expects it on that class of CPUs.\n"
        }
        return table.rendered(style) + (legend.isEmpty ? "" : "\n" + legend)
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
public struct ScenarioComparison: Sendable {
    private let first: (title: String, tests: [TestFindings])
    private let second: (title: String, tests: [TestFindings])
    private let profiles: [String]
    private let isEverybody: Bool

    /// Compares what was found with a first and with a second kernel.
    public init(
        _ first: [TestFindings], title firstTitle: String, _ second: [TestFindings], title secondTitle: String,
        profiles: [String], isEverybody: Bool
    ) {
        self.first = (firstTitle, first)
        self.second = (secondTitle, second)
        self.profiles = profiles
        self.isEverybody = isEverybody
    }

    /// The table, with `*` before each scenario whose verdict differs on some profile, and a line that counts them.
    public func rendered(_ style: Style = .plain) -> String {
        var table = TextTable([
            .init("  scenario", maxWidth: 26), .init(first.title, maxWidth: 30), .init(second.title, maxWidth: 30),
            .init("differs on", maxWidth: 24),
        ])
        var changed = 0
        let names = first.tests.map { $0.test.name }
        for name in names + second.tests.map({ $0.test.name }).filter({ !names.contains($0) }) {
            let pair = [first.tests, second.tests].map { tests in tests.first { $0.test.name == name } }
            let differing = differences(pair)
            changed += differing.isEmpty ? 0 : 1
            let cells = pair.map { test -> TextTable.Cell in
                guard let test else { return .init("could not be checked", .unsure) }
                let (words, role) = ScenarioTable.verdict(test, profiles: profiles, isEverybody: isEverybody)
                return .init(words, role)
            }
            let isWhole = isEverybody && Set(differing).isSuperset(of: profiles)
            table.append(
                [.init((differing.isEmpty ? "  " : "* ") + printable(name), differing.isEmpty ? .plain : .heading)]
                    + cells
                    + [.init(isWhole ? "every profile" : differing.joined(separator: " "))])
        }
        let count =
            changed == 0 ? "nothing differs" : "\(Figures.count(changed, "scenario")) differ\(changed == 1 ? "s" : "")"
        return table.rendered(style) + "\n  *  " + count + "\n"
    }

    /// The profiles on which two results differ: another verdict, or none.
    private func differences(_ pair: [TestFindings?]) -> [String] {
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
