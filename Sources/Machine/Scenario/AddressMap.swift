import Litmus
import PageTable

/// Where everything lies: addresses to words of memory, and back.
///
/// Variables are numbered from 1 in order of their names; everything else follows from the number, so that two
/// implementations print the same values.
///
/// | what | address |
/// |---|---|
/// | variable or translated page i | `0x1000_0000_0000 + i * 0x1000` |
/// | frame of page i, through the direct map | `0xffff_8880_0000_0000 + ((0x100 + i) << 12)` |
/// | leaf of page i in address space s | `0xffff_9000_0000_0000 + s * 0x10_0000 + i * 8` |
/// | the same in a test with upper levels: variable i that is not a page | `0x0800_0000_0000 + i * 0x1000` |
/// | there the frame of a page, or of a variable that has a place among them, through the direct map | `0xffff_8880_0000_0000 + ((0x40000 + (i3 << 18 \| i2 << 9 \| i1)) << 12)` |
/// | page with indices i3, i2, i1 in its PUD, PMD and PTE tables | `0x1000_0000_0000 + (i3 << 30 \| i2 << 21 \| i1 << 12)` |
/// | table t of a test with upper levels (``TableLayout``), through the direct map | `0xffff_8880_0000_0000 + ((0x4000 + t) << 12)` |
/// | entry with index i of table t, in a test with upper levels | 8 i after the table |
/// | address space s, as CR3 holds it: the root, and the PCID s in bits 0 to 11 | `0x100_0000 + s * 0x1000 + s` |
public struct AddressMap: Sendable {
    /// A named variable; translated ones are pages.
    public struct Variable: Sendable, Hashable {
        /// The name in the test.
        public var name: String
        /// Whether accesses to it are translated.
        public var isTranslated: Bool
        /// Length in 64-bit words.
        public var words: Int
        /// Bytes of one element, by its type.
        public var elementBytes: Int

        /// Describes a variable.
        public init(name: String, isTranslated: Bool, words: Int = 1, elementBytes: Int = 4) {
            self.name = name
            self.isTranslated = isTranslated
            self.words = max(1, words)
            self.elementBytes = elementBytes
        }
    }

    /// What an address means.
    public enum Place: Hashable, Sendable {
        /// A word of memory and a byte in it.
        case physical(word: Int, byte: Int)
        /// A virtual page and a byte in it.
        case page(Int, byte: Int)
    }

    static let virtualBase: UInt64 = 0x1000_0000_0000
    /// Where variables that are not pages lie in a test with upper levels: there addresses of pages say where their entries are.
    static let plainBase: UInt64 = 0x0800_0000_0000
    static let directMapBase: UInt64 = 0xffff_8880_0000_0000
    static let leafBase: UInt64 = 0xffff_9000_0000_0000
    static let leafSpan: UInt64 = 0x10_0000
    static let spaceBase: UInt64 = 0x100_0000
    static let firstFrame: UInt64 = 0x100
    /// The frame of table 0 in a test with upper levels.
    static let firstTableFrame: UInt64 = 0x4000
    /// The frame of the page whose indices are 0, in a test with upper levels: the base of a block of 1 GByte.
    static let firstBlockFrame: UInt64 = 0x40000
    /// The PCID in a value for CR3 (SDM 3A 4.5).
    static let tagMask: UInt64 = 0xfff
    /// A byte's place in its page.
    static let offsetMask: UInt64 = 0xfff
    /// Bit 63 of a value for CR3: translations stay (SDM 3A 4.10.4.1, CR4.PCIDE=1).
    static let keepTranslations: UInt64 = 1 << 63

    /// The name of the kernel's own address space, `init_mm`: it has no user pages.
    package static let kernelSpace = "init"

    /// The variables in order of their names.
    public let variables: [Variable]
    /// The names of the address spaces; `mm` is number 0.
    public let spaces: [String]
    /// Their tags.
    public let tags: SpaceTags
    /// How many levels the page table has: 4 or 5.
    public let levels: Int
    /// Variable number (from 0) of each page, in order.
    public let pages: [Int]
    /// First word of each variable's data.
    let firstWords: [Int]
    /// Page number of each variable, or nil.
    let pageOfVariable: [Int?]
    /// The tables of a test with upper levels; nil where a page has one entry in each address space.
    public let tables: TableLayout?
    /// By page, where it lies.
    public let coordinates: [Regions.Coordinates]
    /// By variable, the number of its frame.
    private let frameNumbers: [UInt64]
    private let variablesOfFrames: [UInt64: Int]
    /// The first word that is an entry; without upper levels leaves lie space by space, page by page.
    let firstLeaf: Int
    /// Whether the test names large pages.
    public let hasLargePages: Bool
    /// All words, data first, then entries.
    public let wordCount: Int

