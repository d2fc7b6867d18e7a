import Litmus
import X86

extension TestMachine {
    /// Services that are plain loads and a plain store, which need no empty store buffer; nil for all others.
    func plainService(
        _ state: State, _ cpu: Int, _ instruction: Instruction, _ service: KernelService, _ given: [String]
    ) throws -> [State]? {
        let arguments = given.filter { !$0.isEmpty }
        var next = state
        switch service {
        case .unlock: return [try unlock(state, cpu, instruction, arguments)]
        case .waitFor:
            guard arguments.count == 2, let wanted = integer(arguments[1]) else {
                throw OracleError.unsupported("wait_for(\(arguments.joined(separator: ", ")))")
            }
            let mask = byteMask(offset: 0, width: (types[arguments[0]] ?? .int).size)
            let word = Layout.word(frame: layout.frame(try layout.variable(arguments[0])), offset: 0)
            guard load(&next, cpu, word, mask: mask) & mask == wanted & mask else { return [] }
        case .pageDirty:
            guard let page = arguments.first else { throw OracleError.unsupported("page_dirty without a page") }
            let isDirty = next.softwareDirty & bit(try layout.variable(page)) != 0
            next.processors[cpu].registers[.rax] = isDirty ? 1 : 0
        case .lockRCU: next.processors[cpu].readLocks += 1
        case .unlockRCU: next.processors[cpu].readLocks = max(0, state.processors[cpu].readLocks - 1)
        case .pteOffset, .pmdOffset, .pudOffset:
            // Left over when the budget of `settle` ran out.
            next.processors[cpu].registers[.rax] = try slotAddress(service, arguments, state.processors[cpu])
        default: return try tagService(state, cpu, instruction, service, arguments)
        }
        return [finish(next, cpu, instruction, loaded: 0)]
    }

    /// The step of a kernel service whose store buffer is empty; none while it must wait.
    func serviceSteps(
        _ state: State, _ cpu: Int, _ instruction: Instruction, _ service: KernelService, _ given: [String]
    ) throws -> [State] {
        let arguments = given.filter { !$0.isEmpty }
        var next = state
        func page() throws -> Int {
            guard let first = arguments.first else {
                throw OracleError.unsupported("\(service.rawValue) without a page")
            }
            return try layout.variable(String(first.split(separator: ":").last ?? ""))
        }
        switch service {
        case .flushPage:
            return [flush(state, cpu, instruction, try pageScope(state, cpu, arguments, page()))]
        case .flushSpace:
            let space = try arguments.first.map { try layout.space($0) } ?? state.processors[cpu].wanted
            let scope = FlushScope(space: layout.family(space), place: nil, pages: ~0, freesTables: true)
            return [flush(state, cpu, instruction, scope)]
        case .flushRange:
            return [flush(state, cpu, instruction, try rangeScope(state, cpu, arguments, page()))]
        case .flushLocal:
            let scope = try pageScope(state, cpu, arguments, page())
            if runs(state.processors[cpu], scope.space) { drop(&next, cpu, scope) }
        case .syncTables:
            let nothing = FlushScope(space: state.processors[cpu].space, place: nil, pages: 0, dropsNothing: true)
            return [flush(state, cpu, instruction, nothing)]
        case .synchronizeRCU:
            return [synchronizeReaders(state, cpu)]
        case .freeTable:
            guard let table = tableName(arguments.first ?? "") else {
                throw OracleError.unsupported("free_table(\(arguments.first ?? ""))")
            }
            next.ghosts.freedTables |= bit(try layout.table(table))
        case .lock:
            let word = Layout.word(frame: layout.frame(try page()), offset: 0)
            guard state.word(word) & 0xffff_ffff == 0 else { return [] }
            write(&next, word, mask: 0xffff_ffff, value: 1, by: .software(nil))
        case .setPageDirty:
            next.softwareDirty |= bit(try page())
        case .clearPageDirty:
            next.softwareDirty &= ~bit(try page())
        case .writeback:
            next.ghosts.written &= ~bit(try page())
        case .reclaim:
            let page = bit(try page())
            next.ghosts.reclaimed |= page
            next.ghosts.lostDirty |= page & next.ghosts.written
        case .freeFrame:
            next.ghosts.freed |= bit(try page())
        case .enterLazy: enterLazy(&next, cpu)
        case .switchSpace: switchSpace(&next, cpu, try layout.space(arguments.first ?? ""))
        case .sendInterrupt:
            guard let number = Int((arguments.first ?? "").dropFirst()),
                let target = test.threads.firstIndex(where: { $0.processor == number })
            else { throw OracleError.unsupported("send_ipi(\(arguments.first ?? ""))") }
            return [sendInterrupt(state, cpu, to: target)]
        default:
            throw OracleError.unsupported("service \(service.rawValue)")
        }
        return [finish(next, cpu, instruction, loaded: 0)]
    }

    /// `spin_unlock`: a plain store of 0.
    private func unlock(_ state: State, _ cpu: Int, _ instruction: Instruction, _ arguments: [String]) throws -> State {
        guard let name = arguments.first else { throw OracleError.unsupported("spin_unlock without a lock") }
        var next = state
        let word = Layout.word(frame: layout.frame(try layout.variable(name)), offset: 0)
        store(&next, cpu, word, mask: 0xffff_ffff, value: 0, route: nil)
        return finish(next, cpu, instruction, loaded: 0)
    }

