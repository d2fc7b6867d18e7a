import X86

/// What a CPU can do next, looked up instead of computed where it was in the same situation before.
///
/// What a CPU does depends on its own part of the state, on memory, on what has happened, and on the CPUs that flush or
/// broadcast invalidations, whose requests it takes; never on what else is private to others. That much of a state is
/// the CPU's *situation*. A step changes nothing outside it either, with one exception: when an entry changes in memory
/// other CPUs' walkers may cache it, which is done for each state anew (``Machine/settle(_:)``). So the steps out of a
/// situation are kept as the bits that they change, and every other state with the same situation gets them by exclusive
/// or. A search of a million states meets a few hundred situations of each CPU.
///
/// Nothing is left out and nothing added: the successors are the same, in the same order.
struct LocalSteps {
    /// Bytes for all CPUs together beyond which no more are kept: where hardly a situation comes twice, looking for it is
    /// in vain.
    private static var mostBytes: Int { 32 << 20 }

    /// By CPU.
    let tables: UnsafeMutablePointer<SituationTable>
    private let count: Int

    /// - Parameter masks: by CPU, the bits of a state that are its situation; empty where nothing is to be looked up.
    init(masks: [[UInt64]]) {
        count = masks.count
        tables = .allocate(capacity: max(1, count))
        for (cpu, mask) in masks.enumerated() { (tables + cpu).initialize(to: SituationTable(mask: mask)) }
    }

    func deallocate() {
        tables.deinitialize(count: count)
        tables.deallocate()
    }

    /// Whether steps are looked up at all.
    var isUsed: Bool { count > 0 }

    /// Bytes held.
    var bytes: Int { (0..<count).reduce(0) { $0 + tables[$1].bytes } }

    /// Whether a CPU's steps out of another situation are worth keeping.
    func hasRoom(_ cpu: Int) -> Bool { tables[cpu].bytes < Self.mostBytes / count }
}

extension MachinePlan {
    /// By CPU, the bits of its situation: all but what is private to CPUs that neither flush nor broadcast.
    ///
    /// Empty where a flush has to look at others' address spaces, because they can change, or notes at others that they are
    /// behind; and where `synchronize_rcu` looks at who is inside a section.
    static func situationMasks(
        _ needs: [CPUNeeds], _ cpus: UnsafeMutablePointer<CPUFields>, leaves: Int, points: Int, stride: Int
    ) -> [[UInt64]] {
        if needs.contains(where: { $0.services.contains(.synchronizeRCU) }) { return [] }
        let areOthersAsked = needs.contains { $0.spaces.count > 1 || $0.services.contains(where: { $0.changesMode }) }
        if needs.contains(where: { $0.flushes }) && areOthersAsked { return [] }
        return needs.indices.map { own in
            var mask = [UInt64](repeating: ~0, count: stride)
            for other in needs.indices where other != own && !needs[other].flushes && !needs[other].broadcasts {
                for field in cpus[other].all(leaves: leaves, points: points) where field.isPresent {
                    mask[field.word] &= ~(field.mask << field.shift)
                }
            }
            return mask
        }
    }
}

extension Machine {
    /// Appends a CPU's steps out of a state, known ones by what they change.
    @inline(__always)
    func appendSteps(of state: UnsafePointer<UInt64>, _ cpu: Int) {
        if let known = localSteps.tables[cpu].find(state) {
            repeatSteps(of: known, state, cpu)
        } else {
            learnSteps(of: state, cpu)
        }
    }

    @inline(__always)
    private func repeatSteps(
        of known: UnsafePointer<SituationTable.Entry>, _ state: UnsafePointer<UInt64>, _ cpu: Int
    ) {
        threadSteps &+= known.pointee.threadSteps
        let length = localSteps.tables[cpu].stepLength
        var step = localSteps.tables[cpu].steps(of: known)
        for _ in 0..<known.pointee.stepCount {
            let next = steps.append(state, label: UInt32(truncatingIfNeeded: step[0]))
            for word in 0..<stateWords { next[word] ^= step[word &+ 2] }
            if step[1] != 0 {
                changes.noteWrites(leaves: step[1])
                settle(next)
            }
            step += length
        }
    }

    private func learnSteps(of state: UnsafePointer<UInt64>, _ cpu: Int) {
        let (first, before) = (steps.count, threadSteps)
        computeSteps(of: state, cpu)
        guard failure == nil, !isAtALoss, localSteps.hasRoom(cpu) else { return }
        localSteps.tables[cpu].add(state, steps, from: first, threadSteps: threadSteps - before)
    }
}
