/// What a sequence costs on one machine, as ratios to `lock andb`: sums of building blocks.
public struct AnswerPrice: Hashable, Sendable {
    /// What it costs an entry of each kind when nobody interferes.
    public var costs: [EntryKind: Double]
    /// What it costs when the entry changes once under it; nil where it does not try again.
    public var raced: Double?
    /// What reading the entry back costs extra.
    public var readBack: Double
    /// The mean over the declared mix.
    public var ranking: Double

    /// Makes a price.
    public init(costs: [EntryKind: Double], raced: Double? = nil, readBack: Double = 0, ranking: Double) {
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
