import Litmus
import X86

/// Stores that nobody can tell from stores made later reach memory at once.
///
/// Buffering a store matters because others, and the own walker, still see the old content, and because some
/// instructions wait for an empty buffer. Where the content of a word is not kept (`UnreadValues.swift`) nobody sees
/// either content; what is left is that the store *happened* (`written`), which is asked for at the end of runs, when all
/// buffers are empty, or on a circle that runs cannot leave: what is buffered there was stored before on the same circle.
/// Whatever a CPU can do with the store still in its buffer it can do without, and a run in which the store had drained
/// at once has the same end. So such a store never enters the buffer. It may overtake older stores of the CPU; nobody
/// sees that either. Not so where somebody can tell when it reached memory: where stale writes or freed frames are asked
/// for, where writing back declares the page clean in between, or reclaim takes it for clean, or where runs can end in the
/// middle, with stores in buffers, because a walker went wild.
///
/// Runs get shorter by the drains that are not explored; those who tell a run put them back (`Checker/Runs/Replay.swift`).
extension MachinePlan {
    /// Whether no CPU can tell when a store reaches a variable whose content nobody reads.
    static func isQuiet(_ variable: Int, _ needs: ScenarioNeeds) -> Bool {
        let (scenario, services) = (needs.scenario, needs.services)
        let watches = scenario.watches
        guard scenario.reductions.contains(.unseenStores), watches[.staleWrite].isEmpty else { return false }
        if watches[.staleFrame].contains(variable) && services.contains(.freeFrame) { return false }
        let asksWritten = watches[.written].contains(variable) || watches[.lostDirty].contains(variable)
        let canEndEarly = watches.asksWild || needs.widths.keepsWildRuns
        return !asksWritten || !canEndEarly && !services.contains { $0 == .writeback || $0 == .reclaim }
    }
}

extension Machine {
    /// Whether a CPU's oldest buffered store is one that another machine of the same scenario would not have buffered.
    public func hasUnseenStore(_ state: UnsafePointer<UInt64>, _ cpu: Int, to other: Machine) -> Bool {
        !isDrained(state, cpu) && other.words[Int(store(cpus[cpu].stores[0].read(state)).word)].isUnseen
    }
}
