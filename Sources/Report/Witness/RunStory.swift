import Checker
import Machine
import PageTable

/// What went wrong in a few sentences: the steps that matter most, in order.
struct RunStory {
    private let run: Run
    private let caption: StepCaption

    /// So many sentences are read before the picture.
    private static let mostSentences = 4

    init(_ run: Run) {
        self.run = run
        caption = StepCaption(run)
    }

    /// The sentences, each with its step from 0.
    var sentences: [(text: String, step: Int)] {
        let matters = run.stepsThatMatter
        let ranked = matters.map { (step: $0, weight: weight($0, matters)) }.filter { $0.weight > 0 }
        let chosen = ranked.sorted { ($1.weight, $0.step) < ($0.weight, $1.step) }.prefix(Self.mostSentences)
        // Of a run without anything telling the last steps tell most.
        let steps = chosen.isEmpty ? Array(matters.suffix(Self.mostSentences)) : chosen.map { $0.step }
        return steps.sorted().map { (caption.what($0), $0) }
    }

    /// How much a step says about the failure.
    private func weight(_ number: Int, _ matters: [Int]) -> Int {
        let step = run.steps[number]
        if !step.violations.isEmpty { return 6 }
        let (before, after) = (run.state(before: number), step.after)
        let changesEntry = before.entries != after.entries || before.upperEntries != after.upperEntries
        // What was read of an entry and is put back wipes out what came between.
        let isPutBack = matters.contains { later in
            run.steps[later].because.contains(number) && run.steps[later].report.written != nil
        }
        if let read = step.report.read, run.map.isEntry(read.word), isPutBack { return 5 }
        if changesEntry { return 4 }
        if step.report.kind == .beginDirty || step.report.kind == .access { return 3 }
        let fills = matters.contains { run.steps[$0].filledBy == number }
        if fills { return 2 }
        return before.words != after.words || step.report.kind == .acknowledge ? 1 : 0
    }
}
