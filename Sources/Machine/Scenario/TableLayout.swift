import Litmus

/// The tables of a test that names entries above the leaf: which there are, and the words of each.
///
/// A table has a frame of its own and one word for each slot that some page of the test can index at its level, in whichever
/// table a walk has reached. Tables are numbered space by space, from the leaf's level upwards, by the pages below them.
public struct TableLayout: Hashable, Sendable {
    /// A table.
    public struct Table: Hashable, Sendable {
        /// The level of the entries that it holds.
        public var level: Int
        /// The address space that it belongs to at the start.
        public var space: Int
        /// The lowest page, by number, whose walk leads through it at the start.
        public var page: Int
        /// Its first word, counted from the first entry.
        public var firstEntry: Int
    }

    /// The level whose entries the walk reads first; what is above permits everything and never changes.
    public let rootLevel: Int
    /// By page and level (from 1), its index in tables of the level.
    private let indices: [[Int]]
    /// By level (from 1), the indices that have a word, ascending.
    public let slots: [[Int]]
    /// The tables in order of their numbers.
    public let tables: [Table]
    /// By space, page and level (from 1), the table that holds the page's entry at the start.
    private let tableOf: [[[Int]]]
    /// How many words the tables have together.
    public let entryCount: Int
    /// The points of walks (`WalkLayout.swift`): the first as many as ``tables``, in their order, but for roots for user mode.
    let points: [Point]
    /// By space, page and level (from 1), the point of the walk that reads the level.
    private let pointOf: [[[Int]]]

    /// Where a walk for some addresses of an address space is when it has yet to read a level.
    struct Point: Hashable, Sendable {
        var level: Int
        var space: Int
        /// The lowest page below it.
        var page: Int
        /// The table that is there at the start.
        var table: Int
    }

    /// Lays out tables.
    ///
    /// A space that another owns is a root for user mode: of the root of all levels it has a table of its own, as Linux has with
    /// page-table isolation; every table below is its owner's.
    ///
    /// - Parameters:
    ///   - coordinates: by page, where it lies.
    ///   - owners: by space, whose tables it shares: its own, or those of a space before it.
    ///   - rootLevel: at least 2, at most `levels`.
    ///   - levels: 4 or 5.
    public init(_ coordinates: [Regions.Coordinates], owners: [Int], rootLevel: Int, levels: Int = 4) {
        self.rootLevel = rootLevel
        let allLevels = EntryLevel.all(of: levels)
        let indices = coordinates.map { place in allLevels.map(place.index) }
        self.indices = indices
        let slots = (0..<rootLevel).map { level in Set(indices.map { $0[level] }).sorted() }
        self.slots = slots
        var (tables, points): ([Table], [Point]) = ([], [])
        var next = 0
        let none = [[[Int]]](repeating: [[Int]](repeating: [], count: coordinates.count), count: owners.count)
        var (tableOf, pointOf) = (none, none)
        for (space, owner) in owners.enumerated() {
            for level in 1...rootLevel {
                var known: [[Int]: Int] = [:]
                for page in coordinates.indices {
                    let prefix = Array(indices[page][level...])
                    if known[prefix] == nil {
                        known[prefix] = points.count
                        let isOwn = owner == space || level == levels
                        points.append(
                            Point(
                                level: level, space: space, page: page,
                                table: isOwn ? tables.count : tableOf[owner][page][level - 1]))
                        if isOwn {
                            tables.append(Table(level: level, space: space, page: page, firstEntry: next))
                            next += slots[level - 1].count
                        }
                    }
                    let point = known[prefix] ?? 0
                    pointOf[space][page].append(point)
                    tableOf[space][page].append(points[point].table)
                }
            }
        }
        self.tables = tables
        self.tableOf = tableOf
        self.points = points
        self.pointOf = pointOf
        entryCount = next
    }

    /// The point of the walk for a page that reads a level.
    func point(ofPage page: Int, level: Int, space: Int) -> Int { pointOf[space][page][level - 1] }

    /// The table that holds a page's entry of a level at the start.
    public func table(ofPage page: Int, level: Int, space: Int) -> Int { tableOf[space][page][level - 1] }

    /// A page's index in tables of a level.
    public func index(ofPage page: Int, level: Int) -> Int { indices[page][level - 1] }

    /// The word, counted from the first entry, of a page's slot in a table.
    public func entry(ofPage page: Int, table: Int) -> Int {
        let level = tables[table].level
        return tables[table].firstEntry + (slots[level - 1].firstIndex(of: indices[page][level - 1]) ?? 0)
    }

    /// The table and the index of a word, counted from the first entry.
    public func slot(ofEntry entry: Int) -> (table: Int, index: Int) {
        let table = tables.lastIndex { $0.firstEntry <= entry } ?? 0
        return (table, slots[tables[table].level - 1][entry - tables[table].firstEntry])
    }

    /// The page whose entry a word is at the start: the lowest by number; nil for a slot that none has.
    public func page(ofEntry entry: Int) -> Int? { pages(ofEntry: entry).first }

    /// The pages whose entry a word is at the start.
    func pages(ofEntry entry: Int) -> [Int] {
        let (number, index) = slot(ofEntry: entry)
        let table = tables[number]
        return indices.indices.filter { page in
            indices[page][table.level - 1] == index && tableOf[table.space][page][table.level - 1] == number
        }
    }

    /// How many ways there are to have reached a table at a point (`WalkLayout.swift`).
    func membersOfPoint(_ point: Int) -> Int { 4 * tables.count { $0.level == points[point].level } }
}
