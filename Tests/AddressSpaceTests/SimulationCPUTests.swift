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

private let base: UInt64 = 0x7000_0000_0000

/// CPUs that come and go, and lazy ones.
@Suite struct SimulationCPUTests {
    private typealias T = HandMadeTables
    private let address = HandMadeTables.address

    private func oneAccessed(_ tables: T) throws -> [Frame] {
        try tables.chain([T.open, T.open, T.open, T.open], to: try tables.memory.frame())
    }

    /// The numbers of the CPUs that run a root table; lazy ones negative, less one.
    private func running(_ root: Frame, _ interrupts: some Shootdown) -> [Int] {
        var found: [Int] = []
        interrupts.forEachCPU(running: root) { cpu, isLazy in found.append(isLazy ? -cpu - 1 : cpu) }
        return found
    }

    @Test func aWalkerThatEndsIsNotNamed() throws {
        let tables = try T()
        let interrupts = tables.memory.interrupts([tables.port])
        #expect(running(tables.root, interrupts) == [] && !tables.port.isTaken)
        let cpu = tables.walker()
        #expect(running(tables.root, interrupts) == [0] && tables.port.isTaken)
        #expect(running(tables.root, tables.memory.interrupts([tables.port, tables.port])) == [0, 1])
        #expect(running(try tables.table(), interrupts) == [])
        cpu.detach()
        #expect(running(tables.root, interrupts) == [] && !tables.port.isTaken)
        interrupts.invalidate(.everything(in: tables.root))
    }

    @Test func aWalkerThatIsReplacedLeavesThePortToItsSuccessor() throws {
        let tables = try T()
        let other = try tables.table()
        var cpu = tables.walker()
        cpu = SoftwareWalker(
            port: tables.port, frames: tables.memory, behaviour: .strict, root: other, observer: Recorder())
        #expect(running(other, tables.memory.interrupts([tables.port])) == [0])
        #expect(cpu.behaviour == .strict)
    }

    @Test func lazyCPUsAreNotAskedUnlessTablesAreFreed() throws {
        let tables = try T()
        _ = try oneAccessed(tables)
        let interrupts = tables.memory.interrupts([tables.port])
        var cpu = tables.walker()
        for freesTables in [false, true] {
            _ = try cpu.read(at: address)
            cpu.enterLazy()
            #expect(cpu.isLazy && running(tables.root, interrupts) == [-1])
            _ = cpu.observer.take()
            interrupts.invalidate(
                Invalidation(root: tables.root, first: address, count: 1, freesTables: freesTables))
            _ = try cpu.read(at: address)
            let asked = cpu.observer.take().contains("tlb  0x8080604000: dropped by a shootdown")
            #expect(asked == freesTables)
            #expect(!cpu.isLazy && running(tables.root, interrupts) == [0])
        }
    }

    @Test func aLazyCPUDropsWhatItMissed() throws {
        let tables = try T()
        let chain = try oneAccessed(tables)
        var cpu = tables.walker()
        _ = try cpu.read(at: address)
        cpu.leaveLazy()
        try tables.word(4, of: chain[3]).store(.empty)
        #expect(try cpu.read(at: address) == .done(0), "it was not lazy: nothing was dropped")
        cpu.enterLazy()
        cpu.enterLazy()
        tables.memory.interrupts([tables.port]).invalidate(.everything(in: tables.root))
        #expect(try cpu.read(at: address).errorCode == 0b100)
    }

    @Test func loadingARootTableEndsLaziness() throws {
        let tables = try T()
        var cpu = tables.walker()
        cpu.enterLazy()
        cpu.load(root: tables.root)
        #expect(!cpu.isLazy && running(tables.root, tables.memory.interrupts([tables.port])) == [0])
    }

    @Test func aGlobalShootdownAsksWhateverIsLoaded() throws {
        let tables = try T()
        let chain = try oneAccessed(tables)
        let elsewhere = try tables.table()
        var cpu = tables.walker()
        let interrupts = tables.memory.interrupts([tables.port])
        for isGlobal in [false, true] {
            _ = try cpu.read(at: address)
            try tables.word(4, of: chain[3]).store(.empty)
            interrupts.invalidate(Invalidation(root: elsewhere, first: address, count: 1, isGlobal: isGlobal))
            #expect(try cpu.read(at: address).errorCode == (isGlobal ? 0b100 : nil))
        }
    }

    @Test func portsAreClaimedAndComeBack() throws {
        let tables = try T()
        let memory = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 2 * WalkerPort.wordCount + 100)
        defer { memory.deallocate() }
        let ports = WalkerPorts(memory)
        #expect(ports.count == 2)
        let first = try #require(ports.claim())
        let second = try #require(ports.claim())
        #expect(ports.claim() == nil && first.frame == nil)
        second.giveBack()
        let cpu = SoftwareWalker(
            port: try #require(ports.claim()), frames: tables.memory, behaviour: .cet, root: tables.root)
        #expect(running(tables.root, WalkerInterrupts(ports)) == [1])
        #expect(ports.claim() == nil)
        cpu.detach()
        #expect(ports[1].isTaken == false && ports.claim() != nil)
        #expect(WalkerPorts(UnsafeMutableBufferPointer(start: nil, count: 0)).claim() == nil)
    }

