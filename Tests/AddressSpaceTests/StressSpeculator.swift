import AddressSpace
import PageTable
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A CPU that walks the tables by speculation, and uses no page: what a lazy CPU may do at any time.
///
/// It is in a directory of its own (``AddressSpace/CPUDirectory``), and a shootdown that concerns it waits for the end of its
/// walk. It caches nothing.
final class Speculator: @unchecked Sendable {
    private let frames: StressFrames
    private let isLazy: Bool
    private let directory: CPUDirectory
    private let word: UnsafeMutableBufferPointer<UInt64>
    /// Odd during a walk.
    private let epoch = Atomic<UInt64>(0)

    init(_ frames: StressFrames, isLazy: Bool) {
        self.frames = frames
        self.isLazy = isLazy
        word = .allocate(capacity: 1)
        directory = CPUDirectory(word)
    }

    deinit { word.deallocate() }

    /// Walks to all pages of a machine until it is stopped.
    func run(_ machine: StressMachine) {
        do {
            try directory.enter(0, machine.space.root)
            if isLazy { try directory.enterLazy(0) }
            while !machine.isStopped.load(ordering: .relaxed), !machine.hasFailed.load(ordering: .relaxed) {
                for page in machine.pages.indices {
                    epoch.wrappingAdd(1, ordering: .sequentiallyConsistent)
                    let mistake = walk(machine.address(page), machine.space.root)
                    epoch.wrappingAdd(1, ordering: .sequentiallyConsistent)
                    if let mistake { machine.fail("frame \(mistake.number) was walked, but is no table") }
                }
            }
            try directory.leave(0)
        } catch { machine.fail("the speculator: \(error)") }
    }

    /// Follows the tables down; a frame on the way that is no table.
    private func walk(_ address: UInt64, _ root: Frame) -> Frame? {
        var table = root
        for shift: UInt64 in [39, 30, 21, 12] {
            guard let words = frames.words(of: table) else { return table }
            let entry = AtomicPageTableEntry(words + Int(address >> shift & 511)).load()
            if frames.pool.owner(of: table) != .table { return table }
            guard entry.isPresent, !entry.isLargePage else { return nil }
            table = Frame(of: entry)
            // A CPU may take its time.
            sched_yield()
        }
        return nil
    }

    /// Waits for the end of a walk that is under way, if an invalidation concerns it.
    func wait(for request: Invalidation) {
        directory.forEachCPU(concernedBy: request) { _ in
            let begun = epoch.load(ordering: .sequentiallyConsistent)
            guard begun & 1 == 1 else { return }
            while epoch.load(ordering: .acquiring) == begun { sched_yield() }
        }
    }
}

/// The shootdown of a machine under stress, right or with one mistake.
struct StressShootdown: Shootdown {
    let interrupts: WalkerInterrupts<[WalkerPort]>
    var speculator: Speculator?
    /// The mistake: who runs no user code is left out, also when tables go.
    var forgetsLazyCPUs = false

    static var ordersEarlierStores: Bool { false }

    func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {
        interrupts.forEachCPU(running: root, body)
    }

    func invalidate(_ request: Invalidation) {
        var request = request
        if forgetsLazyCPUs {
            request = Invalidation(
                root: request.root, first: request.first, count: request.count, stride: request.stride,
                freesTables: false, isGlobal: request.isGlobal)
        }
        interrupts.invalidate(request)
        speculator?.wait(for: request)
    }
}

/// The mistake of who gathers tables and gives them back too soon.
extension StressMachine {
    /// A copy of the unmapping of a table of leaves, in the wrong order: the table goes back before the shootdown.
    func giveBackTableBeforeShootdown() throws {
        var random = Xorshift(seed: 1)
        try handleFault(0, .read, &random)
        try withAllPages {
            guard pages[0].frame != nil else { return }
            let walk = try space.levels(at: address(0))
            guard let above = walk[.pde], let table = walk[.pte]?.table, let words = frames.words(of: above.table)
            else { return }
            let root = space.root
            // With the lock of the tables held, as in the library.
            try space.forEachPage(at: address(0), pages: 1) { _ in
                AtomicPageTableEntry(words + above.index).store(.empty)
                frames.release(table)
                Self.waitForAccesses(16)
                AtomicPageTableEntry.fenceBeforeShootdown()
                shootdown.invalidate(
                    Invalidation(root: root, first: Self.base, count: 512, freesTables: true))
            }
            for page in pages where page.offset < 512 {
                if let frame = page.frame {
                    page.backing = try content(frame)
                    counts.drop(frame)
                }
                if let slot = page.slot { counts.drop(slot) }
                page.place = .away
            }
        }
    }
}
