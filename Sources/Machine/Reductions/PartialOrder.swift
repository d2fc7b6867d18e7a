/// Partial-order reduction: of independent steps of different CPUs, only one order is explored.
///
/// Each CPU is two processes: its *instructions* and the *drain* of its store buffer. In every state a persistent set
/// of processes is chosen (Godefroid, "Partial-Order Methods", 1996, chapter 4): whatever the processes outside it do
/// from here on, nothing of it conflicts with the next steps of those inside. Taking only the steps inside then still
/// reaches every state in which no thread can step, which is all that a condition looks at.
///
/// Two steps conflict when both touch a word of memory and one writes it. A store that enters the own buffer touches
/// nothing; a load touches its word; a drain writes the word of the oldest store; a locked operation does both. A
/// load of a word that the own buffer holds conflicts with the own drain, because it decides where the value comes
/// from. What a CPU can still touch is known from its code (``AccessForecast``), a superset.
///
/// Used for tests without translation and flushes, whose threads cannot loop: there final states are all that counts.
extension Machine {
    /// How many steps without a choice are joined to one at most.
    public static var longestChain: Int { 10_000 }

    /// Computes the steps of a persistent set only.
    ///
    /// Where the set has a single step there is nothing to choose: with `Reduction.chains` the successor runs on to
    /// the next state that has a choice, and the states between are not kept. They have one way out each, so every
    /// run through them goes through the state that is kept.
    func computeReducedSteps(of state: UnsafePointer<UInt64>) -> Bool {
        steps.removeAll()
        threadSteps = 0
        foreseeAll(state)
        let set = persistentSet(of: state)
        if set == 0 { return true }
        take(state, set)
        let count = steps.count
        guard plan.joinsChains, failure == nil, !isAtALoss else { return count == 0 }
        for number in 0..<count {
            var budget = Self.longestChain
            foreseeAll(UnsafePointer(steps.states + number * steps.stride))
            while budget > 0 {
                let here = UnsafePointer(steps.states + number * steps.stride)
                let next = persistentSet(of: here) & outlook.enabled
                guard next != 0, next & (next - 1) == 0 else { break }
                take(here, next)
                guard steps.count == count + 1, failure == nil, !isAtALoss else { break }
                steps.moveLast(to: number)
                foresee(UnsafePointer(steps.states + number * steps.stride), next.trailingZeroBitCount / 2)
                budget -= 1
            }
        }
        return count == 0
    }

    /// A small set of processes that nothing outside can disturb; empty when no thread can step.
    private func persistentSet(of state: UnsafePointer<UInt64>) -> UInt64 {
        var waiting = plan.waiters
        while waiting != 0 {
            foresee(state, waiting.trailingZeroBitCount)
            waiting &= waiting &- 1
        }
        if outlook.enabled == 0 { return 0 }
        let local = outlook.enabled & outlook.local
        if local != 0 { return local & (0 &- local) }
        outlook.known = 0
        var best: UInt64 = 0
        var bestCount = Int.max
        var seeds = outlook.enabled
        while seeds != 0 {
            let set = closure(of: seeds.trailingZeroBitCount, upTo: bestCount)
            seeds &= seeds &- 1
            let count = (set & outlook.enabled).nonzeroBitCount
            if count < bestCount {
                best = set
                bestCount = count
                if count == 1 { break }
            }
        }
        return best
    }

    /// Emits the steps of the processes in a set.
    private func take(_ state: UnsafePointer<UInt64>, _ set: UInt64) {
        var rest = set & outlook.enabled
        while rest != 0 {
            let process = rest.trailingZeroBitCount
            rest &= rest - 1
            let cpu = process / 2
            if process & 1 != 0 {
                emit(.drain, state, cpu) { next in drain(next, cpu) }
            } else {
                let thread = cpus[cpu].thread.read(state)
                computeRequest(state, cpu, Record(records[cpu] + thread), thread)
            }
        }
    }

    /// The least set around a process that nothing outside can disturb; given up when it is no smaller than `limit`.
    private func closure(of seed: Int, upTo limit: Int) -> UInt64 {
        var set: UInt64 = 1 << UInt64(seed)
        var pending = set
        while pending != 0 && (set & outlook.enabled).nonzeroBitCount < limit {
            let process = pending.trailingZeroBitCount
            pending &= pending &- 1
            let found = disturbers(of: process) & ~set
            set |= found
            pending |= found
        }
        return set
    }

    /// The processes that have to be in a set with this one.
    @inline(__always)
    private func disturbers(of process: Int) -> UInt64 {
        let bit: UInt64 = 1 << UInt64(process)
        if outlook.known & bit == 0 {
            outlook.known |= bit
            outlook.disturbers[process] = findDisturbers(of: process)
        }
        return outlook.disturbers[process]
    }

    private func findDisturbers(of process: Int) -> UInt64 {
        var found = outlook.partners[process]
        guard outlook.enabled & (1 << UInt64(process)) != 0 else { return found }
        let reads = outlook.reads[process]
        let writes = outlook.writes[process]
        let touched = reads | writes
        var other = 0
        while other < 2 &* cpuCount {
            if (outlook.laterWrites[other] & touched) | (outlook.laterReads[other] & writes) != 0 {
                found |= 1 << UInt64(other)
            }
            other &+= 1
        }
        // The own two processes disturb each other only as partners.
        return found & ~(3 << UInt64(process & ~1)) | outlook.partners[process]
    }

    private func foreseeAll(_ state: UnsafePointer<UInt64>) {
        for cpu in 0..<cpuCount { foresee(state, cpu) }
    }

