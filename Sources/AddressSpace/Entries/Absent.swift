import PageTable

/// Entries with P=0 that are not empty, and what tells them apart: bits 9 to 11, which no present entry of an address space has.
extension PageTableEntry {
    /// Bit 9 with P=0: what stands there is a ``SoftwareEntry``.
    @inlinable @inline(__always) static var softwareEntryMask: UInt64 { 1 << 9 }
    /// Bit 10 with P=0: a page without any access (`PROT_NONE`); the rest is as it was with P=1.
    @inlinable @inline(__always) static var inaccessibleMask: UInt64 { 1 << 10 }
    /// Bit 11 with P=0, above the leaves: a table that was unlinked and is freed after the shootdown, with the lock held.
    @inlinable @inline(__always) static var unlinkedMask: UInt64 { 1 << 11 }

    /// P and bits 9 to 11; above bit 9 a software entry has its payload.
    @inlinable @inline(__always)
    static var absenceMask: UInt64 { presentMask | softwareEntryMask | inaccessibleMask | unlinkedMask }

    /// Whether it is a page without any access.
    @inlinable @inline(__always) var isInaccessible: Bool { rawValue & Self.absenceMask == Self.inaccessibleMask }
    /// Whether it is a table that is being taken away.
    @inlinable @inline(__always) var isUnlinked: Bool { rawValue & Self.absenceMask == Self.unlinkedMask }
    /// Whether a page is there, with access or without.
    @inlinable @inline(__always) var hasPage: Bool { isPresent || isInaccessible }

    /// The entry with P=0, as a page without any access: W goes, and D moves to SavedDirty.
    @inlinable @inline(__always) var withoutAccess: PageTableEntry {
        LinuxGeneration.savedDirty.writeProtected(self).clearing(Self.presentMask).setting(Self.inaccessibleMask)
    }
    /// The entry with P=1 again.
    @inlinable @inline(__always)
    var withAccess: PageTableEntry {
        clearing(Self.inaccessibleMask | Self.takenAwayMask).setting(Self.presentMask)
    }

    /// Bit 55 with P=0: the page that was here had no bit set but P, and would look like nothing without it.
    @inlinable @inline(__always) static var takenAwayMask: UInt64 { 1 << 55 }
}

extension AtomicPageTableEntry {
    /// Clears P of a leaf that was read before, and nothing else, so that the rest tells after the shootdown what it was.
    @inlinable @inline(__always)
    func takeAway(_ entry: PageTableEntry) {
        // Frame 0, executable, the kernel's, private, neither used nor written.
        if entry.rawValue == PageTableEntry.presentMask {
            update { $0.clearing(PageTableEntry.presentMask).setting(PageTableEntry.takenAwayMask) }
        } else {
            invalidate()
        }
    }
}

/// What stands in an entry with P=0 in place of a page: where its content went, in the caller's words.
///
/// A place in a swap file, a page that is being migrated, a poisoned frame: 54 bits of the caller's. Hardware does not look
/// at them, but CPUs that are open to L1 Terminal Fault may use bits 12 to 51 of an entry with P=0 as an address, so that a
/// kernel for them gives payloads that name no cacheable memory, or inverts them as Linux does.
public struct SoftwareEntry: Hashable, Sendable {
    /// The caller's bits: 0 to 2^54 - 1.
    public let payload: UInt64

    /// Makes an entry of the low 54 bits of a payload.
    @inlinable @inline(__always)
    public init(payload: UInt64) { self.payload = payload & (1 << 54 - 1) }

    /// What an entry holds; nil unless it is one.
    @inlinable @inline(__always)
    init?(of entry: PageTableEntry) {
        let mask = PageTableEntry.presentMask | PageTableEntry.softwareEntryMask
        guard entry.rawValue & mask == PageTableEntry.softwareEntryMask else { return nil }
        payload = entry.rawValue >> 10
    }

    /// The bits in a table: P=0, bit 9 set, the payload above.
    @inlinable @inline(__always) public var entry: PageTableEntry {
        PageTableEntry(rawValue: payload << 10 | PageTableEntry.softwareEntryMask)
    }
}

/// What is at an address.
public enum PageContent: Hashable, Sendable {
    /// Nothing.
    case empty
    /// A page that CPUs can reach.
    case page(Translation)
    /// A page that was protected from all access; its entry has P=0.
    case inaccessible(Translation)
    /// What the caller put in the place of a page.
    case software(SoftwareEntry)

    /// What an entry stands for.
    @inlinable @inline(__always)
    init(of entry: PageTableEntry, at address: UInt64, _ size: PageSize) {
        if entry.isPresent {
            self = .page(Translation(address: address, entry: entry, size: size))
        } else if let software = SoftwareEntry(of: entry) {
            self = .software(software)
        } else if entry.isInaccessible {
            self = .inaccessible(Translation(address: address, entry: entry, size: size))
        } else {
            self = .empty
        }
    }
}
