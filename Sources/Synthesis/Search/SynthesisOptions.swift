import Explorer

/// What bounds a search, and how answers are ranked.
package struct SynthesisOptions: Sendable {
    /// The longest straight-line sequences, in instructions.
    package var length = 5
    /// The longest ways of a case split, in instructions, its load and look not counted.
    package var branchLength = 4
    /// The longest functions of loops, in instructions on registers.
    package var termLength = 6
    /// How many answers to show.
    package var top = 5
    /// Loops are composed although the hole's contract may allow them.
    package var allowsLoops = true
    /// How many threads work.
    package var threads = 1
    /// What each check may use.
    package var limits = SearchLimits()
    /// How much each kind of entry counts in the ranking; ``EntryKind/usualShare`` where nothing is said.
    package var mix: [EntryKind: Double] = [:]
    /// Prices, which rank answers.
    package var costs = CostTable.nominal
    /// Prices of other machines, which are told besides.
    package var otherCosts: [CostTable] = []
    /// Which part of the work is done.
    package var shard = Shard.whole
    /// Every piece must be in the journal: parts are put together.
    package var mergesOnly = false

    /// The usual bounds.
    package init() {}

    /// What a checkpoint depends on besides the problem.
    package var fingerprint: String {
        "length \(length) branch \(branchLength) term \(termLength) loops \(allowsLoops)"
    }
}
