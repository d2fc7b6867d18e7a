import Diagnostics
import X86

/// The kind of a translated access.
enum AccessKind: Hashable {
    case read
    case write
    case shadowStackWrite
}

extension TestMachine {
    /// What an access does once it knows its word; nil when it must wait (a locked one for its own store buffer).
    typealias Perform = (State, _ word: UInt64, Route?) -> State?

    /// The steps by which a processor gets on with one access.
    func accessSteps(
        _ state: State, _ cpu: Int, _ access: MemoryAccess, _ kind: AccessKind, at place: SourcePlace,
        perform: @escaping Perform
    ) throws -> [State] {
        switch try layout.target(access, at: place) {
        case .direct(let word):
            guard kind != .shadowStackWrite else {
                throw OracleError.unsupported("a shadow-stack access to the direct map")
            }
            return [perform(state, word, nil)].compactMap { $0 }
        case .translated(let page, let offset):
            let walk = Walk(
                machine: self, cpu: cpu, page: page, offset: offset, address: access.address, kind: kind,
                perform: perform)
            return try walk.steps(state)
        }
    }

    /// Takes a page fault.
    func fault(_ state: State, _ cpu: Int, _ page: Int, address: UInt64, basis: FaultBasis) throws -> State {
        var next = state
        dropFaulting(&next, cpu, page)
        next.processors[cpu].phase = .start
        next.processors[cpu].loaded = nil
        next.processors[cpu].faultAddress = address
        let processor = next.processors[cpu]
        let isInHandler = processor.interrupted != nil
        if observesFaults {
            let record = FaultRecord(rip: isInHandler ? nil : processor.registers.rip, page: page)
            if !processor.faults.contains(record) { next.processors[cpu].faults.append(record) }
        }
        if isInHandler {
            // Nobody handles what happens in a handler.
            end(&next, cpu)
            return next
        }
        switch policies[cpu] {
        case .stop: end(&next, cpu)
        case .retry: next.processors[cpu].waiting = .leafChange(basis)
        case .handler:
            next.processors[cpu].interrupted = InterruptFrame(
                rip: processor.registers.rip, flags: processor.registers.flags, privilege: processor.privilege)
            next.processors[cpu].registers.rip = 0
            if !hasTrapGate { next.processors[cpu].registers.flags.remove(.interrupt) }
            next.processors[cpu].privilege = 0
        }
        return next
    }

    /// The thread ends.
    ///
    /// Its TLB can no longer be observed; its processor goes on walking, and takes interrupts.
    func end(_ state: inout State, _ cpu: Int) {
        state.processors[cpu].thread = .ended
        state.processors[cpu].waiting = .nothing
        state.processors[cpu].phase = .start
        state.processors[cpu].loaded = nil
        state.processors[cpu].translations = []
        state.processors[cpu].interrupted = nil
    }

    /// A speculative walk of any page of the address space, and the eviction of any translation.
    func speculativeSteps(_ state: State, _ cpu: Int) -> [State] {
        var result: [State] = []
        let processor = state.processors[cpu]
        // What was read by nobody's instruction matters only as long as somebody has instructions left.
        guard state.processors.contains(where: { $0.thread != .ended }) else { return [] }
        for index in processor.translations.indices {
            var next = state
            next.processors[cpu].translations.remove(at: index)
            result.append(next)
        }
        guard profiles[cpu].speculativeFills else { return result }
        for page in layout.variables.indices where layout.translated[page] {
            result += speculativeWalk(state, cpu, page)
        }
        for page in processor.walks {
            let leaf = Layout.leaf(space: processor.space, page: page)
            if holds(state, cpu, leaf) { continue }
            var next = state
            next.processors[cpu].walks.removeAll { $0 == page }
            setAccessedSpeculatively(&next, cpu, page, leaf)
            result.append(next)
        }
        return result
    }

    /// One walk, or its first half where a processor may set A in an entry that has lost P.
    private func speculativeWalk(_ state: State, _ cpu: Int, _ page: Int) -> [State] {
        let leaf = Layout.leaf(space: state.processors[cpu].space, page: page)
        let entry = Entry(read(state, cpu, leaf))
        guard entry.present else { return [] }
        var next = state
        if entry.accessed {
            remember(&next, cpu, page, entry)
        } else if profiles[cpu].accessedOnNotPresent {
            if state.processors[cpu].walks.contains(page) { return [] }
            next.processors[cpu].walks.append(page)
            next.processors[cpu].walks.sort()
        } else {
            if holds(state, cpu, leaf) { return [] }
            setAccessedSpeculatively(&next, cpu, page, leaf)
        }
        return [next]
    }