    private func pageSpace(_ state: State, _ cpu: Int, _ arguments: [String]) throws -> Int {
        let name = arguments.first ?? ""
        guard let colon = name.lastIndex(of: ":") else { return layout.family(state.processors[cpu].wanted) }
        return layout.family(try layout.space(String(name[..<colon])))
    }

    /// One page.
    private func pageScope(_ state: State, _ cpu: Int, _ arguments: [String], _ page: Int) throws -> FlushScope {
        FlushScope(space: try pageSpace(state, cpu, arguments), place: layout.place(page), pages: bit(page))
    }

    /// `flush_tlb_range(x,SIZE,STRIDE,TABLES)`.
    ///
    /// From the start of x's SIZE to its end, one `invlpg` per STRIDE, or everything where that would be more than 33 (Linux,
    /// `tlb_single_page_flush_ceiling`). TABLES matters to lazy processors alone.
    private func rangeScope(_ state: State, _ cpu: Int, _ arguments: [String], _ page: Int) throws -> FlushScope {
        let sizes = ["4K": 1, "2M": 2, "1G": 3]
        guard arguments.count == 4, let size = sizes[arguments[1]], let stride = sizes[arguments[2]] else {
            throw OracleError.unsupported("flush_tlb_range(\(arguments.joined(separator: ",")))")
        }
        let space = try pageSpace(state, cpu, arguments)
        let frees = arguments[3] != "0"
        // Of 512 strides or more, or of one that reaches the end: nothing lies in between.
        if stride < size { return FlushScope(space: space, place: nil, pages: ~0, freesTables: frees) }
        let start = layout.place(page).start(ofSize: size)
        let pages = layout.pages.filter { layout.place($0).start(ofSize: size) == start }
        return FlushScope(
            space: space, place: start, pages: pages.reduce(0) { $0 | bit($1) }, freesTables: frees)
    }

    /// `pte_offset(x)` and its like: the slot of x in the table that the entry in %rax points to.
    func slotAddress(_ service: KernelService, _ arguments: [String], _ processor: Processor) throws -> UInt64 {
        let level = service == .pteOffset ? 1 : service == .pmdOffset ? 2 : 3
        let indices = layout.place(try layout.variable(arguments.first ?? "")).indices
        guard indices.indices.contains(level - 1) else {
            throw OracleError.unsupported("\(service.rawValue) of a page that is not translated")
        }
        let frame = Entry(processor.registers[.rax]).frame
        return Layout.word(frame: frame, offset: UInt64(indices[level - 1]) * 8)
    }

    private func integer(_ text: String) -> UInt64? {
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
        if let signed = Int64(text) { return UInt64(bitPattern: signed) }
        return UInt64(text)
    }

    // MARK: Flushing

    /// Local invalidation and the requests, in one step.
    private func flush(_ state: State, _ cpu: Int, _ instruction: Instruction, _ asked: FlushScope) -> State {
        var scope = asked
        scope.isBroadcast = profiles[cpu].broadcastInvalidate && !scope.dropsNothing
        scope.sparesOtherPaths = scope.isBroadcast && profiles[cpu].tce
        var next = state
        var targets: UInt64 = 0
        for other in state.processors.indices {
            let isMeant = scope.isBroadcast || scope.dropsNothing
            if isMeant || takesPart(state, other, scope, isCaller: other == cpu) {
                if other == cpu { takeFlush(&next, cpu, scope) } else { targets |= bit(other) }
            } else {
                next.processors[other].behind |= bit(scope.space)
            }
        }
        if targets == 0 {
            flushCompleted(&next, scope)
            return finish(next, cpu, instruction, loaded: 0)
        }
        next.processors[cpu].waiting = .acknowledgements(scope, of: targets, due: targets)
        return next
    }

    /// Every way in which a processor can now acknowledge one request.
    func acknowledgements(_ state: State, _ cpu: Int) throws -> [State] {
        let processor = state.processors[cpu]
        let hasEnded = processor.thread == .ended
        guard hasEnded || processor.atBoundary else { return [] }
        let takesInterrupts = hasEnded || processor.registers.flags.contains(.interrupt)
        var result: [State] = []
        for initiator in state.processors.indices {
            guard case .acknowledgements(let scope, let targets, let due) = state.processors[initiator].pending,
                targets & bit(cpu) != 0, scope.isBroadcast || takesInterrupts
            else { continue }
            var next = state
            if !scope.isBroadcast || profiles[cpu].broadcastDrains { drainAll(&next, cpu) }
            endWalks(&next, cpu)
            let left = targets & ~bit(cpu)
            next.processors[initiator].pending = .acknowledgements(scope, of: left, due: due & left)
            takeFlush(&next, cpu, scope, isDue: due & bit(cpu) != 0)
            if left == 0 {
                flushCompleted(&next, scope)
                next = waitIsOver(next, initiator)
            }
            result.append(next)
        }
        return result
    }
}
