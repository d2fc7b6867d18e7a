import AddressSpace
import PageTable
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An address space under which walkers write while two threads of a kernel do all that a kernel does.
///
/// A page has a word for each walker, and one for the children. A page that differs from what was written back of it, and
/// is not dirty, has lost a Dirty bit. That holds at any time under the page lock, if the content is read first: a CPU sets
/// D before it writes.
final class StressMachine: Sendable {
    typealias Space = AddressSpace<StressFrames, StressShootdown, SpinLock>
    typealias Walker = SoftwareWalker<StressFrames, TableWatch>

    static let base: UInt64 = 0x7000_0000_0000
    static let walkers = 2
    static let kernelThreads = 2
    /// The word of the children in each page; the walkers' come before.
    static let childWord = walkers
    static let words = walkers + 1

    /// Where the pages are, by numbers of 4 KByte from the base: private ones in two tables, a shadow stack, and three
    /// places in a page of 2 MByte.
    static let offsets = [0, 1, 3, 511, 517, 521, 1024, 1031, 1535]
    static let privatePages = 0..<5
    static let shadowStack = 5
    static let largePages = 6..<9
    /// The page of 2 MByte, by numbers of 4 KByte from the base.
    static let largeRange = 1024..<1536

    /// Counts the accesses of all walkers of all machines.
    static let accesses = Atomic<UInt64>(0)

    /// Gives walkers a chance of some accesses, and goes on soon in any case.
    static func yieldForAccesses(_ count: UInt64) {
        let begun = accesses.load(ordering: .relaxed)
        for _ in 0..<8 where accesses.load(ordering: .relaxed) &- begun < count { sched_yield() }
    }

    /// Lets walkers run for some accesses, or for a millisecond if they all wait.
    static func waitForAccesses(_ count: UInt64) {
        let begun = accesses.load(ordering: .relaxed)
        for _ in 0..<50 where accesses.load(ordering: .relaxed) &- begun < count { usleep(20) }
    }

    let frames: StressFrames
    let behaviour: CPUBehaviour
    let depth: PagingDepth
    let ports: [WalkerPort]
    let childPorts: [WalkerPort]
    let shootdown: StressShootdown
    let space: Space
    let pages: [StressPage]
    let counts: StressCounts
    /// Whether what a fork shares is counted: not to count it is a mistake.
    let countsForks: Bool
    private let failureLock = StressLock()
    // SAFETY: used under the lock.
    nonisolated(unsafe) private var failures: [String] = []
    let hasFailed = Atomic(false)
    let isStopped = Atomic(false)
    let roundsBegun = Atomic<Int>(0)
    let roundsDone = Atomic<Int>(0)

    init(
        _ behaviour: CPUBehaviour, in frames: StressFrames, hasShootdowns: Bool = true, forgetsLazyCPUs: Bool = false,
        countsForks: Bool = true, speculator: Speculator? = nil, depth: PagingDepth = .four
    ) throws {
        self.frames = frames
        self.behaviour = behaviour
        self.depth = depth
        self.countsForks = countsForks
        counts = StressCounts(frames)
        ports = try (0..<Self.walkers).map { _ in try WalkerPort(in: frames) }
        childPorts = try (0..<Self.kernelThreads).map { _ in try WalkerPort(in: frames) }
        let largeLock = StressLock()
        pages = Self.offsets.map { offset in
            StressPage(at: offset, Self.largeRange.contains(offset) ? largeLock : StressLock())
        }
        shootdown = StressShootdown(
            interrupts: WalkerInterrupts(hasShootdowns ? ports : []) { sched_yield() }, speculator: speculator,
            forgetsLazyCPUs: forgetsLazyCPUs)
        space = try AddressSpace(frames: frames, shootdown: shootdown, lock: SpinLock { sched_yield() }, depth: depth)
    }

    /// An address space for a child that runs on one CPU.
    func newSpace(_ port: WalkerPort) throws -> Space {
        let shootdown = StressShootdown(interrupts: WalkerInterrupts([port]) { sched_yield() })
        return try AddressSpace(frames: frames, shootdown: shootdown, lock: SpinLock { sched_yield() }, depth: depth)
    }

    /// The pages that are in use: shadow stacks only where the CPU has them.
    var pageIndices: [Int] {
        pages.indices.filter { behaviour.hasShadowStacks || $0 != Self.shadowStack }
    }
    func isShadowStack(_ page: Int) -> Bool { page == Self.shadowStack }
    func isLarge(_ page: Int) -> Bool { page >= Self.largePages.lowerBound }
    static func address(offset: Int) -> UInt64 { base + UInt64(offset) * 4096 }
    func address(_ page: Int, _ word: Int = 0) -> UInt64 { Self.address(offset: pages[page].offset) + UInt64(word) * 8 }

