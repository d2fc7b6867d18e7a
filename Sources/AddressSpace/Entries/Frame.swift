import PageTable

/// A frame of physical memory: 4 KByte, aligned to 4 KByte.
public struct Frame: Hashable, Sendable {
    /// The physical address divided by 4096: 0 to 2^40 - 1.
    public let number: UInt64

    /// Makes a frame from its number.
    /// - Throws: ``AddressSpaceError/frameOutOfRange(number:)`` from 2^40 on, which an entry cannot hold.
    @inlinable @inline(__always)
    public init(number: UInt64) throws(AddressSpaceError) {
        guard number < Self.count else { throw .frameOutOfRange(number: number) }
        self.number = number
    }

    /// Makes a frame from its physical address.
    /// - Throws: ``AddressSpaceError/notAligned(address:to:)`` unless it is a multiple of ``byteCount``;
    ///   ``AddressSpaceError/frameOutOfRange(number:)`` from 2^52 on.
    @inlinable
    public init(address: UInt64) throws(AddressSpaceError) {
        guard address & (Self.byteCount - 1) == 0 else { throw .notAligned(address: address, to: Self.byteCount) }
        try self.init(number: address >> 12)
    }

    /// The frame that an entry names.
    @inlinable @inline(__always)
    public init(of entry: PageTableEntry) { number = entry.frameNumber }

    /// The first frame of the page that a leaf maps; of a large one bit 12 is PAT, not part of the number.
    @inlinable @inline(__always)
    init(of entry: PageTableEntry, _ size: PageSize) {
        self.init(aligning: Frame(of: entry), size)
    }

    /// The first frame of the page of a size that a frame is in.
    @inlinable @inline(__always)
    init(aligning frame: Frame, _ size: PageSize) { number = frame.number & ~(UInt64(size.frameCount) - 1) }

    /// Throws unless a page of a size can begin at this frame.
    @inlinable @inline(__always)
    func requireStart(of size: PageSize) throws(AddressSpaceError) {
        guard number & (UInt64(size.frameCount) - 1) == 0 else { throw .frameNotAligned(self, size) }
    }

    /// The physical address, in bytes.
    @inlinable @inline(__always) public var address: UInt64 { number << 12 }

    /// How many frames there are: an entry has 40 bits for the number (SDM volume 3A, section 4.5).
    @inlinable @inline(__always) static var count: UInt64 { 1 << 40 }

    /// The number of bytes of a frame, and of the smallest page.
    @inlinable @inline(__always) public static var byteCount: UInt64 { 4096 }
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
