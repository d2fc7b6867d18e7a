import Explorer

/// What bounds a search, and how answers are ranked.
public struct SynthesisOptions: Sendable {
    /// The longest straight-line sequences, in instructions.
    public var length = 5
    /// The longest ways of a case split, in instructions, its load and look not counted.
    public var branchLength = 4
    /// The longest functions of loops, in instructions on registers.
    public var termLength = 6
    /// How many answers are told.
    public var top = 5
    /// Loops are composed although the hole's contract may allow them.
    public var allowsLoops = true
    /// How many threads work.
    public var threads = 1
    /// What each check may use.
    public var limits = SearchLimits()
    /// How much each kind of entry counts in the ranking; ``EntryKind/usualShare`` where nothing is said.
    public var mix: [EntryKind: Double] = [:]
    /// Prices, which rank answers.
    public var costs = CostTable.nominal
    /// Prices of other machines, which are told besides.
    public var otherCosts: [CostTable] = []
    /// Which part of the work is done.
    public var shard = Shard.whole
    /// Every piece must be in the journal: parts are put together.
    public var mergesOnly = false

    /// The usual bounds.
    public init() {}

    /// What a checkpoint depends on besides the problem.
    public var fingerprint: String { "length \(length) branch \(branchLength) term \(termLength) loops \(allowsLoops)" }
}
