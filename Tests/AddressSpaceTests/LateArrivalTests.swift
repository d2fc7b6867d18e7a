import AddressSpace
import PageTable
import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A shootdown that asks only the CPUs in a mask, as Linux does by `mm_cpumask`.
private final class MaskedShootdown: Shootdown, Sendable {
    /// Not zero where the CPU that arrives has announced itself.
    let mask = Atomic<UInt64>(0)
    /// Whether the last shootdown asked it.
    let hasAsked = Atomic(false)

    func invalidate(first: UInt64, count: Int, in root: Frame) { invalidateAll(in: root) }
    func invalidateAll(in root: Frame) { hasAsked.store(mask.load(ordering: .relaxed) != 0, ordering: .relaxed) }
}

/// Forks in one thread, while a CPU arrives in another: it announces itself, loads the root table and walks.
private final class LateArrival: Sendable {
    /// The last page of all, so that little comes between its store and the shootdown.
    static let address: UInt64 = 0xFFFF_FFFF_FFFF_F000

    let memory: Memory
    let shootdown = MaskedShootdown()
    let parent: AddressSpace<Memory, MaskedShootdown, SpinLock>
    /// 2n + 1: round n has begun; 2n + 2: the CPU has arrived in it.
    private let turn = Atomic(0)
    private let isWritable = Atomic(false)

    init() throws {
        memory = try Memory(frames: 64)
        parent = try AddressSpace(frames: memory, shootdown: shootdown, lock: SpinLock())
        try parent.map(try memory.page().dirty.accessed, at: Self.address)
    }

    /// Runs rounds and counts those in which the CPU walked to the old entry and was not asked to drop it.
    func run(rounds: Int) -> Int {
        nonisolated(unsafe) var missed = 0
        runThreads([
            {
                for round in 0..<rounds where (try? self.fork(round)) ?? true { missed += 1 }
            },
            {
                for round in 0..<rounds { self.arrive(round) }
            },
        ])
        return missed
    }

    /// One fork; returns whether the CPU goes on with what it may not.
    private func fork(_ round: Int) throws -> Bool {
        try parent.makeWritable(at: Self.address)
        shootdown.mask.store(0, ordering: .relaxed)
        var child = try AddressSpace(frames: memory, shootdown: shootdown, lock: SpinLock())
        turn.store(2 * round + 1, ordering: .sequentiallyConsistent)
        try parent.fork(into: &child)
        let hasAsked = shootdown.hasAsked.load(ordering: .relaxed)
        wait(for: 2 * round + 2)
        return isWritable.load(ordering: .relaxed) && !hasAsked
    }

    private func arrive(_ round: Int) {
        wait(for: 2 * round + 1)
        // The fork takes some hundred loads: at another time in each round.
        for _ in 0..<(round * 37 % 2000) { _ = turn.load(ordering: .relaxed) }
        _ = shootdown.mask.exchange(1, ordering: .sequentiallyConsistent)
        isWritable.store((try? parent.walk(Self.address))?.isWritable ?? true, ordering: .relaxed)
        turn.store(2 * round + 2, ordering: .releasing)
    }

    private func wait(for value: Int) {
        var looks = 0
        while turn.load(ordering: .acquiring) < value {
            looks += 1
            if looks % 1000 == 0 { sched_yield() }
        }
    }
}

/// A CPU that a shootdown does not find running the address space has to walk to the new entries.
@Suite struct LateArrivalTests {
    @Test func aCPUThatTheShootdownMissesWalksToTheNewEntry() throws {
        let rounds = Volume.rounds("PTERO_ARRIVAL_ROUNDS", full: 20_000, sample: 5000)
        #expect(try LateArrival().run(rounds: rounds) == 0)
    }
}
