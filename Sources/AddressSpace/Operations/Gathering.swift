import PageTable

/// What was taken away before a shootdown.
@usableFromInline
struct Taken {
    /// Whether CPUs may have cached anything of it.
    @usableFromInline var isAnything = false
    /// Whether tables were unlinked.
    @usableFromInline var hasTables = false
    /// The smallest size of a page among it.
    @usableFromInline var smallest = PageSize.page1G

    @inlinable
    init() {}

    /// Notes a page, or a table in which any may be.
    @inlinable
    mutating func note(_ size: PageSize, isTable: Bool = false) {
        isAnything = true
        if isTable { hasTables = true }
        if size.rawValue < smallest.rawValue { smallest = size }
    }
}

/// The two halves of taking away, before and after the shootdown, with the lock held.
extension AddressSpace where Lock: ~Copyable {
    /// Before: clears P of leaves, and unlinks tables that a range covers whole.
    @inlinable
    func takeAway(
        _ range: PageRange, _ positions: Range<Int>, _ table: Table, _ level: PagingLevel, _ taken: inout Taken
    ) {
        var position = positions.lowerBound
        while position < positions.upperBound {
            let live = table[range.address(position), level]
            let entry = live.load()
            let end = position + range.pages(from: position, belowOneEntryOf: level)
            if entry.isPresent {
                if level == .leaf || entry.isLargePage {
                    live.takeAway(entry)
                    taken.note(PageSize(of: level) ?? .page1G)
                } else if range.covers(level, from: position), mayUnlink(level) {
                    live.unlink()
                    taken.note(.page4K, isTable: true)
                } else if let next = Table(below: entry, in: frames) {
                    takeAway(range, position..<end, next, level.below, &taken)
                }
            }
            position = end
        }
    }

    /// After: empties what was taken away and reports it, and gives unlinked tables back.
    /// - Parameter isUnlinked: whether the table is one that goes, so that nothing needs to be stored in it.
    @inlinable
    func collect(
        _ range: PageRange, _ positions: Range<Int>, _ table: Table, _ level: PagingLevel, isUnlinked: Bool = false,
        _ summary: inout RangeSummary, _ report: (UnmappedPage) -> Void,
        _ reportSoftware: (UInt64, SoftwareEntry) -> Void
    ) {
        var position = positions.lowerBound
        while position < positions.upperBound {
            let address = range.address(position)
            let live = table[address, level]
            let entry = live.load()
            let end = position + range.pages(from: position, belowOneEntryOf: level)
            if level != .leaf, entry.leadsToTable || entry.isUnlinked {
                if let next = Table(frame: Frame(of: entry), in: frames) {
                    collect(
                        range, position..<end, next, level.below, isUnlinked: isUnlinked || entry.isUnlinked, &summary,
                        report, reportSoftware)
                    if isUnlinked || entry.isUnlinked { giveBack(next, below: live, &summary) }
                }
            } else {
                collect(live, entry, address, level, isUnlinked: isUnlinked, &summary, report, reportSoftware)
            }
            position = end
        }
    }

    /// After: empties one entry that leads to no table, and reports what stood there.
    @inlinable @inline(__always)
    func collect(
        _ live: AtomicPageTableEntry, _ entry: PageTableEntry, _ address: UInt64, _ level: PagingLevel,
        isUnlinked: Bool, _ summary: inout RangeSummary, _ report: (UnmappedPage) -> Void,
        _ reportSoftware: (UInt64, SoftwareEntry) -> Void
    ) {
        if let software = SoftwareEntry(of: entry) {
            live.store(.empty)
            summary.softwareEntries += 1
            reportSoftware(address, software)
        } else if entry != .empty {
            let final = (isUnlinked ? entry : live.clear()).withAccess
            summary.note(final)
            report(UnmappedPage(address: address, entry: final, size: PageSize(of: level) ?? .page1G))
        }
    }

    /// After: gives back a table that the entry above it names no more.
    @inlinable
    func giveBack(_ table: Table, below live: AtomicPageTableEntry, _ summary: inout RangeSummary) {
        live.store(.empty)
        frames.release(table.frame)
        summary.tables += 1
    }

    /// Unlinks the tables below a table that nothing stands in; says whether there were any.
    @inlinable
    func unlinkEmpty(_ range: PageRange, _ positions: Range<Int>, _ table: Table, _ level: PagingLevel) -> Bool {
        guard level != .leaf else { return false }
        var isAny = false
        var position = positions.lowerBound
        while position < positions.upperBound {
            let live = table[range.address(position), level]
            let end = position + range.pages(from: position, belowOneEntryOf: level)
            if let next = Table(below: live.load(), in: frames) {
                if unlinkEmpty(range, position..<end, next, level.below) { isAny = true }
                if mayUnlink(level), next.isUnused {
                    live.unlink()
                    isAny = true
                }
            }
            position = end
        }
        return isAny
    }

    /// After ``unlinkEmpty(_:_:_:_:)``: gives unlinked tables back, and leaves everything else in the range alone.
    @inlinable
    func collectUnlinked(
        _ range: PageRange, _ positions: Range<Int>, _ table: Table, _ level: PagingLevel, _ summary: inout RangeSummary
    ) {
        guard level != .leaf else { return }
        var position = positions.lowerBound
        while position < positions.upperBound {
            let live = table[range.address(position), level]
            let entry = live.load()
            let end = position + range.pages(from: position, belowOneEntryOf: level)
            if entry.leadsToTable || entry.isUnlinked, let next = Table(frame: Frame(of: entry), in: frames) {
                collectUnlinked(range, position..<end, next, level.below, &summary)
                if entry.isUnlinked { giveBack(next, below: live, &summary) }
            }
            position = end
        }
    }

    /// Whether tables below entries of a level may go: of the kernel's half the first below the root are for all.
    @inlinable
    func mayUnlink(_ level: PagingLevel) -> Bool { half != .upper || level != depth.root }

    /// Gives all tables back that are this address space's: nothing walks them any more.
    @usableFromInline
    func releaseTables() {
        for index in half.rootEntries { releaseTables(below: rootTable[index].load(), depth.root) }
        frames.release(rootTable.frame)
    }

    /// Gives back the table that an entry of a level leads to, after the tables below it.
    @usableFromInline
    func releaseTables(below entry: PageTableEntry, _ level: PagingLevel) {
        guard level != .leaf, let table = Table(below: entry, in: frames) else { return }
        for index in 0..<Table.entryCount { releaseTables(below: table[index].load(), level.below) }
        frames.release(table.frame)
    }
}

extension Table {
    /// The table in a frame; nil if it cannot be reached.
    @inlinable
    init?(frame: Frame, in frames: some FrameProvider) {
        guard let words = frames.words(of: frame) else { return nil }
        self.init(frame: frame, words: words)
    }

    /// Whether nothing stands in it but tables that are being taken away.
    @inlinable var isUnused: Bool {
        for index in 0..<Self.entryCount {
            let entry = self[index].load()
            if entry != .empty && !entry.isUnlinked { return false }
        }
        return true
    }
}

extension PageRange {
    /// A range that is known to be right, or empty.
    @inlinable
    init(unchecked first: UInt64, count: Int) {
        self.first = first
        self.count = count
    }
}
