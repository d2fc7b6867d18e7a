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
        package init(name: String, isTranslated: Bool, words: Int = 1, elementBytes: Int = 4) {
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
    static let directMapBase: UInt64 = 0xffff_8880_0000_0000
    static let leafBase: UInt64 = 0xffff_9000_0000_0000
    static let leafSpan: UInt64 = 0x10_0000
    static let spaceBase: UInt64 = 0x100_0000
    static let firstFrame: UInt64 = 0x100
    /// The PCID in a value for CR3 (SDM 3A 4.5).
    static let tagMask: UInt64 = 0xfff
    /// A byte's place in its page.
    static let offsetMask: UInt64 = 0xfff
    /// Bit 63 of a value for CR3: translations stay (SDM 3A 4.10.4.1, CR4.PCIDE=1).
    static let keepTranslations: UInt64 = 1 << 63

    /// The variables in order of their names.
    public let variables: [Variable]
    /// The names of the address spaces; `mm` is number 0.
    public let spaces: [String]
    /// Variable number (from 0) of each page, in order.
    public let pages: [Int]
    /// First word of each variable's data.
    let firstWords: [Int]
    /// Page number of each variable, or nil.
    let pageOfVariable: [Int?]
    /// The first leaf word; leaves lie space by space, page by page.
    let firstLeaf: Int
    /// All words, data first, then leaves.
    public let wordCount: Int

    /// Lays out variables and address spaces.
    package init(variables: [Variable], spaces: [String]) {
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
        wordCount = next + pages.count * spaces.count
    }

    /// The number of page-table entries.
    var leafCount: Int { pages.count * spaces.count }

    /// The number of a variable, or nil.
    public func variable(named name: String) -> Int? { variables.firstIndex { $0.name == name } }

    /// The page number of a translated variable, or nil.
    public func page(named name: String) -> Int? { variable(named: name).flatMap { pageOfVariable[$0] } }

    /// The name of a page.
    public func name(ofPage page: Int) -> String { variables[pages[page]].name }

    /// The first word of a variable's data.
    public func dataWord(ofVariable variable: Int) -> Int { firstWords[variable] }

    /// The word that holds the leaf of a page in an address space.
    public func leafWord(page: Int, space: Int) -> Int { firstLeaf + space * pages.count + page }

    /// The leaf (page and space) that a word is, or nil.
    public func leaf(ofWord word: Int) -> (page: Int, space: Int)? {
        guard word >= firstLeaf, word < wordCount else { return nil }
        return ((word - firstLeaf) % pages.count, (word - firstLeaf) / pages.count)
    }

    /// The variable that a word belongs to, or nil for a leaf.
    public func variable(ofWord word: Int) -> Int? { word < firstLeaf ? firstWords.lastIndex { $0 <= word } : nil }

    /// The virtual address of a variable.
    public func address(ofVariable variable: Int) -> UInt64 { Self.virtualBase + UInt64(variable + 1) << 12 }

    /// The address of a variable's frame through the direct map.
    public func directAddress(ofVariable variable: Int) -> UInt64 {
        Self.directMapBase + (Self.firstFrame + UInt64(variable + 1)) << 12
    }

    /// The address of a leaf.
    public func leafAddress(page: Int, space: Int) -> UInt64 {
        Self.leafBase + UInt64(space) * Self.leafSpan + UInt64(pages[page] + 1) * 8
    }

    /// What CR3 holds for an address space: its root, and its PCID in the low twelve bits.
    public func rootAddress(ofSpace space: Int) -> UInt64 { Self.spaceBase + UInt64(space) << 12 | UInt64(space) }

    /// The address space with a PCID, or nil.
    func space(ofTag tag: UInt64) -> Int? { tag < UInt64(spaces.count) ? Int(tag) : nil }

    /// The number of the frame that holds a variable.
    public func frameNumber(ofVariable variable: Int) -> UInt64 { Self.firstFrame + UInt64(variable + 1) }

    /// The variable whose frame has a number, translated or not, or nil.
    public func variable(ofFrame number: UInt64) -> Int? {
        guard number > Self.firstFrame, number - Self.firstFrame <= UInt64(variables.count) else { return nil }
        return Int(number - Self.firstFrame) - 1
    }

    /// The address space that a value for CR3 loads, or nil.
    func space(ofRoot value: UInt64) -> Int? {
        let root = value & ~Self.keepTranslations
        guard root >= Self.spaceBase, let number = space(ofTag: root & Self.tagMask) else { return nil }
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
        if let (variable, byte) = within(Self.virtualBase, 0) {
            if let page = pageOfVariable[variable] { return .page(page, byte: byte) }
            return physical(variable, byte)
        }
        if let (variable, byte) = within(Self.directMapBase, Self.firstFrame) { return physical(variable, byte) }
        guard address >= Self.leafBase else { return nil }
        let space = (address - Self.leafBase) / Self.leafSpan
        let number = (address - Self.leafBase) % Self.leafSpan / 8
        guard space < UInt64(spaces.count), number >= 1, number <= UInt64(variables.count),
            let page = pageOfVariable[Int(number) - 1]
        else { return nil }
        return .physical(word: leafWord(page: page, space: Int(space)), byte: Int(address & 7))
    }

    private func physical(_ variable: Int, _ byte: Int) -> Place? {
        guard byte / 8 < variables[variable].words else { return nil }
        return .physical(word: firstWords[variable] + byte / 8, byte: byte % 8)
    }
}

extension AddressMap {
    /// Whether a word is not a page-table entry and in no page.
    package func isPlainData(_ word: Int) -> Bool {
        variable(ofWord: word).map { !variables[$0].isTranslated } ?? false
    }
}
