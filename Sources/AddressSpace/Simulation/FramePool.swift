import PageTable

/// Physical memory for simulations and tests: frames in a block of memory of the caller's.
///
/// A view: copies share the memory and the note of which frames are free, and may be used from several threads. The first
/// frames hold that note and are never given away. What a frame holds when it is given away is what its last user left,
/// at first zeros. Nothing is noted in the frames themselves, so that a simulated kernel that forgets a shootdown spoils its
/// own data only.
///
/// Frames are given away for tables by ``allocate()``, which address spaces and ports call, and for data by
/// ``allocateData()``. What nobody should do is refused, counted, and the first of it kept: ``firstMisuse``. A software
/// walker notes there that it met data in a frame that is not for data, if it is told of the pool
/// (``SoftwareWalker/pool``).
public struct FramePool: FrameProvider, @unchecked Sendable {
    // SAFETY: words are reached by frame numbers that were compared with the count. The words of the first frames are
    // changed under the lock in the very first word only, and by atomic stores where they are read without it.
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
        static let misuseCount = 4
        /// The first misuse: its kind and its frame.
        static let misuseKind = 5
        static let misuseFrame = 6
        /// The start of the note: a bit for each frame, set where it is not free; then as many words with a bit set for
        /// each frame that is a table.
        static let note = 8
    }

    /// Who has a frame.
    public enum Owner: Hashable, Sendable {
        /// It is not a frame of the pool.
        case outside
        /// The pool itself, for its note.
        case pool
        /// Nobody.
        case free
        /// It was given away by ``allocate()``: a table, or a walker's port.
        case table
        /// It was given away by ``allocateData()``.
        case data
    }

    /// Lays a pool out in memory, all of it free but for the frames of its own use.
    /// - Parameter memory: 512 words for each frame; a rest that is not a frame is left unused. It must stay allocated while
    ///   the pool is used, also by an address space whose life ends.
    /// - Throws: ``AddressSpaceError/tooFewFrames(_:needed:)`` below two frames.
    public init(_ memory: UnsafeMutableBufferPointer<UInt64>) throws(AddressSpaceError) {
        let frames = memory.count / Table.entryCount
        let own = (Word.note + 2 * ((frames + 63) / 64) - 1) / Table.entryCount + 1
        guard let base = memory.baseAddress, frames > own else { throw .tooFewFrames(frames, needed: own + 1) }
        self.base = base
        count = UInt64(frames)
        self.own = UInt64(own)
        base.initialize(repeating: 0, count: own * Table.entryCount)
        base[Word.everUsed] = UInt64(own)
        base[Word.freeCount] = UInt64(frames - own)
        for frame in 0..<UInt64(own) { base[Word.note + Int(frame / 64)] |= 1 << (frame % 64) }
    }

    // MARK: Giving away and taking back

    /// Gives the free frame of the lowest number away for a table; nil if there is none left.
    public func allocate() -> Frame? { allocate(asTable: true) }

    /// Gives the free frame of the lowest number away for data; nil if there is none left.
    public func allocateData() -> Frame? { allocate(asTable: false) }

    private func allocate(asTable isTable: Bool) -> Frame? {
        locked {
            var word = Int(base[Word.lowest])
            while word * 64 < Int(count), base[Word.note + word] == .max { word += 1 }
            base[Word.lowest] = UInt64(word)
            let number = UInt64(word * 64) + UInt64((~base[Word.note + word]).trailingZeroBitCount)
            guard number < count else { return nil }
            if number >= base[Word.everUsed] {
                (base + Int(number) * Table.entryCount).initialize(repeating: 0, count: Table.entryCount)
                base[Word.everUsed] = number + 1
            }
            mark(number, in: tableNote, isTable)
            mark(number, in: base + Word.note, true)
            base[Word.freeCount] -= 1
            return Frame(of: PageTableEntry(rawValue: number << 12))
        }
    }

    /// Takes a frame back, if it is one that was given away; otherwise that is a ``Misuse``.
    public func release(_ frame: Frame) {
        locked {
            guard frame.number >= own, frame.number < base[Word.everUsed] else {
                return noteLocked(Misuse(.foreignRelease, frame))
            }
            guard isMarked(frame.number, in: base + Word.note) else {
                return noteLocked(Misuse(.doubleRelease, frame))
            }
            mark(frame.number, in: base + Word.note, false)
            base[Word.lowest] = min(base[Word.lowest], frame.number / 64)
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

    /// Who has a frame now; without the lock, so that it can be asked at each access.
    public func owner(of frame: Frame) -> Owner {
        guard frame.number < count else { return .outside }
        guard frame.number >= own else { return .pool }
        guard isMarked(frame.number, in: base + Word.note) else { return .free }
        return isMarked(frame.number, in: tableNote) ? .table : .data
    }

    // MARK: Misuses

    /// How often somebody did what nobody should do.
    public var misuseCount: Int { locked { Int(truncatingIfNeeded: base[Word.misuseCount]) } }

    /// The first time that somebody did; nil if nobody did.
    public var firstMisuse: Misuse? {
        locked {
            Misuse.Kind(rawValue: base[Word.misuseKind]).map {
                Misuse($0, Frame(of: PageTableEntry(rawValue: base[Word.misuseFrame] << 12)))
            }
        }
    }

    /// Counts a misuse, and keeps it if it is the first.
    func note(_ misuse: Misuse) { locked { noteLocked(misuse) } }

    private func noteLocked(_ misuse: Misuse) {
        if base[Word.misuseCount] == 0 {
            base[Word.misuseKind] = misuse.kind.rawValue
            base[Word.misuseFrame] = misuse.frame.number
        }
        base[Word.misuseCount] &+= 1
    }

    // MARK: The note

    /// The bits that tell tables.
    private var tableNote: UnsafeMutablePointer<UInt64> { base + Word.note + Int((count + 63) / 64) }

    private func isMarked(_ frame: UInt64, in note: UnsafeMutablePointer<UInt64>) -> Bool {
        AtomicPageTableEntry(note + Int(frame / 64)).load().containsAny(of: 1 << (frame % 64))
    }

    private func mark(_ frame: UInt64, in note: UnsafeMutablePointer<UInt64>, _ isSet: Bool) {
        let word = AtomicPageTableEntry(note + Int(frame / 64))
        let bit: UInt64 = 1 << (frame % 64)
        let old = word.load()
        word.store(isSet ? old.setting(bit) : old.clearing(bit))
    }

    /// Runs a closure with the lock in the first word.
    private func locked<Result>(_ body: () -> Result) -> Result {
        let lock = AtomicPageTableEntry(base + Word.lock)
        while lock.replace(.empty, by: PageTableEntry(rawValue: 1)) != nil {}
        defer { lock.store(.empty) }
        return body()
    }
}
