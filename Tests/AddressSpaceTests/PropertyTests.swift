import AddressSpace
import PageTable
import TestSupport
import Testing

/// How many operations each configuration runs: `PTERO_PROPERTY_STEPS`.
private let steps = Volume.rounds("PTERO_PROPERTY_STEPS", full: 6000, sample: 1500)

/// Random operations on an address space and on a dictionary; both are compared after each.
@Suite struct PropertyTests {
    @Test(arguments: [PagingDepth.four, .five], [1, 2]) func anAddressSpaceIsADictionary(
        depth: PagingDepth, seed: UInt64
    ) throws {
        let runner = try PropertyRunner(depth, seed: seed)
        for step in 0..<steps {
            let operation = try runner.step()
            guard runner.mistake == nil else {
                Issue.record("step \(step), \(operation): \(runner.mistake ?? "")")
                return
            }
        }
        // What must have happened often, or the test would be worth nothing.
        for operation in PropertyOperation.allCases {
            #expect(runner.succeeded[operation, default: 0] > 0, "\(operation)")
        }
        runner.finish()
        #expect(runner.mistake == nil && runner.memory.pool.misuseCount == 0)
        #expect(runner.memory.pool.freeCount == runner.freeAtFirst - 1)
    }
}
