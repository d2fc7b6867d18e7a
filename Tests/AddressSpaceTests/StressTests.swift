import AddressSpace
import Foundation
import PageTable
import TestSupport
import Testing

/// How many rounds all behaviours run together by the way that ``AddressSpace`` takes, and a third of them by the
/// compare-and-exchange alone, on five levels.
///
/// `PTERO_STRESS_ROUNDS`, otherwise about three seconds in a debug build, one in samples.
private let rounds = Volume.rounds("PTERO_STRESS_ROUNDS", full: 9000, sample: 3000)

/// A right kernel: nothing is lost, whatever CPU it is, and every frame is back at the end.
@Suite(.serialized) struct StressTests {
    private static let behaviours: [(String, CPUBehaviour)] = [
        ("cet", .cet), ("strict", .strict), ("late", .late), ("knl", .knl), ("shadowed", .shadowed), ("book", .book),
    ]

    @Test(arguments: behaviours) func nothingIsLostByStoreOrLoop(name: String, behaviour: CPUBehaviour) throws {
        try checkNothingIsLost(name, behaviour, rounds, .four, by: StoreOrLoop.self)
    }

    @Test(arguments: behaviours) func nothingIsLostByCompareAndExchange(name: String, behaviour: CPUBehaviour) throws {
        try checkNothingIsLost(name, behaviour, rounds / 3, .five, by: CompareAndExchange.self)
    }

    private func checkNothingIsLost(
        _ name: String, _ behaviour: CPUBehaviour, _ rounds: Int, _ depth: PagingDepth,
        by protection: (some WriteProtection).Type
    ) throws {
        let begun = Date()
        let accessesBefore = StressMachine.accesses.load(ordering: .relaxed)
        let share = max(1, (rounds + Self.behaviours.count - 1) / Self.behaviours.count)
        let frames = try run(behaviour, share, depth, by: protection)
        // The root and the ports: the machine is gone now, and with it the last table.
        #expect(
            frames.pool.freeCount == StressFrames.poolFrames - 1 - StressMachine.walkers - StressMachine.kernelThreads)
        if rounds > 100_000 {
            let accesses = StressMachine.accesses.load(ordering: .relaxed) - accessesBefore
            let seconds = Date().timeIntervalSince(begun)
            print("\(name), \(protection): \(share) rounds, \(accesses) accesses by walkers, \(Int(seconds)) s")
        }
    }

    private func run(
        _ behaviour: CPUBehaviour, _ rounds: Int, _ depth: PagingDepth, by protection: (some WriteProtection).Type
    ) throws -> StressFrames {
        let machine = try StressMachine(behaviour, in: StressFrames(), depth: depth)
        let done = machine.run(rounds: rounds, by: protection, seed: UInt64(rounds))
        #expect(machine.firstFailure == nil)
        #expect(done == rounds && machine.frames.pool.misuseCount == 0)
        return machine.frames
    }

    @Test func theExchangeDanceLosesNothingOnCPUsThatLeaveAbsentEntriesAlone() throws {
        for behaviour in [CPUBehaviour.cet, .strict, .late, .shadowed] {
            let machine = try StressMachine(behaviour, in: StressFrames())
            machine.run(rounds: max(1, rounds / 60), by: ExchangeDance.self)
            #expect(machine.firstFailure == nil)
        }
    }
}
