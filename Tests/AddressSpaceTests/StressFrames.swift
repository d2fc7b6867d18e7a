import AddressSpace
import PageTable
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Memory under stress: a frame is poisoned while nobody has it, and looked at when it is given away again.
///
/// Whoever still writes there, data or an A or D bit, is found. Beside the pool lies a block of 512 frames for a large page.
final class StressFrames: FrameProvider, @unchecked Sendable {
    static let poolFrames = 256
    /// The first frame of the large page: a multiple of 512.
    static let largeFrame: UInt64 = 512
    /// A byte of an entry with P, A and D clear.
    private static let poison: UInt8 = 0x10

    let pool: FramePool
    private let words: UnsafeMutablePointer<UInt64>
    private let poisonedPage: UnsafeMutablePointer<UInt64>
    // SAFETY: a frame's flag is used by whoever has the frame; the pool's lock lies between two of them.
    private let isPoisoned: UnsafeMutablePointer<Bool>
    private let spoiled = Atomic<UInt64>(0)

    init() throws {
        // Cleared by the system when it is touched.
        let bytes = (Int(Self.largeFrame) + 512) * 4096
        guard let memory = calloc(bytes / 8, 8) else { throw Missing() }
        words = memory.bindMemory(to: UInt64.self, capacity: bytes / 8)
        pool = try FramePool(UnsafeMutableBufferPointer(start: words, count: Self.poolFrames * 512))
        poisonedPage = .allocate(capacity: 512)
        memset(poisonedPage, Int32(Self.poison), 4096)
        isPoisoned = .allocate(capacity: Self.poolFrames)
        isPoisoned.initialize(repeating: false, count: Self.poolFrames)
    }

    deinit {
        free(words)
        poisonedPage.deallocate()
        isPoisoned.deallocate()
    }

    /// The first frame that was written while nobody had it.
    var spoiledFrame: UInt64? {
        let value = spoiled.load(ordering: .relaxed)
        return value == 0 ? nil : value - 1
    }

    func allocate() -> Frame? { pool.allocate().map { checked($0) } }
    func allocateData() throws -> Frame {
        guard let frame = pool.allocateData() else { throw Missing() }
        return checked(frame)
    }

    private func checked(_ frame: Frame) -> Frame {
        if let page = pool.words(of: frame), isPoisoned[Int(frame.number)] {
            if memcmp(page, poisonedPage, 4096) != 0 { spoiled.store(frame.number + 1, ordering: .relaxed) }
            isPoisoned[Int(frame.number)] = false
        }
        return frame
    }

    func release(_ frame: Frame) {
        if let page = pool.words(of: frame) {
            memset(page, Int32(Self.poison), 4096)
            isPoisoned[Int(frame.number)] = true
        }
        pool.release(frame)
    }

    func words(of frame: Frame) -> UnsafeMutablePointer<UInt64>? {
        let isLarge = frame.number >= Self.largeFrame && frame.number < Self.largeFrame + 512
        return isLarge ? words + Int(frame.number) * 512 : pool.words(of: frame)
    }

    /// Looks at every free frame: all are taken, and given back.
    func checkFreeFrames() {
        var taken: [Frame] = []
        while let frame = allocate() { taken.append(frame) }
        for frame in taken { release(frame) }
    }
}

/// Looks whether each table that a walk comes to is one, and each page a frame for data: a table may be given back only
/// when no walk can be in it.
struct TableWatch: WalkerObserver {
    let pool: FramePool
    let root: TableLevel
    /// The table that the next entry is read from.
    private var table: Frame?
    /// The first thing that must not be.
    private(set) var mistake: String?

    init(_ pool: FramePool, _ depth: PagingDepth) {
        self.pool = pool
        root = depth == .five ? .pml5e : .pml4e
    }

    mutating func observe(_ step: WalkerStep) {
        switch step {
        case .read(_, let level, let entry):
            if level != root, let table, mistake == nil, pool.owner(of: table) != .table {
                mistake = "frame \(table.number) was walked, but is no table"
            }
            table = Frame(of: entry)
        case .misused(let misuse): mistake = "\(misuse)"
        default: break
        }
    }
}

/// A lock as an object, for threads.
final class StressLock: Sendable {
    private let lock = SpinLock { sched_yield() }
    func take() { lock.lock() }
    func giveBack() { lock.unlock() }
    func with<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body()
    }
}
