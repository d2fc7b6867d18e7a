/// What a processor keeps of walks above the leaf, in each of the ways of levels.md (g).
///
/// Decisions where levels.md is open, or says less than an implementation needs:
///
/// * `byEntry`: a cached entry belongs to the word that it was read from. A walk begins at the loaded root and takes each word
///   above the leaf from memory or from there, so a PMD that was cached goes with a newer PUD, as long as that leads to the table
///   which the PMD lies in. To use what is cached of a freed table is no access to the table.
/// * `both`: what is read is cached as a prefix and as an entry; walks begin at the root or at a prefix. That amd is such a CPU is the
///   machine's author's choice; levels.md (g) says `byEntry`.
/// * With TCE such an entry is dropped by an address below the prefix that it was read for, by whatever prefixes it is used.
/// * Of a level that `upperLevelsCached` does not list there are only walks under way.
/// * `accessedLate` says what may be: the other order happens, too. A walk that has read A=0 above the leaf goes on with what it
///   has read, in no cache. When it has read the leaf, A is set from the top on, each in a step of its own: where P=0 or the entry
///   says something else by now the walk comes to nothing. The TLB is filled with the leaf as it was read, unless A=0 there, too:
///   then what that update finds counts. A walk that faults leaves A as it is.
/// * Where two roots have one tag, what is cached above the level of the roots leads to the tables of the one that is not loaded,
///   too: from the first read there on, a walk may begin in them. Where the roots are those of the top level CR3 alone points to them,
///   and of single entries those of the loaded root alone are looked at.
/// * A walk that goes on from an entry with A=0 to nothing in the test is wild at once.
struct LateAccessed: Hashable {
    var word: UInt64
    var level: Int
    /// What was read there.
    var seen: UInt64
}

/// A cached entry above the leaf, of processors that keep single ones.
struct UpperEntry: Hashable, Comparable {
    var tag: Int
    /// Where it was read.
    var word: UInt64
    var level: Int
    /// The addresses that it was read for: those that agree with this page, the lowest of them, above the level below.
    var prefix: Int
    /// Where it points.
    var table: Int
    var writable: Bool
    var user: Bool
    var noExecute: Bool

    private var order: [UInt64] {
        [
            UInt64(tag), word, UInt64(level), UInt64(prefix), UInt64(table), writable ? 1 : 0, user ? 1 : 0,
            noExecute ? 1 : 0,
        ]
    }

    static func < (left: UpperEntry, right: UpperEntry) -> Bool { left.order.lexicographicallyPrecedes(right.order) }
}

extension Entry {
    /// Whether a walker that has read one of two entries above the leaf has read the other as well, A aside.
    func leadsLike(_ other: Entry) -> Bool {
        let bits =
            Entry.presentBit | Entry.writableBit | Entry.userBit | Entry.sizeBit | Entry.frameMask | Entry.noExecuteBit
        return raw & bits == other.raw & bits
    }
}

extension TestMachine {
    /// Where a walk for a page may begin: at the root, or wherever a walk of the same tag has got to or may get by what is cached.
    func starts(_ cpu: Int, _ processor: Processor, _ page: Int) -> [PartialWalk] {
        let tag = layout.tag(processor.space)
        let begun = processor.partials.filter { walk in
            walk.tag == tag && layout.tables.prefix(of: page, above: walk.level) == walk.prefix
        }
        let root = root(space: processor.space, page: page)
        return furthered(root + begun.filter { !root.contains($0) }, by: processor.entries, page)
    }

