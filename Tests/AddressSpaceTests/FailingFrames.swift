import AddressSpace
import PageTable

typealias FailingSpace = AddressSpace<FailingFrames, RecordedShootdowns, CheckedLock>

/// A frame provider of which one allocation fails, or gives a frame that cannot be reached.
final class FailingFrames: FrameProvider {
    enum Failure: CaseIterable {
        case noFrame, notReachable
    }

    let memory: Memory
    /// How many allocations go well before one fails; nil for all.
    private var left: Int?
    private var failure = Failure.noFrame
    /// A frame that cannot be reached.
    var hidden: Frame?
    private(set) var allocations = 0

    init(_ memory: Memory) { self.memory = memory }

    /// Makes an allocation fail, by its number from now on; nil for none.
    func fail(at number: Int?, _ failure: Failure = .noFrame) {
        (left, self.failure, hidden, allocations) = (number, failure, nil, 0)
    }

    func allocate() -> Frame? {
        allocations += 1
        guard let left else { return memory.allocate() }
        self.left = left - 1
        guard left == 0 else { return memory.allocate() }
        guard failure == .notReachable else { return nil }
        hidden = memory.allocate()
        return hidden
    }
    func release(_ frame: Frame) { memory.release(frame) }
    func words(of frame: Frame) -> UnsafeMutablePointer<UInt64>? { frame == hidden ? nil : memory.words(of: frame) }

    /// All words of all tables that a root table leads to, with their frames before them.
    func tables(_ root: Frame, levels: Int = 4) -> [UInt64] {
        guard let words = memory.words(of: root) else { return [] }
        let own = [root.number] + (0..<512).map { AtomicPageTableEntry(words + $0).load().rawValue }
        guard levels > 1 else { return own }
        return own.dropFirst().map { PageTableEntry(rawValue: $0) }.filter { $0.isPresent && !$0.isLargePage }
            .reduce(own) { $0 + tables(Frame(of: $1), levels: levels - 1) }
    }
}

/// An address space whose every step is looked at.
final class WatchedSpace {
    let frames: FailingFrames
    let shootdowns = RecordedShootdowns()
    let lock = CheckedLock()
    let space: FailingSpace

    init(_ memory: Memory, _ depth: PagingDepth = .four) throws {
        frames = FailingFrames(memory)
        space = try AddressSpace(frames: frames, shootdown: shootdowns, lock: lock, depth: depth)
    }

    var tables: [UInt64] { frames.tables(space.root, levels: Int(space.depth.rawValue)) }
}

/// What a closure throws.
func addressSpaceError(_ body: () throws(AddressSpaceError) -> Void) -> AddressSpaceError? {
    do throws(AddressSpaceError) {
        try body()
        return nil
    } catch { return error }
}