    /// The locked update of A of a speculative walk, and what comes of it.
    private func setAccessedSpeculatively(_ state: inout State, _ cpu: Int, _ page: Int, _ leaf: UInt64) {
        write(&state, leaf, mask: Entry.accessedBit, value: Entry.accessedBit, by: .hardware)
        let seen = Entry(state.word(leaf))
        if seen.present { remember(&state, cpu, page, seen) }
    }

    /// Caches what a speculative walk saw; the TLB of an ended thread serves nobody.
    private func remember(_ state: inout State, _ cpu: Int, _ page: Int, _ entry: Entry) {
        guard state.processors[cpu].thread != .ended else { return }
        fill(&state, cpu, Translation(space: state.processors[cpu].space, page: page, entry: entry))
    }
}

/// One access to one translated page (machine.md, sections 3 and 4).
private struct Walk {
    let machine: TestMachine
    let cpu: Int
    let page: Int
    let offset: UInt64
    let address: UInt64
    let kind: AccessKind
    let perform: TestMachine.Perform

    private var profile: OracleProfile { machine.profiles[cpu] }

    private func space(_ state: State) -> Int { state.processors[cpu].space }

    private func leaf(_ state: State) -> UInt64 { Layout.leaf(space: space(state), page: page) }

    /// With CR0.WP=0 a supervisor write does not need W=1.
    private func needsWritable(_ state: State) -> Bool {
        state.processors[cpu].privilege == 3 || machine.writeProtect[cpu]
    }

    /// Whether rights permit the access; D of an ordinary write is a separate question.
    private func permits(_ state: State, writable: Bool, user: Bool, dirty: Bool) -> Bool {
        let atUserLevel = state.processors[cpu].privilege == 3
        switch kind {
        case .read: return user || !atUserLevel
        case .write: return (user || !atUserLevel) && (writable || !needsWritable(state))
        case .shadowStackWrite: return user == atUserLevel && !writable && dirty
        }
    }

    private func permits(_ state: State, _ entry: Entry) -> Bool {
        entry.present && permits(state, writable: entry.writable, user: entry.user, dirty: entry.dirty)
    }

    /// A processor with CET that writes where W=0 (CR0.WP=0) may leave D as it is.
    private func mayStayClean(writable: Bool) -> Bool { kind == .write && !writable && profile.shadowStack }

    func steps(_ state: State) throws -> [State] {
        switch state.processors[cpu].phase {
        case .start: try start(state)
        case .walkAgain: [try walk(state)]
        case .rewalk: try rewalk(state)
        case .settingAccessed(let afterRefault): setAccessed(state, afterRefault: afterRefault)
        case .updatingDirty(let route): try updateDirty(state, route)
        }
    }

    private func start(_ state: State) throws -> [State] {
        // A processor may use what it has cached; it may walk all the same (SDM 3A 4.10.2.3).
        var result = [try walk(state)]
        let space = space(state)
        for cached in state.processors[cpu].translations where cached.serves(space: space, page: page) {
            // What another space's leaf made counts as made before any flush of this one.
            let flushed = cached.space == space ? cached.flushed : cached.flushed | 1 << UInt64(space)
            let route = Route(
                space: space, page: page, frame: cached.frame, writable: cached.writable, flushed: flushed)
            if permits(state, writable: cached.writable, user: cached.user, dirty: cached.dirty) {
                if kind != .write || cached.dirty {
                    result += access(state, route)
                } else {
                    // `decide` through the TLB entry.
                    result += decide(state, route)
                }
            } else if profile.spuriousFaults {
                let basis = FaultBasis(space: space, cached)
                result.append(try machine.fault(state, cpu, page, address: address, basis: basis))
            }
        }
        return result
    }

    /// D will be set, in a later step; or the write is performed at once, where D may stay clear.
    private func decide(_ state: State, _ route: Route) -> [State] {
        var next = state
        next.processors[cpu].phase = .updatingDirty(route)
        return [next] + (mayStayClean(writable: route.writable) ? access(state, route) : [])
    }

    /// Reads the leaf: faults, or finds A to be set, or caches what it read; the access then goes through the TLB.
    private func walk(_ state: State) throws -> State {
        let entry = Entry(machine.read(state, cpu, leaf(state)))
        guard permits(state, entry) else { return try fault(state, entry) }
        var next = state
        if entry.accessed {
            next.processors[cpu].phase = .start
            machine.fill(&next, cpu, Translation(space: space(state), page: page, entry: entry))
        } else {
            next.processors[cpu].phase = .settingAccessed(afterRefault: false)
        }
        return next
    }

