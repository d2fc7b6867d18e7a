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

@Suite struct SimulationDirectoryTests {
    /// Memory of a directory, freed with the object.
    private final class Words: Sendable {
        nonisolated(unsafe) let memory: UnsafeMutableBufferPointer<UInt64>
        init(_ count: Int) {
            memory = .allocate(capacity: count)
            memory.initialize(repeating: .max)
        }
        deinit { memory.deallocate() }
    }

    private func running(_ directory: CPUDirectory, _ root: Frame) -> [String] {
        var found: [String] = []
        directory.forEachCPU(running: root) { cpu, isLazy in found.append("\(cpu)\(isLazy ? " lazy" : "")") }
        return found
    }

    private func concerned(_ directory: CPUDirectory, _ request: Invalidation) -> [Int] {
        var found: [Int] = []
        directory.forEachCPU(concernedBy: request) { found.append($0) }
        return found
    }

    @Test func knowsWhoRunsWhat() throws {
        let words = Words(4)
        let directory = CPUDirectory(words.memory)
        // The largest number, and 0: neither is mistaken for a flag or for nothing.
        let a = try Frame(number: (1 << 40) - 1)
        let b = try Frame(number: 0)
        #expect(directory.count == 4 && running(directory, a) == [] && running(directory, b) == [])
        try directory.enter(0, a)
        try directory.enter(1, b)
        try directory.enter(3, a)
        #expect(running(directory, a) == ["0", "3"] && running(directory, b) == ["1"])
        try directory.enterLazy(3)
        try directory.enterLazy(2)
        #expect(running(directory, a) == ["0", "3 lazy"])
        try directory.leave(0)
        try directory.enter(3, a)
        #expect(running(directory, a) == ["3"] && running(directory, b) == ["1"])
        withExtendedLifetime(words) {}
    }

    @Test func saysWhomAnInvalidationConcerns() throws {
        let words = Words(4)
        let directory = CPUDirectory(words.memory)
        let a = try Frame(number: 7)
        let b = try Frame(number: 8)
        try directory.enter(0, a)
        try directory.enter(1, a)
        try directory.enterLazy(1)
        try directory.enter(2, b)
        #expect(concerned(directory, Invalidation(root: a, first: 0x1000, count: 1)) == [0])
        #expect(concerned(directory, Invalidation(root: a, first: 0x1000, count: 1, freesTables: true)) == [0, 1])
        #expect(concerned(directory, .everything(in: b)) == [2])
        #expect(concerned(directory, .everything(in: b, isGlobal: true)) == [0, 1, 2, 3])
        withExtendedLifetime(words) {}
    }

    @Test func aCPUThatChangesItsRootCountsForAll() throws {
        let words = Words(2)
        let directory = CPUDirectory(words.memory)
        let a = try Frame(number: 7)
        let b = try Frame(number: 8)
        try directory.enter(1, a)
        var isLoaded = false
        try directory.enter(1, b) {
            isLoaded = true
            #expect(running(directory, a) == ["1"] && running(directory, b) == ["1"])
            #expect(concerned(directory, .everything(in: a)) == [1])
        }
        #expect(isLoaded && running(directory, a) == [] && running(directory, b) == ["1"])
        withExtendedLifetime(words) {}
    }

    @Test func aNumberOutOfRangeIsAnError() throws {
        let words = Words(2)
        let directory = CPUDirectory(words.memory)
        let a = try Frame(number: 7)
        for cpu in [-1, 2, Int.max, Int.min] {
            let error = #expect(throws: CPUDirectory.NoSuchCPU.self) { try directory.enter(cpu, a) }
            #expect(error?.cpu == cpu && error?.count == 2)
            #expect(throws: CPUDirectory.NoSuchCPU.self) { try directory.enterLazy(cpu) }
            #expect(throws: CPUDirectory.NoSuchCPU.self) { try directory.leave(cpu) }
            #expect(throws: CPUDirectory.NoSuchCPU.self) {
                try directory.enter(cpu, a) { Issue.record("the root table was loaded") }
            }
        }
        let error = #expect(throws: CPUDirectory.NoSuchCPU.self) { try directory.leave(2) }
        #expect(error?.description == "there is no CPU 2: a directory of 2 words has 0 to 1")
        let empty = CPUDirectory(UnsafeMutableBufferPointer(start: nil, count: 0))
        let none = #expect(throws: CPUDirectory.NoSuchCPU.self) { try empty.enter(0, a) }
        #expect(none?.description == "there is no CPU 0: a directory of 0 words has none")
        #expect(concerned(empty, .everything(in: a, isGlobal: true)) == [])
        withExtendedLifetime(words) {}
    }

    /// The order that the directory promises: sender and CPU cannot miss each other.
    ///
    /// Both start each round at the same time; the CPU announces itself and reads the entry, the sender changes the entry
    /// and looks for CPUs.
    @Test func senderAndCPUDoNotMissEachOther() throws {
        let words = Words(1)
        let directory = CPUDirectory(words.memory)
        let root = try Frame(number: 7)
        let entry = Atomic<UInt64>(0)
        let arrivals = Atomic(0)
        let seenByCPU = Atomic<UInt64>(0)
        let missed = Atomic(0)
        let rounds = Volume.rounds("PTERO_STRESS_ROUNDS", full: 5000, sample: 500)
        @Sendable func meet(_ number: Int) {
            arrivals.add(1, ordering: .sequentiallyConsistent)
            while arrivals.load(ordering: .sequentiallyConsistent) < 2 * number { sched_yield() }
        }
        runThreads([
            {
                for round in 0..<rounds {
                    meet(3 * round + 1)
                    try? directory.enter(0, root)
                    seenByCPU.store(entry.load(ordering: .acquiring), ordering: .releasing)
                    meet(3 * round + 2)
                    meet(3 * round + 3)
                }
            },
            {
                for round in 0..<rounds {
                    meet(3 * round + 1)
                    entry.store(1, ordering: .releasing)
                    atomicMemoryFence(ordering: .sequentiallyConsistent)
                    var isFound = false
                    directory.forEachCPU(running: root) { _, _ in isFound = true }
                    meet(3 * round + 2)
                    if !isFound && seenByCPU.load(ordering: .acquiring) == 0 { missed.add(1, ordering: .relaxed) }
                    entry.store(0, ordering: .releasing)
                    try? directory.leave(0)
                    meet(3 * round + 3)
                }
            },
        ])
        #expect(missed.load(ordering: .relaxed) == 0)
        withExtendedLifetime(words) {}
    }
}
