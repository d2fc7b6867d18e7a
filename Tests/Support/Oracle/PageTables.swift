import Litmus

/// The tables that a test has, and where each page's entries lie in them at the start.
///
/// Decisions where levels.md is open, or says less than an implementation needs:
///
/// * The root level is the highest level of which the test names an entry, or one above a table that it names. What lies above
///   permits everything and never changes. Levels that never change are walked all the same.
/// * A table has one word for each index that some page of the test has at its level, so a table that was moved serves other
///   pages. A word is the entry of those pages (`PMD(x)`, and `PMD(y)` in the same region) whose walk leads through it at the
///   start, and `stray_present` of any of them looks at it; a slot that is nobody's is in no property but `lost_dirty`, which
///   takes each present leaf that the roots lead to by any slots.
/// * An upper entry of another address space than `mm` that is not initialised has P=0, unless some page below it has another
///   entry (higher or lower, by whichever name) that the test names: then it points to its own table.
/// * `refault` lets the access begin again, with whatever the TLB holds: the processor could as well have begun it then.
/// * The Dirty update walks to its leaf from any start, one read a step. P=0 on the way, or W=0 of all levels above the leaf,
///   is a `refault`.
/// * `flush_tlb_range` drops what its one `invlpg` drops, but all pages of the range count as flushed for `stale_write`: that is
///   what its caller was promised.
/// * Where faults are confirmed, a TLB entry that forbids the access may lead to the confirming walk as well; that walk reads
///   freed tables like any other.
/// * A walk that has read a word of a freed table may come to nothing after that, before A is set.
/// * The partial walks of a processor whose thread has ended stay, for its walker goes on; its translations serve nobody.
struct PageTables {
    /// The level whose entries a walk reads first; 1 where there is nothing but leaves.
    let rootLevel: Int
    /// 4, or 5 with `Levels=5`: the level of the roots of real page tables.
    let topLevel: Int
    /// By variable, its index in tables of levels 1 to 5; empty for a variable that is not translated.
    let indices: [[Int]]
    /// By table, the level of its entries.
    let levels: [Int]
    /// By space, variable and level (from 1), the table at the start; empty for a variable that is not translated.
    private let tableOf: [[[Int]]]
    /// By level (from 0) and variable, the lowest page that agrees with it above the level.
    private let prefixes: [[Int]]
    /// What each word of a table is.
    let entries: [UInt64: EntryWord]
    /// The words of each table.
    let words: [[UInt64]]

    /// A word of a table.
    struct EntryWord {
        var table: Int
        var level: Int
        /// The pages whose entry it is at the start.
        var pages: [Int]
    }

    static let frameBase: UInt64 = 0x4000

    /// - Parameters:
    ///   - spaces: how many address spaces have tables of their own.
    ///   - userRoots: address spaces (from `spaces` on) with a second root, as the spaces that they share all else with.
    init(
        variables: [String], translated: [Bool], spaces: Int, userRoots: [Int], rootLevel: Int, topLevel: Int,
        regions: Regions?
    ) {
        let pages = variables.indices.filter { translated[$0] }
        let places = Regions.coordinates(of: pages.map { variables[$0] }, in: regions)
        let indices = variables.indices.map { variable -> [Int] in
            guard translated[variable], let place = places[variables[variable]] else { return [] }
            return [place.pte, place.pmd, place.pud, 0, 0]
        }
        // Space by space, from the leaves upwards, in order of the lowest page below.
        var levels: [Int] = []
        var tableOf = [[[Int]]](repeating: [[Int]](repeating: [], count: variables.count), count: spaces)
        for space in 0..<spaces {
            for level in 1...rootLevel {
                var known: [[Int]: Int] = [:]
                for page in pages {
                    // With nothing but leaves, an address space has one table.
                    let above = rootLevel == 1 ? [] : Array(indices[page][level...])
                    if known[above] == nil {
                        known[above] = levels.count
                        levels.append(level)
                    }
                    tableOf[space][page].append(known[above] ?? 0)
                }
            }
        }
        for owner in userRoots {
            var shared = tableOf[owner]
            if rootLevel == topLevel {
                // All pages of a test are below one root.
                for page in pages { shared[page][rootLevel - 1] = levels.count }
                levels.append(rootLevel)
            }
            tableOf.append(shared)
        }
        var entries: [UInt64: EntryWord] = [:]
        var words = [[UInt64]](repeating: [], count: levels.count)
        for space in tableOf.indices {
            for page in pages {
                for level in 1...rootLevel {
                    let table = tableOf[space][page][level - 1]
                    // With nothing but leaves, a table is an address space's.
                    let space = space < spaces ? space : userRoots[space - spaces]
                    // Every index of its level, whoever has it.
                    for other in pages {
                        let word = PageTables.word(
                            table: table, of: other, level: level, rootLevel: rootLevel, space: space, indices)
                        if entries[word] == nil {
                            entries[word] = EntryWord(table: table, level: level, pages: [])
                            words[table].append(word)
                        }
                        if other == page, entries[word]?.pages.contains(page) == false {
                            entries[word]?.pages.append(page)
                        }
                    }
                }
            }
        }
        prefixes = (0...5).map { level in
            variables.indices.map { page in
                pages.first { !indices[page].isEmpty && indices[$0][level...] == indices[page][level...] } ?? page
            }
        }
        self.rootLevel = rootLevel
        self.topLevel = topLevel
        self.indices = indices
        self.levels = levels
        self.tableOf = tableOf
        self.entries = entries
        self.words = words
    }

    private static func word(
        table: Int, of page: Int, level: Int, rootLevel: Int, space: Int, _ indices: [[Int]]
    ) -> UInt64 {
        if rootLevel == 1 { return Layout.leaf(space: space, page: page) }
        return Layout.word(frame: frameBase + UInt64(table), offset: UInt64(indices[page][level - 1]) * 8)
    }

    /// The word of a page's entry in a table.
    func word(table: Int, of page: Int) -> UInt64 {
        // With nothing but leaves, tables are numbered like address spaces.
        PageTables.word(
            table: table, of: page, level: levels[table], rootLevel: rootLevel, space: table, indices)
    }

    /// The table that holds a page's entry of a level at the start.
    func table(space: Int, page: Int, level: Int) -> Int? {
        guard tableOf.indices.contains(space) else { return nil }
        let tables = tableOf[space][page]
        return tables.indices.contains(level - 1) ? tables[level - 1] : nil
    }

    /// The table whose frame it is.
    func table(ofFrame frame: UInt64) -> Int? {
        guard rootLevel > 1, frame >= PageTables.frameBase, frame < PageTables.frameBase + UInt64(levels.count) else {
            return nil
        }
        return Int(frame - PageTables.frameBase)
    }

    /// The addresses that agree with a page above a level, named by their lowest page.
    func prefix(of page: Int, above level: Int) -> Int { prefixes[level][page] }

    /// The tables where walks of an address space begin.
    func roots(space: Int) -> Set<Int> {
        tableOf.indices.contains(space) ? Set(tableOf[space].compactMap { $0.last }) : []
    }
}

/// A linear address, as far as walks tell addresses apart: its index at levels 1 to 5.
struct Place: Hashable {
    /// Empty for an address outside all pages of the test.
    var indices: [Int]

    /// The start of the 4K, 2M or 1G (1, 2, 3) that it lies in.
    func start(ofSize size: Int) -> Place {
        Place(indices: indices.enumerated().map { level, index in level < size - 1 ? 0 : index })
    }
}