    /// Lays out variables and address spaces.
    ///
    /// `coordinates` say by its name where each page lies, and of other variables that have a place in a block of frames,
    /// where. In a test with upper levels the frames of a region are one aligned block of 2 MByte, those of a range one of
    /// 1 GByte, each at the place that its page has among the addresses.
    public init(
        variables: [Variable], spaces: [String], tags: SpaceTags? = nil, levels: Int = 4, rootLevel: Int = 1,
        coordinates: [String: Regions.Coordinates] = [:], hasLargePages: Bool = false
    ) {
        let tags = tags ?? SpaceTags(count: spaces.count)
        self.tags = tags
        self.levels = levels
        self.hasLargePages = hasLargePages
        let sorted = variables.sorted { $0.name < $1.name }
        var first: [Int] = []
        var pages: [Int] = []
        var pageOf: [Int?] = []
        var next = 0
        for (number, variable) in sorted.enumerated() {
            first.append(next)
            next += variable.words
            pageOf.append(variable.isTranslated ? pages.count : nil)
            if variable.isTranslated { pages.append(number) }
        }
        self.variables = sorted
        self.spaces = spaces
        self.pages = pages
        firstWords = first
        pageOfVariable = pageOf
        firstLeaf = next
        let names = pages.map { sorted[$0].name }
        let places = coordinates.isEmpty ? Regions.coordinates(of: names, in: nil) : coordinates
        self.coordinates = names.map { places[$0] ?? Regions.Coordinates(pte: 0, pmd: 0, pud: 0) }
        tables =
            rootLevel < 2 || pages.isEmpty
            ? nil : TableLayout(self.coordinates, owners: tags.owners, rootLevel: rootLevel, levels: levels)
        wordCount = next + (tables?.entryCount ?? pages.count * spaces.count)
        let hasBlocks = tables != nil
        frameNumbers = sorted.enumerated().map { number, variable in
            guard hasBlocks, let place = places[variable.name] else { return Self.firstFrame + UInt64(number + 1) }
            return Self.firstBlockFrame + place.frameInBlock(ofLevel: 4)
        }
        var variablesOfFrames: [UInt64: Int] = [:]
        for (variable, number) in frameNumbers.enumerated() { variablesOfFrames[number] = variable }
        self.variablesOfFrames = variablesOfFrames
    }

    /// How many pages there are, once for each address space.
    var leafCount: Int { pages.count * spaces.count }

    /// The number of tables; none without upper levels.
    public var tableCount: Int { tables?.tables.count ?? 0 }

    /// The number of points of walks (`WalkLayout.swift`); none without upper levels.
    var pointCount: Int { tables?.points.count ?? 0 }

    /// The number of page-table entries.
    public var entryCount: Int { wordCount - firstLeaf }

    /// Whether a word is a page-table entry.
    public func isEntry(_ word: Int) -> Bool { word >= firstLeaf && word < wordCount }

    /// The number of a variable, or nil.
    public func variable(named name: String) -> Int? { variables.firstIndex { $0.name == name } }

    /// The page number of a translated variable, or nil.
    public func page(named name: String) -> Int? { variable(named: name).flatMap { pageOfVariable[$0] } }

    /// The name of a page.
    public func name(ofPage page: Int) -> String { variables[pages[page]].name }

    /// The first word of a variable's data.
    public func dataWord(ofVariable variable: Int) -> Int { firstWords[variable] }

    /// The word that holds the leaf of a page in an address space.
    public func leafWord(page: Int, space: Int) -> Int {
        guard let tables else { return firstLeaf + space * pages.count + page }
        return entryWord(page: page, level: 1, space: space, tables)
    }

    /// The word that is a page's entry of a level at the start.
    public func entryWord(page: Int, level: Int, space: Int) -> Int? {
        guard let tables else { return level == 1 ? leafWord(page: page, space: space) : nil }
        return level <= tables.rootLevel ? entryWord(page: page, level: level, space: space, tables) : nil
    }

    private func entryWord(page: Int, level: Int, space: Int, _ tables: TableLayout) -> Int {
        firstLeaf + tables.entry(ofPage: page, table: tables.table(ofPage: page, level: level, space: space))
    }

