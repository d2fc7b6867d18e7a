import Litmus

/// Address spaces, the tags of what is cached of them, and processors that run one without using it (levels.md (e)).
///
/// What Linux 6.12's arch/x86/mm/tlb.c does decides where levels.md says less:
///
/// * What is cached under a tag belongs to whatever address spaces have it. Of those that an address space's own tags do not have,
///   global translations are left, which are older than each of its flushes.
/// * `init` and `idle` have no user pages: a walk finds P=0 in the root. Theirs are the last numbers.
/// * With `PTI=on` each address space has a second root, which is its own table where the test names entries of the top level (what
///   is not initialised there is as in the first one); below and otherwise it is the same. Services, laziness and missed flushes know the two as one.
/// * A flush without a name is about the address space that the thread was last told to load, whatever an interrupt or its handler
///   has loaded.
/// * `switch_mm` of what is loaded does nothing unless the processor is lazy, and loads CR3 only if a flush was missed.
/// * What a processor has missed is known flush by flush: a request that it takes drops what it says, and nothing if the processor has
///   caught up by `switch_mm` meanwhile. (Linux drops everything at the first of several, and nothing at the others: no more is seen
///   of that than of taking them all at once.)
/// * A lazy processor that flushes what it runs itself is asked like others: while another runs it, too, and TABLES is 0, it drops
///   nothing. Otherwise it loads `init`.
/// * All this is about tests that call `switch_mm` or `enter_lazy_tlb`; in others a processor that runs the address space drops what a
///   request says, and others nothing.
extension Layout {
    /// The PCID of an address space.
    func tag(_ space: Int) -> Int { tags[space] }

    /// Whether an address space has its tag in common with one that has other tables.
    func sharesTag(_ space: Int) -> Bool {
        spaces.indices.contains { tags[$0] == tags[space] && families[$0] != families[space] }
    }

    /// The address space that a root belongs to.
    func family(_ space: Int) -> Int { families[space] }

    /// The roots of an address space.
    func members(ofFamily family: Int) -> [Int] { spaces.indices.filter { families[$0] == family } }

    /// What is loaded where no user pages are wanted; nil in tests that have no use for it.
    var emptySpace: Int? { spaces.firstIndex(of: Names.emptySpaces[0]) }
}

extension TestMachine {
    /// Whether a processor's translations can still be used.
    func keepsTranslations(_ processor: Processor, _ cpu: Int) -> Bool {
        processor.thread != .ended || interruptHandlers[cpu] != nil
    }

    /// Whether a processor has missed a flush of an address space: one that it was not asked for, or was asked for and has not taken.
    func isBehind(_ state: State, _ cpu: Int, _ family: Int) -> Bool {
        state.processors[cpu].behind & bit(family) != 0
            || state.processors.contains { processor in
                guard case .acknowledgements(let scope, _, let due) = processor.pending else { return false }
                return scope.space == family && due & bit(cpu) != 0
            }
    }

    /// A processor has dropped all of an address space that is old.
    private func catchUp(_ state: inout State, _ cpu: Int, _ family: Int) {
        for tag in Set(layout.members(ofFamily: family).map { layout.tag($0) }) { dropTag(&state, cpu, tag) }
        noteCaughtUp(&state, cpu, family)
    }

    private func noteCaughtUp(_ state: inout State, _ cpu: Int, _ family: Int) {
        state.processors[cpu].behind &= ~bit(family)
        for other in state.processors.indices {
            guard case .acknowledgements(let scope, let targets, let due) = state.processors[other].pending,
                scope.space == family
            else { continue }
            state.processors[other].pending = .acknowledgements(scope, of: targets, due: due & ~bit(cpu))
        }
    }

    /// `switch_mm`.
    func switchSpace(_ state: inout State, _ cpu: Int, _ space: Int) {
        let isLoaded = state.processors[cpu].space == space
        let wasLazy = state.processors[cpu].isLazy
        state.processors[cpu].isLazy = false
        state.processors[cpu].wanted = space
        let isBehind = isBehind(state, cpu, layout.family(space))
        if isLoaded, !wasLazy || !isBehind { return }
        endWalks(&state, cpu)
        state.processors[cpu].space = space
        guard isBehind else { return }
        if profiles[cpu].cr3FlushFilter {
            noteCaughtUp(&state, cpu, layout.family(space))
        } else {
            catchUp(&state, cpu, layout.family(space))
        }
    }

    /// `enter_lazy_tlb`.
    func enterLazy(_ state: inout State, _ cpu: Int) {
        if state.processors[cpu].space != layout.emptySpace { state.processors[cpu].isLazy = true }
    }

    /// Forgets what no processor will ask for.
    func forgetMode(_ state: inout State) {
        for cpu in state.processors.indices {
            let isOver = !keepsTranslations(state.processors[cpu], cpu)
            if isOver || !tracksMissedFlushes { state.processors[cpu].behind = 0 }
            if isOver { state.processors[cpu].wanted = 0 }
        }
    }

    /// Whether a processor has a root of an address space loaded.
    func runs(_ processor: Processor, _ family: Int) -> Bool { layout.family(processor.space) == family }

    /// What a flush service does at the processor that calls it, or takes its request.
    ///
    /// - Parameter isDue: whether the processor has not caught up with this flush in another way.
    func takeFlush(_ state: inout State, _ cpu: Int, _ scope: FlushScope, isDue: Bool = true) {
        if scope.dropsNothing { return }
        if scope.isBroadcast { return dropEverywhere(&state, cpu, scope) }
        guard runs(state.processors[cpu], scope.space) else {
            if isDue { state.processors[cpu].behind |= bit(scope.space) }
            return
        }
        guard tracksMissedFlushes else { return drop(&state, cpu, scope) }
        if state.processors[cpu].isLazy {
            endWalks(&state, cpu)
            state.processors[cpu].space = layout.emptySpace ?? 0
            state.processors[cpu].isLazy = false
            if isDue { state.processors[cpu].behind |= bit(scope.space) }
        } else if isDue {
            drop(&state, cpu, scope)
        }
    }

    /// Whether a processor takes part in a flush that another begins, or it begins itself.
    func takesPart(_ state: State, _ cpu: Int, _ scope: FlushScope, isCaller: Bool) -> Bool {
        let processor = state.processors[cpu]
        guard runs(processor, scope.space) else { return false }
        guard processor.isLazy, !scope.freesTables else { return true }
        // A processor that is alone with the address space asks nobody, and itself in any case.
        return isCaller
            && !state.processors.indices.contains { $0 != cpu && runs(state.processors[$0], scope.space) }
    }

    /// What a flush says, under the tags of a processor that runs the address space.
    func drop(_ state: inout State, _ cpu: Int, _ scope: FlushScope) {
        let current = layout.tag(state.processors[cpu].space)
        let tags = Set(layout.members(ofFamily: scope.space).map { layout.tag($0) })
        guard let place = scope.place else {
            for tag in tags { dropTag(&state, cpu, tag) }
            return
        }
        invalidatePage(&state, cpu, place)
        for tag in tags where tag != current { dropTag(&state, cpu, tag, place: place, onlyPath: profiles[cpu].tce) }
    }

    private func dropEverywhere(_ state: inout State, _ cpu: Int, _ scope: FlushScope) {
        for tag in Set(layout.members(ofFamily: scope.space).map { layout.tag($0) }) {
            dropTag(&state, cpu, tag, place: scope.place, onlyPath: scope.sparesOtherPaths)
        }
    }
}
