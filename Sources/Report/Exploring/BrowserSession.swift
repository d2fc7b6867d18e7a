import Checker
import Diagnostics
import Explorer
import Litmus
import Machine

/// What a page in a browser asks about one test, answered in JSON: its errors, its verdicts, and a run taken step by step.
///
/// Searches are asked for one by one, so that the page can show what is known, and stop.
package final class BrowserSession {
    /// A condition of the test, and what was found of it so far.
    struct Question {
        var checker: TestChecker
        var assignments: [(label: String, profiles: [CPUProfile])]
        var searches: [[Int]]
        var verdicts: [Verdict?]
        /// Whether `ptero check` does not ask it of this kernel; see `withoutShadowStackRule()`.
        var isBeside = false
    }

    private(set) var questions: [Question] = []
    private var file = ""
    /// What was assumed to compile the test, and the options that compile it again.
    private var (assumptions, options): ([String], [String]) = ([], [])
    /// The search that comes next: of which question, and which of its searches.
    private var next = (question: 0, search: 0)
    var stepped: SteppedRun?
    var title = ""

    /// A session without a test.
    package init() {}

    /// Reads a test; one in C or Swift with its ``MachineCode``, as bytes.
    ///
    /// In the answer, `errors` and `warnings` have lines and columns; without errors, `questions` says what can be
    /// asked on which CPUs.
    package func load(_ bytes: [UInt8], code: [UInt8] = [], file: String) -> JSONText {
        (questions, stepped, next, self.file) = ([], nil, (0, 0), file)
        (assumptions, options) = ([], [])
        do throws(Diagnostic) {
            let (test, rule) = try test(bytes, code)
            for question in test.questions { questions.append(try self.question(question)) }
            if let rule {
                var beside = try question(rule)
                beside.isBeside = true
                questions.append(beside)
            }
            return .object([
                .init("name", .string(test.name)), .init("description", .optional(test.description)),
                .init("errors", .array([])), .init("warnings", faults(test.headerWarnings, bytes, isWarning: true)),
                .init("questions", .array(questions.map(Self.json))),
            ])
        } catch {
            questions = []
            return .object([.init("errors", faults(error.all, bytes, isWarning: false)), .init("warnings", .array([]))])
        }
    }

    private func question(_ test: LitmusTest) throws(Diagnostic) -> Question {
        let checker = try TestChecker(test, file: file)
        let assignments = try checker.assignments(
            among: CPUProfile.builtIn, known: CPUProfile.shipped, onRequest: CPUProfile.onRequest)
        return Question(
            checker: checker, assignments: assignments, searches: checker.sharedSearches(assignments),
            verdicts: [Verdict?](repeating: nil, count: assignments.count))
    }

    /// A test, compiled where it has to be, and what is asked beside it.
    private func test(
        _ bytes: [UInt8], _ code: [UInt8]
    ) throws(Diagnostic) -> (test: LitmusTest, rule: LitmusTest?) {
        let language = TestLanguage(of: bytes)
        guard language == .columns || !code.isEmpty else {
            throw Diagnostic(
                file: file, span: SourceSpan(SourcePlace(line: 1, column: 1)),
                message: "this is a test in \(language == .c ? "C" : "Swift"), and a page in a browser has no compiler",
                remedy: "`ptero explore FILE` makes a page with its machine code")
        }
        let written = try language.uncompiled(bytes, file: file)
        guard language != .columns else { return (written, nil) }
        do throws(MachineCode.Damage) {
            let machineCode = try MachineCode(bytes: code, for: bytes)
            (assumptions, options) = (machineCode.assumptions, machineCode.options)
            return try machineCode.applied(to: written)
        } catch {
            throw Diagnostic(
                withoutPlace: "the machine code of the test is damaged, or that of another version of Ptero",
                remedy: "make the page again: `ptero explore FILE`")
        }
    }

    private static func json(_ question: Question) -> JSONText {
        .object([
            .init("title", .string(question.checker.test.title)),
            .init("condition", .string(LitmusWriter.herdText(of: question.checker.test.condition))),
            .init("asksForHarm", .bool(question.checker.asksForHarm)),
            .init("quantifier", .string(question.checker.test.condition.quantifier.rawValue)),
            .init("profiles", .array(question.assignments.map { .string($0.label) })),
        ])
    }

    /// So many faults of one test are told, as on the command line.
    private static let mostFaults = 20

    private func faults(_ diagnostics: [Diagnostic], _ bytes: [UInt8], isWarning: Bool) -> JSONText {
        let source = bytes.count < 1 << 20 ? String(validating: bytes, as: UTF8.self) : nil
        return .array(
            diagnostics.prefix(Self.mostFaults).map { fault in
                let fault = fault.file == nil ? fault.inFile(file) : fault
                return .object([
                    .init("line", fault.place.map { .integer($0.line) } ?? .null),
                    .init("column", fault.place.map { .integer($0.column) } ?? .null),
                    .init("length", .integer(fault.length)),
                    .init("message", .string(fault.message)),
                    .init("remedy", .optional(fault.remedy)),
                    .init("text", .string(fault.rendered(source: source, isWarning: isWarning))),
                ])
            })
    }

    // MARK: Verdicts

    /// Makes the next search; its verdicts, and whether it was the last.
    package func checkNext(limits: SearchLimits) -> JSONText {
        while next.question < questions.count, next.search == questions[next.question].searches.count {
            next = (next.question + 1, 0)
        }
        guard next.question < questions.count else { return .object([.init("done", .bool(true))]) }
        let question = questions[next.question]
        let group = question.searches[next.search]
        next.search += 1
        var options = CheckOptions()
        options.limits = limits
        options.tellsWitnesses = questions.filter { !$0.isBeside }.count == 1
        do throws(Diagnostic) {
            let first = try question.checker.check(
                label: question.assignments[group[0]].label, profiles: question.assignments[group[0]].profiles,
                options: options)
            let found = question.checker.verdicts(of: group, among: question.assignments, first)
            for (position, verdict) in found { questions[next.question].verdicts[position] = verdict }
            return .object([
                .init("done", .bool(false)), .init("question", .integer(next.question)),
                .init("verdicts", .array(found.map { Self.json($0.verdict, at: $0.position) })),
            ])
        } catch {
            next = (questions.count, 0)
            return .object([.init("done", .bool(true)), .init("errors", faults(error.all, [], isWarning: false))])
        }
    }

    private static func json(_ verdict: Verdict, at position: Int) -> JSONText {
        let isAsExpected = verdict.observation == .inconclusive ? .null : JSONText.bool(verdict.isAsExpected)
        return .object([
            .init("profile", .integer(position)), .init("observation", .string(verdict.observation.rawValue)),
            .init("expected", .optional(verdict.expected?.rawValue)), .init("asExpected", isAsExpected),
            .init("hasRun", .bool(verdict.replay != nil)), .init("isEmpty", .bool(!verdict.notes.isEmpty)),
            .init("reason", .optional(verdict.reason?.text)), .init("states", .integer(verdict.states.count)),
            .init("explored", .integer(verdict.statistics.states)),
        ])
    }

    /// What `ptero check` prints about the test, once every search was made.
    package var report: String {
        let tests = questions.filter { !$0.isBeside }.map { question in
            TestFindings(
                test: question.checker.test, file: file,
                findings: question.verdicts.compactMap { $0.map { Finding($0) } }, assumptions: assumptions)
        }
        let report = CheckReport(
            CheckReport.Options(format: .table), profiles: CPUProfile.builtIn.map { $0.name }, isEverybody: true,
            replay: ReplayCommand(compilerArguments: options), style: .plain)
        let seconds = tests.reduce(0) { $0 + $1.findings.reduce(0) { $0 + $1.verdict.seconds } }
        return tests.map(report.text(of:)).joined() + report.ending(tests, unreadable: 0, seconds: seconds)
    }

    /// The run that was found for a verdict, as the literal machine takes it: its replay string; null if there is none.
    package func witness(question: Int, profile: Int) -> JSONText {
        guard let question = question < questions.count ? questions[question] : nil, profile < question.verdicts.count,
            let verdict = question.verdicts[profile], let replay = verdict.replay
        else { return .object([.init("replay", .null)]) }
        let profiles = question.assignments[profile].profiles
        let run = try? question.checker.replay(replay, profiles: profiles)
        let literal = run.flatMap { question.checker.literalRun(of: $0, on: profiles) }
        return .object([.init("replay", .optional(literal?.replay))])
    }
}
