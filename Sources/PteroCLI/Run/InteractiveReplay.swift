import Checker
import Diagnostics
import Explorer
import Machine
import Report

/// A run that somebody takes step by step at a terminal: the steps that are possible are listed, and one is chosen by its number.
struct InteractiveReplay {
    private let checker: TestChecker
    private let profiles: [CPUProfile]
    private let stepped: SteppedRun
    private let title: String
    private let parts: RunParts
    private let showsAllSteps: Bool
    private let surroundings: Surroundings
    /// The command line that shows a run again.
    private let command: (_ replay: String) -> String
    /// Where each command began, the last one last: `u` goes back there.
    private var history: [[Int]] = []
    private var path: [Int] = []

    /// A session on a test that has not begun.
    /// - Throws: `Diagnostic` when the test cannot be checked on these CPUs.
    init(
        _ checker: TestChecker, on profiles: [CPUProfile], title: String, parts: RunParts, showsAllSteps: Bool,
        _ surroundings: Surroundings, command: @escaping (_ replay: String) -> String
    ) throws(Diagnostic) {
        self.checker = checker
        self.profiles = profiles
        stepped = try SteppedRun(checker, on: profiles)
        self.title = title
        self.parts = parts
        self.showsAllSteps = showsAllSteps
        self.surroundings = surroundings
        self.command = command
    }

    /// Takes steps until standard input ends or says `q`, and shows the run that was taken.
    ///
    /// - Parameter start: a run to go on from; nil for the start.
    /// - Returns: the run.
    /// - Throws: `Diagnostic` where a step does what the machine has no meaning for, or the first steps are not found.
    mutating func run(from start: Run?) throws(Diagnostic) -> Run {
        if let start {
            // Each fill of a TLB is a step here.
            guard let steps = checker.literalRun(of: start, on: profiles).flatMap({ Run.steps(of: $0.replay) }) else {
                throw Diagnostic(
                    withoutPlace: "the run of this witness was not found step by step",
                    remedy: "begin without --witness; `v` goes a shortest way to what the condition asks about")
            }
            path = steps
            _ = try stepped.go(to: path)
        }
        surroundings.output.write("\(title)\n\n\(Self.help)\n")
        showState()
        while !surroundings.output.hasFailed {
            if surroundings.output.isTerminal { surroundings.output.write("> ") }
            guard let line = surroundings.readLine() else { break }
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let word = words.first else { continue }
            if words.count > 1 {
                tell("one thing a line: a number, u, r, v, p, a, q or ?")
            } else if word == "q" {
                break
            } else {
                try perform(word)
            }
        }
        surroundings.output.write("\n")
        showRun()
        return stepped.run
    }

    private mutating func perform(_ word: Substring) throws(Diagnostic) {
        switch word {
        case "u": try undo()
        case "r": try go(to: [])
        case "v": try goToAnswer()
        case "p": showRun()
        case "a": showChoices(all: true)
        case "?": surroundings.output.write(Self.help)
        default: try take(word)
        }
    }

    private mutating func take(_ word: Substring) throws(Diagnostic) {
        guard let number = Int(word), stepped.choices.indices.contains(number) else {
            let last = stepped.choices.count - 1
            tell(
                "`\(printable(String(word)))` is not one of the steps"
                    + (last < 0 ? ", of which none is left" : ", 0 to \(last)") + "; ? explains")
            return
        }
        try go(to: path + [number])
    }

    private mutating func undo() throws(Diagnostic) {
        guard let last = history.popLast() else {
            tell("there is nothing to undo")
            return
        }
        path = last
        _ = try stepped.go(to: path)
        showState()
    }

    private mutating func go(to new: [Int]) throws(Diagnostic) {
        history.append(path)
        path = new
        _ = try stepped.go(to: path)
        showState()
    }

    /// A shortest way to what the condition asks about.
    private mutating func goToAnswer() throws(Diagnostic) {
        var limits = CheckOptions().limits
        limits.maxMemory = surroundings.freeMemory / 4 * 3
        guard let found = try stepped.shortestWay(after: path, limits: limits) else { return }
        guard let way = found.way else {
            tell(
                found.end == .complete
                    ? "no run from here comes to what the condition asks about"
                    : "no run to what the condition asks about was found before a limit of the search was hit")
            return
        }
        guard !way.isEmpty else {
            tell("the run has come to what the condition asks about")
            return
        }
        let begun = path.count
        history.append(path)
        path += way
        _ = try stepped.go(to: path)
        for length in begun + 1..<path.count { showStep(length, of: stepped.run) }
        showState()
    }
}

/// What is shown.
extension InteractiveReplay {
    private static let help = """
        A number takes the step. u: undo; r: restart; v: a shortest way to what the condition asks about; p: the run so far;
        a: all steps, also those that nobody can tell; q: end, and show the run; ?: this.

        """

    private func tell(_ text: String) { surroundings.output.write(text + "\n") }

    /// The last step, what the run has come to, and what can happen next.
    private func showState() {
        let run = stepped.run
        if run.steps.isEmpty { tell("at the start") } else { showStep(run.steps.count, of: run) }
        if run.isComplete || run.isDecided { tell(RunSentences(run).conclusion) }
        showChoices(all: false)
    }

    /// What the step of this number, from 1, was.
    private func showStep(_ number: Int, of run: Run) {
        var beginning = run
        beginning.steps = Array(run.steps.prefix(number))
        guard let text = ChoiceText(lastOf: beginning) else { return }
        tell("step \(number): \(Self.sentence(text))")
    }

    private func showChoices(all: Bool) {
        let shown = stepped.choices.filter { all || !$0.isIdle }
        let hidden = stepped.choices.count - shown.count
        if stepped.choices.isEmpty { tell("  no step is left: u, r or q") }
        let width = "\(stepped.choices.count)".count
        for choice in shown {
            guard let text = ChoiceText(lastOf: choice.run) else { continue }
            let number = "\(choice.number)"
            tell("  \(String(repeating: " ", count: width - number.count))\(number)  \(Self.sentence(text))")
        }
        if hidden > 0 { tell("  and \(Figures.count(hidden, "step")) that nobody can tell: a") }
    }

    private static func sentence(_ text: ChoiceText) -> String {
        let changes = text.changes.isEmpty ? "" : "  [\(text.changes.joined(separator: ", "))]"
        return "P\(text.cpu) \(text.isHardware ? "*" : " ") \(text.text)\(changes)"
    }

    /// The run so far as a table, as `ptero replay` shows it.
    private func showRun() {
        let text = WitnessText(stepped.run, showsAllSteps: showsAllSteps, parts: parts)
        let replay = stepped.run.replay
        surroundings.output.write(text.rendered(replay: replay.isEmpty ? nil : command(replay)))
    }
}
