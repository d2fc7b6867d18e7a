import AddressSpace
import Foundation
import PageTable
import Testing

/// Write-protection as a beginner writes it: whatever hardware sets between the load and the store is lost.
///
/// An interrupt comes between the two that lasts for some accesses of the walkers, unless all wait for the kernel, so
/// that the test does not depend on how busy the machine is.
private enum PlainStore: WriteProtection {
    static func writeProtect(_ entry: AtomicPageTableEntry) -> PageTableEntry {
        let old = entry.load()
        StressMachine.waitForAccesses(16)
        entry.store(LinuxGeneration.savedDirty.writeProtected(old))
        return old
    }
}

/// The locked AND with time for the walkers before it.
private enum LateLockedAnd: WriteProtection {
    static func writeProtect(_ entry: AtomicPageTableEntry) -> PageTableEntry {
        StressMachine.waitForAccesses(16)
        return LockedAnd.writeProtect(entry)
    }
}

/// Whether this is a build with `--sanitize=thread`.
private let isThreadSanitized = dlsym(dlopen(nil, RTLD_NOW), "__tsan_init") != nil

/// A wrong kernel is found out: a test that could not find a mistake would be worth nothing.
@Suite(.serialized) struct StressPlantTests {
    @Test(arguments: [CPUBehaviour.cet, .late]) func aPlainStoreLosesADirtyBit(behaviour: CPUBehaviour) throws {
        let machine = try StressMachine(behaviour, in: StressFrames())
        let done = machine.run(rounds: 20_000, by: PlainStore.self, [.forkSoon], pause: 16)
        let failure = try #require(machine.firstFailure)
        #expect(failure.contains("lost a Dirty bit"), "after \(done) rounds")
    }

    /// ThreadSanitizer would report what this test is about, and rightly so: walkers go on using frames that are not theirs.
    @Test(.disabled(if: isThreadSanitized, "the races are the point")) func withoutShootdownsThingsGoWrong() throws {
        let machine = try StressMachine(.strict, in: StressFrames(), hasShootdowns: false)
        machine.run(rounds: 20_000, by: CompareAndExchange.self)
        #expect(machine.firstFailure != nil)
    }

    @Test func lockedAndBreaksTheRule() throws {
        let machine = try StressMachine(.strict, in: StressFrames())
        machine.run(rounds: 20_000, by: LateLockedAnd.self, [.forkSoon], pause: 16)
        #expect(machine.firstFailure?.contains("is W=0, D=1") == true)
    }

    /// A machine with a CPU that speculates: what its run said.
    private func runWithSpeculator(isLazy: Bool, forgetsLazyCPUs: Bool = false, _ rounds: Int, _ kinds: [StressRound])
        throws -> String?
    {
        let frames = try StressFrames()
        let speculator = Speculator(frames, isLazy: isLazy)
        let machine = try StressMachine(
            .strict, in: frames, forgetsLazyCPUs: forgetsLazyCPUs, speculator: speculator)
        machine.run(rounds: rounds, by: StoreOrLoop.self, kinds, others: [{ speculator.run(machine) }])
        return machine.firstFailure
    }

    private static let taking: [StressRound] = [.unmapRange, .unmapAll, .releaseEmptyTables, .reclaimRange, .collapse]

    @Test(.disabled(if: isThreadSanitized, "the races are the point"))
    func tablesGoOnlyWhenLazyCPUsDoNotWalkThem() throws {
        #expect(try runWithSpeculator(isLazy: true, 100, Self.taking) == nil)
        let failure = try runWithSpeculator(isLazy: true, forgetsLazyCPUs: true, 20_000, Self.taking)
        #expect(failure?.contains("was walked, but is no table") == true)
    }

    @Test(.disabled(if: isThreadSanitized, "the races are the point"))
    func aTableThatIsGivenBackBeforeTheShootdownIsFound() throws {
        #expect(try runWithSpeculator(isLazy: false, 100, Self.taking) == nil)
        // That the table was walked, mostly; or what came of it.
        #expect(try runWithSpeculator(isLazy: false, 20_000, [.giveBackTableBeforeShootdown]) != nil)
    }

    /// What a fork shares and nobody counts goes back to the pool while the parent still has it.
    @Test(.disabled(if: isThreadSanitized, "the races are the point")) func aForkThatIsNotCountedIsFound() throws {
        let machine = try StressMachine(.strict, in: StressFrames(), countsForks: false)
        machine.run(rounds: 20_000, by: StoreOrLoop.self, [.fork, .harvestAccessed])
        #expect(machine.firstFailure != nil)
    }

    @Test func aFrameOfAForkThatIsNotCountedComesBackTwice() throws {
        let memory = try Memory(frames: 32)
        let parent = try memory.space()
        var child = try memory.space()
        let page = try memory.page()
        try parent.map(page, at: StressMachine.base)
        try parent.fork(into: &child)
        child.tearDown { memory.release($0.frame) }
        #expect(memory.pool.misuseCount == 0)
        parent.unmapAll { memory.release($0.frame) }
        #expect(memory.pool.misuseCount == 1 && memory.pool.firstMisuse?.kind == .doubleRelease)
        #expect(memory.pool.firstMisuse?.frame == page.frame)
    }
}
