import Checker
import Machine

/// What a step that is possible would do, in words: for a list that somebody chooses from.
package struct ChoiceText: Sendable, Hashable {
    /// The CPU.
    package var cpu: Int
    /// Whether hardware takes it by itself.
    package var isHardware: Bool
    /// What happens, without the CPU.
    package var text: String
    /// Why it is possible.
    package var why: String
    /// What is different afterwards, a word or two each: `PTE(x) P-UA--`, `TLB + x W=1 D=0`.
    package var changes: [String]

    /// The words for the last step of a run.
    package init?(lastOf run: Run) {
        guard let step = run.steps.last else { return nil }
        let sentences = RunSentences(run)
        let before = run.state(before: run.steps.count - 1)
        cpu = step.cpu
        isHardware = step.isHardware
        text = sentences.text(of: step)
        why = sentences.why(step)
        changes = sentences.changes(ofStep: run.steps.count - 1).map { "\($0.name) \($0.columns)" }
        for (position, word) in run.words.enumerated() where before.words[position] != step.after.words[position] {
            changes.append("\(sentences.name(ofWord: word)) = \(sentences.amount(step.after.words[position]))")
        }
        for cpu in run.profiles.indices {
            let owner = cpu == step.cpu ? "" : "P\(cpu) "
            if step.after.cpus[cpu].isEnded {
                if !before.cpus[cpu].isEnded { changes.append(owner + "ends") }
                continue
            }
            changes += Self.difference(
                owner + "TLB", sentences.translations(ofCPU: cpu, in: before),
                sentences.translations(ofCPU: cpu, in: step.after))
            changes += Self.difference(
                owner + "buffer", sentences.stores(ofCPU: cpu, in: before), sentences.stores(ofCPU: cpu, in: step.after)
            )
        }
    }

    /// What came into a list, and what left it.
    private static func difference(_ name: String, _ before: [String], _ after: [String]) -> [String] {
        after.filter { !before.contains($0) }.map { "\(name) + \($0)" }
            + before.filter { !after.contains($0) }.map { "\(name) − \($0)" }
    }
}