    /// Fills in the outlook of a CPU's two processes.
    private func foresee(_ state: UnsafePointer<UInt64>, _ cpu: Int) {
        let record = record(state, cpu)
        var buffered: UInt64 = 0
        var oldest: UInt64 = 0
        for place in 0..<cpus[cpu].storeCapacity {
            let number = cpus[cpu].stores[place].read(state)
            if number == 0 { break }
            buffered |= 1 << UInt64(store(number).word)
            if place == 0 { oldest = buffered }
        }
        let isRunning = !record.pointee.isEnded && record.pointee.kind != .spinning
        let laterReads = isRunning ? record.pointee.laterReads : 0
        let laterWrites = isRunning ? record.pointee.laterWrites : 0
        let instructions = 2 * cpu
        let drains = 2 * cpu + 1
        let both: UInt64 = 3 << UInt64(instructions)
        outlook.enabled &= ~both
        outlook.local &= ~both
        outlook.reads[instructions] = 0
        outlook.writes[instructions] = 0
        outlook.partners[instructions] = 0
        outlook.laterReads[instructions] = laterReads
        outlook.laterWrites[instructions] = laterWrites
        if isRunning { foreseeInstruction(state, cpu, record, buffered: buffered) }

        outlook.reads[drains] = 0
        outlook.writes[drains] = oldest
        outlook.laterReads[drains] = 0
        outlook.laterWrites[drains] = buffered | laterWrites
        // The own later loads of the word get it from the buffer before the drain, from memory after.
        outlook.partners[drains] = buffered == 0 || laterReads & oldest != 0 ? 1 << UInt64(instructions) : 0
        if buffered != 0 { outlook.enabled |= 1 << UInt64(drains) }
    }

    /// What the next instruction of a running thread touches; `buffered` are the words in its store buffer.
    @inline(__always)
    private func foreseeInstruction(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, buffered: UInt64) {
        let word: UInt64 = record.pointee.word >= 0 ? 1 << UInt64(record.pointee.word) : 0
        let instructions = 2 * cpu
        let ownDrain: UInt64 = 1 << UInt64(2 * cpu + 1)
        let both: UInt64 = 3 << UInt64(instructions)
        let everyProcess: UInt64 = cpuCount == ScenarioLimits.mostCPUs ? ~0 : (1 << UInt64(2 * cpuCount)) - 1
        var isEnabled = true
        var isLocal = false
        switch record.pointee.kind {
        case .load:
            outlook.reads[instructions] = word
            // Whether the buffer or memory answers depends on when the own store drains.
            if buffered & word != 0 { outlook.partners[instructions] = ownDrain }
        case .store:
            isLocal = traits[cpu].buffersStores
            outlook.writes[instructions] = isLocal ? 0 : word
        case .setInterrupts: isLocal = true
        case .waitFor:
            isEnabled = isOpen(state, cpu, record)
            outlook.reads[instructions] = word
            if !isEnabled {
                // Whoever could write the value, and the own drain: after it others' stores can be seen.
                outlook.partners[instructions] = everyProcess & ~(1 << UInt64(instructions))
            } else if buffered & word != 0 {
                outlook.partners[instructions] = ownDrain
            }
        case .update, .lock:
            isEnabled = buffered == 0 && isOpen(state, cpu, record)
            outlook.reads[instructions] = word
            outlook.writes[instructions] = word
            if buffered != 0 {
                outlook.partners[instructions] = ownDrain
            } else if !isEnabled {
                // Whoever could free the lock: all others, a superset.
                outlook.partners[instructions] = everyProcess & ~both
            }
        default:
            isEnabled = buffered == 0
            isLocal = true
            outlook.partners[instructions] = buffered == 0 ? 0 : ownDrain
        }
        if isEnabled { outlook.enabled |= 1 << UInt64(instructions) }
        if isLocal { outlook.local |= 1 << UInt64(instructions) }
    }

    /// Whether a lock is free, or an awaited value is there.
    private func isOpen(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record) -> Bool {
        let word = Int(record.pointee.word)
        switch record.pointee.kind {
        case .lock:
            keep(word)
            return isFree(value(inMemory(state, word)), record)
        case .waitFor:
            keep(word)
            return isAwaited(value(view(state, cpu, word: word)), record)
        default: return true
        }
    }
}

/// What the processes of the state at hand do next and can do later; scratch space of the reduction.
///
/// Process `2 * cpu` is the CPU's instructions, `2 * cpu + 1` its drain; sets of processes are bit sets, sets of words
/// too.
struct Outlook {
    /// Processes that have a step.
    var enabled: UInt64 = 0
    /// Processes whose next step touches nothing that anybody else sees.
    var local: UInt64 = 0
    /// By process, the words that its next step reads or writes.
    let reads: UnsafeMutablePointer<UInt64>
    let writes: UnsafeMutablePointer<UInt64>
    /// By process, the words that this or a later step of it can read or write.
    let laterReads: UnsafeMutablePointer<UInt64>
    let laterWrites: UnsafeMutablePointer<UInt64>
    /// By process, those that have to be in a set with it, where that is `known`; a bit each.
    let disturbers: UnsafeMutablePointer<UInt64>
    var known: UInt64 = 0
    /// By process, others that must be in its set whatever words are touched: those that enable it, or its sibling.
    let partners: UnsafeMutablePointer<UInt64>

    init(cpus: Int) {
        let count = 2 * max(1, cpus)
        reads = .allocate(capacity: 6 * count)
        reads.initialize(repeating: 0, count: 6 * count)
        writes = reads + count
        laterReads = writes + count
        laterWrites = laterReads + count
        partners = laterWrites + count
        disturbers = partners + count
    }

    func deallocate() { reads.deallocate() }
}
