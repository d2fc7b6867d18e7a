import Checker
import Litmus

/// A verdict beside what was expected of it.
package struct Finding: Sendable {
    /// What was found; its `expected` is what the verdict is compared with.
    package var verdict: Verdict
    /// The number of distinct final states that was expected, or nil.
    package var expectedStates: Int?

    /// Pairs a verdict with an expectation.
    package init(_ verdict: Verdict, expectedStates: Int? = nil) {
        self.verdict = verdict
        self.expectedStates = expectedStates
    }

    /// How a verdict relates to what was expected.
    package enum Outcome: Sendable, Hashable {
        /// As expected.
        case expected
        /// Nothing was expected.
        case open
        /// Something else was expected.
        case unexpected
        /// A limit was hit.
        case inconclusive
    }

    /// How the verdict relates to what was expected.
    package var outcome: Outcome {
        if verdict.observation == .inconclusive { return .inconclusive }
        if !verdict.isAsExpected { return .unexpected }
        if let expectedStates { return expectedStates == verdict.states.count ? .expected : .unexpected }
        return verdict.expected == nil ? .open : .expected
    }

    /// `Never`, or `Never with 3 states` when the number of states matters.
    package var found: String {
        let word = verdict.observation.rawValue
        return expectedStates == nil ? word : "\(word) with \(Figures.count(verdict.states.count, "state"))"
    }

    /// What was expected, in the same words; `-` for nothing.
    package var wanted: String {
        let word = verdict.expected?.rawValue
        guard let expectedStates else { return word ?? "-" }
        return "\(word.map { $0 + " with " } ?? "")\(Figures.count(expectedStates, "state"))"
    }
}

/// A test and what was found, profile by profile.
package struct TestFindings: Sendable {
    /// The test.
    package var test: LitmusTest
    /// The file as the user named it.
    package var file: String
    /// The findings in the order of the profiles; none when the test is for other profiles.
    package var findings: [Finding]
    /// What was assumed to compile a C test: functions that return 0 instead of running, variables that are only declared.
    package var assumptions: [String]

    /// Gathers what was found.
    package init(test: LitmusTest, file: String, findings: [Finding], assumptions: [String] = []) {
        self.test = test
        self.file = file
        self.findings = findings
        self.assumptions = assumptions
    }

    /// Whether a verdict of this test says less than it seems to for a reason other than what its CPUs lack: a thing that no
    /// run did counts where it is so on every profile.
    package func isEmpty(_ finding: Finding) -> Bool {
        finding.verdict.notes.contains { note in
            note.isDoubt && (!note.isAbsence || findings.allSatisfy { $0.verdict.notes.contains(note) })
        }
    }

    /// Forgets the runs of verdicts that are as expected.
    package mutating func forgetExpectedRuns() {
        for position in findings.indices where findings[position].outcome == .expected {
            findings[position].verdict.witness = nil
            findings[position].verdict.literalWitness = nil
        }
    }

    /// The worst outcome among the profiles; nil when there is no finding.
    package var outcome: Finding.Outcome? {
        let outcomes = Set(findings.map { $0.outcome })
        return [.unexpected, .inconclusive, .open, .expected].first(where: outcomes.contains)
    }
}

/// How the runs of a report are repeated on the command line.
package struct ReplayCommand: Sendable {
    /// `--profile` arguments by profile name, where the name alone does not do.
    package var profileArguments: [String: String]
    /// Whether the reference search found the runs, whose steps are numbered differently.
    package var usesReference: Bool
    /// Options and their values that say how C tests were compiled.
    package var compilerArguments: [String]

    /// Makes the rule.
    package init(
        profileArguments: [String: String] = [:], usesReference: Bool = false, compilerArguments: [String] = []
    ) {
        self.profileArguments = profileArguments
        self.usesReference = usesReference
        self.compilerArguments = compilerArguments
    }

    /// The command line that shows a verdict's run again, as it was shown; nil when there is none.
    package func line(_ verdict: Verdict) -> String? {
        guard let replay = verdict.literalWitness?.replay ?? verdict.replay else { return nil }
        return line(
            replay, file: verdict.file, condition: verdict.conditionName, profile: verdict.profile,
            isLiteral: verdict.literalWitness != nil)
    }

    /// The command line that shows a run again.
    ///
    /// - Parameters:
    ///   - replay: the run's replay string.
    ///   - profile: the label of its profiles.
    ///   - isLiteral: it is a run of the literal machine, whose steps are numbered differently.
    package func line(
        _ replay: String, file: String?, condition: String?, profile: String, isLiteral: Bool
    ) -> String {
        var words = ["ptero replay", Self.quoted(Self.path(file ?? "-"))]
        if let condition { words.append("--condition \(Self.quoted(condition))") }
        // A test that gives each CPU its profile says so itself.
        if !profile.contains(":") {
            words.append("--profile \(Self.quoted(profileArguments[profile].map(Self.path) ?? profile))")
        }
        if usesReference || isLiteral { words.append("--reference") }
        words += compilerArguments.map(Self.quoted)
        words.append("--witness \(Self.quoted(replay))")
        return words.joined(separator: " ")
    }

    /// A path as an argument that is not taken for an option: `./-x.litmus`; `-` alone is standard input.
    static func path(_ path: String) -> String { path.hasPrefix("-") && path != "-" ? "./" + path : path }

    /// A word as a POSIX shell takes it.
    package static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                || "-_./+:,@%=".unicodeScalars.contains(scalar)
        }
        return isPlain && !word.isEmpty ? word : "'" + word.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
    }
}
