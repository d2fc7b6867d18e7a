/// What a sequence costs on one machine, as ratios to `lock andb`: sums of building blocks.
package struct AnswerPrice: Hashable, Sendable {
    /// What it costs an entry of each kind when nobody interferes.
    package var costs: [EntryKind: Double]
    /// What it costs when the entry changes once under it; nil where it does not try again.
    package var raced: Double?
    /// What reading the entry back costs extra.
    package var readBack: Double
    /// The mean over the declared mix.
    package var ranking: Double

    /// Makes a price.
    package init(costs: [EntryKind: Double], raced: Double? = nil, readBack: Double = 0, ranking: Double) {
        self.costs = costs
        self.raced = raced
        self.readBack = readBack
        self.ranking = ranking
    }

    /// Whether it is at most the other in every case.
    func isNowhereAbove(_ other: AnswerPrice) -> Bool {
        EntryKind.allCases.allSatisfy { (costs[$0] ?? 0) <= (other.costs[$0] ?? 0) }
            && (raced ?? 0) <= (other.raced ?? 0) && readBack <= other.readBack
    }
}
