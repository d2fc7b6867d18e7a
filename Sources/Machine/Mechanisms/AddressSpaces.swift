import Litmus
import X86

/// Lazy TLB mode and flushes that a CPU has missed (levels.md (e); Linux 6.12, arch/x86/mm/tlb.c).
///
/// A CPU in lazy mode keeps an address space loaded and does not use it: a kernel thread runs. A flush that frees no table
/// passes it by. One that does, or that was asked for before it became lazy, makes it load `init`, an address space without user
/// pages, and leaves the tag as it is (`flush_tlb_func`); the flushing CPU itself, where it is lazy, does the same.
///
/// *Behind*: per CPU and address space, whether a flush was missed, which Linux tells by comparing generations. From the step in
/// which a flush begins every CPU is behind that has not yet dropped. It catches up when it takes the request while it runs the
/// space, or when `switch_mm` loads it, which then drops the tag. A plain write of CR3 neither asks nor catches up. Kept for
/// CPUs whose code calls `switch_mm`: no other asks.
extension Machine {
    /// A flush of an address space begins: whoever has not dropped is behind in it.
    @inline(__always)
    func noteMissed(_ next: UnsafeMutablePointer<UInt64>, space: UInt8) {
        guard plan.tracksMissedFlushes else { return }
        for cpu in 0..<cpuCount { cpus[cpu].behind.insert(behindBit(ofSpace: space), next) }
    }

    /// The bit of an address space, one for its root and that of user mode.
    private func behindBit(ofSpace space: UInt8) -> UInt64 { 1 << UInt64(map.tags.owners[Int(space)]) }

    /// Whether two roots are of one address space.
    func isSame(space: UInt8, as other: UInt8) -> Bool {
        space == other || map.tags.owners[Int(space)] == map.tags.owners[Int(other)]
    }

    /// A CPU that runs an address space takes a request to flush it: whether it has yet to drop what the request says.
    ///
    /// It stays behind while a flush of the space by another CPU than this one waits for it.
    @inline(__always)
    func catchUp(_ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, space: UInt8, by initiator: Int) -> Bool {
        let behind = cpus[cpu].behind
        guard behind.isPresent else { return true }
        let bit = behindBit(ofSpace: space)
        if behind.readBits(next) & bit == 0 { return false }
        for other in 0..<cpuCount where other != initiator && cpus[other].waitingFor.read(next) & (1 << cpu) != 0 {
            let request = request(of: other, in: UnsafePointer(next))
            if request.pointee.kind == .flush && isSame(space: request.pointee.flushedSpace, as: space) { return true }
        }
        behind.remove(bit, next)
        return true
    }

    /// A lazy CPU is interrupted by a flush: it loads `init`.
    func leaveLazily(_ next: UnsafeMutablePointer<UInt64>, _ cpu: Int) {
        // What it waits for in a fault's handler is about the address space that it leaves: it tries again.
        if cpus[cpu].phase.read(next) == Phase.faulted.rawValue { leavePhase(next, cpu) }
        enter(.kernelSpace, next, cpu)
        endWalks(next, cpu)
    }

    /// Whether `switch_mm` finds that the CPU is behind: it asks unless it goes from one thread to another of a process.
    func catchesUp(_ cpu: Int, _ record: ThreadRecord, in state: UnsafePointer<UInt64>) -> Bool {
        let isAsked = record.space != record.flushedSpace || record.isLazy
        return isAsked && cpus[cpu].behind.readBits(state) & behindBit(ofSpace: record.flushedSpace) != 0
    }

    /// `switch_mm`: loads an address space, and drops its tag where the CPU is behind in it (Linux, `switch_mm_irqs_off`).
    func switchSpace(_ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record) {
        let space = record.pointee.flushedSpace
        if catchesUp(cpu, record.pointee, in: UnsafePointer(next)) {
            cpus[cpu].behind.remove(behindBit(ofSpace: space), next)
            invalidate(next, cpu, record)
        } else if record.pointee.space != space {
            endWalks(next, cpu)
        }
    }
}

extension ThreadTable {
    /// What a service changes of the CPU's mode.
    func changeMode(_ service: KernelService, _ arguments: [String], _ state: inout ThreadState) {
        switch service {
        case .enterLazy: if Int(state.space) != kernelSpace { state.isLazy = true }
        case .switchSpace:
            let named = arguments.first.flatMap(map.spaces.firstIndex(of:))
            guard let space = processor.isCompiled ? space(ofRootTable: state.registers[.rdi]) : named else { return }
            load(space, &state)
            state.isLazy = false
        default: break
        }
    }

    /// The address space of the root that compiled code passes; 0 and `ptero_mm`'s are what the CPU ran at the start.
    func space(ofRootTable address: UInt64) -> Int? {
        address == 0 ? processor.space : map.space(ofRootTable: address, loaded: processor.space)
    }

    /// The address space that a value for CR3 loads; nil for a value that is none.
    func space(ofRoot value: UInt64) -> Int? {
        processor.isCompiled
            ? map.space(ofCompiledRoot: value, loaded: processor.space) : map.space(ofRoot: value)
    }

    /// What is read from CR3.
    func root(ofSpace space: Int) -> UInt64 {
        processor.isCompiled ? map.compiledRoot(ofSpace: space) : map.rootAddress(ofSpace: space)
    }

    /// Loads an address space; in an interrupt's handler it is not the thread's own doing.
    func load(_ space: Int, _ state: inout ThreadState) {
        state.space = UInt8(space)
        if state.interruption == nil { state.home = UInt8(space) }
    }
}
