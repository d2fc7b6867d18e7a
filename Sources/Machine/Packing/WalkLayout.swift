import Litmus
import PageTable

/// Where walks of a test with upper levels go: flat tables of what ``TableLayout`` says, for the steps.
///
/// A *point* is a prefix of addresses in an address space, below the root level: where a walk for these addresses is when it
/// has yet to read one level. Each point has the number of the table that is there at the start; which tables walks have
/// reached there is state (`PartialWalks.swift`).
struct WalkLayout {
    /// The level whose entries a walk reads first; 1 for a test without upper levels.
    let rootLevel: Int
    let tableCount: Int
    /// By table, the level of its entries.
    let levels: UnsafeMutablePointer<Int>
    /// By table, its first entry.
    let firstEntries: UnsafeMutablePointer<Int>
    /// By table, its number among those of its level, and by level and that number the table.
    let ordinals: UnsafeMutablePointer<Int>
    private let tablesOfLevels: UnsafeMutablePointer<Int>
    /// By table and page, the word of the page's slot.
    private let slots: UnsafeMutablePointer<Int>
    /// By leaf (page and address space) and level, the point of the walk that reads the level.
    private let points: UnsafeMutablePointer<Int>
    /// By point, a page below it.
    let pages: UnsafeMutablePointer<Int>
    /// By entry, its table.
    let tablesOfEntries: UnsafeMutablePointer<Int>
    /// By address space, its points below the root level, a bit each.
    let pointsOfSpaces: UnsafeMutablePointer<UInt64>
    /// All points below the root level, a bit each.
    let allPoints: UInt64
    /// By point, the leaves of the pages below it, a bit each.
    let leavesOfPoints: UnsafeMutablePointer<UInt64>
    /// By leaf, the others whose page a translation of 2 MByte covers as well, and those that only one of 1 GByte does; a bit
    /// each.
    let regionMates: UnsafeMutablePointer<UInt64>
    let rangeMates: UnsafeMutablePointer<UInt64>
    let pageCount: Int
    let firstEntry: Int

    /// The most tables of one level: each can be reached with four combinations of W and U.
    static let mostTables = 16

