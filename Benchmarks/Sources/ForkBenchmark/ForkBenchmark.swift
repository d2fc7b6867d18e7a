import AddressSpace
import Foundation
import PageTable
import Synchronization

/// What `fork()` costs per entry, by the way in which the parent's entries are write-protected.
///
///     swift run -c release ForkBenchmark [REPETITIONS]
///
/// Private pages, writable and dirty, mapped by one address space; no page of data is copied, as in any fork. Variants
/// take turns, so that a busy machine harms all of them; shown are the median and the least time in nanoseconds per
/// entry, and the median's ratio to the locked AND.
@main
struct ForkBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count <= 1, let repetitions = arguments.first.map({ Int($0) }) ?? 21, 1...100_000 ~= repetitions
        else {
            FileHandle.standardError.write(Data("usage: ForkBenchmark [REPETITIONS]\n".utf8))
            exit(64)
        }
        print("ns per entry            locked AND     compare-and-exchange        exchange dance        no protection")
        for mebibytes in [1, 64, 1024] {
            try report(
                "\(mebibytes) MiB, alone", InnerLoop(pages: mebibytes * 256), repetitions, prefix: "inner loop, ")
            try report("\(mebibytes) MiB, alone", WholeFork(pages: mebibytes * 256, walkers: 0), repetitions)
            try report("\(mebibytes) MiB, a walker", WholeFork(pages: mebibytes * 256, walkers: 1), repetitions)
        }
    }

    private static func report(
        _ name: String, _ measured: some Measured, _ repetitions: Int, prefix: String = "fork, "
    ) throws {
        // Small tables are forked more often, for as much time in all.
        let count = repetitions * max(1, min(16384 / measured.pages, 16))
        var samples = [[Double]](repeating: [], count: 4)
        for _ in 0..<count {
            samples[0].append(try measured.nanoseconds(LockedAnd.self))
            samples[1].append(try measured.nanoseconds(CompareAndExchange.self))
            samples[2].append(try measured.nanoseconds(ExchangeDance.self))
            samples[3].append(try measured.nanoseconds(NoProtection.self))
        }
        let medians = samples.map { $0.sorted()[count / 2] / Double(measured.pages) }
        let least = samples.map { ($0.min() ?? 0) / Double(measured.pages) }
        var line = (prefix + name).padding(toLength: 30, withPad: " ", startingAt: 0)
        for (median, least) in zip(medians, least) {
            line += String(format: "%6.2f (%.2f) %.2fx   ", median, least, median / medians[0])
        }
        print(line)
    }
}

/// Copying without write-protection: the floor under all variants, but no fork.
enum NoProtection: WriteProtection {
    static func writeProtect(_ entry: AtomicPageTableEntry) -> PageTableEntry { entry.load() }
}

/// Something of which one run can be timed.
protocol Measured {
    var pages: Int { get }
    func nanoseconds(_ protection: (some WriteProtection).Type) throws -> Double
}

/// The time of a closure in nanoseconds.
func time(_ body: () throws -> Void) rethrows -> Double {
    let elapsed = try ContinuousClock().measure(body)
    return Double(elapsed.components.seconds) * 1e9 + Double(elapsed.components.attoseconds) * 1e-9
}

/// `forkLeaves` over leaf tables that lie one after the other.
final class InnerLoop: Measured {
    let pages: Int
    private let source: UnsafeMutablePointer<UInt64>
    private let destination: UnsafeMutablePointer<UInt64>

    init(pages: Int) {
        self.pages = pages
        source = .allocate(capacity: max(pages, 512))
        destination = .allocate(capacity: max(pages, 512))
        source.initialize(repeating: 0, count: max(pages, 512))
        destination.initialize(repeating: 0, count: max(pages, 512))
    }

    deinit {
        source.deallocate()
        destination.deallocate()
    }

    func nanoseconds(_ protection: (some WriteProtection).Type) throws -> Double {
        for page in 0..<pages { source[page] = PageTableEntry.litmusDefault.rawValue | UInt64(page) << 12 }
        return time {
            for table in stride(from: 0, to: pages, by: 512) {
                _ = forkLeaves(from: source + table, to: destination + table, by: protection)
            }
        }
    }
}

/// All of `AddressSpace.fork`: counting and clearing the child's tables, copying, one shootdown.
final class WholeFork: Measured {
    typealias Space = AddressSpace<FramePool, WalkerInterrupts<[WalkerPort]>, SpinLock>
    static let base: UInt64 = 0x7000_0000_0000

    let pages: Int
    private let memory: UnsafeMutableBufferPointer<UInt64>
    private let pool: FramePool
    private let walkers: Walkers?
    private let interrupts: WalkerInterrupts<[WalkerPort]>
    private var space: Space?

    init(pages: Int, walkers: Int) throws {
        self.pages = pages
        memory = .allocate(capacity: (2 * (pages / 512 + 8) + 16) * 512)
        pool = try FramePool(memory)
        var ports: [WalkerPort] = []
        for _ in 0..<walkers { ports.append(try WalkerPort(in: pool)) }
        interrupts = WalkerInterrupts(ports) { sched_yield() }
        let space = try AddressSpace(frames: pool, shootdown: interrupts, lock: SpinLock())
        self.walkers = walkers > 0 ? Walkers(ports, pool, space.root, pages) : nil
        self.space = consume space
    }

    deinit {
        walkers?.stop()
        space = nil
        memory.deallocate()
    }

    func nanoseconds(_ protection: (some WriteProtection).Type) throws -> Double {
        // The frames of data are far away: nobody looks at them. With walkers, hardware has D to set.
        let leaf = Leaf<PrivateMapping>(try Frame(number: 1 << 30), [.write, .user])
        try space?.map(walkers == nil ? leaf.dirty.accessed : leaf, at: Self.base, pages: pages)
        var child = try AddressSpace(frames: pool, shootdown: interrupts, lock: SpinLock())
        let elapsed = try time { try space?.fork(into: &child, by: protection) }
        try space?.unmap(at: Self.base, pages: pages)
        return elapsed
    }
}

/// Threads that write to random pages for as long as the benchmark runs, and pay no heed to faults.
final class Walkers: Sendable {
    private let isStopped = Atomic(false)
    private let running: Atomic<Int>

    init(_ ports: [WalkerPort], _ pool: FramePool, _ root: Frame, _ pages: Int) {
        running = Atomic(ports.count)
        for port in ports {
            Thread.detachNewThread { [self] in
                var cpu = SoftwareWalker(port: port, frames: pool, behaviour: .late, root: root)
                var random: UInt64 = 88_172_645_463_325_252
                while !isStopped.load(ordering: .relaxed) {
                    random ^= random << 13
                    random ^= random >> 7
                    random ^= random << 17
                    // D is set on the way; then there is no data to write.
                    _ = try? cpu.write(1, at: WholeFork.base + random % UInt64(pages) * 4096)
                }
                running.wrappingSubtract(1, ordering: .releasing)
            }
        }
    }

    /// Returns when all threads have ended.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        while running.load(ordering: .acquiring) > 0 {}
    }
}
