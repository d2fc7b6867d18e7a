/// Leaves of three sizes, which go by the level of their entries: 1 for 4K, 2 for 2M, 3 for 1G (levels.md (d)).
///
/// Decisions where levels.md is open, or says less than an implementation needs:
///
/// * PS=1 is reserved in entries of the fourth level, and where the frame is a table's or not a multiple of the size, but for
///   bit 12, which is PAT: what lies in a block is no block. A walk ends there; no walk sets A in such an entry, whatever the
///   profile says of P=0. To a Dirty update it is another frame.
/// * An entry that points to a frame that is no table of the level below leads to nothing. A walker that reads one, and has set
///   A there, ends the run with `wild`, and the exploration where the condition names neither `wild` nor `stale_table`: the
///   test is refused. To walks of memory that only judge (properties, `retry`) it is like nothing else.
/// * A walker may read any leaf. An access through one to a frame that is neither a variable's nor a table's ends the run in
///   the same way; so does one at a slot of a block that is no variable's.
/// * Where there is nothing but leaves, what nobody's frame holds is memory without a name, as before.
/// * The Dirty update checks the word that a walk finds at the level of the translation it was decided on: P=0 there is
///   `onNotPresent`, a table there is a `refault`. A walk that ends anywhere else, with P=0 or a leaf, is a `refault`.
/// * `size_conflict` counts accesses that are made and accesses that fault, at the moment when they do, by what the TLB holds
///   then, be it of use to this access or not.
extension Entry {
    var hasSizeBit: Bool { raw & Entry.sizeBit != 0 }

    /// Whether an entry with P=1 of a level is a leaf.
    func isLeaf(level: Int) -> Bool { level == 1 || ((2...3).contains(level) && hasSizeBit) }

    /// The frame without PAT of a large page.
    var largeFrame: UInt64 { frame & ~1 }

    /// How many frames a leaf of a size maps.
    static func frames(ofSize size: Int) -> UInt64 { 1 << (9 * UInt64(size - 1)) }
}

extension Layout {
    /// Whether an entry with P=1 of a level has a bit that has to be 0.
    func isReserved(_ entry: Entry, level: Int) -> Bool {
        guard level > 1, entry.hasSizeBit else { return false }
        let isBase =
            entry.largeFrame % Entry.frames(ofSize: level) == 0
            && tables.table(ofFrame: entry.frame) == nil && tables.table(ofFrame: entry.largeFrame) == nil
        return level > 3 || !isBase
    }

    /// Whether a frame is in the test; where there is nothing but leaves any is.
    func hasFrame(_ frame: UInt64) -> Bool {
        owner(ofFrame: frame) != nil || tables.table(ofFrame: frame) != nil || tables.rootLevel == 1
    }

    /// Whether a leaf of a size maps a variable's frame.
    func maps(_ leaf: Entry, _ variable: Int, size: Int) -> Bool {
        let first = size == 1 ? leaf.frame : leaf.largeFrame
        return frame(variable) >= first && frame(variable) - first < Entry.frames(ofSize: size)
    }
}

extension TestMachine {
    func covers(_ cached: Translation, _ page: Int) -> Bool {
        layout.tables.prefix(of: page, above: cached.size - 1) == cached.page
    }

    func covers(_ cached: Translation, _ place: Place) -> Bool {
        place.indices.count >= cached.size
            && layout.tables.indices[cached.page][(cached.size - 1)...] == place.indices[(cached.size - 1)...]
    }

    /// The frame that a translation gives a page.
    func frame(_ cached: Translation, _ page: Int) -> UInt64 {
        let indices = layout.tables.indices[page]
        return (0..<cached.size - 1).reduce(cached.frame) { $0 + UInt64(indices[$1]) << (9 * UInt64($1)) }
    }

    /// What a processor may use for a page.
    func usable(_ processor: Processor, _ page: Int) -> [Translation] {
        let tag = layout.tag(processor.space)
        return processor.translations.filter { $0.isUsable(under: tag) && covers($0, page) }
    }

    /// An access to a page is made, or faults, while the TLB holds what it holds.
    func meetSizes(_ state: inout State, _ cpu: Int, _ page: Int) {
        guard observed.contains(.sizeConflict) || observed.contains(.sizeMismatch) else { return }
        let usable = usable(state.processors[cpu], page)
        for one in usable {
            for other in usable where other.size > one.size {
                state.ghosts.sizeConflict |= bit(page)
                let isSame = frame(one, page) == frame(other, page) && one.noExecute == other.noExecute
                if !isSame || one.writable != other.writable || one.user != other.user {
                    state.ghosts.sizeMismatch |= bit(page)
                }
            }
        }
    }

    /// The end of a run: a walker has read what leads to nothing.
    func runWild(_ state: State, _ cpu: Int, _ entry: Entry) throws -> State {
        guard observesWild || observed.contains(.staleTable) else { throw OracleError.wildEntry(entry.raw) }
        var next = state
        next.wild = cpu
        return next
    }
}
