import X86

/// Walks of the page table, one level after another (levels.md (b)).
extension TestMachine {
    /// What an entry with P=1 leads to.
    enum Reached {
        /// A table, by this entry.
        case table(PartialWalk, UpperEntry)
        case page(Translation)
        /// A bit is set that has to be 0.
        case reserved
        /// Nothing in the test.
        case nothing
    }

    /// The root of an address space; none where no user page can be mapped.
    func root(space: Int, page: Int) -> [PartialWalk] {
        let level = layout.tables.rootLevel
        return layout.tables.table(space: space, page: page, level: level).map { table in
            let prefix = level == 1 ? page : layout.tables.prefix(of: page, above: level)
            return [PartialWalk(tag: layout.tag(space), level: level, prefix: prefix, table: table)]
        } ?? []
    }

    /// The page that stands for all whose walks read the same slot.
    func slot(_ walk: PartialWalk, _ page: Int) -> Int { layout.tables.prefix(of: page, above: walk.level - 1) }

    /// What the entry that a walk has read leads to, where it has P=1.
    func reach(_ walk: PartialWalk, _ page: Int, _ entry: Entry) -> Reached {
        if layout.isReserved(entry, level: walk.level) { return .reserved }
        if entry.isLeaf(level: walk.level) { return .page(translation(walk, page, entry)) }
        let below = walk.level - 1
        guard let table = layout.tables.table(ofFrame: entry.frame), layout.tables.levels[table] == below else {
            return .nothing
        }
        let noExecute = entry.noExecute && observed.contains(.sizeMismatch)
        let prefix = layout.tables.prefix(of: page, above: below)
        return .table(
            PartialWalk(
                tag: walk.tag, level: below, prefix: prefix, table: table, writable: walk.writable && entry.writable,
                user: walk.user && entry.user, noExecute: walk.noExecute || noExecute, late: walk.late),
            UpperEntry(
                tag: walk.tag, word: word(walk, page), level: walk.level, prefix: prefix, table: table,
                writable: entry.writable, user: entry.user, noExecute: noExecute))
    }

    /// What a walk that has reached a leaf makes of it.
    func translation(_ walk: PartialWalk, _ page: Int, _ leaf: Entry) -> Translation {
        var translation = Translation(walk, prefix: slot(walk, page), leaf: leaf)
        if !observed.contains(.sizeMismatch) { translation.noExecute = false }
        return translation
    }

    /// The word that a walk reads next.
    func word(_ walk: PartialWalk, _ page: Int) -> UInt64 { layout.tables.word(table: walk.table, of: page) }

    /// A walker reads a word: its own buffered stores first.
    func readByWalker(_ state: inout State, _ cpu: Int, _ walk: PartialWalk, _ page: Int) -> Entry {
        let word = word(walk, page)
        touchTable(&state, word)
        holdRoot(&state, cpu, walk, page)
        return Entry(read(state, cpu, word))
    }

    /// A whole walk of what a processor sees, from the root, at one moment; it sets nothing.
    ///
    /// - Returns: nil where the run has gone wild.
    func wholeWalk(_ state: inout State, _ cpu: Int, _ page: Int) throws -> WalkEnd? {
        guard var walk = root(space: state.processors[cpu].space, page: page).first else { return unmapped }
        while true {
            let entry = readByWalker(&state, cpu, walk, page)
            guard entry.present else { return .notPresent(level: walk.level, entry) }
            switch reach(walk, page, entry) {
            case .table(let further, _): walk = further
            case .page(let translation): return .mapped(translation)
            case .reserved: return .reserved(level: walk.level)
            case .nothing:
                state = try runWild(state, cpu, entry)
                return nil
            }
        }
    }

    /// What memory says about a page: a walk from the root that no processor makes.
    func walkOfMemory(_ state: State, _ space: Int, _ page: Int) -> WalkEnd {
        guard var walk = root(space: space, page: page).first else { return unmapped }
        while true {
            let entry = Entry(state.word(word(walk, page)))
            guard entry.present else { return .notPresent(level: walk.level, entry) }
            switch reach(walk, page, entry) {
            case .table(let further, _): walk = further
            case .page(let translation): return .mapped(translation)
            case .reserved: return .reserved(level: walk.level)
            case .nothing: return .nothing(level: walk.level)
            }
        }
    }

    /// What a walk comes to in an address space without user pages.
    var unmapped: WalkEnd { .notPresent(level: layout.tables.rootLevel, Entry(0)) }

    /// The present leaves that an address space's roots lead to, by whatever slots, and their levels.
    func reachableLeaves(_ state: State, space: Int) -> [(leaf: Entry, level: Int)] {
        var leaves: [(Entry, Int)] = []
        var tables = layout.tables.roots(space: space)
        for level in stride(from: layout.tables.rootLevel, through: 1, by: -1) {
            let words = tables.flatMap { layout.tables.words[$0] }
            let entries = words.map { Entry(state.word($0)) }.filter {
                $0.present && !layout.isReserved($0, level: level)
            }
            leaves += entries.filter { $0.isLeaf(level: level) }.map { ($0, level) }
            let pointers = entries.filter { !$0.isLeaf(level: level) }
            tables = Set(pointers.compactMap { layout.tables.table(ofFrame: $0.frame) })
            tables = tables.filter { layout.tables.levels[$0] == level - 1 }
        }
        return leaves
    }

    /// Whether reading A=0 and setting A are two steps even where nobody waits for the walk.
    func separatesAccessed(_ cpu: Int, level: Int) -> Bool {
        profiles[cpu].accessedOnNotPresent && level < layout.tables.topLevel
    }

