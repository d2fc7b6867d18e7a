import PageTable

/// A translation as a TLB holds it, or an entry as a walk saw it.
struct Translation {
    /// P, R/W, U/S, D, G and the frame; everything else, A included, does not matter to an access.
    static let relevant: UInt64 =
        PageTableEntry.presentMask | PageTableEntry.writableMask | PageTableEntry.userMask | PageTableEntry.dirtyMask
        | PageTableEntry.globalMask | PageTableEntry.frameMask

    /// Where the size is: 0 for 4 KByte, 1 for 2 MByte, 2 for 1 GByte; in bits that are not relevant in an entry.
    static let sizeShift: UInt64 = 10
    static let sizeMask: UInt64 = 3 << sizeShift
    /// Some level above the leaf has W=0: in a bit that is not relevant in an entry.
    static let readOnlyAbove: UInt64 = PageTableEntry.software1Mask
    /// Where the outcome of a walk that found P=0 has the level: above the frame.
    static let missingLevelShift: UInt64 = 52
    /// The entry there has P=1 and a reserved bit.
    static let reserved: UInt64 = 1 << 56
    /// The entry there points to a frame that is not a table of the level below.
    static let wild: UInt64 = 1 << 57

    /// The relevant bits of the entry; with several levels R/W and U/S are those of all of them, and the size is there, too.
    ///
    /// Where ``Litmus/Property/sizeMismatch`` is asked they have NX of the leaf.
    var bits: UInt64
    /// The variable whose frame is mapped, a table (``TableFrame``), or -1 when there is nothing.
    var frame: Int32

    @inline(__always) var isPresent: Bool { bits & PageTableEntry.presentMask != 0 }
    @inline(__always) var isWritable: Bool { bits & PageTableEntry.writableMask != 0 }
    @inline(__always) var isUser: Bool { bits & PageTableEntry.userMask != 0 }
    @inline(__always) var isDirty: Bool { bits & PageTableEntry.dirtyMask != 0 }
    @inline(__always) var isGlobal: Bool { bits & PageTableEntry.globalMask != 0 }
    /// The walk led to a frame of which nothing is known.
    @inline(__always) var isWild: Bool { !isPresent && bits & Self.wild != 0 }
    /// W=0, D=1 in the leaf, W=1 above: on a CPU with CET this is a shadow-stack page.
    @inline(__always) var isShadowStack: Bool {
        bits & (PageTableEntry.writableMask | PageTableEntry.dirtyMask | Self.readOnlyAbove) == PageTableEntry.dirtyMask
    }
    /// The level of the entry that is the leaf: 1 for pages of 4 KByte.
    @inline(__always) var level: Int { Int(truncatingIfNeeded: (bits & Self.sizeMask) >> Self.sizeShift) + 1 }
    /// The bits as an entry has them.
    var entryBits: UInt64 {
        bits & Self.relevant | (isPresent && level > 1 ? EntryFieldName.pageSize.mask : 0)
    }
}

/// Where a leaf lies.
struct LeafInfo {
    let page: Int
    let space: Int
    /// The word that is the leaf at the start; for ever in a test without upper levels.
    let word: Int
    /// CPUs whose walkers can cache it at any time, a bit each.
    var viewers: UInt64 = 0

    init(_ number: Int, _ map: AddressMap) {
        page = number % max(1, map.pages.count)
        space = number / max(1, map.pages.count)
        word = map.leafWord(page: page, space: space)
    }
}

/// The distinct translations seen in a leaf so far, numbered from 0.
struct TranslationTable {
    private var translations: UnsafeMutablePointer<Translation>
    /// The translations' numbers in order of their bits, so that steps come in an order that no history decides.
    private(set) var order: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    /// The numbers of global translations, a bit each.
    private(set) var globals: UInt64 = 0
    /// Those of translations of 2 MByte and more, and those of 1 GByte, a bit each.
    private(set) var large: UInt64 = 0
    private(set) var huge: UInt64 = 0
    /// By value number, the translation's number, or -1 while unknown.
    private var known: UnsafeMutablePointer<Int8>
    private var knownCapacity = 16
    private let capacity: Int

    /// - Parameter capacity: how many translations there can be.
    init(capacity: Int) {
        self.capacity = capacity
        translations = .allocate(capacity: capacity)
        // As in `NumberTables`: number 0 has to be there for a follower that is at a loss.
        translations.initialize(repeating: Translation(bits: 0, frame: -1), count: capacity)
        order = .allocate(capacity: capacity)
        order.initialize(repeating: 0, count: capacity)
        known = .allocate(capacity: knownCapacity)
        known.initialize(repeating: -1, count: knownCapacity)
    }

    func deallocate() {
        translations.deallocate()
        order.deallocate()
        known.deallocate()
    }

    /// The translation with a number.
    @inline(__always)
    subscript(_ number: Int) -> Translation { translations[number] }

    /// The translation's number for a value's number, if it was asked for before.
    @inline(__always)
    func find(_ value: Int) -> Int? {
        guard value < knownCapacity, known[value] >= 0 else { return nil }
        return Int(known[value])
    }

    /// Numbers the translation that a value is; nil when there are too many.
    mutating func add(_ value: Int, _ bits: UInt64, frame: Int) -> Int? {
        while value >= knownCapacity {
            let larger = UnsafeMutablePointer<Int8>.allocate(capacity: knownCapacity * 2)
            larger.initialize(repeating: -1, count: knownCapacity * 2)
            larger.update(from: known, count: knownCapacity)
            known.deallocate()
            known = larger
            knownCapacity *= 2
        }
        guard let number = find(bits: bits) ?? insert(bits, frame: frame) else { return nil }
        known[value] = Int8(number)
        return number
    }

    /// The number of a translation with these bits, if it has one.
    func find(bits: UInt64) -> Int? { (0..<count).first { translations[$0].bits == bits } }

    /// Numbers a new translation; nil when there are too many.
    mutating func insert(_ bits: UInt64, frame: Int) -> Int? {
        guard count < capacity else { return nil }
        (translations + count).initialize(to: Translation(bits: bits, frame: Int32(frame)))
        var place = count
        while place > 0, translations[Int(order[place - 1])].bits > bits {
            order[place] = order[place - 1]
            place -= 1
        }
        order[place] = UInt8(count)
        let bit: UInt64 = 1 << UInt64(count)
        if translations[count].isGlobal { globals |= bit }
        if translations[count].level > 1 { large |= bit }
        if translations[count].level > 2 { huge |= bit }
        count += 1
        return count - 1
    }
}
