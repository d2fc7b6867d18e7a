import PageTable

/// Frames that were allocated before a change that must not fail half-way, in a list through their first words.
///
/// No memory but the frames themselves is needed. Each is cleared when it is put in.
@usableFromInline
struct FrameReserve: ~Copyable {
    /// The first frame of the list; each frame's first word holds the number of the next, plus one.
    @usableFromInline var first: Frame?

    /// An empty reserve.
    @inlinable
    init() {}

    /// Allocates one more frame.
    /// - Throws: `outOfFrames`, or `frameNotReachable` after giving that frame back. What was reserved before stays.
    @inlinable
    mutating func add(from frames: some FrameProvider) throws(AddressSpaceError) {
        guard let frame = frames.allocate() else { throw .outOfFrames }
        guard let words = frames.words(of: frame) else {
            frames.release(frame)
            throw .frameNotReachable(frame)
        }
        // One store for each entry: a copy by bytes or vectors is not what kernels may use, nor what Ptero explores.
        let table = Table(frame: frame, words: words)
        for index in 0..<Table.entryCount { table[index].store(PageTableEntry(rawValue: 0)) }
        words.pointee = first.map { $0.number + 1 } ?? 0
        first = frame
    }

    /// Takes a frame out, as an empty table; nil if there is none.
    @inlinable
    mutating func take(from frames: some FrameProvider) -> Table? {
        guard let frame = first, let words = frames.words(of: frame) else { return nil }
        first = Self.next(words.pointee)
        words.pointee = 0
        return Table(frame: frame, words: words)
    }

    /// Gives all frames back.
    @inlinable
    mutating func release(to frames: some FrameProvider) {
        while let table = take(from: frames) { frames.release(table.frame) }
    }

    /// The frame that a link stands for.
    @inlinable static func next(_ link: UInt64) -> Frame? {
        link == 0 ? nil : Frame(of: PageTableEntry(rawValue: (link - 1) << 12))
    }
}
