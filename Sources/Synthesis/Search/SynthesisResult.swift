import PageTable

/// What a search for a sequence came to.
public struct SynthesisResult: Sendable {
    /// What was enumerated of one shape.
    public struct Count: Hashable, Sendable {
        /// The shape.
        public var shape: Shape
        /// How many instructions.
        public var length: Int
        /// How many instructions the grammar has.
        public var templates: Int
        /// How many sequences of this length there are.
        public var sequences: Double
        /// How many were run in the quick model.
        public var run: Int
        /// How many of them were given up, because they make a shadow-stack entry or have too many states.
        public var pruned: Int
        /// How many classes there were that no shorter sequence is in; of the greatest length nobody counts them.
        public var classes: Int
        /// How many were right alone, one of each class.
        public var rightAlone: Int
    }

    /// What was enumerated.
    public enum Shape: Hashable, Sendable {
        /// Sequences without a jump.
        case straight
        /// Functions of loops.
        case term(width: Int)
        /// First or second ways of a case split, by its predicate.
        case branch(mask: UInt64, needsAll: Bool, isFirst: Bool, isLoop: Bool)
    }

    /// A sequence that is right everywhere.
    public struct Answer: Hashable, Sendable {
        /// Its instructions and labels, a line each.
        public var lines: [String]
        /// What it costs.
        public var price: AnswerPrice
        /// What it costs on other machines: those of ``SynthesisOptions/otherCosts``, in that order.
        public var elsewhere: [AnswerPrice]
        /// It stores to the entry without a lock.
        public var storesPlainly: Bool
        /// It is right only where no other software writes the entry.
        public var needsPageTableLock: Bool
        /// It calls a service that flushes.
        public var flushes: Bool
        /// It has no loop and no case split.
        public var isStraight: Bool
        /// Whether the reference search agrees.
        public var isConfirmed: Bool
    }

    /// A cheaper sequence that is right alone and wrong somewhere.
    public struct NearMiss: Hashable, Sendable {
        /// Its instructions and labels, a line each.
        public var lines: [String]
        /// The mean of its costs over the declared mix.
        public var ranking: Double
        /// What it does that may not happen; nil where the search did not end.
        public var penalty: Penalty?
    }

    /// A short sequence that is not right even alone: what it leaves wrong, and in which entries.
    public struct Shortfall: Hashable, Sendable {
        /// Its instructions, a line each.
        public var lines: [String]
        /// The mean of its costs over the declared mix.
        public var ranking: Double
        /// The fields that are not as they should be, by kind of entry.
        public var wrong: [EntryKind: [EntryFieldName]]
    }

    /// How many candidates a file rejected on a profile.
    public struct Kill: Hashable, Sendable {
        /// The test of the problem.
        public var test: String
        /// The profile.
        public var profile: String
        /// How many it was the first to reject.
        public var count: Int
    }

    /// What was enumerated, in order.
    public var counts: [Count] = []
    /// How many candidates were checked in full.
    public var judged = 0
    /// How many of those without a jump were right.
    public var rightStraight = 0
    /// How many were right in all.
    public var right = 0
    /// How many checks hit a limit, here or in a part of a merge.
    public var inconclusive = 0
    /// How many of those were of candidates without a jump.
    public var inconclusiveStraight = 0
    /// Who rejected candidates, most first.
    public var kills: [Kill] = []
    /// Right sequences, cheapest first, as many as were asked for.
    public var answers: [Answer] = []
    /// Cheaper ones, the cheapest for each clause that they break; without an answer, the cheapest of all.
    public var nearMisses: [NearMiss] = []
    /// Short and cheaper ones that are not right even alone, the cheapest for each way to be wrong.
    public var shortfalls: [Shortfall] = []
    /// The longest sequences without a jump that were enumerated.
    public var straightLength = 0
    /// Whether everything inside the bounds was looked at.
    public var isComplete = true
    /// Whether there were more pairs of ways of a case split than are checked: the dearest were left out.
    public var isCut = false
    /// Pieces that a merge lacks.
    public var missing: [String] = []

    /// Nothing yet.
    public init() {}

    /// How many sequences without a jump stand behind what was enumerated.
    public var straightSequences: Double {
        counts.reduce(0) { sum, count in count.shape == .straight ? sum + count.sequences : sum }
    }
}
