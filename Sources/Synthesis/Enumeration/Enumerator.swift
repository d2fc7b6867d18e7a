import Explorer

/// Runs a class search level by level, on several threads; what it finds does not depend on how many.
struct Enumerator {
    let search: ClassSearch
    let threads: Int
    /// Called after each piece of a level with how much of it is done; false ends the search.
    var progress: (_ length: Int, _ done: Int, _ of: Int) -> Bool = { _, _, _ in true }

    /// What a search came to.
    struct Outcome {
        var levels: [ClassSearch.Level] = []
        /// Right sequences, one of each class, shortest first.
        var accepted: [ClassSearch.Sequence] = []
        /// Whether it ran to its end.
        var isComplete = true
    }

    /// How many parents one worker takes at a time; pieces are merged in their order.
    private static let parentsPerPiece = 256
    private static let piecesPerRound = 64

    /// Searches all sequences up to a length.
    func run(upTo longest: Int) -> Outcome {
        var outcome = Outcome()
        var frontier = ClassSearch.Frontier()
        var known = FingerprintSet()
        var right = FingerprintSet()
        let storages = (0..<threads).map { _ in ClassSearch.Storage(search, longest: longest) }
        for length in 1...max(1, longest) {
            var level = ClassSearch.Level(
                length: length, sequences: power(Double(search.templates.count), length))
            var next = ClassSearch.Frontier(length: length)
            let isLast = length == longest
            for round in stride(from: 0, to: frontier.count, by: Self.parentsPerPiece * Self.piecesPerRound) {
                let end = min(frontier.count, round + Self.parentsPerPiece * Self.piecesPerRound)
                for expansion in expansions(frontier, round..<end, isLast, storages) {
                    level.children += expansion.run
                    level.pruned += expansion.pruned
                    for child in expansion.children {
                        if child.isAccepted, right.insert(child.fingerprint) {
                            level.accepted += 1
                            outcome.accepted.append(frontier[child.parent] + [child.template])
                        }
                        guard !isLast, known.insert(child.fingerprint) else { continue }
                        level.classes += 1
                        next.words += frontier[child.parent]
                        next.words.append(child.template)
                    }
                }
                guard progress(length, end, frontier.count) else {
                    outcome.isComplete = false
                    outcome.levels.append(level)
                    return outcome
                }
            }
            outcome.levels.append(level)
            frontier = next
        }
        return outcome
    }

    private func expansions(
        _ frontier: ClassSearch.Frontier, _ range: Range<Int>, _ isLast: Bool, _ storages: [ClassSearch.Storage]
    ) -> [ClassSearch.Expansion] {
        let pieces = (range.count + Self.parentsPerPiece - 1) / Self.parentsPerPiece
        var results = [ClassSearch.Expansion](repeating: ClassSearch.Expansion(), count: pieces)
        results.withUnsafeMutableBufferPointer { results in
            // SAFETY: each piece writes its own element.
            nonisolated(unsafe) let results = results
            Workers.share(pieces, threads: threads) { worker, piece in
                let first = range.lowerBound + piece * Self.parentsPerPiece
                let part = first..<min(range.upperBound, first + Self.parentsPerPiece)
                results[piece] =
                    isLast
                    ? search.finish(frontier, part, storage: storages[worker])
                    : search.expand(frontier, part, storage: storages[worker])
            }
        }
        return results
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { result, _ in result * base }
    }
}
