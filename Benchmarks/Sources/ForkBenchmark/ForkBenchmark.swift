import AddressSpace
import Foundation
import PageTable
import Synchronization

/// What `fork()` costs per entry, by the way in which the parent's entries are write-protected.
///
///     swift run -c release ForkBenchmark [REPETITIONS]
///
/// Private, writable pages, mapped by one address space; no page of data is copied, as in any fork. Variants take turns, so
/// that a busy machine harms all of them; shown are the least time and the median in nanoseconds per entry, and the
/// least time's ratio to that of the compare-and-exchange.
@main
struct ForkBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count <= 1, let repetitions = arguments.first.map({ Int($0) }) ?? 21, 1...100_000 ~= repetitions
        else {
            FileHandle.standardError.write(Data("usage: ForkBenchmark [REPETITIONS]\n".utf8))
            exit(64)
        }
        print(
            "least (median) ns per entry        compare-and-exchange  locked AND            exchange dance        "
                + "store or loop         no protection")
        for mebibytes in [1, 64, 1024] {
            let pages = mebibytes * 256
            for entries in EntryMix.allCases {
                try report("inner loop, \(mebibytes) MiB, \(entries)", InnerLoop(pages: pages, entries), repetitions)
            }
            for entries in EntryMix.allCases {
                try report("fork, \(mebibytes) MiB, \(entries)", WholeFork(pages: pages, entries), repetitions)
            }
            let walked = try WholeFork(pages: pages, .clean, walkers: 1)
            try report("fork, \(mebibytes) MiB, a walker", walked, repetitions)
        }
    }

    private static func report(_ name: String, _ measured: some Measured, _ repetitions: Int) throws {
        // Small tables are forked more often, for as much time in all.
        let count = repetitions * max(1, min(16384 / measured.pages, 16))
        var samples = [[Double]](repeating: [], count: 5)
        for round in 0..<count {
            samples[0].append(try measured.nanoseconds(CompareAndExchange.self, round))
            samples[1].append(try measured.nanoseconds(LockedAnd.self, round))
            samples[2].append(try measured.nanoseconds(ExchangeDance.self, round))
            samples[3].append(try measured.nanoseconds(StoreOrLoop.self, round))
            samples[4].append(try measured.nanoseconds(NoProtection.self, round))
        }
        let medians = samples.map { $0.sorted()[count / 2] / Double(measured.pages) }
        let least = samples.map { ($0.min() ?? 0) / Double(measured.pages) }
        var line = name.padding(toLength: 35, withPad: " ", startingAt: 0)
        let base = least[0]
        for (median, least) in zip(medians, least) {
            let figures = String(format: "%.2f (%.2f) %.2fx", least, median, least / base)
            line += figures.padding(toLength: 22, withPad: " ", startingAt: 0)
        }
        print(line)
    }
}

/// What the parent's entries are like before the fork.
enum EntryMix: String, CaseIterable, CustomStringConvertible {
    /// A=1, D=0.
    case clean
    /// A=1, D=1.
    case dirty
    /// 45% clean, 45% dirty, and 5% of each with A=0, one by one at random: the mix of `ptero synth`.
    case mixed
    /// Clean and dirty in runs of 32 on average.
    case runs

    var description: String { self == .runs ? "in runs" : rawValue }

    /// The leaves of consecutive pages, the same for the same round.
    func leaves(_ count: Int, round: Int) throws -> [Leaf<PrivateMapping>] {
        // The frames of data are far away: nobody looks at them.
        let clean = Leaf<PrivateMapping>(try Frame(number: 1 << 30), [.write, .user])
        var random = Xorshift(seed: UInt64(round))
        var isDirty = false
        return (0..<count).map { _ in
            switch self {
            case .clean: return clean.accessed
            case .dirty: return clean.dirty.accessed
            case .mixed:
                let leaf = random.next() % 2 == 0 ? clean : clean.dirty
                return random.next() % 10 == 0 ? leaf : leaf.accessed
            case .runs:
                if random.next() % 32 == 0 { isDirty.toggle() }
                return isDirty ? clean.dirty.accessed : clean.accessed
            }
        }
    }
}

/// A small generator of numbers.
struct Xorshift {
    private var state: UInt64
    init(seed: UInt64) { state = (seed &+ 1) &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state >> 33
    }
}

/// Copying without write-protection: the floor under all variants, but no fork.
enum NoProtection: WriteProtection {
    static func writeProtect(_ entry: AtomicPageTableEntry) -> PageTableEntry { entry.load() }
}

/// Something of which one run can be timed.
protocol Measured {
    var pages: Int { get }
    func nanoseconds(_ protection: (some WriteProtection).Type, _ round: Int) throws -> Double
}

/// The time of a closure in nanoseconds.
func time(_ body: () throws -> Void) rethrows -> Double {
    let elapsed = try ContinuousClock().measure(body)
    return Double(elapsed.components.seconds) * 1e9 + Double(elapsed.components.attoseconds) * 1e-9
}

/// `forkLeaves` over leaf tables that lie one after the other.
final class InnerLoop: Measured {
    let pages: Int
    private let entries: EntryMix
    private let source: UnsafeMutablePointer<UInt64>
    private let destination: UnsafeMutablePointer<UInt64>

    init(pages: Int, _ entries: EntryMix) {
        self.pages = pages
        self.entries = entries
        source = .allocate(capacity: max(pages, 512))
        destination = .allocate(capacity: max(pages, 512))
        source.initialize(repeating: 0, count: max(pages, 512))
        destination.initialize(repeating: 0, count: max(pages, 512))
    }

    deinit {
        source.deallocate()
        destination.deallocate()
    }

    func nanoseconds(_ protection: (some WriteProtection).Type, _ round: Int) throws -> Double {
        for (page, leaf) in try entries.leaves(pages, round: round).enumerated() { source[page] = leaf.entry.rawValue }
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
    private let entries: EntryMix
    private let memory: UnsafeMutableBufferPointer<UInt64>
    private let pool: FramePool
    private let walkers: Walkers?
    private let interrupts: WalkerInterrupts<[WalkerPort]>
    private var space: Space?

    init(pages: Int, _ entries: EntryMix, walkers: Int = 0) throws {
        self.pages = pages
        self.entries = entries
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

    func nanoseconds(_ protection: (some WriteProtection).Type, _ round: Int) throws -> Double {
        let leaves = try entries.leaves(pages, round: round)
        var first = 0
        while first < pages {
            let end = leaves[first...].firstIndex { $0 != leaves[first] } ?? pages
            try space?.map(leaves[first], at: Self.base + UInt64(first) * 4096, pages: end - first)
            first = end
        }
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
