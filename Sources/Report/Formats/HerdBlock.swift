import Checker
import Litmus

/// herd7's block of a verdict: the same lines in the same order, because people and scripts compare them.
public enum HerdBlock {
    /// The block, with an empty line at the end.
    ///
    /// `Ok` and `No` say whether the condition as quantified holds; `Unknown` stands there when a limit was hit before that
    /// was clear. `statistics` adds a line with the search's figures. What makes the verdict say less than it seems to comes
    /// after all that herd7 prints.
    public static func text(_ verdict: Verdict, statistics: Bool = false) -> String {
        var lines = ["Test \(verdict.test) \(modality(verdict.quantifier))", "States \(verdict.states.count)"]
        lines += verdict.states.map { $0.text }
        lines += [
            validation(verdict),
            "Witnesses",
            witnesses(verdict),
            "Condition \(verdict.condition)",
            "Observation \(verdict.test) \(verdict.observation.rawValue) \(verdict.positive) \(verdict.negative)",
            "Time \(verdict.test) \(Figures.fixed(verdict.seconds, decimals: 2))",
            "Hash=\(verdict.hash)",
        ]
        if statistics { lines.append("Statistics \(verdict.test) \(SearchFigures(verdict).line)") }
        lines += verdict.notes.map { printable("Note \(verdict.test) \(NoteText.text($0))") }
        lines.append("")
        return lines.map { $0 + "\n" }.joined()
    }

    /// How many states confirm the condition and how many refute it.
    ///
    /// What confirms `~exists P` is a state without P, so that herd7 exchanges the numbers of this line; those of
    /// `Observation` are about P itself.
    private static func witnesses(_ verdict: Verdict) -> String {
        let isNegated = verdict.quantifier == .notExists
        let (confirming, refuting) =
            isNegated ? (verdict.negative, verdict.positive) : (verdict.positive, verdict.negative)
        return "Positive: \(confirming) Negative: \(refuting)"
    }

    private static func modality(_ quantifier: Quantifier) -> String {
        switch quantifier {
        case .exists: "Allowed"
        case .notExists: "Forbidden"
        case .forall: "Required"
        }
    }

    private static func validation(_ verdict: Verdict) -> String {
        let isDecided: Bool
        switch verdict.quantifier {
        case .exists, .notExists: isDecided = verdict.observation != .inconclusive || verdict.positive > 0
        case .forall: isDecided = verdict.observation != .inconclusive || verdict.negative > 0
        }
        return !isDecided ? "Unknown" : verdict.isValidated ? "Ok" : "No"
    }
}
