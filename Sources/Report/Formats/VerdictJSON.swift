import Checker
import Diagnostics
import Explorer
import Litmus
import X86

/// A finding as one JSON object on a line.
package enum VerdictJSON {
    /// With more final states than this, `finals` is null: a line of text is not a place for hundreds of thousands.
    package static let mostFinals = 10_000

    /// The line, with a newline at the end.
    ///
    /// `states` is the number of distinct final states, `explored` the number of states of the machine. With `showsSteps` the
    /// witness is told step by step as well, with the instructions on registers alone that run together with a step, or before
    /// the first (`start`). `witnessEnd` is there when the witness may not be a shortest run, `assumed`
    /// when something was assumed to compile a C test, `empty` when the verdict says less than it seems to, `kernel` when it
    /// was compiled with a kernel's headers, `directory` where these lie, `breaksShadowStackRule` where it is only
    /// information, `warnings` when the test's head has lines that may be slips, `sharedWith` when the verdict and its figures
    /// are those of another profile's search.
    package static func text(
        _ finding: Finding, showsSteps: Bool = false, assumptions: [String] = [], kernel: String? = nil,
        directory: String? = nil, breaksRule: Bool? = nil,
        warnings: [Diagnostic] = []
    ) -> String {
        let verdict = finding.verdict
        var members: [JSONText.Member] = [
            RecordSchema.check.member,
            .init("test", .string(verdict.test)),
            .init("file", .optional(verdict.file)),
            .init("profile", .string(verdict.profile)),
            .init("observation", .string(verdict.observation.rawValue)),
            .init("expected", .optional(verdict.expected?.rawValue)),
            .init("asExpected", asExpected(finding.outcome)),
            .init("quantifier", .string(verdict.quantifier.rawValue)),
            .init("condition", .string(verdict.condition)),
            .init("states", .integer(verdict.states.count)),
        ]
        if let kernel { members.append(.init("kernel", .string(kernel))) }
        if let directory { members.append(.init("directory", .string(directory))) }
        if let breaksRule { members.append(.init("breaksShadowStackRule", .bool(breaksRule))) }
        if !assumptions.isEmpty { members.append(.init("assumed", .array(assumptions.map(JSONText.string)))) }
        if !warnings.isEmpty {
            members.append(
                .init(
                    "warnings",
                    .array(
                        warnings.map { warning in
                            .object([
                                .init("line", warning.place.map { .integer($0.line) } ?? .null),
                                .init("message", .string(warning.message)),
                                .init("remedy", .optional(warning.remedy)),
                            ])
                        })))
        }
        if let expectedStates = finding.expectedStates {
            members.append(.init("expectedStates", .integer(expectedStates)))
        }
        members += [
            .init("positive", .integer(verdict.positive)),
            .init("negative", .integer(verdict.negative)),
            .init(
                "finals",
                verdict.states.count > mostFinals ? .null : .array(verdict.states.map { .string($0.text) })),
            .init("seconds", .decimal(verdict.seconds, decimals: 6)),
            .init("witness", .optional(verdict.replay)),
            .init("end", .string(word(verdict.end))),
            .init("reason", .optional(verdict.reason?.text)),
            .init("explored", .integer(verdict.statistics.states)),
            .init("transitions", .integer(verdict.statistics.transitions)),
            .init("depth", .integer(verdict.statistics.depth)),
            .init("bytes", .integer(verdict.statistics.bytes)),
            .init("hash", .string(verdict.hash)),
        ]
        if let other = verdict.sharedWith { members.append(.init("sharedWith", .string(other))) }
        if !verdict.notes.isEmpty { members.append(.init("empty", .array(verdict.notes.map(NoteText.json)))) }
        // Only where there is something to say: nearly every witness is a shortest run.
        if verdict.replayEnd != .complete { members.append(.init("witnessEnd", .string(word(verdict.replayEnd)))) }
        if showsSteps, let run = verdict.shownRun { members += RunJSON(run).members }
        return JSONText.object(members).text + "\n"
    }

    private static func asExpected(_ outcome: Finding.Outcome) -> JSONText {
        switch outcome {
        case .expected: .bool(true)
        case .unexpected, .inconclusive: .bool(false)
        case .open: .null
        }
    }

    private static func word(_ end: SearchEnd) -> String {
        switch end {
        case .complete: "complete"
        case .stateLimit: "states"
        case .memoryLimit: "memory"
        case .timeLimit: "time"
        case .interrupted: "interrupted"
        case .failed: "machine"
        }
    }
}
