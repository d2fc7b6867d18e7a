import Checker
import Diagnostics
import Explorer
import Litmus
import Machine
import X86

/// A run taken step by step, and what can come of it.
extension BrowserSession {
    /// Begins a run of a question on some CPUs, by their numbers in what ``load(_:file:)`` answered.
    package func explore(question: Int, profile: Int) -> JSONText {
        stepped = nil
        guard question < questions.count, profile < questions[question].assignments.count else {
            return Self.failure(Diagnostic(withoutPlace: "the test is not for this class of CPUs"))
        }
        let (label, profiles) = questions[question].assignments[profile]
        do throws(Diagnostic) {
            let checker = questions[question].checker
            stepped = try SteppedRun(checker, on: profiles)
            title = "\(printable(checker.test.title)) on \(label)"
            return state(wanted: 0)
        } catch { return Self.failure(error) }
    }

    /// Goes where a replay string leads from the start, as far as its steps are possible.
    package func go(to replay: String) -> JSONText {
        guard let stepped else { return Self.failure(Diagnostic(withoutPlace: "no run has begun")) }
        guard let steps = Run.steps(of: replay) else {
            return Self.failure(
                Diagnostic(withoutPlace: "this is no run: it has digits, small letters and numbers in parentheses"))
        }
        do throws(Diagnostic) {
            _ = try stepped.go(to: steps)
            return state(wanted: steps.count)
        } catch { return Self.failure(error) }
    }

    /// The run as a drawing.
    package func picture(theme: String) -> String {
        stepped.flatMap { RunPicture($0.run, title: title, theme: theme, keepsLanes: true)?.rendered() } ?? ""
    }

    /// The final states that runs can still come to after these steps, and whether what the condition asks about can.
    package func outlook(after replay: String, limits: SearchLimits) -> JSONText {
        do throws(Diagnostic) {
            guard let steps = Run.steps(of: replay), let found = try stepped?.outlook(after: steps, limits: limits)
            else {
                return Self.failure(Diagnostic(withoutPlace: "the run does not fit"))
            }
            let shown = found.states.prefix(Self.mostFinals).map { state in
                JSONText.object([
                    .init("parts", .array(state.parts.map(JSONText.string))),
                    .init("isAsked", .bool(state.isPositive == found.asksForPositive)),
                ])
            }
            let asked = found.asksForPositive ? found.states.positive : found.states.count - found.states.positive
            return .object([
                .init("fate", .string(Self.word(found.fate))), .init("isComplete", .bool(found.end == .complete)),
                .init("finals", .array(shown)), .init("count", .integer(found.states.count)),
                .init("asked", .integer(asked)), .init("way", .optional(found.way.map(Run.text(of:)))),
                .init("length", found.way.map { .integer($0.count) } ?? .null),
            ])
        } catch { return Self.failure(error) }
    }

    /// A shortest way to what the condition asks about, after these steps.
    package func way(after replay: String, limits: SearchLimits) -> JSONText {
        do throws(Diagnostic) {
            guard let steps = Run.steps(of: replay), let found = try stepped?.shortestWay(after: steps, limits: limits)
            else { return Self.failure(Diagnostic(withoutPlace: "the run does not fit")) }
            return .object([
                .init("way", .optional(found.way.map(Run.text(of:)))),
                .init("length", found.way.map { .integer($0.count) } ?? .null),
                .init("isComplete", .bool(found.end == .complete)),
            ])
        } catch { return Self.failure(error) }
    }

    /// So many final states are listed; the rest is counted.
    static let mostFinals = 24

    private static func word(_ fate: RunOutlook.Fate) -> String {
        switch fate {
        case .certain: "certain"
        case .possible: "possible"
        case .impossible: "impossible"
        case .unknown: "unknown"
        }
    }

    private static func failure(_ diagnostic: Diagnostic) -> JSONText {
        .object([.init("error", .string(diagnostic.rendered()))])
    }

    /// The run so far, and what can happen next.
    private func state(wanted: Int) -> JSONText {
        guard let stepped else { return .null }
        let run = stepped.run
        let sentences = RunSentences(run)
        let caption = StepCaption(run)
        let steps = run.steps.enumerated().map { number, step in
            JSONText.object([
                .init("cpu", .integer(step.cpu)), .init("hardware", .bool(step.isHardware)),
                .init("text", .string(sentences.text(of: step))), .init("why", .string(sentences.why(step))),
                .init("line", Self.line(step)), .init("source", Self.source(number, caption, step)),
            ])
        }
        let lines = run.profiles.indices.map { cpu in
            stepped.choices.lazy.compactMap { $0.run.steps.last }.first { $0.cpu == cpu && !$0.isHardware }
        }
        return .object([
            .init("replay", .string(run.replay)), .init("wanted", .integer(wanted)), .init("steps", .array(steps)),
            .init("next", .array(stepped.choices.compactMap(Self.json))),
            .init("lines", .array(lines.map { $0.map(Self.line) ?? .null })),
            .init("isComplete", .bool(run.isComplete)), .init("isDecided", .bool(run.isDecided)),
            .init("hasHarm", .bool(!run.ending.harms.isEmpty)), .init("conclusion", .string(sentences.conclusion)),
            .init("title", .string(title)),
        ])
    }

    private static func line(_ step: RunStep) -> JSONText {
        step.report.instruction.map { .integer($0.place.line) } ?? .null
    }

    /// The line of source that a step of compiled code was made from: `memory.c:3124: text`.
    private static func source(_ number: Int, _ caption: StepCaption, _ step: RunStep) -> JSONText {
        step.source.isEmpty ? .null : .optional(caption.source(number))
    }

    private static func json(_ choice: SteppedRun.Choice) -> JSONText? {
        guard let text = ChoiceText(lastOf: choice.run), let step = choice.run.steps.last else { return nil }
        return .object([
            .init("number", .integer(choice.number)), .init("replay", .string(choice.run.replay)),
            .init("cpu", .integer(text.cpu)), .init("hardware", .bool(text.isHardware)),
            .init("text", .string(text.text)), .init("why", .string(text.why)),
            .init("changes", .array(text.changes.map(JSONText.string))),
            .init("isIdle", .bool(choice.isIdle)), .init("line", line(step)),
            .init("source", source(choice.run.steps.count - 1, StepCaption(choice.run), step)),
        ])
    }
}
