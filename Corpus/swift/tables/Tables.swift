// What an address space asks of its caller, answered by the machine that a test runs on.
//
// Tests name this file with `Include=Tables.swift`. It is not a test: its first comment does not begin with `Swift NAME`.
import AddressSpace
import PageTable

/// Where physical memory is mapped, as the machine has it.
let directMap: UInt = 0xffff_8880_0000_0000

/// The address of a page, as the operations take it.
func address(_ page: UnsafeRawPointer) -> UInt64 { UInt64(UInt(bitPattern: page)) }

/// The frame of a page of the test, by the page's address: pages of a region have the frames of a block, in order.
func frame(of page: UnsafeRawPointer) -> Frame {
    Frame(of: PageTableEntry(rawValue: 0x4000_0000 + (address(page) - 0x1000_0000_0000)))
}

/// A page of the test through the direct map: as software sees it that has no mapping of its own.
func memory(of page: UnsafeRawPointer) -> UnsafePointer<Int32> {
    UnsafePointer(bitPattern: directMap + UInt(frame(of: page).address)).unsafelyUnwrapped
}

/// The frame of a table, by the address of its first word or of any entry in it.
func frame(ofTableAt word: UnsafeRawPointer) -> Frame {
    Frame(of: PageTableEntry(rawValue: UInt64(UInt(bitPattern: word) - directMap)))
}

/// The entry that points to a table, by any word of it: what an address space links its tables with.
func upperEntry(ofTableAt word: UnsafeRawPointer) -> PageTableEntry {
    PageTableEntry(rawValue: frame(ofTableAt: word).address | 7)
}

/// Frames of tables: those that a test has for new ones are handed out from the first to the last, then none is left. What
/// is given back may have another owner from then on.
struct TestFrames: FrameProvider {
    let first: UnsafeRawPointer?
    let second: UnsafeRawPointer?
    let third: UnsafeRawPointer?
    /// How many have been handed out.
    let taken: UnsafeMutablePointer<Int>
    /// The root, which is not among the tables that the machine can free.
    let root: Frame

    func allocate() -> Frame? {
        taken.pointee += 1
        let table = taken.pointee == 1 ? first : taken.pointee == 2 ? second : taken.pointee == 3 ? third : nil
        return table.map { frame(ofTableAt: $0) }
    }
    func release(_ frame: Frame) {
        if frame != root, let table = words(of: frame) { free_table(table) }
    }
    func words(of frame: Frame) -> UnsafeMutablePointer<UInt64>? {
        UnsafeMutablePointer(bitPattern: directMap + UInt(frame.address))
    }
}

/// The kernel's flushes: interrupts to all CPUs that run the address space.
struct Interrupts: Shootdown {
    static var ordersEarlierStores: Bool { false }
    func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {}
    func invalidate(_ request: Invalidation) {
        invalidateOnMachine(request, freesTables: request.freesTables)
    }
}

/// The kernel's `flush_tlb_mm_range`: lazy CPUs are interrupted too if tables are freed.
@inline(__always)
func invalidateOnMachine(_ request: Invalidation, freesTables: Bool) {
    // Everything is a range that is too long for single invalidations.
    let pages = request.isEverything ? 512 : request.count
    guard let start = UnsafeRawPointer(bitPattern: request.isEverything ? 4096 : UInt(request.first)) else { return }
    let root = directMap + UInt(request.root.address)
    let shift = UInt(request.stride.trailingZeroBitCount)
    __ptero_flush_tlb_range(start, start + pages * 4096, shift, root, freesTables ? 1 : 0)
}

/// A mistake: it is not said that tables are freed, so that lazy CPUs are passed by.
struct LeafInterrupts: Shootdown {
    static var ordersEarlierStores: Bool { false }
    func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {}
    func invalidate(_ request: Invalidation) { invalidateOnMachine(request, freesTables: false) }
}

/// A mistake: nothing is invalidated.
struct NoInterrupts: Shootdown {
    static var ordersEarlierStores: Bool { false }
    func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {}
    func invalidate(_ request: Invalidation) {}
}

/// A mistake: of a range only the first page is invalidated.
struct OnlyFirstPage: Shootdown {
    static var ordersEarlierStores: Bool { false }
    func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {}
    func invalidate(_ request: Invalidation) {
        guard let start = UnsafeRawPointer(bitPattern: UInt(request.first)) else { return flush_tlb_mm() }
        flush_tlb_page(start)
    }
}

/// A mistake: of a range only the first page of each 2 MByte is invalidated, as if all pages were large.
struct LongStride: Shootdown {
    static var ordersEarlierStores: Bool { false }
    func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {}
    func invalidate(_ request: Invalidation) {
        let long = Invalidation(root: request.root, first: request.first, count: request.count, stride: 2 << 20)
        invalidateOnMachine(long, freesTables: request.freesTables)
    }
}

/// The machine's lock.
struct TestLock: PageTableLock {
    let word: UnsafeMutablePointer<Int32>
    func lock() { spin_lock(word) }
    func unlock() { spin_unlock(word) }
}

/// A mistake, or a test in which one CPU alone changes tables: no lock is taken.
struct NoLock: PageTableLock {
    func lock() {}
    func unlock() {}
}

/// Runs operations of the address space whose root table is `root`, and leaves its tables as they are.
///
/// An operation that is refused is a trap, and so a failure of the test.
@inline(__always)
func withTables<Flushes: Shootdown, Lock: PageTableLock>(
    of root: UnsafeRawPointer, flushes: Flushes, lock: Lock, spare first: UnsafeRawPointer? = nil,
    _ second: UnsafeRawPointer? = nil, _ third: UnsafeRawPointer? = nil,
    _ body: (borrowing AddressSpace<TestFrames, Flushes, Lock>) throws(AddressSpaceError) -> Void
) {
    var taken = 0
    withUnsafeMutablePointer(to: &taken) { taken in
        do throws(AddressSpaceError) {
            let root = frame(ofTableAt: root)
            let frames = TestFrames(first: first, second: second, third: third, taken: taken, root: root)
            let space = try AddressSpace(adopting: root, frames: frames, shootdown: flushes, lock: lock)
            var isRefused = false
            do throws(AddressSpaceError) { try body(space) } catch { isRefused = true }
            space.relinquish()
            precondition(!isRefused)
        } catch {
            preconditionFailure()
        }
    }
}

/// Forks the address space whose root table is `root` into that of `child`, whose new tables are the spare ones.
///
/// The last frame that `fork(into:)` reserves is the first that it uses: the child's PUDs.
@inline(__always)
func withForkedTables<Flushes: Shootdown>(
    of root: UnsafeRawPointer, into child: UnsafeRawPointer, flushes: Flushes, spare first: UnsafeRawPointer,
    _ second: UnsafeRawPointer, _ third: UnsafeRawPointer? = nil,
    _ fork: (
        borrowing AddressSpace<TestFrames, Flushes, NoLock>, inout AddressSpace<TestFrames, Flushes, NoLock>
    ) throws(AddressSpaceError) -> Void
) {
    withTables(of: root, flushes: flushes, lock: NoLock()) { parent throws(AddressSpaceError) in
        var taken = 0
        try withUnsafeMutablePointer(to: &taken) { taken throws(AddressSpaceError) in
            let root = frame(ofTableAt: child)
            let frames = TestFrames(first: first, second: second, third: third, taken: taken, root: root)
            var copy = try AddressSpace(adopting: root, frames: frames, shootdown: flushes, lock: NoLock())
            try fork(parent, &copy)
            copy.relinquish()
        }
    }
}
