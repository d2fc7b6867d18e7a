import X86

/// What a thread can still touch, by the instruction it is at: a superset, known from its code.
struct AccessForecast {
    /// By instruction: words that the thread may still read or write from there on, a bit each.
    var reads: [UInt64]
    var writes: [UInt64]

    /// Nil when the words do not fit or the code goes back.
    init?(_ program: Program, _ map: AddressMap) {
        guard map.wordCount <= 64 else { return nil }
        let all: UInt64 = map.wordCount == 64 ? ~0 : (1 << UInt64(map.wordCount)) - 1
        reads = [UInt64](repeating: 0, count: program.instructions.count + 1)
        writes = reads
        // An address is a constant of the code when it does not depend on what registers hold.
        var other = RegisterFile()
        for register in Register.allCases { other[register] = 0x1234_5678_9abc &+ UInt64(register.rawValue) << 20 }
        for index in program.instructions.indices.reversed() {
            let instruction = program.instructions[index]
            if instruction.canGoBack(from: index) { return nil }
            let request = instruction.request(RegisterFile())
            let isConstant = request == instruction.request(other)
            func words(_ access: MemoryAccess) -> UInt64 {
                guard isConstant, case .physical(let word, _)? = map.place(at: access.address) else { return all }
                return 1 << UInt64(word)
            }
            var read: UInt64 = 0
            var write: UInt64 = 0
            switch request {
            case .load(let access): read = words(access)
            case .store(let access), .shadowStackStore(let access): write = words(access)
            case .update(let access, _): (read, write) = (words(access), words(access))
            case .copy(let from, let to): (read, write) = (words(from), words(to))
            case .service: (read, write) = (all, all)
            default: break
            }
            reads[index] = reads[index + 1] | read
            writes[index] = writes[index + 1] | write
        }
    }
}

extension AccessForecast {
    /// What each CPU can touch, if the scenario is of the kind that partial-order reduction is for.
    static func all(_ scenario: Scenario, _ needs: [CPUNeeds]) -> [AccessForecast] {
        guard scenario.reductions.contains(.partialOrder), !scenario.isEager, scenario.map.pages.isEmpty else {
            return []
        }
        var forecasts: [AccessForecast] = []
        for (processor, needs) in zip(scenario.cpus, needs) {
            // Other services read and write what has happened, which `AccessForecast` knows nothing of.
            guard processor.handler == nil, processor.interruptHandler == nil, !needs.broadcasts,
                !needs.readsDescriptors,
                needs.services.allSatisfy({ $0.isPlainAccess }),
                processor.privateMemory.range.isEmpty,
                let forecast = AccessForecast(processor.program, scenario.map)
            else { return [] }
            forecasts.append(forecast)
        }
        return forecasts
    }
}