    /// The walk after `refault`, which the TLB does not help.
    private func rewalk(_ state: State) throws -> [State] {
        let entry = Entry(machine.read(state, cpu, leaf(state)))
        guard permits(state, entry) else { return [try fault(state, entry)] }
        var next = state
        if !entry.accessed {
            next.processors[cpu].phase = .settingAccessed(afterRefault: true)
            return [next]
        }
        if kind == .write, !entry.dirty { return decide(state, route(state, entry)) }
        machine.fill(&next, cpu, Translation(space: space(state), page: page, entry: entry))
        return access(next, route(state, entry))
    }

    /// The locked read-check-write of A.
    private func setAccessed(_ state: State, afterRefault: Bool) -> [State] {
        let leaf = leaf(state)
        if machine.holds(state, cpu, leaf) { return [] }
        var next = state
        let entry = Entry(state.word(leaf))
        if entry.present {
            machine.write(&next, leaf, mask: Entry.accessedBit, value: Entry.accessedBit, by: .hardware)
            let seen = Entry(entry.raw | Entry.accessedBit)
            machine.fill(&next, cpu, Translation(space: space(state), page: page, entry: seen))
            next.processors[cpu].phase = afterRefault ? .rewalk : .start
        } else {
            if profile.accessedOnNotPresent {
                machine.write(&next, leaf, mask: Entry.accessedBit, value: Entry.accessedBit, by: .hardware)
            }
            next.processors[cpu].phase = afterRefault ? .rewalk : .walkAgain
        }
        return [next]
    }

    /// Which of the three fields decides, if any.
    private func rule(_ state: State, _ entry: Entry, _ decided: Route) -> OracleUpdateRule {
        guard entry.present else { return profile.onNotPresent }
        var rules: [OracleUpdateRule] = []
        if needsWritable(state), !entry.writable { rules.append(profile.onWriteRevoked) }
        if entry.frame != decided.frame { rules.append(profile.onFrameChanged) }
        // The stricter one, if both apply.
        if rules.contains(.refault) { return .refault }
        return rules.contains(.setThenFault) ? .setThenFault : .setThenWrite
    }

    /// `update`: the locked read-check-write of D, where processors differ.
    private func updateDirty(_ state: State, _ decided: Route) throws -> [State] {
        let leaf = leaf(state)
        if machine.holds(state, cpu, leaf) { return [] }
        let entry = Entry(state.word(leaf))
        var next = state
        switch rule(state, entry, decided) {
        case .refault:
            next.processors[cpu].phase = .rewalk
            return [next]
        case .setThenWrite:
            machine.write(&next, leaf, mask: Entry.dirtyBit, value: Entry.dirtyBit, by: .hardware)
            guard entry.present else { return access(next, decided) }
            var route = decided
            if entry.frame == decided.frame, entry.writable { route = self.route(state, entry) }
            let seen = Entry(entry.raw | Entry.dirtyBit)
            machine.fill(&next, cpu, Translation(space: space(state), page: page, entry: seen))
            var result = access(next, route)
            if mayStayClean(writable: entry.writable || needsWritable(state)) {
                var clean = state
                machine.fill(&clean, cpu, Translation(space: space(state), page: page, entry: entry))
                result += access(clean, route)
            }
            return result
        case .setThenFault:
            // A dead entry gets both bits, an entry that only lost W or changed its frame just D.
            let bits = entry.present ? Entry.dirtyBit : Entry.dirtyBit | Entry.accessedBit
            machine.write(&next, leaf, mask: bits, value: bits, by: .hardware)
            return [try fault(next, Entry(next.word(leaf)))]
        }
    }

    /// The way through a translation that was made this moment.
    private func route(_ state: State, _ entry: Entry) -> Route {
        Route(space: space(state), page: page, frame: entry.frame, writable: entry.writable)
    }

    private func access(_ state: State, _ route: Route) -> [State] {
        var next = state
        next.processors[cpu].phase = .start
        return perform(next, Layout.word(frame: route.frame, offset: offset), route).map { [$0] } ?? []
    }

    private func fault(_ state: State, _ entry: Entry) throws -> State {
        let basis = FaultBasis(space: space(state), page: page, entry: entry)
        return try machine.fault(state, cpu, page, address: address, basis: basis)
    }
}
