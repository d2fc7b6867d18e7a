import AddressSpace
import CTables
import PageTable
import Synchronization

/// Frames side by side, the free ones in a list through their first words: the same memory and steps as in `CTables`.
struct Pool: FrameProvider {
    let base: UnsafeMutablePointer<UInt64>
    let count: UInt64
    let free: UnsafeMutablePointer<UInt64>

    init(frames: Int) {
        // Aligned to a page, as page tables are.
        base = UnsafeMutableRawPointer.allocate(byteCount: frames * 4096, alignment: 4096)
            .bindMemory(to: UInt64.self, capacity: frames * 512)
        base.initialize(repeating: 0, count: frames * 512)
        free = .allocate(capacity: 1)
        count = UInt64(frames)
        // Frame 0 stands for the end of the list.
        for frame in 1..<frames - 1 { base[frame * 512] = UInt64(frame + 1) }
        free.initialize(to: 1)
    }

    var inC: c_pool { c_pool(base: base, count: count, free: free) }

    func allocate() -> Frame? {
        let number = free.pointee
        guard number != 0 else { return nil }
        free.pointee = base[Int(number) * 512]
        return Frame(of: PageTableEntry(rawValue: number << 12))
    }

    func release(_ frame: Frame) {
        base[Int(frame.number) * 512] = free.pointee
        free.pointee = frame.number
    }

    func words(of frame: Frame) -> UnsafeMutablePointer<UInt64>? {
        frame.number < count ? base + Int(frame.number) * 512 : nil
    }
}

/// A test-and-set lock in a byte of the C side's, so that both sides take the same one.
struct ByteLock: PageTableLock, ~Copyable {
    let isHeld: UnsafeMutablePointer<Atomic<Bool>>

    init(_ space: UnsafeMutablePointer<c_space>) {
        let offset = MemoryLayout<c_space>.offset(of: \.lock) ?? 0
        isHeld = (UnsafeMutableRawPointer(space) + offset).assumingMemoryBound(to: Atomic<Bool>.self)
    }

    borrowing func lock() { while isHeld.pointee.exchange(true, ordering: .acquiring) {} }
    borrowing func unlock() { isHeld.pointee.store(false, ordering: .releasing) }
}

/// No CPU to ask; the fence before it is the address space's.
struct NoCPUs: Shootdown {
    static var ordersEarlierStores: Bool { false }
    func forEachCPU(running root: Frame, _ body: (Int, Bool) -> Void) {}
    func invalidate(_ request: Invalidation) {}
}

typealias Space = AddressSpace<Pool, NoCPUs, ByteLock>

/// An address space with the C side's view of it.
final class Bench {
    static let base: UInt64 = 0x7000_0000_0000

    let pool: Pool
    let inC: UnsafeMutablePointer<c_space>
    let space: Space

    init(frames: Int = 512) throws {
        pool = Pool(frames: frames)
        inC = .allocate(capacity: 1)
        inC.initialize(to: c_space(pool: pool.inC, root: 0, levels: 4, half: 2, lock: 0))
        space = try Space(frames: pool, shootdown: NoCPUs(), lock: ByteLock(inC))
        inC.pointee.root = space.root.number
    }

    /// Empty tables for pages from the base on.
    func makeTables(_ pages: Int) throws {
        try space.unmap(at: Self.base, pages: pages)
        try space.map(Bench.leaf, at: Self.base, pages: pages)
        fill(pages, 0, 0)
    }

    /// Leaves with the frames of ``leaf``, of two kinds by turns.
    func fill(_ pages: Int, _ even: UInt64, _ odd: UInt64) { c_fill(inC, Self.base, UInt64(pages), even, odd) }

    /// A clean page, private and writable, with A=0.
    static let leaf = Leaf<PrivateMapping>(Frame(of: PageTableEntry(rawValue: 1 << 40)), [.write, .user])
    static var clean: UInt64 { leaf.entry.rawValue }
    static var dirty: UInt64 { leaf.dirty.accessed.entry.rawValue }
    static var protected: UInt64 { leaf.accessed.writeProtected.entry.rawValue }
}

/// One operation, done by both sides.
struct Operation {
    let name: String
    let pages: Int
    /// The largest ratio of Swift's time to C's that is good enough.
    let goal: Double
    /// Makes the tables what they are before.
    let prepare: () throws -> Void
    /// Both give a sum of all answers.
    let swift: () throws -> UInt64
    let c: () -> UInt64
    /// What depends on all words that the operation may change.
    let fingerprint: () -> UInt64
}

/// What both sides add up of a page.
@inline(__always)
func sumOfPage(_ address: UInt64, _ entry: PageTableEntry) -> UInt64 {
    let isDirty = entry.containsAny(of: PageTableEntry.dirtyMask | PageTableEntry.savedDirtyMask)
    return address &+ entry.frameNumber &+ (isDirty ? 1 : 0)
}

extension RangeSummary {
    /// One number of it, as the C side makes it.
    var sum: UInt64 {
        let counts = pages &+ 3 &* dirtyPages &+ 5 &* accessedPages &+ 7 &* softwareEntries &+ 11 &* tables
        return UInt64(counts &+ (wasFlushed ? 13 : 0))
    }
}
