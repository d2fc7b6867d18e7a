import Litmus
import X86

extension TestMachine {
    /// The step of a kernel service whose store buffer is empty; none while it must wait.
    func serviceSteps(
        _ state: State, _ cpu: Int, _ instruction: Instruction, _ name: String, _ given: [String]
    ) throws -> [State] {
        let arguments = given.filter { !$0.isEmpty }
        var next = state
        func page() throws -> Int {
            guard let first = arguments.first else { throw OracleError.unsupported("\(name) without a page") }
            return try layout.variable(String(first.split(separator: ":").last ?? ""))
        }
        switch name {
        case "flush_tlb_page":
            return [
                try flush(
                    state, cpu, instruction, FlushScope(space: try pageSpace(state, cpu, arguments), page: page()))
            ]
        case "flush_tlb_mm":
            let space = try arguments.first.map { try layout.space($0) } ?? state.processors[cpu].space
            return [try flush(state, cpu, instruction, FlushScope(space: space, page: nil))]
        case "flush_tlb_local":
            drop(&next, cpu, FlushScope(space: try pageSpace(state, cpu, arguments), page: try page()))
        case "spin_lock":
            let word = Layout.word(frame: layout.frame(try page()), offset: 0)
            guard state.word(word) & 0xffff_ffff == 0 else { return [] }
            write(&next, word, mask: 0xffff_ffff, value: 1, by: .software(nil))
        case "wait_for":
            guard arguments.count == 2, let wanted = integer(arguments[1]) else {
                throw OracleError.unsupported("wait_for(\(arguments.joined(separator: ", ")))")
            }
            let type = types[arguments[0]] ?? .int
            let mask = byteMask(offset: 0, width: type.size)
            let word = Layout.word(frame: layout.frame(try page()), offset: 0)
            guard state.word(word) & mask == wanted & mask else { return [] }
        case "set_page_dirty":
            next.softwareDirty |= bit(try page())
        case "clear_page_dirty":
            next.softwareDirty &= ~bit(try page())
        case "page_dirty":
            let isDirty = next.softwareDirty & bit(try page()) != 0
            next = finish(next, cpu, instruction, loaded: 0)
            next.processors[cpu].registers[.rax] = isDirty ? 1 : 0
            return [next]
        case "writeback":
            next.ghosts.written &= ~bit(try page())
        case "reclaim":
            let page = bit(try page())
            next.ghosts.reclaimed |= page
            next.ghosts.lostDirty |= page & next.ghosts.written
        case "free_frame":
            next.ghosts.freed |= bit(try page())
        default:
            throw OracleError.unsupported("service \(name)")
        }
        return [finish(next, cpu, instruction, loaded: 0)]
    }

    /// `spin_unlock`: a plain store of 0.
    func unlock(_ state: State, _ cpu: Int, _ instruction: Instruction, _ arguments: [String]) throws -> State {
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
        var next = state
        drop(&next, cpu, scope)
        var targets: UInt64 = 0
        for other in state.processors.indices where other != cpu && state.processors[other].space == scope.space {
            targets |= 1 << UInt64(other)
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
        let takesInterrupts = processor.registers.flags.contains(.interrupt) && processor.atBoundary
        guard takesInterrupts || processor.thread == .ended else { return [] }
        var result: [State] = []
        for initiator in state.processors.indices {
            guard case .acknowledgements(let scope, let targets) = state.processors[initiator].waiting,
                targets & bit(cpu) != 0
            else { continue }
            var next = state
            drainAll(&next, cpu)
            drop(&next, cpu, scope)
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
