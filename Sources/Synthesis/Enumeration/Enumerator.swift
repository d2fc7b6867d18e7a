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
        /// Classes that were met.
        var known = FingerprintSet()
        /// Classes of right sequences.
        var right = FingerprintSet()
    }

    /// How many parents one worker takes at a time; pieces are merged in their order.
    private static let parentsPerTask = 256
    /// How many parents a piece of the journal has.
    private static let parentsPerRound = 1 << 14

    /// Searches all sequences up to a length, or up to the first length that has a right one.
    func run(upTo longest: Int, stopsWhenFound: Bool = false) -> Outcome {
        var progress = Progress()
        var frontier = ClassSearch.Frontier()
        let storages = (0..<context.threads).map { _ in ClassSearch.Storage(search, longest: longest) }
        for length in 1...max(1, longest) {
            var level = ClassSearch.Level(length: length, sequences: power(Double(search.templates.count), length))
            var next = ClassSearch.Frontier(length: length)
            let isLast = length == longest
            for (round, first) in stride(from: 0, to: frontier.count, by: Self.parentsPerRound).enumerated() {
                // Only the last level is shared out: the others are a small part of the work, and everybody needs them.
                if isLast && !context.shard.has(round) { continue }
                guard context.mayGoOn("\(name), length \(length)", first, frontier.count),
                    let result = result(frontier, first, round, isLast, storages)
                else {
                    progress.outcome.isComplete = false
                    progress.outcome.levels.append(level)
                    return progress.outcome
                }
                merge(result, frontier, isLast, storages[0], &level, &next, &progress)
            }
            progress.outcome.levels.append(level)
            if stopsWhenFound && level.accepted > 0 { break }
            frontier = next
        }
        return progress.outcome
    }

    /// A round's result, from the journal or worked out; nil where a merge lacks it.
    private func result(
        _ frontier: ClassSearch.Frontier, _ first: Int, _ round: Int, _ isLast: Bool,
        _ storages: [ClassSearch.Storage]
    ) -> RoundResult? {
        let piece = "\(name)/\(frontier.length + 1)/\(round)"
        if let text = context.journal?.result(of: piece), let known = RoundResult(text) { return known }
        if context.mergesOnly {
            context.lack(piece)
            return nil
        }
        let range = first..<min(frontier.count, first + Self.parentsPerRound)
        let expansions = expansions(frontier, range, isLast, storages)
        // Interrupted work is not finished work.
        guard !context.isInterrupted else { return nil }
        let result = RoundResult(expansions, keepsAll: !isLast)
        context.journal?.record(piece, result.text)
        context.journal?.synchronize()
        return result
    }

    /// Takes up a round: new classes become parents, right ones of new classes are kept.
    private func merge(
        _ result: RoundResult, _ frontier: ClassSearch.Frontier, _ isLast: Bool, _ storage: ClassSearch.Storage,
        _ level: inout ClassSearch.Level, _ next: inout ClassSearch.Frontier, _ progress: inout Progress
    ) {
        level.children += result.run
        level.pruned += result.pruned
        for child in result.children {
            let fingerprint = child.fingerprint
            if child.isAccepted, progress.right.insert(fingerprint) {
                level.accepted += 1
                progress.outcome.accepted.append(frontier[child.parent] + [child.template])
            }
            guard !isLast, progress.known.insert(fingerprint) else { continue }
            level.classes += 1
            next.append(frontier, child.parent, child.template)
        }
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

/// What a round of a class search found, as it stands in a journal.
struct RoundResult {
    var run = 0
    var pruned = 0
    /// Of the last level only the right ones.
    var children: [ClassSearch.Child] = []

    init(_ expansions: [ClassSearch.Expansion], keepsAll: Bool) {
        // Within a round each class is told once: the first sequence of it.
        var seen = FingerprintSet()
        for expansion in expansions {
            run += expansion.run
            pruned += expansion.pruned
            for child in expansion.children where seen.insert(child.fingerprint) && (keepsAll || child.isAccepted) {
                children.append(child)
            }
        }
    }

    /// Reads what ``text`` wrote; nil for a text of another shape.
    init?(_ text: String) {
        var numbers = NumberReader(text)
        guard let run = numbers.next(), let pruned = numbers.next() else { return nil }
        self.run = Int(run)
        self.pruned = Int(pruned)
        var parent = 0
        while let step = numbers.next() {
            guard let template = numbers.next(), let isAccepted = numbers.next(), let first = numbers.next(),
                let second = numbers.next()
            else { return nil }
            parent += Int(step)
            children.append(
                ClassSearch.Child(
                    parent: parent, template: UInt16(truncatingIfNeeded: template),
                    fingerprint: Fingerprint(first: first, second: second), isAccepted: isAccepted == 1))
        }
    }

    /// Counts, then each child: how far its parent is from the one before, its instruction, whether it is right, its class.
    var text: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(children.count * 44 + 32)
        func add(_ number: UInt64) {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
            bytes += Array(String(number, radix: 36).utf8)
        }
        add(UInt64(run))
        add(UInt64(pruned))
        var parent = 0
        for child in children {
            add(UInt64(child.parent - parent))
            add(UInt64(child.template))
            add(child.isAccepted ? 1 : 0)
            add(child.fingerprint.first)
            add(child.fingerprint.second)
            parent = child.parent
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Reads numbers of base 36 between blanks.
struct NumberReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The next number, or nil at the end and where something else stands.
    mutating func next() -> UInt64? {
        while offset < bytes.count, bytes[offset] == UInt8(ascii: " ") { offset += 1 }
        guard offset < bytes.count else { return nil }
        var number: UInt64 = 0
        while offset < bytes.count, bytes[offset] != UInt8(ascii: " ") {
            let byte = bytes[offset]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            let (product, overflows) = number.multipliedReportingOverflow(by: 36)
            guard !overflows else { return nil }
            number = product &+ UInt64(digit)
            offset += 1
        }
        return number
    }
}
