import PageTable

/// How the memory of a page is cached: which of the eight entries of the page attribute table its leaf selects (SDM volume
/// 3A, section 13.12).
public struct CachePolicy: Hashable, Sendable {
    /// The entry of the table, 0 to 7: PWT is bit 0, PCD bit 1, PAT bit 2.
    public let index: UInt8

    /// Makes a policy from the low three bits of an index.
    @inlinable
    public init(index: UInt8) { self.index = index & 7 }

    /// Write-back, as after reset: for memory.
    @inlinable public static var writeBack: CachePolicy { CachePolicy(index: 0) }
    /// Write-through, as after reset.
    @inlinable public static var writeThrough: CachePolicy { CachePolicy(index: 1) }
    /// Uncached unless a memory-type range says write-combining, as after reset.
    @inlinable public static var weaklyUncached: CachePolicy { CachePolicy(index: 2) }
    /// Uncached, as after reset: for registers of devices.
    @inlinable public static var uncached: CachePolicy { CachePolicy(index: 3) }

    /// The policy of a leaf.
    @inlinable
    public init(of entry: PageTableEntry, _ size: PageSize = .page4K) {
        let selectsUpper = size == .page4K ? entry.isPATSelected : entry.containsAny(of: PageTableEntry.largePatMask)
        index = (entry.isWriteThrough ? 1 : 0) | (entry.isCacheDisabled ? 2 : 0) | (selectsUpper ? 4 : 0)
    }

    /// A leaf of 4 KByte with this policy.
    @inlinable
    func applied(to entry: PageTableEntry) -> PageTableEntry {
        var entry = entry
        entry.isWriteThrough = index & 1 != 0
        entry.isCacheDisabled = index & 2 != 0
        entry.isPATSelected = index & 4 != 0
        return entry
    }
}

extension PageTableEntry {
    /// A leaf of 4 KByte as one of a large page: PS=1, and PAT in bit 12.
    @inlinable var asLargeLeaf: PageTableEntry {
        let large = isPATSelected ? setting(Self.largePatMask) : self
        return large.setting(Self.pageSizeMask)
    }

    /// A leaf of a large page as one of 4 KByte, for its first frame: PS is gone, PAT in bit 7.
    @inlinable var asSmallLeaf: PageTableEntry {
        let selectsUpper = containsAny(of: Self.largePatMask)
        let small = clearing(Self.largePatMask | Self.pageSizeMask)
        return selectsUpper ? small.setting(Self.patMask) : small
    }
}
