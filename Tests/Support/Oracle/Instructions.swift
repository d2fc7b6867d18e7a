import X86

extension TestMachine {
    /// The steps that a thread's next instruction, or what it waits for, allows.
    func threadSteps(_ state: State, _ cpu: Int) throws -> [State] {
        let processor = state.processors[cpu]
        guard processor.thread == .running else { return [] }
        switch processor.waiting {
        case .nothing: return try instructionSteps(state, cpu)
        case .acknowledgements, .handler, .over: return []
        case .gracePeriod(let waits):
            guard waits.allSatisfy({ $0 == .stores(0) }) else { return [] }
            var next = state
            next.processors[cpu].waiting = .nothing
            return [finish(next, cpu, code(processor, cpu).instructions[processor.registers.rip], loaded: 0)]
        case .change(let basis):
            let end = walkOfMemory(state, basis.space, basis.page)
            let now = FaultBasis(
                space: basis.space, page: basis.page, end, isOneLevel: layout.tables.rootLevel == 1)
            guard now != basis else { return [] }
            var next = state
            next.processors[cpu].waiting = .nothing
            return [next]
        }
    }

    private func instructionSteps(_ state: State, _ cpu: Int) throws -> [State] {
        let processor = state.processors[cpu]
        let instruction = code(processor, cpu).instructions[processor.registers.rip]
        let place = instruction.place
        let request = instruction.request(processor.registers)

        switch request {
        case .none:
            // Left over when the budget of `settle` ran out in the middle of a long computation.
            return [finish(state, cpu, instruction, loaded: 0)]
        case .load(let access):
            return try accessSteps(state, cpu, access, .read, at: place) { state, word, _ in
                var next = state
                let loaded = take(&next, cpu, access, word)
                return finish(next, cpu, instruction, loaded: loaded)
            }
        case .store(let access):
            return try accessSteps(state, cpu, access, .write, at: place) { state, word, route in
                finishStoring(state, cpu, instruction, access, word, route, loaded: 0)
            }
        case .shadowStackStore(let access):
            guard hasShadowStack(cpu) else { return [ended(state, cpu)] }
            return try accessSteps(state, cpu, access, .shadowStackWrite, at: place) { state, word, route in
                finishStoring(state, cpu, instruction, access, word, route, loaded: 0)
            }
        case .update(let access, locked: true):
            // A locked instruction may translate, and fault, while older stores wait; it completes after them.
            return try accessSteps(state, cpu, access, .write, at: place) { state, word, route in
                guard state.processors[cpu].buffer.isEmpty else { return nil }
                var next = state
                let loaded = take(&next, cpu, access, word)
                if let value = instruction.execute(on: &next.processors[cpu].registers, loaded: loaded) {
                    let (mask, bits) = bits(of: access, value)
                    write(&next, word, mask: mask, value: bits, by: .software(route))
                }
                return next
            }
        case .update(let access, locked: false):
            return try twoSteps(state, cpu, instruction, from: access, to: access)
        case .copy(let from, let to):
            return try twoSteps(state, cpu, instruction, from: from, to: to)
        case .setInterruptFlag(let enabled):
            var next = finish(state, cpu, instruction, loaded: 0)
            if enabled {
                next.processors[cpu].registers.flags.insert(.interrupt)
            } else {
                next.processors[cpu].registers.flags.remove(.interrupt)
            }
            return [next]
        case .readCR3:
            return [finish(state, cpu, instruction, loaded: layout.rootValue(processor.space))]
        case .readCR2:
            return [finish(state, cpu, instruction, loaded: processor.faultAddress)]
        case .readCR4:
            return [finish(state, cpu, instruction, loaded: controlRegister4(processor, cpu))]
        case .invalidateContext(let type, let descriptor):
            guard profiles[cpu].invpcid else { return [ended(state, cpu)] }
            let next = try invalidateContext(state, cpu, instruction, type: type, descriptor: descriptor)
            return next.map { [$0] } ?? []
        case .broadcastInvalidate(let operands):
            guard profiles[cpu].broadcastInvalidate else { return [ended(state, cpu)] }
            return broadcast(state, cpu, instruction, operands).map { [$0] } ?? []
        case .halt, .undefined:
            return [ended(state, cpu)]
        default:
            return try servedSteps(state, cpu, instruction, request)
        }
    }

    /// Requests that serialise: they need an empty store buffer.
    private func servedSteps(
        _ state: State, _ cpu: Int, _ instruction: Instruction, _ request: Request
    ) throws -> [State] {
        let processor = state.processors[cpu]
        if case .service(let service, let arguments) = request,
            let steps = try plainService(state, cpu, instruction, service, arguments)
        {
            return steps
        }
        if case .broadcastSynchronize = request, !profiles[cpu].broadcastInvalidate { return [ended(state, cpu)] }
        guard processor.buffer.isEmpty else { return [] }
        switch request {
        case .fence:
            return [finish(state, cpu, instruction, loaded: 0)]
        case .serialize:
            var next = state
            endWalks(&next, cpu)
            return [finish(next, cpu, instruction, loaded: 0)]
        case .broadcastSynchronize:
            guard isTaken(state, from: cpu) else { return [] }
            var next = state
            endWalks(&next, cpu)
            return [finish(next, cpu, instruction, loaded: 0)]
        case .invalidatePage(let address):
            var next = state
            invalidatePage(&next, cpu, layout.place(layout.page(ofAddress: address)))
            return [finish(next, cpu, instruction, loaded: 0)]
        case .writeCR3(let value):
            return [try writeCR3(state, cpu, instruction, value)]
        case .writeCR4(let value):
            return [try writeCR4(state, cpu, instruction, value)]
        case .interruptReturn:
            return [try returnFromHandler(state, cpu)]
        case .service(let service, let arguments):
            return try serviceSteps(state, cpu, instruction, service, arguments)
        default:
            throw OracleError.unsupported(instruction.text)
        }
    }

