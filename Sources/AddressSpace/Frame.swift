import PageTable

/// A frame of physical memory: 4 KByte, aligned to 4 KByte.
public struct Frame: Hashable, Sendable {
    /// The physical address divided by 4096: 0 to 2^40 - 1.
    public let number: UInt64

    /// Makes a frame from its number.
    /// - Throws: ``AddressSpaceError/frameOutOfRange(number:)`` from 2^40 on, which an entry cannot hold.
    public init(number: UInt64) throws(AddressSpaceError) {
        guard number < Self.count else { throw .frameOutOfRange(number: number) }
        self.number = number
    }

    /// The frame that an entry names.
    @inlinable
    public init(of entry: PageTableEntry) { number = entry.frameNumber }

    /// The physical address, in bytes.
    public var address: UInt64 { number << 12 }

    /// How many frames there are: an entry has 40 bits for the number (SDM volume 3A, section 4.5).
    static let count: UInt64 = 1 << 40

    /// The number of bytes of a frame, and of a page.
    static let byteCount: UInt64 = 4096
}

/// Where an address space gets the frames of its tables from: the caller's allocator.
///
/// An address space calls it for tables only, with its lock held. If several address spaces share one provider, it is
/// called from several threads at a time.
public protocol FrameProvider {
    /// Gives a frame away, with any content; nil if there is none left.
    func allocate() -> Frame?

    /// Takes back a frame that ``allocate()`` gave.
    func release(_ frame: Frame)

    /// The 512 words of a frame where software reaches them, in the direct map; nil if they cannot be reached.
    ///
    /// The same answer each time for one frame. The address is aligned to eight bytes, and stays valid while the frame
    /// is allocated.
    func words(of frame: Frame) -> UnsafeMutablePointer<UInt64>?
}

/// Frames that were allocated before a change that must not fail half-way, in a list through their first words.
///
/// No memory but the frames themselves is needed. Each is cleared when it is put in.
@usableFromInline
struct FrameReserve: ~Copyable {
    /// The first frame of the list; each frame's first word holds the number of the next, plus one.
    private var first: Frame?

    /// An empty reserve.
    @usableFromInline
    init() {}

    /// Allocates one more frame.
    /// - Throws: `outOfFrames`, or `frameNotReachable` after giving that frame back. What was reserved before stays.
    @usableFromInline
    mutating func add(from frames: some FrameProvider) throws(AddressSpaceError) {
        guard let frame = frames.allocate() else { throw .outOfFrames }
        guard let words = frames.words(of: frame) else {
            frames.release(frame)
            throw .frameNotReachable(frame)
        }
        words.update(repeating: 0, count: Table.entryCount)
        words.pointee = first.map { $0.number + 1 } ?? 0
        first = frame
    }

    /// Takes a frame out, as an empty table; nil if there is none.
    @usableFromInline
    mutating func take(from frames: some FrameProvider) -> Table? {
        guard let frame = first, let words = frames.words(of: frame) else { return nil }
        first = Self.next(words.pointee)
        words.pointee = 0
        return Table(frame: frame, words: words)
    }

    /// Gives all frames back.
    @usableFromInline
    mutating func release(to frames: some FrameProvider) {
        while let table = take(from: frames) { frames.release(table.frame) }
    }

    /// The frame that a link stands for.
    private static func next(_ link: UInt64) -> Frame? {
        link == 0 ? nil : Frame(of: PageTableEntry(rawValue: (link - 1) << 12))
    }
}
