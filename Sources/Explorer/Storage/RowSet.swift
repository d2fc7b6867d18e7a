/// Distinct rows of 64-bit words, numbered in the order in which they were added.
///
/// The visited set without a search: for tables whose rows are too many to be arrays.
public final class RowSet {
    @exclusivity(unchecked) private var arena: StateArena
    @exclusivity(unchecked) private var visited = VisitedSet()

    /// An empty set of rows of `width` words, at least one.
    public init(width: Int) { arena = StateArena(stride: max(1, width)) }

    /// The number of rows.
    public var count: Int { arena.count }

    /// The words of a row; they stay where they are as long as the set lives.
    public subscript(_ number: Int) -> UnsafePointer<UInt64> { UnsafePointer(arena[number]) }

    /// The number of a row, after adding it when it was new.
    public func insert(_ row: UnsafePointer<UInt64>) -> (number: Int, isNew: Bool) {
        let (number, isNew) = visited.insert(
            row, hash: VisitedSet.hash(row, arena.stride), parent: 0, into: &arena)
        return (number, isNew)
    }
}
