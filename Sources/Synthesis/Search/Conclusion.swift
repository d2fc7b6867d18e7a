import Diagnostics
import Explorer
import PageTable

/// What is told of a search: the cheapest answers, and what cheaper candidates penalise.
extension Synthesizer {
    /// How many cheaper candidates are told at most, one for each clause that they break.
    private static let mostNearMisses = 8
    /// How many cheaper candidates are asked which clause they break.
    private static let mostAsked = 64

    /// Fills in answers, near misses and counts.
    mutating func conclude() throws(Diagnostic) {
        result.right = right.count
        result.kills = kills
        result.missing = context.missing
        let answers = minimal(cheapestFirst(right))
        for candidate in answers {
            result.answers.append(try answer(candidate))
        }
        addShortfalls(below: result.answers.first?.price.ranking)
        try addNearMisses(below: result.answers.first?.price.ranking)
    }

    /// How long sequences are that are told although they are not right alone, and how many of them.
    private static let longestShortfall = 2
    private static let mostShortfalls = 6

    /// The cheapest short sequence for each way to leave fields wrong.
    private mutating func addShortfalls(below price: Double?) {
        func ranking(_ templates: [Template]) -> Double { self.ranking(Candidate(shape: .straight(templates))) }
        let search = ShortfallSearch(search: straightSearch, fields: problem.masks.fields)
        var found = search.find(upTo: Self.longestShortfall, price: ranking).map { sequence, wrong in
            SynthesisResult.Shortfall(lines: sequence.map { $0.text }, ranking: ranking(sequence), wrong: wrong)
        }
        found = found.filter { shortfall in price.map { shortfall.ranking < $0 } ?? true }
        // Those that leave least wrong are nearest to an answer.
        func distance(_ shortfall: SynthesisResult.Shortfall) -> Int {
            shortfall.wrong.values.reduce(0) { $0 + $1.count }
        }
        found.sort { (distance($0), $0.ranking, $0.lines[0]) < (distance($1), $1.ranking, $1.lines[0]) }
        result.shortfalls = Array(found.prefix(Self.mostShortfalls))
    }

    /// The mean of a candidate's costs over the mix.
    func ranking(_ candidate: Candidate) -> Double { prices.ranking(candidate) }

    /// The cheapest as many as were asked for, and the cheapest of each shape.
    ///
    /// Of one shape what is dearer than another in some case, and cheaper in none, is left out.
    private func minimal(_ candidates: [Candidate]) -> [Candidate] {
        var kept: [(candidate: Candidate, price: AnswerPrice)] = []
        var shapes: Set<Int> = []
        for candidate in candidates {
            let own = price(candidate, on: prices)
            let isCovered = kept.contains { other in
                other.candidate.shape.number == candidate.shape.number && other.price.isNowhereAbove(own)
            }
            guard !isCovered else { continue }
            let isNewShape = shapes.insert(candidate.shape.kind).inserted
            if kept.count < options.top || isNewShape { kept.append((candidate, own)) }
        }
        return kept.map { $0.candidate }
    }

    private func price(_ candidate: Candidate, on prices: CandidatePricing) -> AnswerPrice {
        let costs = prices.costs(candidate)
        return AnswerPrice(
            costs: costs, raced: prices.raced(candidate), readBack: prices.readBack(candidate),
            ranking: prices.pricing.ranking(costs))
    }

    private func answer(_ candidate: Candidate) throws(Diagnostic) -> SynthesisResult.Answer {
        let lines = writer.lines(candidate)
        let isConfirmed = try judge.rejection(of: lines, reference: true) == nil
        return SynthesisResult.Answer(
            lines: lines, price: price(candidate, on: prices),
            elsewhere: otherPrices.map { price(candidate, on: $0) },
            storesPlainly: candidate.templates.contains { $0.isMemory && !$0.isLocked && $0.action != .load },
            needsPageTableLock: candidate.templates.contains { $0.overwritesOthers },
            flushes: candidate.templates.contains { $0.action == .flush }, isStraight: candidate.shape.number == 0,
            isConfirmed: isConfirmed)
    }

    /// The cheapest candidate for each clause that candidates cheaper than the best answer break.
    private mutating func addNearMisses(below price: Double?) throws(Diagnostic) {
        let cheaper = cheapestFirst(wrong, below: price ?? .infinity)
        var told: Set<String> = []
        for candidate in cheaper.prefix(Self.mostAsked) where result.nearMisses.count < Self.mostNearMisses {
            guard !context.isInterrupted, case .wrong(let rejection)? = judgements[candidate] else { continue }
            let lines = writer.lines(candidate)
            if rejection.kind == .refused { continue }
            let penalty = rejection.kind == .unended ? nil : try judge.penalty(of: lines, rejection)
            guard told.insert(penalty?.failure ?? penalty?.condition ?? "").inserted else { continue }
            result.nearMisses.append(
                SynthesisResult.NearMiss(lines: lines, ranking: ranking(candidate), penalty: penalty))
        }
    }
}

extension Candidate.Shape {
    /// Straight, loop or split.
    fileprivate var kind: Int {
        switch self {
        case .straight: 0
        case .loop: 1
        case .split: 2
        }
    }

    /// Straight, loop, split by predicate and whether its ways are loops: a number for each.
    fileprivate var number: Int {
        switch self {
        case .straight: 0
        case .loop(let loop): 1 + Int(loop.width)
        case .split(let predicate, let first, let second):
            16 + Int(predicate.mask) * 8 + (predicate.needsAll ? 4 : 0) + (first.isLoop ? 2 : 0)
                + (second.isLoop ? 1 : 0)
        }
    }
}

extension Candidate {
    /// Its instructions that are in the grammar.
    fileprivate var templates: [Template] {
        switch shape {
        case .straight(let templates): templates
        case .loop(let loop): loop.term
        case .split(_, let first, let second): first.templates + second.templates
        }
    }
}

extension Candidate.Branch {
    fileprivate var templates: [Template] {
        switch self {
        case .straight(let templates): templates
        case .loop(let loop): loop.term
        }
    }
}
