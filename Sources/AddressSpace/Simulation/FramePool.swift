import PageTable
import Synchronization

/// Physical memory for simulations and tests: frames in a block of memory of the caller's.
///
/// A view: copies share the memory and the note of which frames are free, and may be used from several threads. The first
/// frames hold that note and are never given away. A frame that is not of the pool, or not given away, is not taken
/// back; what a frame holds when it is given away is what its last user left, at first zeros. Nothing is noted in the
/// frames themselves, so that a simulated kernel that forgets a shootdown spoils its own data only.
public struct FramePool: FrameProvider, @unchecked Sendable {
    // SAFETY: words are reached by frame numbers that were compared with the count. The words of the first frames are
    // changed under the lock in the very first word only.
    private let base: UnsafeMutablePointer<UInt64>
    private let count: UInt64
    /// The number of frames for the pool's own use.
    private let own: UInt64

    /// What the first words of the first frame are.
    private enum Word {
        static let lock = 0
        /// The lowest word of the note that can have a free frame in it.
        static let lowest = 1
        /// The number of frames up to the last that was ever given away.
        static let everUsed = 2
        static let freeCount = 3
        /// The start of the note: a bit for each frame, set where it is not free.
        static let note = 8
    }

    /// Lays a pool out in memory, all of it free but for the frames of its own use.
    /// - Parameter memory: 512 words for each frame; a rest that is not a frame is left unused. It must stay allocated while
    ///   the pool is used, also by an address space whose life ends.
    /// - Throws: ``AddressSpaceError/tooFewFrames(_:needed:)`` below two frames.
    public init(_ memory: UnsafeMutableBufferPointer<UInt64>) throws(AddressSpaceError) {
        let frames = memory.count / Table.entryCount
        let own = (Word.note + frames / 64) / Table.entryCount + 1
        guard let base = memory.baseAddress, frames > own else { throw .tooFewFrames(frames, needed: own + 1) }
        self.base = base
        count = UInt64(frames)
        self.own = UInt64(own)
        base.initialize(repeating: 0, count: own * Table.entryCount)
        base[Word.everUsed] = UInt64(own)
        base[Word.freeCount] = UInt64(frames - own)
        for frame in 0..<UInt64(own) { base[Word.note + Int(frame / 64)] |= 1 << (frame % 64) }
    }

    /// Gives the free frame of the lowest number away; nil if there is none left.
    public func allocate() -> Frame? {
        locked {
            var word = Int(base[Word.lowest])
            while word * 64 < Int(count), base[Word.note + word] == .max { word += 1 }
            base[Word.lowest] = UInt64(word)
            let number = UInt64(word * 64) + UInt64((~base[Word.note + word]).trailingZeroBitCount)
            guard number < count else { return nil }
            base[Word.note + word] |= 1 << (number % 64)
            base[Word.freeCount] -= 1
            if number >= base[Word.everUsed] {
                (base + Int(number) * Table.entryCount).initialize(repeating: 0, count: Table.entryCount)
                base[Word.everUsed] = number + 1
            }
            return Frame(of: PageTableEntry(rawValue: number << 12))
        }
    }

    /// Takes a frame back, if it is one that was given away.
    public func release(_ frame: Frame) {
        locked {
            guard frame.number >= own, frame.number < count else { return }
            let word = frame.number / 64
            let bit: UInt64 = 1 << (frame.number % 64)
            guard base[Word.note + Int(word)] & bit != 0 else { return }
            base[Word.note + Int(word)] &= ~bit
            base[Word.lowest] = min(base[Word.lowest], word)
            base[Word.freeCount] += 1
        }
    }

    /// The words of a frame of the pool; nil for any other, and for those of the pool's own use.
    public func words(of frame: Frame) -> UnsafeMutablePointer<UInt64>? {
        guard frame.number >= own, frame.number < count else { return nil }
        return base + Int(frame.number) * Table.entryCount
    }

    /// How many frames can be given away now.
    public var freeCount: Int { locked { Int(base[Word.freeCount]) } }

    /// Runs a closure with the lock in the first word.
    private func locked<Result>(_ body: () -> Result) -> Result {
        let lock = AtomicPageTableEntry(base + Word.lock)
        while lock.replace(.empty, by: PageTableEntry(rawValue: 1)) != nil {}
        defer { lock.store(.empty) }
        return body()
    }
}

/// A lock that waits by looking again: for simulations, tests and examples.
public struct SpinLock: PageTableLock, ~Copyable, Sendable {
    private let isHeld = Atomic<Bool>(false)
    private let whileWaiting: @Sendable () -> Void

    /// Makes a free lock.
    /// - Parameter whileWaiting: called between two looks, to let other threads run.
    public init(whileWaiting: @escaping @Sendable () -> Void = {}) { self.whileWaiting = whileWaiting }

    /// Waits for the lock and takes it.
    public borrowing func lock() {
        while isHeld.exchange(true, ordering: .acquiring) { whileWaiting() }
    }

    /// Gives the lock back.
    public borrowing func unlock() { isHeld.store(false, ordering: .releasing) }
}
