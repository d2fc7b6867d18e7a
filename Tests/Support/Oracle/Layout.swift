import Diagnostics
import Litmus
import X86

/// What an address of an instruction means.
enum Target {
    /// A word of memory that no translation guards, by its key.
    case direct(word: UInt64)
    /// A word of a translated page: which page, and the byte offset of the word in it.
    case translated(page: Int, offset: UInt64)
}

/// Where everything lives.
///
/// Memory words are keyed by their direct-map address (frames) or their own (entries).
struct Layout {
    /// Sorted; variable `i` here has index `i + 1` in addresses.
    let variables: [String]
    /// `mm` first, the others sorted; then the second roots of all, then those without user pages.
    let spaces: [String]
    /// By address space, the one that it is a root of.
    let families: [Int]
    /// By address space, its PCID.
    let tags: [Int]
    /// Which variables are translated, by position.
    let translated: [Bool]
    let tables: PageTables
    /// By variable, the number of its frame.
    private let frames: [UInt64]
    private let owners: [UInt64: Int]

    static let virtualBase: UInt64 = 0x0000_1000_0000_0000
    static let directBase: UInt64 = 0xffff_8880_0000_0000
    static let entryBase: UInt64 = 0xffff_9000_0000_0000
    static let frameBase: UInt64 = 0x100
    /// With upper levels: the frame of the first slot of the first range.
    static let blockBase: UInt64 = 1 << 18
    static let spaceBase: UInt64 = 0x0000_0000_0100_0000
    /// Bit 63 of a value for CR3.
    static let keepTranslations: UInt64 = 1 << 63
    /// CR4.PGE.
    static let globalPages: UInt64 = 1 << 7

    init(_ names: Names) throws {
        variables = names.variables.sorted()
        let own = ["mm"] + names.spaces.subtracting(["mm"]).sorted()
        let users = names.hasUserRoots ? own.map { SpaceName.user(of: $0) } : []
        let empty = Names.emptySpaces.filter(names.empty.contains)
        spaces = own + users + empty
        families = Array(own.indices) + users.indices + empty.indices.map { own.count + users.count + $0 }
        let ownTags = own.indices.map { names.contexts[own[$0]] ?? $0 }
        let userTags = users.indices.map { names.contexts[users[$0]] ?? own.count + $0 }
        tags = ownTags + userTags + empty.indices.map { 0xfff - $0 }
        translated = variables.map { names.translated.contains($0) }
        guard variables.count < 64 else { throw OracleError.unsupported("more than 63 variables") }
        tables = PageTables(
            variables: variables, translated: translated, spaces: own.count, userRoots: Array(users.indices),
            rootLevel: names.rootLevel, topLevel: names.levels, regions: names.regions)
        guard variables.count + tables.levels.count < 64 else {
            throw OracleError.unsupported("more than 63 variables and tables")
        }
        frames = Layout.frames(variables, translated, names)
        owners = Dictionary(uniqueKeysWithValues: zip(frames, variables.indices))
    }

    /// Where there are upper levels, the frames of a region's pages lie in one block, slot by slot, and the regions of a range in
    /// a larger one; a variable that is in no region and has no entries is in no block.
    private static func frames(_ variables: [String], _ translated: [Bool], _ names: Names) -> [UInt64] {
        guard names.rootLevel > 1 else { return variables.indices.map { frameBase + UInt64($0 + 1) } }
        let listed = names.regions?.names ?? []
        let pages = variables.indices.filter { translated[$0] || listed.contains(variables[$0]) }
        let places = Regions.coordinates(
            of: variables.indices.filter { translated[$0] }.map { variables[$0] }, in: names.regions)
        return variables.indices.map { variable in
            guard pages.contains(variable), let place = places[variables[variable]] else {
                return frameBase + UInt64(variable + 1)
            }
            return blockBase + UInt64(place.pud) << 18 + UInt64(place.pmd) << 9 + UInt64(place.pte)
        }
    }

    func variable(_ name: String) throws -> Int {
        guard let position = variables.firstIndex(of: name) else { throw OracleError.unsupported("variable \(name)") }
        return position
    }

    func space(_ name: String) throws -> Int {
        guard let position = spaces.firstIndex(of: name) else { throw OracleError.unsupported("space \(name)") }
        return position
    }

    /// The frame number of a variable's physical page.
    func frame(_ variable: Int) -> UInt64 { frames[variable] }

    /// The variable whose physical page a frame is.
    func owner(ofFrame frame: UInt64) -> Int? { owners[frame] }

    /// A frame's own number among all frames of the test: those of variables first, then those of tables.
    func number(ofFrame frame: UInt64) -> Int? {
        owner(ofFrame: frame) ?? tables.table(ofFrame: frame).map { variables.count + $0 }
    }