    // MARK: Failures

    /// Notes what must not be; the first counts.
    func fail(_ what: String) {
        failureLock.with { failures.append(what) }
        hasFailed.store(true, ordering: .releasing)
    }
    var firstFailure: String? { failureLock.with { failures.first } }

    // MARK: Locks and content

    func withPage<Result>(_ page: Int, _ body: (StressPage) throws -> Result) rethrows -> Result {
        try pages[page].lock.with { try body(pages[page]) }
    }

    /// All page locks, in order.
    func withAllPages<Result>(_ body: () throws -> Result) rethrows -> Result {
        let locked = pages[...Self.largePages.lowerBound]
        for page in locked { page.lock.take() }
        defer { for page in locked { page.lock.giveBack() } }
        return try body()
    }

    func content(_ frame: Frame) throws -> [UInt64] {
        guard let words = frames.words(of: frame) else { throw Missing() }
        return (0..<Self.words).map { AtomicPageTableEntry(words + $0).load().rawValue }
    }

    /// The page that is mapped at a place, with access or without.
    func translation(_ page: Int, _ space: borrowing Space) throws -> Translation? {
        switch try space.content(at: address(page)) {
        case .page(let found), .inaccessible(let found): found
        case .empty, .software: nil
        }
    }

    /// The frame of 4 KByte that a translation leads to.
    func frame(_ found: Translation) throws -> Frame { try Frame(number: found.physicalAddress >> 12) }

    // MARK: Walkers

    func newWalker(_ port: WalkerPort, root: Frame) -> Walker {
        var cpu = SoftwareWalker(
            port: port, frames: frames, behaviour: behaviour, root: root, depth: depth,
            observer: TableWatch(frames.pool, depth))
        cpu.pool = frames.pool
        return cpu
    }

    /// Writes counters into its own word of random pages, and reads them back, until it is stopped.
    func runWalker(_ number: Int) {
        var cpu = newWalker(ports[number], root: space.root)
        var random = Xorshift(seed: UInt64(number) + 1)
        var last = [UInt64](repeating: 0, count: pages.count)
        let pageIndices = pageIndices
        do {
            while !isStopped.load(ordering: .relaxed) {
                let page = pageIndices[random.below(pageIndices.count)]
                let isWrite = random.below(4) > 0
                let value = last[page] + (isWrite ? 1 : 0)
                cpu.updateDelay = random.oneIn(4) ? random.below(60) : 0
                if random.oneIn(64) { cpu.enterLazy() }
                // Between two accesses nobody waits for this CPU: better than to lose the core in one.
                if random.oneIn(16) { sched_yield() }
                if isWrite {
                    guard try access(&cpu, page, number, writing: value, &random) != nil else { return }
                    last[page] = value
                }
                guard let seen = try access(&cpu, page, number, writing: nil, &random) else { return }
                if seen != value { return fail("walker \(number) wrote \(value) to page \(page) and read \(seen)") }
                guard let childs = try access(&cpu, page, Self.childWord, writing: nil, &random) else { return }
                if childs != 0 { return fail("the parent saw the child's write \(childs) in page \(page)") }
            }
        } catch { fail("walker \(number): \(error)") }
    }

    /// One access with its faults handled; nil if the machine is stopped before it is done.
    private func access(
        _ cpu: inout Walker, _ page: Int, _ word: Int, writing value: UInt64?, _ random: inout Xorshift
    ) throws -> UInt64? {
        while true {
            Self.accesses.wrappingAdd(1, ordering: .relaxed)
            let result = try perform(&cpu, page, word, writing: value)
            switch result {
            case .done(let value): return value
            case .fault(let fault):
                if isStopped.load(ordering: .relaxed) { return nil }
                try handleFault(page, FaultAccess(errorCode: fault.errorCode), &random)
            }
        }
    }

    func perform(_ cpu: inout Walker, _ page: Int, _ word: Int, writing value: UInt64?) throws -> AccessResult {
        let address = address(page, word)
        defer { if let mistake = cpu.observer.mistake { fail(mistake) } }
        guard let value else { return try cpu.read(at: address) }
        return isShadowStack(page) ? try cpu.writeShadowStack(value, at: address) : try cpu.write(value, at: address)
    }
}
