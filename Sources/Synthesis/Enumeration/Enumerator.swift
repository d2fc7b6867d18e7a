import Explorer

/// Runs a class search level by level, on several threads; what it finds does not depend on how many.
///
/// A round of parents is a piece of work: its result goes into the journal, and comes from there when a search goes on.
struct Enumerator {
    let search: ClassSearch
    /// What pieces' names begin with.
    let name: String
    let context: SearchContext

    /// What a search came to.
    struct Outcome {
        var levels: [ClassSearch.Level] = []
        /// Right sequences, one of each class, shortest first.
        var accepted: [ClassSearch.Sequence] = []
        /// Whether it ran to its end.
        var isComplete = true
    }

    /// What goes on while levels follow each other.
    private struct Progress {
        var outcome = Outcome()
        /// The classes of each length so far.
        var frontiers = [ClassSearch.Frontier()]
        /// The classes that were met; nil while they are known from a journal alone.
        var known: FingerprintSet? = FingerprintSet()
        /// Classes of right sequences.
        var right = FingerprintSet()
    }

    /// How many parents one worker takes at a time; pieces are merged in their order.
    private static let parentsPerTask = 256
    /// How many parents a piece of the journal has.
    private static let parentsPerRound = 1 << 14

    /// Searches all sequences up to a length, but at most `beyond` instructions more than the shortest right one has.
    func run(upTo longest: Int, beyond: Int) -> Outcome {
        var progress = Progress()
        let storages = (0..<context.threads).map { _ in ClassSearch.Storage(search, longest: longest) }
        var last = max(1, longest)
        var length = 0
        while length < last {
            length += 1
            let parents = progress.frontiers[length - 1]
            progress.frontiers.append(ClassSearch.Frontier(length: length))
            progress.outcome.levels.append(
                ClassSearch.Level(length: length, sequences: power(Double(search.templates.count), length)))
            let isLast = length == last
            for (round, first) in stride(from: 0, to: parents.count, by: Self.parentsPerRound).enumerated() {
                // Only the last level is shared out: the others are a small part of the work, and everybody needs them.
                if isLast && !context.shard.has(round) { continue }
                guard context.mayGoOn("\(name), length \(length)", first, parents.count),
                    takeRound(round, first, isLast, storages, &progress)
                else {
                    progress.outcome.isComplete = false
                    return progress.outcome
                }
            }
            if progress.outcome.levels.count(where: { $0.accepted > 0 }) == 1,
                let level = progress.outcome.levels.last, level.accepted > 0
            {
                last = min(last, length + beyond)
            }
        }
        return progress.outcome
    }

    /// Takes up a round, from the journal or worked out; false where a merge lacks it, and where somebody wants an end.
    private func takeRound(
        _ round: Int, _ first: Int, _ isLast: Bool, _ storages: [ClassSearch.Storage], _ progress: inout Progress
    ) -> Bool {
        let length = progress.frontiers.count - 1
        let piece = "\(name)/\(length)/\(round)"
        if let text = context.journal?.result(of: piece), let known = RoundResult(text) {
            // What the classes are is worked out again when somebody has to compare with them.
            if !isLast { progress.known = nil }
            take(known, &progress)
            return true
        }
        if context.mergesOnly {
            context.lack(piece)
            return false
        }
        let parents = progress.frontiers[length - 1]
        let range = first..<min(parents.count, first + Self.parentsPerRound)
        if !isLast && progress.known == nil { progress.known = classes(of: progress.frontiers, storages[0]) }
        let expansions = expansions(parents, range, isLast, storages)
        // Interrupted work is not finished work.
        guard !context.isInterrupted else { return false }
        let result = RoundResult(expansions, known: isLast ? nil : progress.known)
        if !isLast { for child in result.classes { _ = progress.known?.insert(child.fingerprint) } }
        context.journal?.record(piece, result.text)
        context.journal?.synchronize()
        take(result, &progress)
        return true
    }

    /// New classes become parents, right ones of new classes are kept.
    private func take(_ result: RoundResult, _ progress: inout Progress) {
        let length = progress.frontiers.count - 1
        let level = progress.outcome.levels.count - 1
        let parents = progress.frontiers[length - 1]
        progress.outcome.levels[level].children += result.run
        progress.outcome.levels[level].pruned += result.pruned
        progress.outcome.levels[level].classes += result.classes.count
        for child in result.accepted where progress.right.insert(child.fingerprint) {
            progress.outcome.levels[level].accepted += 1
            progress.outcome.accepted.append(parents[child.parent] + [child.template])
        }
        for child in result.classes { progress.frontiers[length].append(parents, child.parent, child.template) }
    }

    /// What stands for the classes of all lengths so far.
    private func classes(of frontiers: [ClassSearch.Frontier], _ storage: ClassSearch.Storage) -> FingerprintSet {
        var known = FingerprintSet()
        for frontier in frontiers where frontier.length > 0 {
            for position in 0..<frontier.count {
                if let fingerprint = search.fingerprint(frontier[position], storage: storage) {
                    _ = known.insert(fingerprint)
                }
            }
        }
        return known
    }

    private func expansions(
        _ frontier: ClassSearch.Frontier, _ range: Range<Int>, _ isLast: Bool, _ storages: [ClassSearch.Storage]
    ) -> [ClassSearch.Expansion] {
        let tasks = (range.count + Self.parentsPerTask - 1) / Self.parentsPerTask
        var results = [ClassSearch.Expansion](repeating: ClassSearch.Expansion(), count: tasks)
        results.withUnsafeMutableBufferPointer { results in
            // SAFETY: each task writes its own element.
            nonisolated(unsafe) let results = results
            Workers.share(tasks, threads: context.threads) { worker, task in
                guard !context.isInterrupted else { return }
                let first = range.lowerBound + task * Self.parentsPerTask
                let part = first..<min(range.upperBound, first + Self.parentsPerTask)
                results[task] =
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