    /// The frames of variables and tables.
    var allFrames: [UInt64] { frames + tables.levels.indices.map { PageTables.frameBase + UInt64($0) } }

    /// The table in whose frame a word lies; none where there are leaves only.
    func table(ofWord word: UInt64) -> Int? {
        guard word >= Layout.directBase, word < Layout.entryBase else { return nil }
        return tables.table(ofFrame: (word - Layout.directBase) >> 12)
    }

    /// The variable in whose physical page a word lies.
    func owner(ofWord word: UInt64) -> Int? {
        guard word >= Layout.directBase, word < Layout.entryBase else { return nil }
        return owner(ofFrame: (word - Layout.directBase) >> 12)
    }

    /// The key of a word of a frame.
    static func word(frame: UInt64, offset: UInt64) -> UInt64 { directBase &+ (frame << 12) &+ (offset & ~7) }

    /// The key of a leaf entry in a test that names nothing above.
    static func leaf(space: Int, page: Int) -> UInt64 {
        entryBase + UInt64(space) * 0x10_0000 + UInt64(page + 1) * 8
    }

    /// The translated pages.
    var pages: [Int] { variables.indices.filter { translated[$0] } }

    /// The key of the word that is a page's entry of a level at the start.
    func entry(space: Int, page: Int, level: Int) throws -> UInt64 {
        guard let table = tables.table(space: space, page: page, level: level) else {
            throw OracleError.unsupported("an entry of level \(level) of \(variables[page])")
        }
        return tables.word(table: table, of: page)
    }

    /// The number of a table.
    func table(_ name: TableName) throws -> Int {
        let (space, page) = (try space(name.space ?? "mm"), try variable(name.page))
        guard let table = tables.table(space: space, page: page, level: name.level.rawValue) else {
            throw OracleError.unsupported("the table \(name.text)")
        }
        return table
    }

    /// The frame number of a table.
    func tableFrame(_ name: TableName) throws -> UInt64 { PageTables.frameBase + UInt64(try table(name)) }

    /// Where a variable's virtual page lies.
    func place(_ variable: Int?) -> Place { Place(indices: variable.map { tables.indices[$0] } ?? []) }

    /// The page at a place.
    func page(at place: Place) -> Int? { pages.first { tables.indices[$0] == place.indices } }

    /// The address a name stands for in code and values.
    func address(_ name: MemoryName) throws -> UInt64 {
        switch name {
        case .variable(let name):
            if let space = spaces.firstIndex(of: name), !variables.contains(name) { return rootValue(space) }
            return Layout.virtualBase + UInt64(try variable(name) + 1) * 0x1000
        case .frame(let name): return Layout.word(frame: frame(try variable(name)), offset: 0)
        case .leaf(let page, let name):
            return try entry(space: try space(name ?? "mm"), page: try variable(page), level: 1)
        case .upperEntry(let level, let page, let name):
            return try entry(space: try space(name ?? "mm"), page: try variable(page), level: level.rawValue)
        }
    }

    /// The frame number that an entry written without one has, by the entry's name.
    func defaultFrame(_ name: MemoryName) throws -> UInt64? {
        switch name {
        case .variable, .frame: nil
        case .leaf(let page, _): frame(try variable(page))
        case .upperEntry(let level, let page, let space):
            if let below = level.below { try tableFrame(TableName(below, page: page, space: space)) } else { nil }
        }
    }

    /// What CR3 holds for an address space: its root, and its PCID in the low bits.
    func rootValue(_ space: Int) -> UInt64 { Layout.spaceBase + UInt64(space) * 0x1000 + UInt64(tag(space)) }

    /// The key of the word that holds a name's content, seen past translation.
    func content(_ name: MemoryName) throws -> UInt64 {
        switch name {
        case .variable(let name), .frame(let name): Layout.word(frame: frame(try variable(name)), offset: 0)
        case .leaf, .upperEntry: try address(name)
        }
    }

    /// Which variable's virtual page an address lies in.
    func page(ofAddress address: UInt64) -> Int? {
        guard address >= Layout.virtualBase + 0x1000 else { return nil }
        let index = (address - Layout.virtualBase) >> 12
        guard index <= UInt64(variables.count) else { return nil }
        return Int(index) - 1
    }

    /// What an access reaches.
    func target(_ access: MemoryAccess, at place: SourcePlace) throws -> Target {
        let address = access.address
        guard (address & 7) + UInt64(access.width.rawValue) <= 8 else { throw OracleError.crossing(address, place) }
        if let page = page(ofAddress: address) {
            if translated[page] { return .translated(page: page, offset: address & 0xff8) }
            return .direct(word: Layout.word(frame: frame(page), offset: address & 0xfff))
        }
        if owner(ofWord: address) != nil || tables.entries[address & ~7] != nil { return .direct(word: address & ~7) }
        throw OracleError.badAddress(address, place)
    }
}
