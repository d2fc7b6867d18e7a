import Diagnostics
import Litmus
import Machine
import X86

/// Case splits: enumerate ways for the entries of each side apart, and join them.
///
/// A way is right or wrong whatever the other does, as long as that is right: a run takes one of them, or comes back to the look
/// at the entry. So each is judged beside a way that is right for every entry, and only right ones are joined (enumerating terms
/// and predicates apart: EUSolver, TACAS 2017). Where nothing is right for every entry, pairs are judged, the cheapest first.
extension Synthesizer {
    /// How many ways are judged before it is asked whether enough are right, and the most that are judged of one side, or pairs of
    /// one predicate.
    private static let judgedAtOnce = 64
    private static let mostJudged = 1 << 12
    /// How many right pairs of ways of one predicate are enough: dearer ones are not judged.
    private static let enoughPairs = 16
    /// How many right ways of each side, straight ones and loops, are joined with those of the other.
    private static let mostJoined = 4

    /// Composes and judges case splits.
    mutating func splits() throws(Diagnostic) {
        guard problem.grammar.scratch.first == .rax, problem.grammar.scratch.count > 1 else { return }
        let fallback = wayForAll
        for (number, predicate) in predicates.enumerated() where context.shard.has(number) {
            if let fallback {
                try joined(predicate, fallback)
            } else {
                try paired(predicate)
            }
        }
    }

    /// A way that is right for every entry: a loop, or else a sequence without a jump; nil where there is none.
    ///
    /// It is the same in every shard: loops are judged by all of them, and of sequences the longest are shared out.
    private var wayForAll: Candidate.Branch? {
        var straight: Candidate.Branch?
        for candidate in right {
            switch candidate.shape {
            case .loop(let loop) where loop.width == 8: return .loop(loop)
            case .straight(let templates) where straight == nil && templates.count < result.straightLength:
                straight = .straight(templates)
            default: break
            }
        }
        return straight
    }

    /// Looks at fields that differ between starts: at each union of them, for all of its bits and for any.
    private var predicates: [Predicate] {
        let entries = problem.starts.map { $0.entry }
        var predicates: [Predicate] = []
        for (offset, masks) in problem.masks.byByte where offset == 0 {
            for mask in masks {
                let isOneBit = mask & (mask - 1) == 0
                for needsAll in isOneBit ? [true] : [true, false] {
                    let predicate = Predicate(mask: mask, needsAll: needsAll)
                    let count = entries.count { predicate.holds($0) }
                    // The same as a smaller one where a field of it is the same in all starts.
                    let isSmallest = !predicates.contains { other in
                        entries.allSatisfy { other.holds($0) == predicate.holds($0) }
                    }
                    if count > 0 && count < entries.count && isSmallest { predicates.append(predicate) }
                }
            }
        }
        return predicates
    }

    /// Two ways, in the cheaper order.
    private func split(
        _ predicate: Predicate, _ first: Candidate.Branch, _ second: Candidate.Branch
    ) -> Candidate {
        prices.laidOut(Candidate(shape: .split(predicate, first, second)))
    }

    /// Judges each side's ways beside a loop that is right, and joins those that are.
    private mutating func joined(_ predicate: Predicate, _ fallback: Candidate.Branch) throws(Diagnostic) {
        let first = try rightWays(predicate, isFirst: true, besides: fallback)
        let second = try rightWays(predicate, isFirst: false, besides: fallback)
        var pairs: [Candidate] = []
        for way in first {
            for other in second {
                pairs.append(split(predicate, way, other))
            }
        }
        try judgeAll(pairs)
    }

    /// Judges pairs of ways.
    private mutating func paired(_ predicate: Predicate) throws(Diagnostic) {
        let first = ways(predicate, isFirst: true)
        let second = ways(predicate, isFirst: false)
        var pairs: [Candidate] = []
        for way in first { for other in second { pairs.append(split(predicate, way, other)) } }
        let found = try cheapestRight(cheapestFirst(pairs), enough: Self.enoughPairs)
        if found.count < Self.enoughPairs && pairs.count > Self.mostJudged { result.isCut = true }
    }

