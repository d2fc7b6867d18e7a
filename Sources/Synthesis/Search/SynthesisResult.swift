import PageTable

/// What a search for a sequence came to.
package struct SynthesisResult: Sendable {
    /// What was enumerated of one shape.
    package struct Count: Hashable, Sendable {
        /// The shape.
        package var shape: Shape
        /// How many instructions.
        package var length: Int
        /// How many instructions the grammar has.
        package var templates: Int
        /// How many sequences of this length there are.
        package var sequences: Double
        /// How many were run in the quick model.
        package var run: Int
        /// How many of them were given up, because they make a shadow-stack entry or have too many states.
        package var pruned: Int
        /// How many classes there were that no shorter sequence is in; of the greatest length nobody counts them.
        package var classes: Int
        /// How many were right alone, one of each class.
        package var rightAlone: Int
    }

    /// What was enumerated.
    package enum Shape: Hashable, Sendable {
        /// Sequences without a jump.
        case straight
        /// Functions of loops.
        case term(width: Int)
        /// First or second ways of a case split, by its predicate.
        case branch(mask: UInt64, needsAll: Bool, isFirst: Bool, isLoop: Bool)
    }

    /// A sequence that is right everywhere.
    package struct Answer: Hashable, Sendable {
        /// Its instructions and labels, a line each.
        package var lines: [String]
        /// What it costs.
        package var price: AnswerPrice
        /// What it costs on other machines: those of ``SynthesisOptions/otherCosts``, in that order.
        package var elsewhere: [AnswerPrice]
        /// It stores to the entry without a lock.
        package var storesPlainly: Bool
        /// It is right only where no other software writes the entry.
        package var needsPageTableLock: Bool
        /// It calls a service that flushes.
        package var flushes: Bool
        /// It has no loop and no case split.
        package var isStraight: Bool
        /// Whether the reference search agrees.
        package var isConfirmed: Bool
    }

    /// A cheaper sequence that is right alone and wrong somewhere.
    package struct NearMiss: Hashable, Sendable {
        /// Its instructions and labels, a line each.
        package var lines: [String]
        /// The mean of its costs over the declared mix.
        package var ranking: Double
        /// What it does that may not happen; nil where the search did not end.
        package var penalty: Penalty?
    }

    /// A short sequence that is not right even alone: what it leaves wrong, and in which entries.
    package struct Shortfall: Hashable, Sendable {
        /// Its instructions, a line each.
        package var lines: [String]
        /// The mean of its costs over the declared mix.
        package var ranking: Double
        /// The fields that are not as they should be, by kind of entry.
        package var wrong: [EntryKind: [EntryFieldName]]
    }

    /// How many candidates a file rejected on a profile.
    package struct Kill: Hashable, Sendable {
        /// The test of the problem.
        package var test: String
        /// The profile.
        package var profile: String
        /// How many it was the first to reject.
        package var count: Int
    }

    /// What was enumerated, in order.
    package var counts: [Count] = []
    /// How many candidates were checked in full.
    package var judged = 0
    /// How many of those without a jump were right.
    package var rightStraight = 0
    /// How many were right in all.
    package var right = 0
    /// How many checks hit a limit, here or in a part of a merge.
    package var inconclusive = 0
    /// How many of those were of candidates without a jump.
    package var inconclusiveStraight = 0
    /// Who rejected candidates, most first.
    package var kills: [Kill] = []
    /// Right sequences, cheapest first, as many as were asked for.
    package var answers: [Answer] = []
    /// Cheaper ones, the cheapest for each clause that they break; without an answer, the cheapest of all.
    package var nearMisses: [NearMiss] = []
    /// Short and cheaper ones that are not right even alone, the cheapest for each way to be wrong.
    package var shortfalls: [Shortfall] = []
    /// The longest sequences without a jump that were enumerated.
    package var straightLength = 0
    /// Whether everything inside the bounds was looked at.
    package var isComplete = true
    /// Whether there were more pairs of ways of a case split than are checked: the dearest were left out.
    package var isCut = false
    /// Pieces that a merge lacks.
    package var missing: [String] = []

    /// Nothing yet.
    package init() {}

    /// How many sequences without a jump stand behind what was enumerated.
    package var straightSequences: Double {
        counts.reduce(0) { sum, count in count.shape == .straight ? sum + count.sequences : sum }
    }
}
