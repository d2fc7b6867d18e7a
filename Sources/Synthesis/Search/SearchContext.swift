import Explorer

/// What all parts of a search share: threads, journal, who is told of progress, and whether somebody wants it to end.
///
/// SAFETY: what changes is ``missing``, and only the thread that runs the search touches it.
final class SearchContext: @unchecked Sendable {
    let threads: Int
    let journal: (any Journal)?
    let shard: Shard
    let mergesOnly: Bool
    private let tell: @Sendable (String, Int, Int) -> Void
    /// Pieces that a merge lacks.
    private(set) var missing: [String] = []
    /// The context that this one is a part of.
    private let owner: SearchContext?

    init(
        _ options: SynthesisOptions, _ journal: (any Journal)?, tell: @escaping @Sendable (String, Int, Int) -> Void
    ) {
        threads = max(1, options.threads)
        self.journal = journal
        shard = options.shard
        mergesOnly = options.mergesOnly
        self.tell = tell
        owner = nil
    }

    /// The same for a part of the search that every process does whole.
    var unshared: SearchContext { SearchContext(sharing: self) }

    private init(sharing other: SearchContext) {
        threads = other.threads
        journal = other.journal
        shard = .whole
        mergesOnly = other.mergesOnly
        tell = other.tell
        owner = other
    }

    /// Whether somebody has pressed Ctrl-C.
    var isInterrupted: Bool { Interruption.isRequested }

    /// Tells how far a part of the search is; false when it is to end.
    func mayGoOn(_ what: String, _ done: Int, _ count: Int) -> Bool {
        tell(what, done, count)
        return !isInterrupted
    }

    /// Notes a piece that should have been in the journal.
    func lack(_ piece: String) {
        if let owner { owner.lack(piece) } else { missing.append(piece) }
    }
}
