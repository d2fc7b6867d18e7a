import Litmus
import PageTable

/// Where walks of a test with upper levels go: flat tables of what ``TableLayout`` says, for the steps.
///
/// A *point* is a prefix of addresses in an address space, below the root level: where a walk for these addresses is when it
/// has yet to read one level. Each point has a table that is there at the start; which tables walks have reached there is state
/// (`PartialWalks.swift`).
struct WalkLayout {
    /// The level whose entries a walk reads first; 1 for a test without upper levels.
    let rootLevel: Int
    let tableCount: Int
    let pointCount: Int
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
    /// By point, a page below it; the level that is read there; and the table that is there at the start.
    let pages: UnsafeMutablePointer<Int>
    let pointLevels: UnsafeMutablePointer<Int>
    let pointTables: UnsafeMutablePointer<Int>
    /// By entry, its table.
    let tablesOfEntries: UnsafeMutablePointer<Int>
    /// By address space, its points below the root level, a bit each.
    let pointsOfSpaces: UnsafeMutablePointer<UInt64>
    /// By address space, those of all that have its tag.
    let pointsOfTags: UnsafeMutablePointer<UInt64>
    /// By point, the others for the same addresses under the same tag; and by point, those of the tag whose addresses have the
    /// same index at the level above, itself among them; a bit each.
    let pointMates: UnsafeMutablePointer<UInt64>
    let companions: UnsafeMutablePointer<UInt64>
    /// By leaf, those of the page under the same tag, itself among them, a bit each.
    let leafMates: UnsafeMutablePointer<UInt64>
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
        let (tables, points) = (layout?.tables ?? [], layout?.points ?? [])
        let (leafCount, spaces) = (map.leafCount, map.spaces.count)
        rootLevel = layout?.rootLevel ?? 1
        tableCount = tables.count
        pointCount = points.count
        pageCount = map.pages.count
        firstEntry = map.firstLeaf
        func allocate<Element>(_ count: Int, _ zero: Element) -> UnsafeMutablePointer<Element> {
            let pointer = UnsafeMutablePointer<Element>.allocate(capacity: max(1, count))
            pointer.initialize(repeating: zero, count: max(1, count))
            return pointer
        }
        levels = allocate(tables.count, 0)
        firstEntries = allocate(tables.count, 0)
        ordinals = allocate(tables.count, 0)
        pages = allocate(points.count, 0)
        pointLevels = allocate(points.count, 0)
        pointTables = allocate(points.count, 0)
        tablesOfLevels = allocate((rootLevel + 1) * Self.mostTables, 0)
        slots = allocate(tables.count * pageCount, 0)
        self.points = allocate(leafCount * rootLevel, 0)
        tablesOfEntries = allocate(layout?.entryCount ?? 0, 0)
        pointsOfSpaces = allocate(spaces, 0)
        pointsOfTags = allocate(spaces, 0)
        pointMates = allocate(points.count, 0)
        companions = allocate(points.count, 0)
        leavesOfPoints = allocate(points.count, 0)
        leafMates = allocate(leafCount, 0)
        regionMates = allocate(leafCount, 0)
        rangeMates = allocate(leafCount, 0)
        allPoints = points.indices.reduce(0) { points[$1].level < layout?.rootLevel ?? 1 ? $0 | 1 << UInt64($1) : $0 }
        layoutLeaves(map)
        guard let layout else { return }
        layoutTables(map, layout)
        layoutPoints(map, layout)
    }

    private func layoutLeaves(_ map: AddressMap) {
        for leaf in 0..<map.leafCount {
            let (space, place) = (leaf / pageCount, map.coordinates[leaf % pageCount])
            for other in map.tags.mates[space] {
                leafMates[leaf] |= 1 << UInt64(other * pageCount + leaf % pageCount)
            }
            guard map.tables != nil else { continue }
            for page in 0..<pageCount where space * pageCount + page != leaf && map.coordinates[page].pud == place.pud {
                let mates = map.coordinates[page].pmd == place.pmd ? regionMates : rangeMates
                mates[leaf] |= 1 << UInt64(space * pageCount + page)
            }
        }
    }

    private func layoutTables(_ map: AddressMap, _ layout: TableLayout) {
        var counts = [Int](repeating: 0, count: rootLevel + 1)
        for (number, table) in layout.tables.enumerated() {
            levels[number] = table.level
            firstEntries[number] = table.firstEntry
            ordinals[number] = counts[table.level]
            if counts[table.level] < Self.mostTables {
                tablesOfLevels[table.level * Self.mostTables + counts[table.level]] = number
            }
            counts[table.level] += 1
            for page in 0..<pageCount {
                slots[number * pageCount + page] = map.firstLeaf + layout.entry(ofPage: page, table: number)
            }
        }
        for entry in 0..<layout.entryCount { tablesOfEntries[entry] = layout.slot(ofEntry: entry).table }
    }

    private func layoutPoints(_ map: AddressMap, _ layout: TableLayout) {
        for (number, point) in layout.points.enumerated() {
            pages[number] = point.page
            pointLevels[number] = point.level
            pointTables[number] = point.table
            if point.level < rootLevel { pointsOfSpaces[point.space] |= 1 << UInt64(number) }
            for (other, known) in layout.points.enumerated() {
                guard known.level == point.level, map.tags.mates[point.space].contains(known.space) else {
                    continue
                }
                if known.page == point.page && other != number { pointMates[number] |= 1 << UInt64(other) }
                let above = point.level + 1
                if above <= rootLevel,
                    layout.index(ofPage: known.page, level: above) == layout.index(ofPage: point.page, level: above)
                {
                    companions[number] |= 1 << UInt64(other)
                }
            }
        }
        for space in map.spaces.indices {
            for other in map.tags.mates[space] {
                pointsOfTags[space] |= pointsOfSpaces[other]
            }
            for page in 0..<pageCount {
                for level in 1...rootLevel {
                    let point = layout.point(ofPage: page, level: level, space: space)
                    points[(space * pageCount + page) * rootLevel + level - 1] = point
                    leavesOfPoints[point] |= 1 << UInt64(space * pageCount + page)
                }
            }
        }
    }

    func deallocate() {
        for numbers in [
            levels, firstEntries, ordinals, tablesOfLevels, slots, points, pages, pointLevels, pointTables,
            tablesOfEntries,
        ] {
            numbers.deallocate()
        }
        for sets in [
            pointsOfSpaces, pointsOfTags, pointMates, companions, leavesOfPoints, leafMates, regionMates, rangeMates,
        ] {
            sets.deallocate()
        }
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
        ReachedTable(table: pointTables[point(ofLeaf: leaf, level: rootLevel)], isWritable: true, isUser: true)
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

    /// The points of the walk for a leaf, below the root level, of all address spaces that have its tag; a bit each.
    func path(ofLeaf leaf: Int) -> UInt64 {
        (1..<rootLevel).reduce(0) { path, level in
            let point = point(ofLeaf: leaf, level: level)
            return path | 1 << UInt64(point) | pointMates[point]
        }
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
