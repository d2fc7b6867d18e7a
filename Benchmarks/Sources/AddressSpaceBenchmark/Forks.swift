import AddressSpace
import CTables
import PageTable

/// `fork()` of 64 MByte of dirty pages, whole and its inner loop.
final class Forks {
    private static let pages = 16384
    private let parent: Bench
    private let source: UnsafeMutablePointer<UInt64>
    private let destination: UnsafeMutablePointer<UInt64>
    private let child: UnsafeMutablePointer<c_space>
    private var childSpace: Space?

    init() throws {
        parent = try Bench()
        try parent.makeTables(Self.pages)
        child = .allocate(capacity: 1)
        (source, destination) = (Self.words(), Self.words())
    }

    /// The words of all tables of leaves, side by side.
    private static func words() -> UnsafeMutablePointer<UInt64> {
        let words = UnsafeMutableRawPointer.allocate(byteCount: pages * 8, alignment: 4096)
            .bindMemory(to: UInt64.self, capacity: pages)
        words.initialize(repeating: 0, count: pages)
        return words
    }

    var operations: [Operation] {
        let (parent, child) = (parent.inC, child)
        return [
            Operation(
                name: "fork, 64 MByte, dirty", pages: Self.pages, goal: 2, prepare: prepare, swift: fork,
                c: { c_fork(parent, child) }, fingerprint: { c_fingerprint(parent) &* 3 &+ c_fingerprint(child) }),
            innerLoop("fork's inner loop, 64 MByte, dirty", Bench.dirty),
            innerLoop("fork's inner loop, 64 MByte, clean", Bench.clean),
        ]
    }

    private func innerLoop(_ name: String, _ leaf: UInt64) -> Operation {
        let (source, destination) = (source, destination)
        return Operation(
            name: name, pages: Self.pages, goal: 1.1,
            prepare: {
                for page in 0..<Self.pages { source[page] = leaf + UInt64(page) << 12 }
                destination.update(repeating: 0, count: Self.pages)
            }, swift: innerLoop, c: { c_fork_leaves(source, destination, UInt64(Self.pages / 512)) },
            fingerprint: {
                (0..<Self.pages).reduce(0) { ($0 &+ source[$1] &+ 3 &* destination[$1]) &* 0x9E37_79B9_7F4A_7C15 }
            })
    }

    private func prepare() throws {
        childSpace = nil
        parent.fill(Self.pages, Bench.dirty, Bench.dirty)
        child.initialize(to: c_space(pool: parent.pool.inC, root: 0, levels: 4, half: 2, lock: 0))
        let space = try Space(frames: parent.pool, shootdown: NoCPUs(), lock: ByteLock(child))
        child.pointee.root = space.root.number
        childSpace = consume space
    }

    private func fork() throws -> UInt64 {
        guard var space = childSpace.take() else { return .max }
        try parent.space.fork(into: &space)
        childSpace = consume space
        return 1
    }

    private func innerLoop() -> UInt64 {
        var count: UInt64 = 0
        for table in stride(from: 0, to: Self.pages, by: 512) {
            if forkLeaves(from: source + table, to: destination + table, by: StoreOrLoop.self) { count += 1 }
        }
        return count
    }
}