    /// A load and then a store, other processors in between.
    private func twoSteps(
        _ state: State, _ cpu: Int, _ instruction: Instruction, from: MemoryAccess, to: MemoryAccess
    ) throws -> [State] {
        guard let loaded = state.processors[cpu].loaded else {
            return try accessSteps(state, cpu, from, .read, at: instruction.place) { state, word, _ in
                var next = state
                let loaded = take(&next, cpu, from, word)
                var registers = next.processors[cpu].registers
                let stopsHere =
                    !profiles[cpu].failedCompareStores && instruction.failsComparison(registers, loaded: loaded)
                // Where nothing will be stored, the instruction ends here.
                if instruction.execute(on: &registers, loaded: loaded) == nil || stopsHere {
                    next.processors[cpu].registers = registers
                } else {
                    next.processors[cpu].loaded = loaded
                }
                return next
            }
        }
        return try accessSteps(state, cpu, to, .write, at: instruction.place) { state, word, route in
            var next = state
            next.processors[cpu].loaded = nil
            return finishStoring(next, cpu, instruction, to, word, route, loaded: loaded)
        }
    }

    /// Reads the bytes of an access out of its word.
    private func take(_ state: inout State, _ cpu: Int, _ access: MemoryAccess, _ word: UInt64) -> UInt64 {
        let shift = (access.address & 7) * 8
        return (load(&state, cpu, word, mask: access.width.mask << shift) >> shift) & access.width.mask
    }

    /// The bits of the word that an access writes, and where its value goes in them.
    private func bits(of access: MemoryAccess, _ value: UInt64) -> (mask: UInt64, bits: UInt64) {
        let shift = (access.address & 7) * 8
        return (access.width.mask << shift, (value & access.width.mask) << shift)
    }

    private func finishStoring(
        _ state: State, _ cpu: Int, _ instruction: Instruction, _ access: MemoryAccess, _ word: UInt64, _ route: Route?,
        loaded: UInt64
    ) -> State {
        var next = state
        if let value = instruction.execute(on: &next.processors[cpu].registers, loaded: loaded) {
            let (mask, bits) = bits(of: access, value)
            store(&next, cpu, word, mask: mask, value: bits, route: route)
        }
        return next
    }

    func finish(_ state: State, _ cpu: Int, _ instruction: Instruction, loaded: UInt64) -> State {
        var next = state
        _ = instruction.execute(on: &next.processors[cpu].registers, loaded: loaded)
        return next
    }

    func ended(_ state: State, _ cpu: Int) -> State {
        var next = state
        end(&next, cpu)
        return next
    }

    /// Runs what touches only registers, and ends threads that have no instruction left.
    func settle(_ state: inout State) throws {
        if state.wild != nil { return forgetUnobserved(&state.ghosts) }
        for cpu in state.processors.indices where state.processors[cpu].thread == .running {
            guard state.processors[cpu].waiting == .nothing, state.processors[cpu].atBoundary else { continue }
            var seen: Set<RegisterFile> = []
            while true {
                let processor = state.processors[cpu]
                let instructions = code(processor, cpu).instructions
                guard instructions.indices.contains(processor.registers.rip) else {
                    end(&state, cpu)
                    break
                }
                let instruction = instructions[processor.registers.rip]
                var loaded: UInt64 = 0
                switch instruction.request(processor.registers) {
                case .none: break
                case .readCR3: loaded = layout.rootValue(processor.space)
                case .readCR2: loaded = processor.faultAddress
                case .readCR4: loaded = controlRegister4(processor, cpu)
                case .service(let service, let arguments) where service.subject == .entry:
                    state.processors[cpu].registers[.rax] = try slotAddress(service, arguments, processor)
                case .halt, .undefined:
                    end(&state, cpu)
                    return try settle(&state)
                case .shadowStackStore where !hasShadowStack(cpu):
                    end(&state, cpu)
                    return try settle(&state)
                case .broadcastInvalidate where !profiles[cpu].broadcastInvalidate,
                    .broadcastSynchronize where !profiles[cpu].broadcastInvalidate,
                    .service(.broadcastInvalidate, _) where !profiles[cpu].broadcastInvalidate,
                    .invalidateContext where !profiles[cpu].invpcid,
                    .service(.invalidateOne, _) where !profiles[cpu].invpcid,
                    .service(.invalidateContext, _) where !profiles[cpu].invpcid,
                    .service(.invalidateAll, _) where !profiles[cpu].invpcid,
                    .service(.invalidateNonglobal, _) where !profiles[cpu].invpcid:
                    end(&state, cpu)
                    return try settle(&state)
                default: loaded = .max
                }
                guard loaded != .max, seen.count < 10_000 else { break }
                guard seen.insert(processor.registers).inserted else {
                    state.processors[cpu].thread = .spinning
                    break
                }
                state = finish(state, cpu, instruction, loaded: loaded)
            }
        }
        // When all threads have ended, the processors' speculation has too, and nobody waits for broadcasts.
        if state.processors.allSatisfy({ $0.thread == .ended }) {
            for cpu in state.processors.indices {
                endWalks(&state, cpu)
                state.processors[cpu].partials = []
                state.processors[cpu].entries = []
                state.processors[cpu].translations = []
                state.processors[cpu].broadcasts = []
            }
        }
        forgetMode(&state)
        noteSections(&state)
        forgetUnobserved(&state.ghosts)
    }
}
