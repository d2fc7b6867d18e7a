import AddressSpace
import PageTable

/// A page of a machine under stress: where it is, and what was last written back of it.
final class StressPage: @unchecked Sendable {
    /// Where the content of a page is.
    enum Place: Equatable {
        /// Written back, and nowhere else.
        case away
        case frame(Frame)
        case swapped(SoftwareEntry)
    }

    /// The *page lock* (Linux: the folio's), under which the variables are used.
    ///
    /// Taken by fault handlers and by whoever needs the page to stand still.
    let lock: StressLock
    /// The page's number of 4 KByte from the base.
    let offset: Int
    var place = Place.away
    var backing = [UInt64](repeating: 0, count: StressMachine.words)

    init(at offset: Int, _ lock: StressLock) {
        self.offset = offset
        self.lock = lock
    }

    var frame: Frame? { if case .frame(let frame) = place { frame } else { nil } }
    var slot: SoftwareEntry? { if case .swapped(let slot) = place { slot } else { nil } }
}

/// How many address spaces have a frame, or a place in the swap file: what a kernel counts.
final class StressCounts: @unchecked Sendable {
    private let frames: StressFrames
    private let lock = StressLock()
    // SAFETY: used under the lock.
    private var users = [Int](repeating: 0, count: StressFrames.poolFrames)
    private var slots: [SoftwareEntry: (content: [UInt64], users: Int)] = [:]
    private var lastSlot: UInt64 = 0

    init(_ frames: StressFrames) { self.frames = frames }

    /// What a wrong kernel takes for a frame of the pool counts as the first, which nobody has.
    private func index(_ frame: Frame) -> Int { frame.number < users.count ? Int(frame.number) : 0 }

    /// The frames, and places in the swap file, that somebody has.
    var inUse: (frames: Int, slots: Int) { lock.with { (users.count { $0 > 0 }, slots.count) } }

    /// A new frame with one user.
    func newFrame(_ content: [UInt64]) throws -> Frame {
        let frame = try frames.allocateData()
        guard let words = frames.words(of: frame) else { throw Missing() }
        for index in content.indices {
            AtomicPageTableEntry(words + index).store(PageTableEntry(rawValue: content[index]))
        }
        lock.with { users[index(frame)] = 1 }
        return frame
    }

    func isExclusive(_ frame: Frame) -> Bool { lock.with { users[index(frame)] == 1 } }

    /// Counts one more user of what a fork copied, but for the large page: its frames are nobody's to count.
    func share(_ page: ForkedPage) {
        switch page {
        case .page(let page) where page.kind == .shared: break
        case .page(let page): lock.with { users[index(page.frame)] += 1 }
        case .software(_, let slot): lock.with { slots[slot]?.users += 1 }
        }
    }

    /// Counts a user less; with the last, the frame goes back to the pool.
    func drop(_ frame: Frame) {
        let isLast = lock.with {
            users[index(frame)] -= 1
            return users[index(frame)] <= 0
        }
        if isLast { frames.release(frame) }
    }

    // MARK: The swap file

    func swapOut(_ content: [UInt64]) -> SoftwareEntry {
        lock.with {
            lastSlot += 1
            let slot = SoftwareEntry(payload: lastSlot)
            slots[slot] = (content, 1)
            return slot
        }
    }

    func content(_ slot: SoftwareEntry) throws -> [UInt64] {
        guard let found = lock.with({ slots[slot] }) else { throw StressFailure("place \(slot) is not in use") }
        return found.content
    }

    func drop(_ slot: SoftwareEntry) {
        lock.with {
            guard let found = slots[slot] else { return }
            slots[slot] = found.users > 1 ? (found.content, found.users - 1) : nil
        }
    }
}

/// Something that must not be.
struct StressFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
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
    /// True once in so many times.
    mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }
}
