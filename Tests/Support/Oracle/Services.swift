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
        default: return nil
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
            return [
                try flush(
                    state, cpu, instruction, FlushScope(space: try pageSpace(state, cpu, arguments), page: page()))
            ]
        case .flushSpace:
            let space = try arguments.first.map { try layout.space($0) } ?? state.processors[cpu].space
            return [try flush(state, cpu, instruction, FlushScope(space: space, page: nil))]
        case .flushLocal:
            serveFlush(&next, cpu, FlushScope(space: try pageSpace(state, cpu, arguments), page: try page()))
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
        let parts = (arguments.first ?? "").split(separator: ":")
        return parts.count == 2 ? try layout.space(String(parts[0])) : state.processors[cpu].space
    }

    private func integer(_ text: String) -> UInt64? {
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
        if let signed = Int64(text) { return UInt64(bitPattern: signed) }
        return UInt64(text)
    }

    // MARK: Flushing

    /// Local invalidation and the requests, in one step.
    private func flush(
        _ state: State, _ cpu: Int, _ instruction: Instruction, _ scope: FlushScope
    ) throws -> State {
        var scope = scope
        scope.isBroadcast = profiles[cpu].broadcastInvalidate
        var next = state
        serveFlush(&next, cpu, scope)
        var targets: UInt64 = 0
        for other in state.processors.indices where other != cpu {
            if scope.isBroadcast || state.processors[other].space == scope.space { targets |= bit(other) }
        }
        if targets == 0 {
            flushCompleted(&next, scope)
            return finish(next, cpu, instruction, loaded: 0)
        }
        next.processors[cpu].waiting = .acknowledgements(scope, of: targets)
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
            guard case .acknowledgements(let scope, let targets) = state.processors[initiator].waiting,
                targets & bit(cpu) != 0, scope.isBroadcast || takesInterrupts
            else { continue }
            var next = state
            if !scope.isBroadcast || profiles[cpu].broadcastDrains { drainAll(&next, cpu) }
            endWalks(&next, cpu)
            serveFlush(&next, cpu, scope)
            let left = targets & ~bit(cpu)
            if left != 0 {
                next.processors[initiator].waiting = .acknowledgements(scope, of: left)
            } else {
                next.processors[initiator].waiting = .nothing
                let waiter = next.processors[initiator]
                let instruction = code(waiter, initiator).instructions[waiter.registers.rip]
                flushCompleted(&next, scope)
                next = finish(next, initiator, instruction, loaded: 0)
            }
            result.append(next)
        }
        return result
    }
}
