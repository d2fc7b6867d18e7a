/// A of entries above the leaf, on processors that may set it when all levels have been read (`accessedLate`; UpperLevels.swift
/// says what that means).
extension TestMachine {
    /// How a walk goes on that has read an entry, where A of some entry above the leaf comes later.
    enum LateRead {
        /// The next level; A comes later.
        case walk(PartialWalk)
        /// All levels have been read: A is due.
        case update(AccessedUpdate)
        /// What is read next is nothing of the test.
        case wild
    }

    /// - Returns: nil where nothing is late.
    func readLate(
        _ cpu: Int, _ walk: PartialWalk, _ page: Int, _ entry: Entry, _ reached: Reached
    ) -> LateRead? {
        guard profiles[cpu].accessedLate else { return nil }
        switch reached {
        case .table(var further, _) where !entry.accessed:
            further.late.append(LateAccessed(word: word(walk, page), level: walk.level, seen: entry.raw))
            return .walk(further)
        case .nothing where !entry.accessed: return .wild
        case .page where !walk.late.isEmpty:
            return .update(AccessedUpdate(walk: walk, page: slot(walk, page), leaf: entry.raw))
        case .table, .page, .nothing, .reserved: return nil
        }
    }

    /// The locked read-check-write of the highest A that is late.
    ///
    /// - Parameter isDirtying: whether the walk is the search of a Dirty update, which goes on from the leaf's table.
    /// - Returns: what is still to be set; nil where that is nothing, or the walk has come to nothing.
    func setAccessedLate(
        _ state: inout State, _ cpu: Int, _ update: AccessedUpdate, isDirtying: Bool
    ) -> AccessedUpdate? {
        guard let late = update.walk.late.first else { return update }
        touchTable(&state, late.word)
        let entry = Entry(state.word(late.word))
        if entry.present, layout.isReserved(entry, level: late.level) { return nil }
        if entry.present || separatesAccessed(cpu, level: late.level) {
            write(&state, late.word, mask: Entry.accessedBit, value: Entry.accessedBit, by: .hardware)
        }
        guard entry.present, entry.leadsLike(Entry(late.seen)) else { return nil }
        var rest = update
        rest.walk.late.removeFirst()
        guard rest.walk.late.isEmpty else { return rest }
        if isDirtying {
            state.processors[cpu].hold(rest.walk)
            return nil
        }
        guard let leaf = update.leaf.map({ Entry($0) }), leaf.accessed else {
            rest.leaf = nil
            return rest
        }
        remember(&state, cpu, .page(translation(rest.walk, update.page, leaf)), update.page)
        return nil
    }
}
