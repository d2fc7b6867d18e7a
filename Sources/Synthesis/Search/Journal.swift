/// Where finished pieces of a search are kept, so that a search that was stopped goes on where it was.
///
/// A piece has a name and a result, both one line of text. A result is a function of problem and options alone, so that parts
/// which several processes found can be put together.
package protocol Journal: AnyObject, Sendable {
    /// The result of a piece that was finished before, or nil.
    func result(of piece: String) -> String?
    /// Keeps the result of a piece.
    func record(_ piece: String, _ result: String)
    /// Sees to it that what was recorded survives the end of the process.
    func synchronize()
}

/// Which part of a search a process does: `index` of `count`, from 1.
package struct Shard: Hashable, Sendable {
    /// The part, from 1.
    package var index: Int
    /// How many parts there are.
    package var count: Int

    /// Names a part.
    package init(index: Int, count: Int) {
        self.index = index
        self.count = count
    }

    /// Everything.
    package static let whole = Shard(index: 1, count: 1)

    /// Whether a piece of work belongs to the part.
    func has(_ piece: Int) -> Bool { piece % count == index - 1 }
}
