/// A walk that has read entries above the leaf with A=0 and has yet to set A there (`LateAccessed.swift`).
struct LateWalk: Equatable {
    /// What the walk has yet to do once A is set above.
    enum Stage: UInt8 {
        /// It has not come to a leaf: it reads its table's entry next.
        case reading
        /// It has read a leaf with A=0 in its table: A of that comes last, and what it finds counts.
        case settingLeaf
        /// It has read a leaf with A=1.
        case filling
    }

    /// The table that it has reached, and the rights of all levels above.
    var table: Int32
    var isWritable: Bool
    var isUser: Bool
    var stage = Stage.reading
    /// The translation that it fills the TLB with.
    var bits: UInt64 = 0
    /// How many entries above have yet to get A.
    private(set) var pending: UInt8 = 0
    /// Their words, from the top downwards, and what was read there, as far as a walker looks at it.
    private var words = SIMD4<Int32>()
    private var contents = SIMD4<UInt64>()

    init() { (table, isWritable, isUser) = (0, false, false) }

    /// A walk that has come to a table, with A=1 in all entries above.
    @inline(__always)
    init(_ start: ReachedTable) { (table, isWritable, isUser) = (Int32(start.table), start.isWritable, start.isUser) }

    @inline(__always)
    var reached: ReachedTable { ReachedTable(table: Int(table), isWritable: isWritable, isUser: isUser) }

    /// The first entry that has yet to get A: its word, and what was read there.
    @inline(__always)
    var first: (word: Int, content: UInt64) { (Int(words[0]), contents[0]) }

    /// All A above are set, and the leaf was read with A=1: nothing is left but to fill.
    @inline(__always)
    var isOver: Bool { stage == .filling && pending == 0 }

    /// The walk one level further down.
    func going(to next: ReachedTable) -> LateWalk {
        var walk = self
        (walk.table, walk.isWritable, walk.isUser) = (Int32(next.table), next.isWritable, next.isUser)
        walk.stage = .reading
        return walk
    }

    /// The same through an entry with A=0.
    func going(to next: ReachedTable, setting word: Int, content: UInt64) -> LateWalk {
        var walk = going(to: next)
        walk.words[Int(pending)] = Int32(word)
        walk.contents[Int(pending)] = content
        walk.pending += 1
        return walk
    }

    /// The walk at its leaf: a translation, or nil where the leaf has A=0.
    func ending(_ bits: UInt64?) -> LateWalk {
        var walk = self
        (walk.stage, walk.bits) = bits.map { (.filling, $0) } ?? (.settingLeaf, 0)
        return walk
    }

    /// The walk after A of the first entry was set, or was found so.
    var afterFirst: LateWalk {
        var walk = self
        for place in 0..<3 { (walk.words[place], walk.contents[place]) = (words[place + 1], contents[place + 1]) }
        (walk.words[3], walk.contents[3]) = (0, 0)
        walk.pending -= 1
        return walk
    }

    /// An order by content, which no history decides.
    func isBefore(_ other: LateWalk) -> Bool {
        let (own, others) = (
            (table, isWritable ? 1 : 0, isUser ? 1 : 0, stage.rawValue, bits, pending),
            (
                other.table, other.isWritable ? 1 : 0, other.isUser ? 1 : 0, other.stage.rawValue, other.bits,
                other.pending
            )
        )
        if own != others { return own < others }
        for place in 0..<Int(pending) {
            if words[place] != other.words[place] { return words[place] < other.words[place] }
            if contents[place] != other.contents[place] { return contents[place] < other.contents[place] }
        }
        return false
    }
}

/// The late walks seen for a leaf so far, numbered from 0.
struct LateWalkTable {
    private let walks: UnsafeMutablePointer<LateWalk>
    /// Their numbers in order of content.
    let order: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private let capacity: Int

    /// - Parameter capacity: how many walks there can be.
    init(capacity: Int) {
        self.capacity = capacity
        walks = .allocate(capacity: max(1, capacity))
        // As in `NumberTables`: number 0 has to be there for a follower that is at a loss.
        walks.initialize(repeating: LateWalk(), count: max(1, capacity))
        order = .allocate(capacity: max(1, capacity))
        order.initialize(repeating: 0, count: max(1, capacity))
    }

    func deallocate() {
        walks.deallocate()
        order.deallocate()
    }

    @inline(__always)
    subscript(_ number: Int) -> LateWalk { walks[number] }

    /// The number of a walk, if it has one.
    func find(_ walk: LateWalk) -> Int? { (0..<count).first { walks[$0] == walk } }

    /// Numbers a new walk; nil when there are too many.
    mutating func insert(_ walk: LateWalk) -> Int? {
        guard count < capacity else { return nil }
        walks[count] = walk
        var place = count
        while place > 0, walk.isBefore(walks[Int(order[place - 1])]) {
            order[place] = order[place - 1]
            place -= 1
        }
        order[place] = UInt8(count)
        count += 1
        return count - 1
    }
}
