/// Single upper entries that are cached by their address (`byEntry`, and beside prefixes `both`; APM 2 5.5.3; levels.md (g)).
///
/// A walk looks at each level at the entry in memory or at what the CPU has cached of the word, so that an old PMD may be
/// combined with a newer PUD. Per CPU and point the entries are kept that lead to it, by the table that they lie in; they belong
/// to the tag, and serve every walk under it that reads the same word. Rights are combined on the way.
///
/// *Lazy form.* As for prefixes (`PartialWalks.swift`), with sets of single entries: each could have been cached when it was
/// read, none has to be evicted, and invalidations act on each by itself. A walk under way is a chain of entries that it has
/// read; all of them are in the set, until something that ends walks drops them, so that every walk can begin again at the root.
extension Machine {
    /// The tables that walks for a leaf have reached at a level below the root's.
    func reachedByEntries(_ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, level: Int) -> UInt64 {
        var found: UInt64 = 0
        forEachReached(state, cpu, leaf: leaf, level: level + 1) { start in
            forEachCachedEntry(state, cpu, leaf: leaf, from: start) { found |= walks.member($0) }
        }
        return found
    }

    /// The tables that cached entries of a table lead to, for a leaf.
    func forEachCachedEntry(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, from start: ReachedTable, _ body: (ReachedTable) -> Void
    ) {
        let level = walks.levels[start.table] - 1
        let (point, place) = (walks.point(ofLeaf: leaf, level: level), walks.ordinals[start.table])
        var (companions, entries) = (walks.companions[point], UInt64(0))
        while companions != 0 {
            entries |= entryCache(cpu, companions.trailingZeroBitCount, place).readBits(state)
            companions &= companions &- 1
        }
        while entries != 0 {
            let entry = walks.reached(entries.trailingZeroBitCount, level: level)
            entries &= entries &- 1
            body(
                ReachedTable(
                    table: entry.table, isWritable: start.isWritable && entry.isWritable,
                    isUser: start.isUser && entry.isUser))
        }
    }

    @inline(__always)
    private func entryCache(_ cpu: Int, _ point: Int, _ place: Int) -> Field {
        cpus[cpu].entryCaches[point &* WalkLayout.mostTables &+ place]
    }

    /// What a read entry is in its set.
    @inline(__always)
    private func member(_ read: ReadTable) -> UInt64 {
        walks.member(
            ReachedTable(table: read.reached.table, isWritable: read.entryIsWritable, isUser: read.entryIsUser))
    }

    func isEntryKept(_ read: ReadTable, _ state: UnsafePointer<UInt64>, _ cpu: Int, point: Int, from table: Int) -> Bool
    {
        entryCache(cpu, point, walks.ordinals[table]).readBits(state) & member(read) != 0
    }

    func keepEntry(_ read: ReadTable, _ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, point: Int, from table: Int) {
        entryCache(cpu, point, walks.ordinals[table]).insert(member(read), state)
    }

    func dropEntries(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, point: Int) {
        for place in 0..<WalkLayout.mostTables { entryCache(cpu, point, place).writeBits(0, state) }
    }

    /// Each of the cached entries of a point may vanish, those aside that memory shows on the way from the root.
    ///
    /// - Parameter current: what memory shows there, and in which table.
    func evictEntries(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, point: Int, current: (read: ReadTable, table: Int)? = nil
    ) {
        for place in 0..<WalkLayout.mostTables {
            let cache = entryCache(cpu, point, place)
            var rest = cache.readBits(state)
            if let current, walks.ordinals[current.table] == place { rest &= ~member(current.read) }
            while rest != 0 {
                let entry = rest & (0 &- rest)
                rest &= rest &- 1
                emit(.evict, state, cpu, operand: leafCount + point) { next in cache.remove(entry, next) }
            }
        }
    }
}
