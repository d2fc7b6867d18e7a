import PageTable

/// A translation: a leaf, its level, and what the levels above it allow.
struct WalkedLeaf {
    /// The leaf as it was.
    var entry: PageTableEntry
    let level: TableLevel
    /// W and U as all levels above allow them, and NX where any of them has it.
    let upper: PageTableEntry

    /// What the levels above allow of W and U, and forbid by NX, after one more entry.
    static func combine(_ upper: PageTableEntry, _ entry: PageTableEntry) -> PageTableEntry {
        let allowed = PageTableEntry.writableMask | PageTableEntry.userMask
        let forbidden = (upper.rawValue | entry.rawValue) & PageTableEntry.noExecuteMask
        return PageTableEntry(rawValue: upper.rawValue & entry.rawValue & allowed | forbidden)
    }

    /// What is allowed before any entry was looked at.
    static let allRights = PageTableEntry(rawValue: PageTableEntry.writableMask | PageTableEntry.userMask)

    private var rights: PageTableEntry { Self.combine(upper, entry) }
    var isUser: Bool { rights.isUser }
    var isWritable: Bool { rights.isWritable }
    var isNoExecute: Bool { rights.isNoExecute }
    /// Whether it is a shadow-stack page: W=0, D=1 in the leaf, W=1 above it (SDM volume 3A, section 4.6.1).
    var isShadowStack: Bool { entry.isShadowStackEncoding && upper.isWritable }

    /// The frame of 4 KByte that an address lies in.
    func frame(of address: UInt64) -> Frame {
        let inside = level.byteCount - 1
        let start = entry.frameAddress & ~inside
        return Frame(of: PageTableEntry(rawValue: start | address & inside))
    }
}

/// The TLB of a software walker: 128 translations, each at the place that its address and its size say.
///
/// For the walker's own thread. Global translations (G=1) are like all others, as with CR4.PGE=0.
struct WalkerTLB {
    /// Two words for each place: the tag, and the leaf.
    ///
    /// The tag is the address of the page, with bit 0 set where there is a translation, W and U of the levels above in bits
    /// 1 and 2, their NX in bit 3, and the level in bits 4 and 5.
    private let words: UnsafeMutablePointer<UInt64>

    /// The bits of the tag beside the page's address that tell translations apart.
    private static let kindMask: UInt64 = 0x31

    init(_ words: UnsafeMutablePointer<UInt64>) { self.words = words }

    private func slot(_ address: UInt64, _ level: TableLevel) -> UnsafeMutablePointer<UInt64> {
        words + 2 * Int(truncatingIfNeeded: address >> level.shift & 127)
    }

    private static func isTag(_ tag: UInt64, of address: UInt64, _ level: TableLevel) -> Bool {
        tag & (~4095 | kindMask) == level.start(of: address) | UInt64(level.rawValue) << 4 | 1
    }

    private func find(_ address: UInt64, _ level: TableLevel) -> WalkedLeaf? {
        let slot = slot(address, level)
        let tag = slot[0]
        guard Self.isTag(tag, of: address, level) else { return nil }
        let allowed = tag & (PageTableEntry.writableMask | PageTableEntry.userMask)
        let upper = PageTableEntry(rawValue: allowed | (tag & 8) << 60)
        return WalkedLeaf(entry: PageTableEntry(rawValue: slot[1]), level: level, upper: upper)
    }

    /// The translation of an address, of the smallest page that there is one for.
    func find(_ address: UInt64) -> WalkedLeaf? {
        find(address, .pte) ?? find(address, .pde) ?? find(address, .pdpte)
    }

    /// Keeps a translation in place of whatever is there.
    func insert(_ leaf: WalkedLeaf, of address: UInt64) {
        let slot = slot(address, leaf.level)
        let flags = 1 | leaf.upper.rawValue & 6 | (leaf.upper.rawValue >> 63) << 3
        slot[0] = leaf.level.start(of: address) | UInt64(leaf.level.rawValue) << 4 | flags
        slot[1] = leaf.entry.rawValue
    }

    /// Drops the translations of an address, whatever their size, as INVLPG does (SDM volume 3A, section 4.10.4.1).
    /// - Returns: whether there was one.
    @discardableResult
    func remove(_ address: UInt64) -> Bool {
        var isFound = false
        var next: TableLevel? = .pdpte
        while let level = next {
            let slot = slot(address, level)
            if Self.isTag(slot[0], of: address, level) {
                slot[0] = 0
                isFound = true
            }
            next = level.below
        }
        return isFound
    }

    /// Drops all translations.
    func removeAll() { words.update(repeating: 0, count: 256) }
}
