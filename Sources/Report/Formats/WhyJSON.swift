import Checker
import Diagnostics
import Litmus

/// What carries a test's verdicts, as one JSON object on a line.
package enum WhyJSON {
    /// The line, with a newline at the end.
    package static func text(_ removals: Removals, replay: ReplayCommand, kernel: String? = nil) -> String {
        var members: [JSONText.Member] = [
            RecordSchema.why.member,
            .init("test", .string(removals.test.title)),
            .init("file", .string(removals.file)),
            .init("quantifier", .string(removals.test.condition.quantifier.rawValue)),
            .init("condition", .string(LitmusWriter.text(of: removals.test.condition))),
            .init("profiles", .array(removals.base.map(base))),
            .init(
                "steps",
                .array(
                    removals.findings.enumerated().map {
                        step($0.element, number: $0.offset + 1, removals.test, replay)
                    })),
        ]
        if let kernel { members.append(.init("kernel", .string(kernel))) }
        let kinds = RemovalFinding.Kind.allCases.map { kind in
            JSONText.Member(kind.rawValue, .integer(removals.findings.count { $0.kind == kind }))
        }
        members.append(.init("summary", .object(kinds)))
        members.append(.init("interrupted", .bool(removals.isInterrupted)))
        return JSONText.object(members).text + "\n"
    }

    private static func base(_ verdict: Verdict) -> JSONText {
        .object([
            .init("profile", .string(verdict.profile)),
            .init("observation", .string(verdict.observation.rawValue)),
            .init("judged", .bool(verdict.isGood)),
            .init("reason", .optional(verdict.reason?.text)),
        ])
    }

    private static func step(
        _ finding: RemovalFinding, number: Int, _ test: LitmusTest, _ replay: ReplayCommand
    ) -> JSONText {
        let removal = finding.removal
        return .object([
            .init("number", .integer(number)),
            .init("step", .string(RemovalWords.word(removal))),
            .init("processor", .integer(removal.processor)),
            .init("handler", .bool(removal.isHandler)),
            .init(
                "parts",
                .array(
                    removal.parts.map {
                        .object([.init("line", .integer($0.place.line)), .init("text", .string($0.text))])
                    })),
            .init("without", .string(RemovalWords.sentence(removal))),
            .init("finding", .string(finding.kind.rawValue)),
            .init("written", .optional(finding.file)),
            .init("verdicts", .array(finding.verdicts.map { verdict($0, finding.file, test, replay) })),
        ])
    }

    private static func verdict(
        _ verdict: RemovalVerdict, _ file: String?, _ test: LitmusTest, _ replay: ReplayCommand
    ) -> JSONText {
        var members: [JSONText.Member] = [
            .init("profile", .string(verdict.profile)),
            .init("finding", .string(word(verdict.outcome))),
            .init("observation", .optional(verdict.observation?.rawValue)),
        ]
        switch verdict.harm {
        case .happened(let names): members.append(.init("happened", .array(names.map(JSONText.string))))
        case .state(let parts): members.append(.init("state", .array(parts.map(JSONText.string))))
        case nil: break
        }
        switch verdict.outcome {
        case .meaningless(let notes):
            members.append(.init("reasons", .array(notes.map { .string(RemovalWords.reason($0)) })))
        case .disarmed: members.append(.init("reasons", .array([.string("without it no other step is needed")])))
        case .impossible(let diagnostic): members.append(.init("reasons", .array([.string(diagnostic.message)])))
        case .inconclusive(let reason, _):
            members.append(.init("reasons", .array(reason.map { [.string($0.text)] } ?? [])))
        case .needed, .unneeded: break
        }
        if let steps = verdict.replay {
            members.append(.init("witness", .string(steps)))
            if let file {
                let line = replay.line(
                    file: file, condition: test.conditionName, profile: verdict.profile, steps: steps)
                members.append(.init("replay", .string(line)))
            }
        }
        return .object(members)
    }

    private static func word(_ outcome: RemovalVerdict.Outcome) -> String {
        switch outcome {
        case .needed: RemovalFinding.Kind.needed.rawValue
        case .unneeded: RemovalFinding.Kind.unneeded.rawValue
        case .meaningless, .disarmed, .impossible: RemovalFinding.Kind.meaningless.rawValue
        case .inconclusive: RemovalFinding.Kind.inconclusive.rawValue
        }
    }
}