    /// The leaf (page and space) that a word is at the start, or nil.
    public func leaf(ofWord word: Int) -> (page: Int, space: Int)? {
        guard word >= firstLeaf, word < wordCount else { return nil }
        if let tables {
            let (table, _) = tables.slot(ofEntry: word - firstLeaf)
            guard tables.tables[table].level == 1, let page = tables.page(ofEntry: word - firstLeaf) else {
                return nil
            }
            return (page, tables.tables[table].space)
        }
        return ((word - firstLeaf) % pages.count, (word - firstLeaf) / pages.count)
    }

    /// The address space whose table an entry lies in at the start; nil for what is no entry.
    public func space(ofEntryWord word: Int) -> Int? {
        guard word >= firstLeaf, word < wordCount else { return nil }
        guard let tables else { return (word - firstLeaf) / pages.count }
        return tables.tables[tables.slot(ofEntry: word - firstLeaf).table].space
    }

    /// The variable that a word belongs to, or nil for a leaf.
    public func variable(ofWord word: Int) -> Int? { word < firstLeaf ? firstWords.lastIndex { $0 <= word } : nil }

    /// The virtual address of a variable.
    public func address(ofVariable variable: Int) -> UInt64 {
        guard tables != nil else { return Self.virtualBase + UInt64(variable + 1) << 12 }
        guard let page = pageOfVariable[variable] else { return Self.plainBase + UInt64(variable + 1) << 12 }
        return address(of: coordinates[page])
    }

    private func address(of place: Regions.Coordinates) -> UInt64 {
        Self.virtualBase + UInt64(place.pud) << 30 + UInt64(place.pmd) << 21 + UInt64(place.pte) << 12
    }

    /// The address of a variable's frame through the direct map.
    public func directAddress(ofVariable variable: Int) -> UInt64 {
        Self.directMapBase + frameNumbers[variable] << 12
    }

    /// The address of a leaf.
    public func leafAddress(page: Int, space: Int) -> UInt64 {
        if tables != nil { return address(ofEntryWord: leafWord(page: page, space: space)) }
        return Self.leafBase + UInt64(space) * Self.leafSpan + UInt64(pages[page] + 1) * 8
    }

    /// The address of an entry.
    public func address(ofEntryWord word: Int) -> UInt64 {
        guard let tables else {
            return leaf(ofWord: word).map { leafAddress(page: $0.page, space: $0.space) } ?? 0
        }
        let (table, index) = tables.slot(ofEntry: word - firstLeaf)
        return Self.directMapBase + frameNumber(ofTable: table) << 12 + UInt64(index) * 8
    }

    /// The number of a table's frame.
    public func frameNumber(ofTable table: Int) -> UInt64 { Self.firstTableFrame + UInt64(table) }

    /// The table whose frame has a number, or nil.
    public func table(ofFrame number: UInt64) -> Int? {
        guard let tables, number >= Self.firstTableFrame, number - Self.firstTableFrame < UInt64(tables.tables.count)
        else { return nil }
        return Int(number - Self.firstTableFrame)
    }

    /// The address of a page's slot in the table that an entry points to, whatever its level; for `pte_offset` and its like.
    public func slotAddress(ofPage page: Int, level: Int, in entry: UInt64) -> UInt64 {
        let index = tables.map { level <= $0.rootLevel ? $0.index(ofPage: page, level: level) : 0 } ?? 0
        let frame = entry & PageTableEntry.frameMask
        return Self.directMapBase + frame + UInt64(index) * 8
    }

    /// What CR3 holds for an address space: its root, and its PCID in the low twelve bits.
    public func rootAddress(ofSpace space: Int) -> UInt64 {
        Self.spaceBase + UInt64(space) << 12 | UInt64(tags.contexts[space])
    }

    /// The address spaces with a PCID.
    func spaces(ofTag tag: UInt64) -> [Int] { tags.contexts.indices.filter { UInt64(tags.contexts[$0]) == tag } }

    /// The number of the frame that holds a variable.
    public func frameNumber(ofVariable variable: Int) -> UInt64 { frameNumbers[variable] }

    /// The number of the first frame of the block that a large page of a level (2 or 3) maps if it maps a variable's frame.
    public func blockNumber(ofVariable variable: Int, level: Int) -> UInt64 {
        frameNumbers[variable] & ~(Self.framesOfBlock(level) - 1)
    }

    /// How many frames a leaf of a level maps.
    static func framesOfBlock(_ level: Int) -> UInt64 { 1 << UInt64(9 * (level - 1)) }

    /// The variable whose frame has a number, translated or not, or nil.
    public func variable(ofFrame number: UInt64) -> Int? { variablesOfFrames[number] }

    /// What a frame holds: the number of a variable, a table's as -2 and less (``TableFrame``), or -1.
    func content(ofFrame number: UInt64) -> Int {
        variable(ofFrame: number) ?? table(ofFrame: number).map { TableFrame.code(ofTable: $0) } ?? -1
    }

