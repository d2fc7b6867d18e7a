import PageTable

/// What a software walker did: a step of a walk, of the TLB, or an access to data.
///
/// Its ``description`` is a line such as `walk 0x7000: PTE P-U--S -> sets A`; the columns are those of an entry, *before*
/// the step.
public enum WalkerStep: Hashable, Sendable {
    /// A root table was loaded; the TLB is empty.
    case loadedRoot(Frame)
    /// The CPU runs no user code from here on, and is not asked by every shootdown.
    case becameLazy
    /// A walk read an entry on the way to an address.
    case read(address: UInt64, TableLevel, PageTableEntry)
    /// A walk set A in an entry.
    case setAccessed(address: UInt64, TableLevel, PageTableEntry)
    /// A write set D in a leaf.
    case setDirty(address: UInt64, TableLevel, PageTableEntry)
    /// The TLB had a translation that permits the access.
    case hit(address: UInt64, Frame)
    /// The TLB keeps a translation.
    case filled(address: UInt64, TableLevel, Frame)
    /// The TLB forgot a page, or with nil everything.
    case dropped(address: UInt64?, Cause)
    /// Bytes of one page were read or written, at a physical address.
    case accessed(FaultAccess, address: UInt64, physical: UInt64, byteCount: Int)
    /// An access raised a page fault.
    case faulted(PageFault)
    /// Data were accessed in a frame that is not for data: see ``SoftwareWalker/pool``.
    case misused(FramePool.Misuse)

    /// Why the TLB forgot something.
    public enum Cause: Hashable, Sendable {
        /// Somebody asked for it.
        case shootdown
        /// A page fault drops the translation of its address (SDM volume 3A, section 4.10.4.1).
        case fault
        /// A CPU that was lazy may have missed a shootdown.
        case endOfLaziness
    }
}

/// Gets each step of a software walker, in the walker's thread.
public protocol WalkerObserver {
    /// Whether nothing is to be told: then steps are not even made.
    static var isSilent: Bool { get }

    /// Gets a step that was just done, before the next.
    ///
    /// A test that changes entries here changes them as another CPU would in a race, at a place of its choice.
    mutating func observe(_ step: WalkerStep)
}

extension WalkerObserver {
    /// An observer wants to know, unless it says otherwise.
    public static var isSilent: Bool { false }
}

/// Nobody looks: costs one test of a flag for each step.
public struct NoObserver: WalkerObserver, Sendable {
    /// Nothing is to be told.
    public static var isSilent: Bool { true }

    /// Makes the observer that does nothing.
    public init() {}

    /// Does nothing.
    public func observe(_ step: WalkerStep) {}
}

/// Prints each step as a line.
///
/// `SoftwareWalker(port: port, frames: pool, behaviour: .cet, root: space.root, observer: PrintingObserver())` is a CPU that
/// tells what it does. One read of a page that was never used prints:
///
///     walk 0x7000: PML4E PWU---
///     walk 0x7000: PML4E PWU--- -> sets A
///     (the same for PDPTE, PDE and PTE)
///     tlb  0x7000: keeps frame 0x3 of a 4-KByte page
///     read 0x7000: 8 bytes at physical 0x3000
public struct PrintingObserver: WalkerObserver, Sendable {
    private let prefix: String

    /// Makes an observer that prints.
    /// - Parameter prefix: what stands before each line, such as `CPU 0: `.
    public init(prefix: String = "") { self.prefix = prefix }

    /// Prints a line.
    public func observe(_ step: WalkerStep) { print(prefix + step.description) }
}
