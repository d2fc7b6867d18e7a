import X86

/// Walks of the page table, one level after another (levels.md (b)).
extension TestMachine {
    /// What an entry with P=1 leads to.
    enum Reached {
        case table(PartialWalk)
        case page(Translation)
    }

    /// Where a walk for a page may begin: at the root, or wherever a walk of the same tag has got to.
    func starts(_ processor: Processor, _ page: Int) -> [PartialWalk] {
        root(space: processor.space, page: page)
            + processor.partials.filter { walk in
                walk.space == processor.space && layout.tables.prefix(of: page, above: walk.level) == walk.prefix
            }
    }

    private func root(space: Int, page: Int) -> [PartialWalk] {
        let level = layout.tables.rootLevel
        return layout.tables.table(space: space, page: page, level: level).map { table in
            let prefix = level == 1 ? page : layout.tables.prefix(of: page, above: level)
            return [PartialWalk(space: space, level: level, prefix: prefix, table: table)]
        } ?? []
    }

    func isRoot(_ walk: PartialWalk) -> Bool { walk.level == layout.tables.rootLevel }

    /// The page that stands for all whose walks read the same slot.
    func slot(_ walk: PartialWalk, _ page: Int) -> Int { layout.tables.prefix(of: page, above: walk.level - 1) }

    /// What the entry that a walk has read leads to; an entry that leads to nothing in the test is refused.
    func reach(_ walk: PartialWalk, _ page: Int, _ entry: Entry) throws -> Reached {
        guard walk.level > 1 else { return .page(Translation(walk, page: page, leaf: entry)) }
        guard let further = descend(walk, page, entry) else { throw OracleError.wildEntry(entry.raw) }
        return .table(further)
    }

    /// One level down, or nil where the frame is no table of that level.
    private func descend(_ walk: PartialWalk, _ page: Int, _ entry: Entry) -> PartialWalk? {
        let below = walk.level - 1
        guard entry.raw & Entry.sizeBit == 0, let table = layout.tables.table(ofFrame: entry.frame),
            layout.tables.levels[table] == below
        else { return nil }
        return PartialWalk(
            space: walk.space, level: below, prefix: layout.tables.prefix(of: page, above: below), table: table,
            writable: walk.writable && entry.writable, user: walk.user && entry.user)
    }

    /// The word that a walk reads next.
    func word(_ walk: PartialWalk, _ page: Int) -> UInt64 { layout.tables.word(table: walk.table, of: page) }

    /// A walker reads a word: its own buffered stores first.
    func readByWalker(_ state: inout State, _ cpu: Int, _ walk: PartialWalk, _ page: Int) -> Entry {
        let word = word(walk, page)
        touchTable(&state, word)
        return Entry(read(state, cpu, word))
    }

    /// A whole walk of what a processor sees, from the root, at one moment; it sets nothing.
    func wholeWalk(_ state: inout State, _ cpu: Int, _ page: Int) throws -> WalkEnd {
        guard var walk = root(space: state.processors[cpu].space, page: page).first else {
            throw OracleError.unsupported("a walk for \(layout.variables[page])")
        }
        while true {
            let entry = readByWalker(&state, cpu, walk, page)
            guard entry.present else { return .notPresent(level: walk.level, entry) }
            switch try reach(walk, page, entry) {
            case .table(let further): walk = further
            case .page(let translation): return .mapped(translation)
            }
        }
    }

    /// What memory says about a page: a walk from the root that no processor makes.
    func walkOfMemory(_ state: State, _ space: Int, _ page: Int) -> WalkEnd {
        guard var walk = root(space: space, page: page).first else { return .notPresent(level: 0, Entry(0)) }
        while true {
            let entry = Entry(state.word(word(walk, page)))
            guard entry.present else { return .notPresent(level: walk.level, entry) }
            if walk.level == 1 { return .mapped(Translation(walk, page: page, leaf: entry)) }
            guard let further = descend(walk, page, entry) else { return .notPresent(level: walk.level, entry) }
            walk = further
        }
    }

    /// The words of leaves that an address space's roots lead to, by whatever slots.
    func reachableLeaves(_ state: State, space: Int) -> Set<UInt64> {
        var leaves: Set<UInt64> = []
        var tables = layout.tables.roots(space: space)
        for level in stride(from: layout.tables.rootLevel, through: 1, by: -1) {
            let words = tables.flatMap { layout.tables.words[$0] }
            if level == 1 { leaves.formUnion(words) }
            let entries = words.map { Entry(state.word($0)) }.filter { $0.present && $0.raw & Entry.sizeBit == 0 }
            tables = Set(entries.compactMap { layout.tables.table(ofFrame: $0.frame) })
            tables = tables.filter { layout.tables.levels[$0] == level - 1 }
        }
        return leaves
    }

    /// Whether reading A=0 and setting A are two steps even where nobody waits for the walk.
    func separatesAccessed(_ cpu: Int, _ walk: PartialWalk) -> Bool {
        profiles[cpu].accessedOnNotPresent && walk.level < 4
    }

    /// The locked read-check-write of A, and what comes of it: nothing where P has become 0.
    func setAccessed(_ state: inout State, _ cpu: Int, _ update: AccessedUpdate) throws {
        let word = word(update.walk, update.page)
        touchTable(&state, word)
        let entry = Entry(state.word(word))
        if entry.present || separatesAccessed(cpu, update.walk) {
            write(&state, word, mask: Entry.accessedBit, value: Entry.accessedBit, by: .hardware)
        }
        guard entry.present else { return }
        remember(&state, cpu, try reach(update.walk, update.page, Entry(entry.raw | Entry.accessedBit)))
    }

    /// Caches what a walk has come to; the translations of an ended thread serve nobody, but its walker goes on.
    func remember(_ state: inout State, _ cpu: Int, _ reached: Reached) {
        switch reached {
        case .table(let walk): state.processors[cpu].hold(walk)
        case .page(let translation):
            if state.processors[cpu].thread != .ended { fill(&state, cpu, translation) }
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
        for index in processor.partials.indices {
            var next = state
            next.processors[cpu].partials.remove(at: index)
            result.append(next)
        }
        guard profiles[cpu].speculativeFills else { return result }
        for page in layout.pages {
            for walk in starts(processor, page) {
                result += try readSpeculatively(state, cpu, walk, page).filter { $0 != state }
            }
        }
        for update in processor.updates where !holds(state, cpu, word(update.walk, update.page)) {
            var next = state
            next.processors[cpu].updates.removeAll { $0 == update }
            try setAccessed(&next, cpu, update)
            result.append(next)
        }
        return result
    }

    /// One read of a walk, with the update of A unless another processor may come in between.
    private func readSpeculatively(_ state: State, _ cpu: Int, _ walk: PartialWalk, _ page: Int) throws -> [State] {
        var next = state
        let entry = readByWalker(&next, cpu, walk, page)
        guard entry.present else { return [next] }
        let reached = try reach(walk, page, entry)
        if entry.accessed {
            remember(&next, cpu, reached)
            return [next]
        }
        // Of a freed table it can be seen that it was read, even if nothing more comes of the walk.
        let onlyRead = next
        let update = AccessedUpdate(walk: walk, page: slot(walk, page))
        if separatesAccessed(cpu, walk) {
            if next.processors[cpu].updates.contains(update) { return [next] }
            next.processors[cpu].updates.append(update)
            next.processors[cpu].updates.sort()
        } else {
            if holds(state, cpu, word(walk, page)) { return [onlyRead] }
            try setAccessed(&next, cpu, update)
        }
        return [onlyRead, next]
    }
}
