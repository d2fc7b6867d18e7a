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
        let space = next.processors[cpu].space
        drop(&next, cpu, FlushScope(space: space, page: page))
        next.processors[cpu].phase = .start
        next.processors[cpu].loaded = nil
        next.processors[cpu].faultAddress = address
        let processor = next.processors[cpu]
        if processor.interrupted != nil { throw OracleError.unsupported("a page fault in a fault handler") }
        if observesFaults {
            let record = FaultRecord(rip: processor.registers.rip, page: page)
            if !processor.faults.contains(record) { next.processors[cpu].faults.append(record) }
        }
        switch policies[cpu] {
        case .stop: end(&next, cpu)
        case .retry: next.processors[cpu].waiting = .leafChange(basis)
        case .handler:
            next.processors[cpu].interrupted = InterruptFrame(
                rip: processor.registers.rip, flags: processor.registers.flags, privilege: processor.privilege)
            next.processors[cpu].registers.rip = 0
            next.processors[cpu].privilege = 0
        }
        return next
    }

    /// The thread ends.
    ///
    /// Its TLB can no longer be observed.
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
        guard processor.thread != .ended else { return [] }
        for index in processor.translations.indices {
            var next = state
            next.processors[cpu].translations.remove(at: index)
            result.append(next)
        }
        guard profiles[cpu].speculativeFills else { return result }
        for page in layout.variables.indices where layout.translated[page] {
            let leaf = Layout.leaf(space: processor.space, page: page)
            var entry = Entry(read(state, cpu, leaf))
            guard entry.present else { continue }
            var next = state
            if !entry.accessed {
                if holds(state, cpu, leaf) { continue }
                write(&next, leaf, mask: Entry.accessedBit, value: Entry.accessedBit, by: .hardware)
                entry.raw |= Entry.accessedBit
            }
            fill(&next, cpu, Translation(space: processor.space, page: page, entry: entry))
            result.append(next)
        }
        return result
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

    func steps(_ state: State) throws -> [State] {
        switch state.processors[cpu].phase {
        case .start: try start(state)
        case .walkAgain: [try walk(state)]
        case .rewalk: try rewalk(state)
        case .settingAccessed(let afterRefault): setAccessed(state, afterRefault: afterRefault)
        case .updatingDirty(let frame): try updateDirty(state, frame: frame)
        }
    }

    private func start(_ state: State) throws -> [State] {
        var result: [State] = []
        var mustWalk = true
        for cached in state.processors[cpu].translations where cached.space == space(state) && cached.page == page {
            if permits(state, writable: cached.writable, user: cached.user, dirty: cached.dirty) {
                if kind != .write || cached.dirty {
                    mustWalk = false
                    if let next = access(state, frame: cached.frame) { result.append(next) }
                } else {
                    // `decide` through the TLB entry.
                    var next = state
                    next.processors[cpu].phase = .updatingDirty(frame: cached.frame)
                    result.append(next)
                }
            } else if profile.spuriousFaults {
                result.append(
                    try machine.fault(state, cpu, page, address: address, basis: FaultBasis(cached)))
            }
        }
        if mustWalk { result.append(try walk(state)) }
        return result
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
        if kind == .write, !entry.dirty {
            next.processors[cpu].phase = .updatingDirty(frame: entry.frame)
            return [next]
        }
        machine.fill(&next, cpu, Translation(space: space(state), page: page, entry: entry))
        return [access(next, frame: entry.frame)].compactMap { $0 }
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

    /// `update`: the locked read-check-write of D, where processors differ.
    private func updateDirty(_ state: State, frame: UInt64) throws -> [State] {
        let leaf = leaf(state)
        if machine.holds(state, cpu, leaf) { return [] }
        let entry = Entry(state.word(leaf))
        let rule: OracleUpdateRule
        if !entry.present {
            rule = profile.onNotPresent
        } else if entry.frame != frame {
            rule = .refault
        } else if entry.writable || !needsWritable(state) {
            rule = .setThenWrite
        } else {
            rule = profile.onWriteRevoked
        }

        var next = state
        switch rule {
        case .refault:
            next.processors[cpu].phase = .rewalk
            return [next]
        case .setThenWrite:
            machine.write(&next, leaf, mask: Entry.dirtyBit, value: Entry.dirtyBit, by: .hardware)
            if entry.present {
                let seen = Entry(entry.raw | Entry.dirtyBit)
                machine.fill(&next, cpu, Translation(space: space(state), page: page, entry: seen))
            }
            return [access(next, frame: frame)].compactMap { $0 }
        case .setThenFault:
            // A dead entry gets both bits, an entry that only lost W just D.
            let bits = entry.present ? Entry.dirtyBit : Entry.dirtyBit | Entry.accessedBit
            machine.write(&next, leaf, mask: bits, value: bits, by: .hardware)
            return [try fault(next, Entry(next.word(leaf)))]
        }
    }

    private func access(_ state: State, frame: UInt64) -> State? {
        var next = state
        next.processors[cpu].phase = .start
        let route = Route(space: space(state), page: page, frame: frame)
        return perform(next, Layout.word(frame: frame, offset: offset), route)
    }

    private func fault(_ state: State, _ entry: Entry) throws -> State {
        let basis = FaultBasis(space: space(state), page: page, entry: entry)
        return try machine.fault(state, cpu, page, address: address, basis: basis)
    }
}