    /// The word of a table at a byte's place in its frame, in 64-bit words; nil for a slot that no page of the test has.
    func word(ofTable table: Int, offset: Int) -> Int? {
        guard let tables, let slot = tables.slots[tables.tables[table].level - 1].firstIndex(of: offset) else {
            return nil
        }
        return firstLeaf + tables.tables[table].firstEntry + slot
    }

    /// The address space that a value for CR3 loads, or nil.
    func space(ofRoot value: UInt64) -> Int? {
        let root = value & ~Self.keepTranslations
        guard root >= Self.spaceBase, (root - Self.spaceBase) >> 12 < UInt64(spaces.count) else { return nil }
        let number = Int((root - Self.spaceBase) >> 12)
        return root == rootAddress(ofSpace: number) ? number : nil
    }

    /// What lies at an address, or nil where there is nothing.
    public func place(at address: UInt64) -> Place? {
        func within(_ base: UInt64, _ first: UInt64) -> (variable: Int, byte: Int)? {
            guard address >= base, (address - base) >> 12 > first else { return nil }
            let number = (address - base) >> 12 - first
            guard number >= 1, number <= UInt64(variables.count) else { return nil }
            return (Int(number) - 1, Int(address & Self.offsetMask))
        }
        if tables != nil {
            if let page = coordinates.firstIndex(where: { self.address(of: $0) == address & ~Self.offsetMask }) {
                return .page(page, byte: Int(address & Self.offsetMask))
            }
            if let (variable, byte) = within(Self.plainBase, 0), pageOfVariable[variable] == nil {
                return physical(variable, byte)
            }
        } else if let (variable, byte) = within(Self.virtualBase, 0) {
            if let page = pageOfVariable[variable] { return .page(page, byte: byte) }
            return physical(variable, byte)
        }
        if address >= Self.directMapBase, let variable = variable(ofFrame: (address - Self.directMapBase) >> 12) {
            return physical(variable, Int(address & Self.offsetMask))
        }
        if tables != nil { return tablePlace(at: address) }
        guard address >= Self.leafBase else { return nil }
        let space = (address - Self.leafBase) / Self.leafSpan
        let number = (address - Self.leafBase) % Self.leafSpan / 8
        guard space < UInt64(spaces.count), number >= 1, number <= UInt64(variables.count),
            let page = pageOfVariable[Int(number) - 1]
        else { return nil }
        return .physical(word: leafWord(page: page, space: Int(space)), byte: Int(address & 7))
    }

    /// A slot of a table, through the direct map.
    private func tablePlace(at address: UInt64) -> Place? {
        guard address >= Self.directMapBase, let table = table(ofFrame: (address - Self.directMapBase) >> 12),
            let word = word(ofTable: table, offset: Int(address & Self.offsetMask) / 8)
        else { return nil }
        return .physical(word: word, byte: Int(address & 7))
    }

    /// A page of the region of an address at which the test has no page; nil for others, and where no large page is named.
    ///
    /// A large page covers such an address, but the machine knows translations by the pages of the test.
    func neighbour(ofAddress address: UInt64) -> Int? {
        guard hasLargePages, place(at: address) == nil else { return nil }
        return coordinates.firstIndex { (self.address(of: $0) ^ address) >> 21 == 0 }
    }

    private func physical(_ variable: Int, _ byte: Int) -> Place? {
        guard byte / 8 < variables[variable].words else { return nil }
        return .physical(word: firstWords[variable] + byte / 8, byte: byte % 8)
    }
}

extension Regions.Coordinates {
    /// A page's place among the frames of the block that a leaf of a level maps at its address.
    func frameInBlock(ofLevel level: Int) -> UInt64 {
        var frame: UInt64 = 0
        if level > 1 { frame |= UInt64(pte) }
        if level > 2 { frame |= UInt64(pmd) << 9 }
        if level > 3 { frame |= UInt64(pud) << 18 }
        return frame
    }
}

/// How a translation names a table whose frame it maps as data, where others have the number of a variable.
enum TableFrame {
    /// What stands for a table.
    static func code(ofTable table: Int) -> Int { -2 - table }
    /// The table that is meant, or nil.
    static func table(_ code: Int32) -> Int? { code <= -2 ? -2 - Int(code) : nil }
}

extension AddressMap {
    /// Whether a word is not a page-table entry and in no page.
    public func isPlainData(_ word: Int) -> Bool {
        variable(ofWord: word).map { !variables[$0].isTranslated } ?? false
    }
}
