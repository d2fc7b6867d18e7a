import AddressSpace
import PageTable
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An address space under which walkers write while a kernel forks, cleans, merges, reclaims and protects.
///
/// A page has a word for each walker, and one for the child. The *page lock* of the machine (Linux: the folio's) is taken
/// by fault handlers and by the kernel, so that a page that is write-protected and flushed stands still under it. What the
/// kernel last wrote back is kept; a page that differs from it and is not dirty has lost a Dirty bit.
final class StressMachine: Sendable {
    static let base: UInt64 = 0x7000_0000_0000
    static let pages = 4
    static let walkers = 2
    /// The word of the child in each page; the walkers' come before.
    static let childWord = walkers
    static let words = walkers + 1

    /// What is guarded by the page lock.
    struct State {
        /// How many address spaces map a frame.
        var users: [Frame: Int] = [:]
        /// What was last written back of each page.
        var backing = [[UInt64]](repeating: [UInt64](repeating: 0, count: words), count: pages + 1)
    }

    /// Counts the accesses of all walkers of all machines.
    static let accesses = Atomic<UInt64>(0)

    /// Lets walkers run for some accesses, or for a millisecond if they all wait.
    static func waitForAccesses(_ count: UInt64) {
        let begun = accesses.load(ordering: .relaxed)
        for _ in 0..<50 where accesses.load(ordering: .relaxed) &- begun < count { usleep(20) }
    }

    let memory: Memory
    let behaviour: CPUBehaviour
    let ports: [WalkerPort]
    let childPort: WalkerPort
    let space: Space
    private let pageLock = SpinLock { sched_yield() }
    // SAFETY: used under the page lock only.
    nonisolated(unsafe) private var state = State()
    nonisolated(unsafe) private var failures: [String] = []
    let hasFailed = Atomic(false)
    let isStopped = Atomic(false)

    init(_ behaviour: CPUBehaviour, hasShootdowns: Bool = true) throws {
        memory = try Memory(frames: 256)
        let pool = memory.pool
        self.behaviour = behaviour
        ports = try (0..<Self.walkers).map { _ in try WalkerPort(in: pool) }
        childPort = try WalkerPort(in: pool)
        space = try memory.space(hasShootdowns ? ports : [])
    }

    /// The pages that are in use: the last is a shadow stack, where the CPU has them.
    var pageIndices: Range<Int> { 0..<(behaviour.hasShadowStacks ? Self.pages + 1 : Self.pages) }
    func isShadowStack(_ page: Int) -> Bool { page == Self.pages }
    func address(_ page: Int, _ word: Int = 0) -> UInt64 { Self.base + UInt64(page) * 4096 + UInt64(word) * 8 }

    /// Notes what must not be; the first counts.
    func fail(_ what: String) {
        withPageLock { _ in failures.append(what) }
        hasFailed.store(true, ordering: .releasing)
    }
    var firstFailure: String? { withPageLock { _ in failures.first } }

    func withPageLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        pageLock.lock()
        defer { pageLock.unlock() }
        return try body(&state)
    }

    // MARK: Frames of data, under the page lock

    func content(_ frame: Frame) throws -> [UInt64] {
        guard let words = memory.pool.words(of: frame) else { throw Missing() }
        return (0..<Self.words).map { AtomicPageTableEntry(words + $0).load().rawValue }
    }

    func newFrame(_ content: [UInt64], _ state: inout State) throws -> Frame {
        let frame = try memory.frame()
        guard let words = memory.pool.words(of: frame) else { throw Missing() }
        for index in 0..<Self.words {
            AtomicPageTableEntry(words + index).store(PageTableEntry(rawValue: content[index]))
        }
        state.users[frame] = 1
        return frame
    }

    func drop(_ frame: Frame, _ state: inout State) {
        let users = state.users[frame, default: 0] - 1
        state.users[frame] = users > 0 ? users : nil
        if users <= 0 { memory.pool.release(frame) }
    }

    /// The translation of a page; nil if it is not mapped.
    func translation(_ page: Int, _ space: borrowing Space) -> Translation? { try? space.walk(address(page)) }

    // MARK: The fault handler

    /// Maps, copies or reuses a page, as its state asks for; `marksDirty` as it pleases.
    func handleFault(_ page: Int, in space: borrowing Space, marksDirty: Bool) throws {
        try withPageLock { state in
            guard let found = translation(page, space) else {
                let frame = try newFrame(state.backing[page], &state)
                if isShadowStack(page) {
                    try space.map(Leaf<ShadowStackMapping>(frame), at: address(page))
                } else {
                    try space.map(Leaf<PrivateMapping>(frame, [.write, .user]), at: address(page))
                }
                return
            }
            if found.isWritable { return }
            if state.users[found.frame] == 1 {
                try space.makeWritable(at: address(page), markingDirty: marksDirty)
            } else {
                let copy = try newFrame(try content(found.frame), &state)
                let old = try space.breakCopyOnWrite(at: address(page), expecting: found.entry, into: copy)
                drop(old.frame, &state)
            }
        }
    }

    // MARK: Walkers

    /// Writes counters into its own word of random pages, and reads them back, until it is stopped.
    func runWalker(_ number: Int) {
        var cpu = SoftwareWalker(
            port: ports[number], frames: memory, behaviour: behaviour, root: space.root)
        var random = Xorshift(seed: UInt64(number) + 1)
        var last = [UInt64](repeating: 0, count: Self.pages + 1)
        do {
            while !isStopped.load(ordering: .relaxed) {
                let page = random.below(pageIndices.count)
                let value = last[page] + 1
                cpu.updateDelay = random.below(4) == 0 ? random.below(60) : 0
                guard try access(&cpu, page, number, writing: value, &random) != nil else { return }
                last[page] = value
                guard let seen = try access(&cpu, page, number, writing: nil, &random) else { return }
                if seen != value { return fail("walker \(number) wrote \(value) to page \(page) and read \(seen)") }
                guard let childs = try access(&cpu, page, Self.childWord, writing: nil, &random) else { return }
                if childs != 0 { return fail("the parent saw the child's write \(childs) in page \(page)") }
            }
        } catch { fail("walker \(number): \(error)") }
    }

    /// One access with its faults handled; nil if the machine is stopped before it is done.
    private func access(
        _ cpu: inout SoftwareWalker<Memory>, _ page: Int, _ word: Int, writing value: UInt64?,
        _ random: inout Xorshift
    ) throws -> UInt64? {
        while true {
            let result: AccessResult
            Self.accesses.wrappingAdd(1, ordering: .relaxed)
            if let value {
                result =
                    isShadowStack(page)
                    ? try cpu.writeShadowStack(value, at: address(page, word))
                    : try cpu.write(value, at: address(page, word))
            } else {
                result = try cpu.read(at: address(page, word))
            }
            if case .done(let value) = result { return value }
            if isStopped.load(ordering: .relaxed) { return nil }
            try handleFault(page, in: space, marksDirty: random.below(2) == 0)
        }
    }
}

/// A small generator of numbers, the same for the same seed.
struct Xorshift {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func below(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % bound
    }
}