    @Test func portsNeedAFrame() throws {
        let memory = try Memory(frames: 3)
        _ = try WalkerPort(in: memory.pool)
        _ = try WalkerPort(in: memory.pool)
        #expect(throws: AddressSpaceError.outOfFrames) { _ = try WalkerPort(in: memory.pool) }
        let nowhere = Unreachable()
        #expect(throws: AddressSpaceError.frameNotReachable(try Frame(number: 5))) { _ = try WalkerPort(in: nowhere) }
        #expect(nowhere.released.load(ordering: .relaxed) == 1)
    }
}

/// Gives frames away that cannot be reached.
private final class Unreachable: FrameProvider {
    let released = Atomic(0)
    func allocate() -> Frame? { try? Frame(number: 5) }
    func release(_ frame: Frame) { released.add(1, ordering: .relaxed) }
    func words(of frame: Frame) -> UnsafeMutablePointer<UInt64>? { nil }
}

/// CPUs in threads of their own come, write, fall idle and go, while a kernel takes the page away from them again and again.
@Suite(.serialized) struct SimulationComingAndGoingTests {
    private static let ports = 3
    private static let threads = 4

    private final class Machine: Sendable {
        let memory: Memory
        nonisolated(unsafe) let portMemory: UnsafeMutableBufferPointer<UInt64>
        let ports: WalkerPorts
        let space: AddressSpace<Memory, WalkerInterrupts<WalkerPorts>, SpinLock>
        let isStopped = Atomic(false)
        let accesses = Atomic(0)
        let comings = Atomic(0)
        let lateWrites = Atomic(0)
        let writes = Atomic(0)
        let errors = Atomic(0)

        init(hasShootdowns: Bool) throws {
            let memory = try Memory(frames: 64)
            portMemory = .allocate(capacity: SimulationComingAndGoingTests.ports * WalkerPort.wordCount)
            ports = WalkerPorts(portMemory)
            let told = hasShootdowns ? ports : WalkerPorts(UnsafeMutableBufferPointer(start: nil, count: 0))
            let space = try AddressSpace(
                frames: memory, shootdown: WalkerInterrupts(told) { sched_yield() }, lock: SpinLock { sched_yield() })
            self.memory = memory
            self.space = space
        }

        deinit { portMemory.deallocate() }

        /// Comes, does some accesses, perhaps falls idle between, and goes.
        func runCPU(_ number: Int) {
            var random = Xorshift(seed: UInt64(number) + 11)
            var value: UInt64 = 0
            while !isStopped.load(ordering: .relaxed) {
                // Most of the time away, or all wait for each other's time slices.
                usleep(50)
                guard let port = ports.claim() else { continue }
                comings.add(1, ordering: .relaxed)
                var cpu = SoftwareWalker(port: port, frames: memory, behaviour: .cet, root: space.root)
                for _ in 0..<random.below(40) {
                    value += 1
                    if random.below(8) == 0 { cpu.enterLazy() }
                    switch try? cpu.write(value << 8 | UInt64(number), at: base) {
                    case .done: writes.add(1, ordering: .relaxed)
                    case .fault: break
                    case nil: errors.add(1, ordering: .relaxed)
                    }
                    accesses.add(1, ordering: .relaxed)
                }
            }
        }

        /// Maps a page, lets CPUs write it, takes it away, and looks whether it stands still.
        func runKernel(rounds: Int) {
            do {
                for _ in 0..<rounds where lateWrites.load(ordering: .relaxed) == 0 {
                    try space.map(Leaf<SharedMapping>(try memory.frame(), [.write, .user]), at: base)
                    waitForAccesses(8)
                    try space.unmap(at: base) { page in
                        guard let words = memory.pool.words(of: page.frame) else { return }
                        let before = AtomicPageTableEntry(words).load()
                        waitForAccesses(8)
                        if AtomicPageTableEntry(words).load() != before { lateWrites.add(1, ordering: .relaxed) }
                        memory.pool.release(page.frame)
                    }
                }
            } catch { errors.add(1, ordering: .relaxed) }
            isStopped.store(true, ordering: .relaxed)
        }

        private func waitForAccesses(_ count: Int) {
            let begun = accesses.load(ordering: .relaxed)
            for _ in 0..<50 where accesses.load(ordering: .relaxed) - begun < count { usleep(20) }
        }

        func run(rounds: Int) {
            let cpus: [@Sendable () -> Void] = (0..<SimulationComingAndGoingTests.threads).map { number in
                { self.runCPU(number) }
            }
            runThreads(cpus + [{ self.runKernel(rounds: rounds) }])
        }
    }

    @Test func noCPUWritesAPageThatWasTakenAway() throws {
        let machine = try Machine(hasShootdowns: true)
        machine.run(rounds: Volume.rounds("PTERO_STRESS_ROUNDS", full: 5000, sample: 1000))
        #expect(machine.lateWrites.load(ordering: .relaxed) == 0)
        #expect(machine.errors.load(ordering: .relaxed) == 0)
        #expect(machine.writes.load(ordering: .relaxed) > 100)
        #expect(machine.comings.load(ordering: .relaxed) > SimulationComingAndGoingTests.ports)
        #expect(machine.memory.pool.firstMisuse == nil)
        #expect(machine.ports.allSatisfy { !$0.isTaken })
    }

    /// Or the test above would be worth nothing.
    @Test func withoutShootdownsTheyDo() throws {
        let machine = try Machine(hasShootdowns: false)
        machine.run(rounds: 20_000)
        #expect(machine.lateWrites.load(ordering: .relaxed) > 0)
    }
}
