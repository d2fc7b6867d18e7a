import AddressSpace
import Foundation
import PageTable
import TestSupport
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

/// How many rounds all behaviours run together by the way that ``AddressSpace`` takes, and a third of them by the
/// compare-and-exchange alone: `PTERO_STRESS_ROUNDS`, otherwise about three seconds in a debug build, one in samples.
private let rounds = Volume.rounds("PTERO_STRESS_ROUNDS", full: 9000, sample: 3000)

/// Whether this is a build with `--sanitize=thread`.
private let isThreadSanitized = dlsym(dlopen(nil, RTLD_NOW), "__tsan_init") != nil

@Suite(.serialized) struct StressTests {
    private static let behaviours: [(String, CPUBehaviour)] = [
        ("cet", .cet), ("strict", .strict), ("late", .late), ("knl", .knl), ("shadowed", .shadowed), ("book", .book),
    ]

    @Test(arguments: behaviours) func nothingIsLostByStoreOrLoop(name: String, behaviour: CPUBehaviour) throws {
        try checkNothingIsLost(name, behaviour, rounds, by: StoreOrLoop.self)
    }

    @Test(arguments: behaviours) func nothingIsLostByCompareAndExchange(name: String, behaviour: CPUBehaviour) throws {
        try checkNothingIsLost(name, behaviour, rounds / 3, by: CompareAndExchange.self)
    }

    private func checkNothingIsLost(
        _ name: String, _ behaviour: CPUBehaviour, _ rounds: Int, by protection: (some WriteProtection).Type
    ) throws {
        let machine = try StressMachine(behaviour)
        let share = max(1, (rounds + Self.behaviours.count - 1) / Self.behaviours.count)
        let done = machine.run(rounds: share, by: protection)
        #expect(machine.firstFailure == nil)
        #expect(done == share)
        if rounds > 1_000_000 {
            let accesses = StressMachine.accesses.load(ordering: .relaxed)
            print("\(name), \(protection): \(done) rounds, \(accesses) accesses by walkers up to here")
        }
    }

    @Test func theExchangeDanceLosesNothingOnCPUsThatLeaveAbsentEntriesAlone() throws {
        for behaviour in [CPUBehaviour.cet, .strict, .late, .shadowed] {
            let machine = try StressMachine(behaviour)
            _ = machine.run(rounds: max(1, rounds / 60), by: ExchangeDance.self)
            #expect(machine.firstFailure == nil)
        }
    }

    /// A test that could not find a lost Dirty bit would be worth nothing.
    @Test(arguments: [CPUBehaviour.cet, .late]) func aPlainStoreLosesADirtyBit(behaviour: CPUBehaviour) throws {
        let machine = try StressMachine(behaviour)
        let done = machine.run(rounds: 20_000, by: PlainStore.self, onlyForks: true)
        let failure = try #require(machine.firstFailure)
        #expect(failure.contains("lost a Dirty bit"), "after \(done) rounds")
    }

    /// ThreadSanitizer would report what this test is about, and rightly so: walkers go on using frames that are not theirs.
    @Test(.disabled(if: isThreadSanitized, "the races are the point")) func withoutShootdownsThingsGoWrong() throws {
        let machine = try StressMachine(.strict, hasShootdowns: false)
        _ = machine.run(rounds: 20_000, by: CompareAndExchange.self)
        #expect(machine.firstFailure != nil)
    }

    @Test func lockedAndBreaksTheRule() throws {
        let machine = try StressMachine(.strict)
        _ = machine.run(rounds: 20_000, by: LateLockedAnd.self, onlyForks: true)
        #expect(machine.firstFailure?.contains("is W=0, D=1") == true)
    }
}