    /// The right ways of one side, cheapest first, each judged in a candidate that is right if it is.
    private mutating func rightWays(
        _ predicate: Predicate, isFirst: Bool, besides fallback: Candidate.Branch
    ) throws(Diagnostic) -> [Candidate.Branch] {
        func candidate(_ way: Candidate.Branch) -> Candidate {
            isFirst ? split(predicate, way, fallback) : split(predicate, fallback, way)
        }
        let ways = ways(predicate, isFirst: isFirst)
        let dearest = ranking(candidate(fallback))
        var rightOnes: [Candidate.Branch] = []
        for isLoop in [false, true] {
            // What is dearer than the way that is right for every entry makes nothing cheaper.
            let candidates = cheapestFirst(
                ways.filter { $0.isLoop == isLoop }.map(candidate), below: dearest)
            rightOnes += try cheapestRight(candidates, enough: Self.mostJoined).compactMap { candidate in
                guard case .split(_, let first, let second) = candidate.shape else { return nil }
                return isFirst ? first : second
            }
        }
        return rightOnes
    }

    /// Judges candidates, the cheapest first, until enough are right; dearer ones make no answer cheaper.
    private mutating func cheapestRight(_ candidates: [Candidate], enough: Int) throws(Diagnostic) -> [Candidate] {
        var found: [Candidate] = []
        for first in stride(from: 0, to: min(candidates.count, Self.mostJudged), by: Self.judgedAtOnce) {
            let part = Array(candidates[first..<min(candidates.count, first + Self.judgedAtOnce)])
            try judgeAll(part)
            found += part.filter { judgements[$0] == .right }
            if found.count >= enough || context.isInterrupted { break }
        }
        return Array(found.prefix(enough))
    }

    /// The ways that are right alone for the entries of one side.
    private mutating func ways(_ predicate: Predicate, isFirst: Bool) -> [Candidate.Branch] {
        let starts = problem.starts.filter { predicate.holds($0.entry) == isFirst }
        // Where there is nothing to do, nothing is done.
        let isDone = starts.allSatisfy { $0.accepts($0.loaded().state) }
        var ways =
            (isDone ? [.straight([])] : [])
            + straightWays(predicate, starts, isFirst: isFirst).map { Candidate.Branch.straight($0) }
        if allowsLoops {
            let shape = SynthesisResult.Shape.branch(
                mask: predicate.mask, needsAll: predicate.needsAll, isFirst: isFirst, isLoop: true)
            let longest = min(options.termLength, Self.longestTermOfWay)
            ways += terms(starts, width: 8, longest: longest, as: shape).map { .loop($0) }
        }
        return ways
    }

    /// Functions of loops in a case split are shorter than those of loops for every entry: otherwise nothing is gained.
    private static let longestTermOfWay = 5

    /// Straight-line ways that are right alone; rax holds the entry as it was loaded.
    private mutating func straightWays(
        _ predicate: Predicate, _ starts: [Start], isFirst: Bool
    ) -> [[Template]] {
        let search = ClassSearch(
            templates: problem.grammar.templates, starts: starts.map { $0.loaded() },
            interference: Interference(profiles),
            forbidden: forbidden, accepts: { $0.accepts($1) ? 1 : 0 }, defined: 1)
        let name = "way-\(predicate.mask)-\(predicate.needsAll)-\(isFirst)"
        let outcome = Enumerator(search: search, name: name, context: context.unshared)
            .run(upTo: options.branchLength, beyond: 1)
        note(
            outcome,
            .branch(mask: predicate.mask, needsAll: predicate.needsAll, isFirst: isFirst, isLoop: false),
            templates: search.templates.count)
        return outcome.accepted.map { $0.map { search.templates[Int($0)] } }
    }

    /// Candidates by the mean of their costs, those alone that cost less than a limit; of equal ones the first stays first.
    func cheapestFirst(_ candidates: [Candidate], below limit: Double = .infinity) -> [Candidate] {
        candidates.enumerated().map { (number: $0.offset, price: ranking($0.element)) }
            .filter { $0.price < limit }
            .sorted { ($0.price, $0.number) < ($1.price, $1.number) }
            .map { candidates[$0.number] }
    }
}