    init(_ map: AddressMap) {
        let layout = map.tables
        let tables = layout?.tables ?? []
        let leafCount = map.leafCount
        rootLevel = layout?.rootLevel ?? 1
        tableCount = tables.count
        pageCount = map.pages.count
        firstEntry = map.firstLeaf
        func allocate(_ count: Int) -> UnsafeMutablePointer<Int> {
            let pointer = UnsafeMutablePointer<Int>.allocate(capacity: max(1, count))
            pointer.initialize(repeating: 0, count: max(1, count))
            return pointer
        }
        levels = allocate(tables.count)
        firstEntries = allocate(tables.count)
        ordinals = allocate(tables.count)
        pages = allocate(tables.count)
        tablesOfLevels = allocate((rootLevel + 1) * Self.mostTables)
        slots = allocate(tables.count * pageCount)
        points = allocate(leafCount * rootLevel)
        tablesOfEntries = allocate(layout?.entryCount ?? 0)
        pointsOfSpaces = .allocate(capacity: max(1, map.spaces.count))
        pointsOfSpaces.initialize(repeating: 0, count: max(1, map.spaces.count))
        func sets(_ count: Int) -> UnsafeMutablePointer<UInt64> {
            let pointer = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, count))
            pointer.initialize(repeating: 0, count: max(1, count))
            return pointer
        }
        leavesOfPoints = sets(tables.count)
        regionMates = sets(leafCount)
        rangeMates = sets(leafCount)
        allPoints = tables.indices.reduce(0) { tables[$1].level < layout?.rootLevel ?? 1 ? $0 | 1 << UInt64($1) : $0 }
        guard let layout else { return }
        var counts = [Int](repeating: 0, count: rootLevel + 1)
        for (number, table) in tables.enumerated() {
            levels[number] = table.level
            firstEntries[number] = table.firstEntry
            pages[number] = table.page
            ordinals[number] = counts[table.level]
            if counts[table.level] < Self.mostTables {
                tablesOfLevels[table.level * Self.mostTables + counts[table.level]] = number
            }
            counts[table.level] += 1
            if table.level < rootLevel { pointsOfSpaces[table.space] |= 1 << UInt64(number) }
            for page in 0..<pageCount {
                slots[number * pageCount + page] = map.firstLeaf + layout.entry(ofPage: page, table: number)
            }
        }
        for entry in 0..<layout.entryCount { tablesOfEntries[entry] = layout.slot(ofEntry: entry).table }
        for space in map.spaces.indices {
            for page in 0..<pageCount {
                for level in 1...rootLevel {
                    let point = layout.table(ofPage: page, level: level, space: space)
                    points[(space * pageCount + page) * rootLevel + level - 1] = point
                    leavesOfPoints[point] |= 1 << UInt64(space * pageCount + page)
                }
            }
        }
        for leaf in 0..<leafCount {
            let (space, place) = (leaf / pageCount, map.coordinates[leaf % pageCount])
            for page in 0..<pageCount where space * pageCount + page != leaf && map.coordinates[page].pud == place.pud {
                let mates = map.coordinates[page].pmd == place.pmd ? regionMates : rangeMates
                mates[leaf] |= 1 << UInt64(space * pageCount + page)
            }
        }
    }

    func deallocate() {
        levels.deallocate()
        firstEntries.deallocate()
        ordinals.deallocate()
        tablesOfLevels.deallocate()
        slots.deallocate()
        points.deallocate()
        pages.deallocate()
        tablesOfEntries.deallocate()
        pointsOfSpaces.deallocate()
        leavesOfPoints.deallocate()
        regionMates.deallocate()
        rangeMates.deallocate()
    }

    /// The other leaves whose page a translation of a leaf covers, by its size; a bit each.
    @inline(__always)
    func mates(ofLeaf leaf: Int, level: Int) -> UInt64 {
        level == 1 ? 0 : level == 2 ? regionMates[leaf] : regionMates[leaf] | rangeMates[leaf]
    }

    /// Whether walks read more than leaves.
    @inline(__always) var hasUpperLevels: Bool { rootLevel > 1 }

    /// Where every walk for a leaf can start: the table of the root level, with all rights.
    @inline(__always)
    func root(ofLeaf leaf: Int) -> ReachedTable {
        ReachedTable(table: point(ofLeaf: leaf, level: rootLevel), isWritable: true, isUser: true)
    }

    /// The table that a present entry points to from another; nil where its frame is not a table of the level below.
    @inline(__always)
    func next(_ entry: PageTableEntry, from start: ReachedTable) -> ReachedTable? {
        let number = entry.frameNumber &- AddressMap.firstTableFrame
        guard number < UInt64(tableCount), levels[Int(number)] == levels[start.table] - 1 else { return nil }
        return ReachedTable(
            table: Int(number), isWritable: start.isWritable && entry.isWritable, isUser: start.isUser && entry.isUser)
    }

    /// The word of a page's slot in a table.
    @inline(__always)
    func word(ofPage page: Int, table: Int) -> Int { slots[table &* pageCount &+ page] }

    /// The point of the walk for a leaf that reads a level.
    @inline(__always)
    func point(ofLeaf leaf: Int, level: Int) -> Int { points[leaf &* rootLevel &+ level &- 1] }

    /// The points of the walk for a leaf, below the root level; a bit each.
    func path(ofLeaf leaf: Int) -> UInt64 {
        (1..<rootLevel).reduce(0) { $0 | 1 << UInt64(point(ofLeaf: leaf, level: $1)) }
    }

    /// What a member of a point's set is.
    @inline(__always)
    func reached(_ member: Int, level: Int) -> ReachedTable {
        ReachedTable(
            table: tablesOfLevels[level &* Self.mostTables &+ member >> 2], isWritable: member & 2 != 0,
            isUser: member & 1 != 0)
    }

    /// The member of a point's set, as its bit.
    @inline(__always)
    func member(_ reached: ReachedTable) -> UInt64 {
        1 << UInt64(ordinals[reached.table] << 2 | (reached.isWritable ? 2 : 0) | (reached.isUser ? 1 : 0))
    }
}

/// Where a walk has got: a table, and the rights of all levels above it.
struct ReachedTable {
    var table: Int
    var isWritable: Bool
    var isUser: Bool
}
