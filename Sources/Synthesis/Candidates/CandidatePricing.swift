/// Prices of candidates of one problem on one machine.
struct CandidatePricing: Sendable {
    let pricing: Pricing
    let starts: [Start]
    let writer: CandidateWriter

    /// The mean of a candidate's costs over the mix.
    func ranking(_ candidate: Candidate) -> Double { pricing.ranking(costs(candidate)) }

    /// What a candidate costs an entry of each kind.
    func costs(_ candidate: Candidate) -> [EntryKind: Double] {
        var costs: [EntryKind: Double] = [:]
        for start in starts {
            // Of entries of one kind the dearest way counts.
            let price = pricing.price(candidate.path(start.entry, writer))
            costs[EntryKind(start.entry), default: 0] = max(costs[EntryKind(start.entry)] ?? 0, price)
        }
        return costs
    }

    /// What it costs when the entry changes once under it; nil where it does not try again.
    func raced(_ candidate: Candidate) -> Double? {
        starts.compactMap { candidate.racedPath($0.entry, writer).map(pricing.price) }.max()
    }

    /// What reading the entry back costs extra.
    func readBack(_ candidate: Candidate) -> Double {
        starts.map { pricing.readBack(after: candidate.path($0.entry, writer)) }.max() ?? 0
    }

    /// The same candidate with the ways of its case split in the order that is cheaper in the mix; of equal ones the first way
    /// comes first.
    func laidOut(_ candidate: Candidate) -> Candidate {
        guard case .split = candidate.shape else { return candidate }
        var usual = candidate
        usual.firstIsLast = false
        var turned = candidate
        turned.firstIsLast = true
        return ranking(turned) < ranking(usual) ? turned : usual
    }
}