    /// The word in which A is set next.
    func word(_ update: AccessedUpdate) -> UInt64 { update.walk.late.first?.word ?? word(update.walk, update.page) }

    /// The locked read-check-write of A, and what comes of it: nothing where P has become 0.
    func setAccessed(_ state: inout State, _ cpu: Int, _ update: AccessedUpdate, remembers: Bool = true) {
        let word = word(update.walk, update.page)
        touchTable(&state, word)
        let entry = Entry(state.word(word))
        var reached: Reached?
        if entry.present {
            let found = reach(update.walk, update.page, Entry(entry.raw | Entry.accessedBit))
            if case .reserved = found { return }
            reached = found
        }
        if entry.present || separatesAccessed(cpu, level: update.walk.level) {
            write(&state, word, mask: Entry.accessedBit, value: Entry.accessedBit, by: .hardware)
        }
        if let reached, remembers { remember(&state, cpu, reached, update.page) }
    }

    /// Caches what a walk has come to; the translations of an ended thread serve nobody, but its walker goes on.
    func remember(_ state: inout State, _ cpu: Int, _ reached: Reached, _ page: Int) {
        switch reached {
        case .table(let walk, let entry): hold(&state, cpu, walk, through: entry, page)
        case .page(let translation):
            if keepsTranslations(state.processors[cpu], cpu) { fill(&state, cpu, translation) }
        case .reserved, .nothing: break
        }
    }

    // MARK: Speculation

    /// Speculative walks of any page of the address space, and the eviction of anything cached.
    func speculativeSteps(_ state: State, _ cpu: Int) throws -> [State] {
        var result: [State] = []
        let processor = state.processors[cpu]
        // What was read by nobody's instruction matters only as long as somebody has instructions left.
        guard state.processors.contains(where: { $0.thread != .ended }) else { return [] }
        for index in processor.translations.indices {
            var next = state
            next.processors[cpu].translations.remove(at: index)
            result.append(next)
        }
        result += evictions(ofUpperLevels: state, cpu)
        guard profiles[cpu].speculativeFills else { return result }
        for page in layout.pages {
            for walk in starts(cpu, processor, page) {
                result += try readSpeculatively(state, cpu, walk, page).filter { $0 != state }
            }
        }
        for update in processor.updates where !holds(state, cpu, word(update)) {
            var next = state
            next.processors[cpu].updates.removeAll { $0 == update }
            guard update.walk.late.isEmpty else {
                if let rest = setAccessedLate(&next, cpu, update, isDirtying: false) { add(rest, to: &next, cpu) }
                result.append(next)
                continue
            }
            result += leftAlone(next, cpu, update)
            setAccessed(&next, cpu, update)
            result.append(next)
        }
        return result
    }

    private func add(_ update: AccessedUpdate, to state: inout State, _ cpu: Int) {
        guard !state.processors[cpu].updates.contains(update) else { return }
        state.processors[cpu].updates = (state.processors[cpu].updates + [update]).sorted()
    }

    /// One read of a walk, with the update of A unless another processor may come in between.
    private func readSpeculatively(_ state: State, _ cpu: Int, _ walk: PartialWalk, _ page: Int) throws -> [State] {
        var next = state
        let entry = readByWalker(&next, cpu, walk, page)
        guard entry.present else { return [next] }
        let reached = reach(walk, page, entry)
        if case .nothing = reached, entry.accessed { return [try runWild(next, cpu, entry)] }
        if case .reserved = reached { return [next] }
        if let further = readLate(cpu, walk, page, entry, reached) {
            switch further {
            case .wild:
                let early = walk.late.isEmpty ? try readEarly(state, next, cpu, walk, page) : []
                return early + [try runWild(next, cpu, entry)]
            case .update(let update):
                add(update, to: &next, cpu)
                return [next]
            case .walk(let late):
                var later = next
                later.processors[cpu].hold(late)
                if !walk.late.isEmpty { return [later] }
                return [later] + (try readEarly(state, next, cpu, walk, page))
            }
        }
        if entry.accessed {
            remember(&next, cpu, reached, page)
            return [next]
        }
        return try readEarly(state, next, cpu, walk, page)
    }

    /// A walk has read A=0, and sets A before it goes on.
    private func readEarly(
        _ state: State, _ read: State, _ cpu: Int, _ walk: PartialWalk, _ page: Int
    ) throws -> [State] {
        var next = read
        // Of a freed table it can be seen that it was read, even if nothing more comes of the walk.
        let onlyRead = next
        let update = AccessedUpdate(walk: walk, page: slot(walk, page))
        if separatesAccessed(cpu, level: walk.level) {
            // One may be under way for each entry, by whatever address.
            let isTaken = next.processors[cpu].updates.contains {
                $0.walk.late.isEmpty && self.word($0.walk, $0.page) == word(walk, page)
            }
            if isTaken { return [next] }
            next.processors[cpu].updates.append(update)
            next.processors[cpu].updates.sort()
        } else {
            if holds(state, cpu, word(walk, page)) { return [onlyRead] }
            setAccessed(&next, cpu, update)
            return [onlyRead, next] + leftAlone(state, cpu, update)
        }
        return [onlyRead, next]
    }

    /// A is set in a leaf, and the walk comes to nothing: as if the translation were evicted, but that it never was in the TLB.
    private func leftAlone(_ state: State, _ cpu: Int, _ update: AccessedUpdate) -> [State] {
        guard observed.contains(.shadowStackExposed), hasShadowStack(cpu) else { return [] }
        var next = state
        setAccessed(&next, cpu, update, remembers: false)
        return [next]
    }
}