    /// Walks, and what cached entries make of them.
    private func furthered(_ walks: [PartialWalk], by entries: [UpperEntry], _ page: Int) -> [PartialWalk] {
        guard !entries.isEmpty else { return walks }
        var result = walks
        var position = 0
        while position < result.count {
            let walk = result[position]
            position += 1
            guard walk.level > 1 else { continue }
            for entry in entries where entry.tag == walk.tag && entry.word == word(walk, page) {
                let further = PartialWalk(
                    tag: walk.tag, level: walk.level - 1,
                    prefix: layout.tables.prefix(of: page, above: walk.level - 1), table: entry.table,
                    writable: walk.writable && entry.writable, user: walk.user && entry.user,
                    noExecute: walk.noExecute || entry.noExecute, late: walk.late)
                if !result.contains(further) { result.append(further) }
            }
        }
        return result
    }

    /// A walk has got as far as a table.
    func hold(_ state: inout State, _ cpu: Int, _ walk: PartialWalk, through entry: UpperEntry, _ page: Int) {
        let caches = profiles[cpu].upperLevels
        guard caches == .byEntry || caches == .both, walk.late.isEmpty else {
            return state.processors[cpu].hold(walk)
        }
        if !state.processors[cpu].entries.contains(entry) {
            state.processors[cpu].entries = (state.processors[cpu].entries + [entry]).sorted()
        }
        if caches == .both { return state.processors[cpu].hold(walk) }
        // Whoever has begun with what is in no cache goes on from there.
        let processor = state.processors[cpu]
        let known = furthered(root(space: processor.space, page: page), by: processor.entries, page)
        if !known.contains(walk) { state.processors[cpu].hold(walk) }
    }

    /// A walk has begun at the root: what is cached above it may lead there when another root of the tag is loaded.
    func holdRoot(_ state: inout State, _ cpu: Int, _ walk: PartialWalk, _ page: Int) {
        guard walk.level == layout.tables.rootLevel, layout.sharesTag(state.processors[cpu].space) else { return }
        var kept = walk
        kept.prefix = layout.tables.prefix(of: page, above: walk.level)
        if isCached(cpu, kept) { state.processors[cpu].hold(kept) }
    }

    /// Whether a partial walk is one of those that caches keep.
    private func isCached(_ cpu: Int, _ walk: PartialWalk) -> Bool {
        guard [.byPrefix, .both].contains(profiles[cpu].upperLevels), walk.late.isEmpty else { return false }
        let cached = profiles[cpu].upperLevelsCached
        // Of the levels above the root any will do.
        let isRoot = walk.level == layout.tables.rootLevel
        return isRoot
            ? cached.contains { $0 > walk.level && $0 <= layout.tables.topLevel } : cached.contains(walk.level + 1)
    }

    /// Walks under way come to nothing.
    func endWalks(_ state: inout State, _ cpu: Int) {
        state.processors[cpu].updates = []
        state.processors[cpu].partials.removeAll { !isCached(cpu, $0) }
        state.processors[cpu].entries.removeAll { !profiles[cpu].upperLevelsCached.contains($0.level) }
    }

    /// A tag's partial walks: all, or those whose prefix covers a place.
    func dropPartials(_ state: inout State, _ cpu: Int, tag: Int, place: Place?) {
        state.processors[cpu].partials.removeAll { walk in
            walk.tag == tag && (place == nil || covers(walk.prefix, above: walk.level, place))
        }
        state.processors[cpu].entries.removeAll { entry in
            entry.tag == tag && (place == nil || covers(entry.prefix, above: entry.level - 1, place))
        }
    }

    /// Whether a place agrees with a page above a level.
    private func covers(_ page: Int, above level: Int, _ place: Place?) -> Bool {
        guard let indices = place?.indices, indices.count > level else { return false }
        return layout.tables.indices[page][level...] == indices[level...]
    }

    /// The eviction of one thing that is cached of upper levels.
    func evictions(ofUpperLevels state: State, _ cpu: Int) -> [State] {
        let processor = state.processors[cpu]
        return processor.partials.indices.map { index in
            var next = state
            next.processors[cpu].partials.remove(at: index)
            return next
        }
            + processor.entries.indices.map { index in
                var next = state
                next.processors[cpu].entries.remove(at: index)
                return next
            }
    }
}
