import X86

/// RCU, as far as grace periods go (levels.md (f)): what `synchronize_rcu` waits for at each other processor.
///
/// It waits until a processor that is inside a section at the call has left it once, and until its stores that were buffered
/// at the call, or when it left its section, are in memory.
extension TestMachine {
    /// The call: its own store buffer is empty.
    func synchronizeReaders(_ state: State, _ cpu: Int) -> State {
        var next = state
        next.processors[cpu].waiting = .gracePeriod(
            state.processors.indices.map { other in
                let processor = state.processors[other]
                if other == cpu { return .stores(0) }
                return processor.isInSection ? .section : .stores(processor.buffer.count)
            })
        return next
    }

    /// After every step, who has left its section is noted.
    func noteSections(_ state: inout State) {
        for cpu in state.processors.indices {
            guard case .gracePeriod(var waits) = state.processors[cpu].pending else { continue }
            for other in waits.indices where waits[other] == .section && !state.processors[other].isInSection {
                waits[other] = .stores(state.processors[other].buffer.count)
            }
            state.processors[cpu].pending = .gracePeriod(waits)
        }
    }

    /// A processor's oldest buffered store reaches memory.
    func countDrained(_ state: inout State, _ drained: Int) {
        for cpu in state.processors.indices {
            guard case .gracePeriod(var waits) = state.processors[cpu].pending else { continue }
            if case .stores(let left) = waits[drained], left > 0 { waits[drained] = .stores(left - 1) }
            state.processors[cpu].pending = .gracePeriod(waits)
        }
    }
}
