import Checker

/// What a failure rests on: the steps that matter, why each was possible, and which earlier ones it needs.
struct ExplanationText {
    private let run: Run
    private let sentences: RunSentences

    /// The explanation of a run.
    init(_ run: Run) {
        self.run = run
        sentences = RunSentences(run)
    }

    /// The steps that matter in order; empty where nothing went wrong and nothing was asked for.
    func rendered(_ style: Style) -> String {
        let steps = run.stepsThatMatter
        guard !steps.isEmpty else { return "" }
        var text = "\n" + style.apply(.heading, "The steps that it rests on:") + "\n"
        for step in steps { text += entry(step) }
        let others = run.steps.count - steps.count
        if others > 0 { text += "  The other \(others == 1 ? "step does" : "\(others) steps do") not matter to it.\n" }
        return text
    }

    private func entry(_ number: Int) -> String {
        let step = run.steps[number]
        let label = String(repeating: " ", count: max(0, 3 - "\(number + 1)".count)) + "\(number + 1)  "
        var lines = TextWrap.lines(of: StepCaption(run).what(number), width: WitnessText.width - 5)
        lines += TextWrap.lines(of: "because \(sentences.why(step))\(rests(step))", width: WitnessText.width - 8)
            .map { "   " + $0 }
        return lines.enumerated().map { ($0.offset == 0 ? label : "     ") + $0.element + "\n" }.joined()
    }

    private func rests(_ step: RunStep) -> String {
        guard !step.because.isEmpty else { return "" }
        return "; after \(step.because.map { "\($0 + 1)" }.joined(separator: ", "))"
    }
}
