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
        meetSizes(&next, cpu, page)
        dropFaulting(&next, cpu, page)
        next.processors[cpu].phase = .start
        next.processors[cpu].loaded = nil
        next.processors[cpu].faultAddress = address
        let processor = next.processors[cpu]
        let isInHandler = !processor.frames.isEmpty
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
        case .retry: next.processors[cpu].waiting = .change(basis)
        case .handler:
            next.processors[cpu].frames = [HandlerFrame(ofFault: processor)]
            next.processors[cpu].registers.rip = 0
            if !hasTrapGate { next.processors[cpu].registers.flags.remove(.interrupt) }
            next.processors[cpu].privilege = 0
        }
        return next
    }

    /// The thread ends.
    ///
    /// Its TLB can no longer be observed; its processor goes on walking, from wherever it has got to, and takes interrupts.
    func end(_ state: inout State, _ cpu: Int) {
        state.processors[cpu].thread = .ended
        state.processors[cpu].waiting = .nothing
        state.processors[cpu].phase = .start
        state.processors[cpu].loaded = nil
        if !keepsTranslations(state.processors[cpu], cpu) { state.processors[cpu].translations = [] }
        state.processors[cpu].frames = []
        state.processors[cpu].readLocks = 0
    }
}

/// One access to one translated page (machine.md, sections 3 and 4; levels.md (b)).
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

    /// With CR0.WP=0 a supervisor write does not need W=1.
    private func needsWritable(_ state: State) -> Bool {
        state.processors[cpu].privilege == 3 || machine.writeProtect[cpu]
    }

    /// Whether rights permit the access; D of an ordinary write is a separate question.
    private func permits(_ state: State, _ found: Translation) -> Bool {
        let atUserLevel = state.processors[cpu].privilege == 3
        switch kind {
        case .read: return found.user || !atUserLevel
        case .write: return (found.user || !atUserLevel) && (found.writable || !needsWritable(state))
        case .shadowStackWrite: return found.user == atUserLevel && found.shadowStack
        }
    }

    /// A processor with CET that writes where W=0 (CR0.WP=0) may leave D as it is.
    private func mayStayClean(writable: Bool) -> Bool { kind == .write && !writable && profile.shadowStack }

    func steps(_ state: State) throws -> [State] {
        switch state.processors[cpu].phase {
        case .start: try start(state)
        case .settingAccessed(let update, let route): try setAccessed(state, update, dirtying: route)
        case .updatingDirty(let route): try updateDirty(state, route)
        }
    }

    private func start(_ state: State) throws -> [State] {
        // A processor may use what it has cached; it may walk all the same (SDM 3A 4.10.2.3).
        let usable = machine.usable(state.processors[cpu], page)
        // One that does not speculate walks only for what it has not.
        let hasTranslation = usable.contains { permits(state, $0) && (kind != .write || $0.dirty) }
        var result: [State] = []
        if !hasTranslation || profile.speculativeFills {
            let starts = machine.starts(cpu, state.processors[cpu], page)
            result = try starts.flatMap { try read(state, $0) }
            // An address space without user pages has no root.
            if starts.isEmpty { result = [try fault(state, machine.unmapped)] }
        }
        return try result + usable.flatMap { try go(state, through: $0) }
    }

    /// What a cached translation makes of the access.
    private func go(_ state: State, through cached: Translation) throws -> [State] {
        let route = route(state, cached)
        guard permits(state, cached) else { return try refuse(state, .mapped(cached), since: state) }
        if kind != .write || cached.dirty { return try access(state, route) }
        // `decide` through the TLB entry.
        return try decide(state, route)
    }

    /// D will be set, in a later step; or the write is performed at once, where D may stay clear.
    private func decide(_ state: State, _ route: Route) throws -> [State] {
        var next = state
        next.processors[cpu].phase = .updatingDirty(route)
        return [next] + (mayStayClean(writable: route.writable) ? try access(state, route) : [])
    }

    /// One read of the walk: a fault, or A to be set, or the next level; the access itself goes through the TLB.
    private func read(_ state: State, _ walk: PartialWalk) throws -> [State] {
        var next = state
        let entry = machine.readByWalker(&next, cpu, walk, page)
        guard entry.present else { return try refuse(next, .notPresent(level: walk.level, entry), since: state) }
        let reached = machine.reach(walk, page, entry)
        switch reached {
        case .nothing where entry.accessed: return [try machine.runWild(next, cpu, entry)]
        case .reserved: return try refuse(next, .reserved(level: walk.level), since: state)
        case .page(let translation) where !permits(state, translation):
            return try refuse(next, .mapped(translation), since: state)
        case .page, .table, .nothing: break
        }
        switch machine.readLate(cpu, walk, page, entry, reached) {
        case .wild:
            let early = walk.late.isEmpty ? readEarly(state, next, walk, dirtying: nil) : []
            return early + [try machine.runWild(next, cpu, entry)]
        case .walk(let further):
            var later = next
            later.processors[cpu].hold(further)
            let late = later == state ? [] : [later]
            return late + (walk.late.isEmpty ? readEarly(state, next, walk, dirtying: nil) : [])
        case .update(let update):
            let onlyRead = next == state ? [] : [next]
            next.processors[cpu].phase = .settingAccessed(update, dirtying: nil)
            return onlyRead + [next]
        case nil: break
        }
        if entry.accessed {
            machine.remember(&next, cpu, reached, page)
            // What is there already is no step.
            return next == state ? [] : [next]
        }
        return readEarly(state, next, walk, dirtying: nil)
    }

    /// A=0 was read, and A will be set before the walk goes on.
    private func readEarly(_ state: State, _ read: State, _ walk: PartialWalk, dirtying route: Route?) -> [State] {
        var next = read
        // Of a freed table it can be seen that it was read, even if the processor then begins again.
        let onlyRead = next == state ? [] : [next]
        next.processors[cpu].phase = .settingAccessed(
            AccessedUpdate(walk: walk, page: machine.slot(walk, page)), dirtying: route)
        return onlyRead + [next]
    }

    /// A fault, which some processors confirm by a walk from the root that sets nothing.
    private func refuse(_ state: State, _ end: WalkEnd, since before: State) throws -> [State] {
        if profile.spuriousFaults { return [try fault(state, end)] }
        var next = state
        guard let confirmed = try machine.wholeWalk(&next, cpu, page) else { return [next] }
        if case .mapped(let translation) = confirmed, permits(state, translation) {
            return next == before ? [] : [next]
        }
        return [try fault(next, confirmed)]
    }

    /// The locked read-check-write of A.
    private func setAccessed(_ state: State, _ update: AccessedUpdate, dirtying route: Route?) throws -> [State] {
        if machine.holds(state, cpu, machine.word(update)) { return [] }
        var next = state
        guard update.walk.late.isEmpty else {
            let rest = machine.setAccessedLate(&next, cpu, update, isDirtying: route != nil)
            next.processors[cpu].phase =
                rest.map { .settingAccessed($0, dirtying: route) } ?? route.map { .updatingDirty($0) } ?? .start
            return [next]
        }
        next.processors[cpu].phase = route.map { .updatingDirty($0) } ?? .start
        // The walk that sets A in a leaf is the one that the access needs, so the page is this one.
        machine.setAccessed(&next, cpu, update)
        return [next]
    }

    /// `update`: the walk to the leaf, and the locked read-check-write of D, where processors differ.
    private func updateDirty(_ state: State, _ decided: Route) throws -> [State] {
        let starts = machine.starts(cpu, state.processors[cpu], page)
        // An address space without user pages has no leaf to be found.
        if starts.isEmpty { return [refault(state)] }
        return try starts.flatMap { walk in
            guard walk.level == decided.size else { return try readForUpdate(state, walk, decided) }
            guard walk.late.isEmpty else {
                var next = state
                next.processors[cpu].phase = .settingAccessed(
                    AccessedUpdate(walk: walk, page: machine.slot(walk, page)), dirtying: decided)
                return [next]
            }
            return try updateLeaf(state, walk, decided)
        }
    }

    /// One read at another level than the leaf's: on the way to it, or past it.
    private func readForUpdate(_ state: State, _ walk: PartialWalk, _ decided: Route) throws -> [State] {
        var next = state
        let entry = machine.readByWalker(&next, cpu, walk, page)
        guard entry.present else { return [refault(next)] }
        let reached = machine.reach(walk, page, entry)
        switch reached {
        case .nothing where entry.accessed: return [try machine.runWild(next, cpu, entry)]
        case .reserved, .page: return [refault(next)]
        case .table, .nothing: break
        }
        switch machine.readLate(cpu, walk, page, entry, reached) {
        case .wild:
            let early = walk.late.isEmpty ? readEarly(state, next, walk, dirtying: decided) : []
            return early + [try machine.runWild(next, cpu, entry)]
        case .walk(let further):
            var later = next
            later.processors[cpu].hold(further)
            let late = later == state ? [] : [later]
            return late + (walk.late.isEmpty ? readEarly(state, next, walk, dirtying: decided) : [])
        case .update, nil: break
        }
        if entry.accessed {
            machine.remember(&next, cpu, reached, page)
            return next == state ? [] : [next]
        }
        return readEarly(state, next, walk, dirtying: decided)
    }

    private func refault(_ state: State) -> State {
        var next = state
        next.processors[cpu].phase = .start
        return next
    }

    /// Which of the three fields decides, if any.
    private func rule(_ state: State, _ walk: PartialWalk, _ leaf: Entry, _ decided: Route) -> OracleUpdateRule {
        if needsWritable(state), !walk.writable { return .refault }
        guard leaf.present else { return profile.onNotPresent }
        guard leaf.isLeaf(level: walk.level) else { return .refault }
        var rules: [OracleUpdateRule] = []
        if needsWritable(state), !leaf.writable { rules.append(profile.onWriteRevoked) }
        if frame(walk, leaf) != decided.frame || isReserved(walk, leaf) { rules.append(profile.onFrameChanged) }
        // The stricter one, if both apply.
        if rules.contains(.refault) { return .refault }
        return rules.contains(.setThenFault) ? .setThenFault : .setThenWrite
    }

    /// Whether a leaf with P=1 maps a frame that no block has.
    private func isReserved(_ walk: PartialWalk, _ leaf: Entry) -> Bool {
        machine.layout.isReserved(leaf, level: walk.level)
    }

    /// The frame that a leaf gives the page.
    private func frame(_ walk: PartialWalk, _ leaf: Entry) -> UInt64 {
        machine.frame(machine.translation(walk, page, leaf), page)
    }

    private func updateLeaf(_ state: State, _ walk: PartialWalk, _ decided: Route) throws -> [State] {
        let word = machine.word(walk, page)
        if machine.holds(state, cpu, word) { return [] }
        var before = state
        machine.touchTable(&before, word)
        let leaf = Entry(state.word(word))
        var next = before
        switch rule(state, walk, leaf, decided) {
        case .refault: return [refault(next)]
        case .setThenWrite:
            machine.write(&next, word, mask: Entry.dirtyBit, value: Entry.dirtyBit, by: .hardware)
            guard leaf.present, !isReserved(walk, leaf) else { return try access(next, decided) }
            let seen = machine.translation(walk, page, Entry(leaf.raw | Entry.dirtyBit))
            let isSameFrame = frame(walk, leaf) == decided.frame
            let route = isSameFrame && seen.writable ? self.route(state, seen) : decided
            machine.fill(&next, cpu, seen)
            var result = try access(next, route)
            if mayStayClean(writable: leaf.writable || needsWritable(state)) {
                var clean = before
                machine.fill(&clean, cpu, machine.translation(walk, page, leaf))
                result += try access(clean, route)
            }
            return result
        case .setThenFault:
            // A dead entry gets both bits, an entry that only lost W or changed its frame just D.
            let bits = leaf.present ? Entry.dirtyBit : Entry.dirtyBit | Entry.accessedBit
            machine.write(&next, word, mask: bits, value: bits, by: .hardware)
            let after = Entry(next.word(word))
            if after.present, isReserved(walk, after) { return [try fault(next, .reserved(level: walk.level))] }
            return [
                try fault(
                    next,
                    after.present
                        ? .mapped(machine.translation(walk, page, after)) : .notPresent(level: walk.level, after))
            ]
        }
    }

    /// The way through a translation that was made this moment.
    private func route(_ state: State, _ translation: Translation) -> Route {
        Route(
            space: space(state), page: page, frame: machine.frame(translation, page), size: translation.size,
            writable: translation.writable)
    }

    private func access(_ state: State, _ route: Route) throws -> [State] {
        var next = state
        machine.meetSizes(&next, cpu, page)
        guard machine.layout.hasFrame(route.frame) else {
            return [try machine.runWild(next, cpu, Entry(route.frame << 12))]
        }
        next.processors[cpu].phase = .start
        var made = route
        made.size = 1
        return perform(next, Layout.word(frame: route.frame, offset: offset), made).map { [$0] } ?? []
    }

    private func fault(_ state: State, _ end: WalkEnd) throws -> State {
        let basis = FaultBasis(
            space: space(state), page: page, end, isOneLevel: machine.layout.tables.rootLevel == 1)
        return try machine.fault(state, cpu, page, address: address, basis: basis)
    }
}
