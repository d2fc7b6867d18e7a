import Litmus
import X86

/// Every name that a test mentions, sorted into variables, address spaces and translated pages.
struct Names {
    private(set) var variables: Set<String> = []
    private(set) var spaces: Set<String> = ["mm"]
    /// Variables whose entry is named somewhere.
    private(set) var translated: Set<String> = []
    /// The entries that are named, in `mm` and elsewhere.
    private(set) var entries: Set<NamedEntry> = []
    /// The highest level of a named entry, or one above a named table.
    private(set) var rootLevel = 1
    let regions: Regions?
    /// How many levels page tables have.
    let levels: Int
    /// Whether address spaces have second roots.
    let hasUserRoots: Bool
    /// `Pcid=`.
    let contexts: [String: Int]
    /// Address spaces without user pages that the test can load.
    private(set) var empty: Set<String> = []

    static let emptySpaces = ["init", "idle"]

    /// An entry by its name.
    struct NamedEntry: Hashable {
        var level: Int
        var space: String
        var page: String
    }

    init(_ test: LitmusTest) throws {
        regions = test.regions
        levels = test.levels
        hasUserRoots = test.hasUserRoots
        contexts = test.processContexts
        // Address spaces first: `2:mm = child` reads like the address of a variable.
        for initialization in test.initializations {
            if case .setting(_, "mm") = initialization.location.kind {
                for case .address(.variable(let space)) in initialization.values.map(\.kind) { insert(space: space) }
            }
            collectSpaces(initialization.location)
            for value in initialization.values { collectSpaces(value) }
        }
        let columns = test.columns
        let symbols = columns.flatMap { column in
            column.program.symbolReferences.map { memoryName(ofSymbol: $0.symbol, levels: test.levels) }
        }
        for symbol in symbols { collectSpaces(symbol) }
        for column in columns {
            for case .service(let service, let arguments) in column.program.requests {
                if service == .enterLazy { insert(space: Names.emptySpaces[0]) }
                for argument in arguments where Names.takesSpace(service) && !argument.isEmpty {
                    insert(space: argument)
                }
                if service == .freeTable {
                    if let space = arguments.first.flatMap(tableName)?.space { insert(space: space) }
                } else if let name = arguments.first, let colon = name.lastIndex(of: ":") {
                    insert(space: String(name[..<colon]))
                }
            }
        }
        forEachLocation(test) { collectSpaces($0) }
        forEachValue(test) { collectSpaces($0) }
        forEachTable(test) { if let space = $0.space { insert(space: space) } }
        for name in contexts.keys { insert(space: name) }

        for initialization in test.initializations {
            collect(initialization.location)
            if case .setting = initialization.location.kind { continue }
            for value in initialization.values { collect(value) }
        }
        for symbol in symbols { collect(symbol) }
        for column in columns {
            for case .service(let service, let arguments) in column.program.requests
            where !Names.takesSpace(service) && service != .sendInterrupt {
                guard let first = arguments.first, !first.isEmpty else { continue }
                if service == .freeTable {
                    guard let table = tableName(first) else { throw OracleError.unsupported("free_table(\(first))") }
                    collect(table)
                } else if !isSpace(first), !["final", "global"].contains(first) {
                    collectPage(ofArgument: first)
                }
            }
        }
        forEachLocation(test) { collect($0) }
        forEachValue(test) { collect($0) }
        forEachTable(test) { collect($0) }
        for name in test.shadowStackPages { variables.insert(name) }
        switch test.translated {
        case .all: translated = variables
        case .named(let names):
            variables.formUnion(names)
            translated.formUnion(names)
        }
    }

    /// Whether a service's argument is an address space.
    private static func takesSpace(_ service: KernelService) -> Bool {
        service == .flushSpace || service == .switchSpace
    }

    private mutating func insert(space: String) {
        let owner = SpaceName.owner(space)
        if Names.emptySpaces.contains(owner) { empty.insert(owner) } else { spaces.insert(owner) }
    }

    private func isSpace(_ name: String) -> Bool {
        spaces.contains(SpaceName.owner(name)) || empty.contains(name)
    }

    private mutating func collectSpaces(_ location: Location) {
        switch location.kind {
        case .memory(let name, _), .field(let name, _): collectSpaces(name)
        case .register, .setting: break
        }
    }

    private mutating func collectSpaces(_ value: Value) {
        switch value.kind {
        case .integer: break
        case .address(let name): collectSpaces(name)
        case .entry(let literal):
            for table in [literal.table, literal.frameOfTable] { if let space = table?.space { insert(space: space) } }
        }
    }

    private mutating func collectSpaces(_ name: MemoryName) {
        switch name {
        case .leaf(_, let space?), .upperEntry(_, _, let space?): insert(space: space)
        default: break
        }
    }

    private mutating func collect(_ location: Location) {
        switch location.kind {
        case .memory(let name, _), .field(let name, _): collect(name)
        case .register, .setting: break
        }
    }

    private mutating func collect(_ value: Value) {
        switch value.kind {
        case .integer: break
        case .address(let name): collect(name)
        case .entry(let literal):
            if let frame = literal.frame { variables.insert(frame) }
            for table in [literal.table, literal.frameOfTable].compactMap({ $0 }) { collect(table) }
        }
    }

    private mutating func collect(_ table: TableName) {
        variables.insert(table.page)
        translated.insert(table.page)
        rootLevel = max(rootLevel, table.level.rawValue + 1)
    }

    private mutating func collectEntry(_ level: EntryLevel, _ page: String, _ space: String?) {
        variables.insert(page)
        translated.insert(page)
        entries.insert(NamedEntry(level: level.rawValue, space: space ?? "mm", page: page))
        rootLevel = max(rootLevel, level.rawValue)
    }

    private mutating func collect(_ name: MemoryName) {
        switch name {
        case .variable(let name), .frame(let name): if !isSpace(name) { variables.insert(name) }
        case .leaf(let page, let space): collectEntry(.pte, page, space)
        case .upperEntry(let level, let page, let space): collectEntry(level, page, space)
        }
    }

    /// `x` or `child:x` of a service: names a page without naming its entry.
    private mutating func collectPage(ofArgument argument: String) {
        variables.insert(argument.split(separator: ":").last.map { String($0) } ?? argument)
    }

    private func forEachLocation(_ test: LitmusTest, _ visit: (Location) -> Void) {
        for location in test.locations { visit(location) }
        for proposition in test.propositions {
            proposition.forEachAtom { atom in
                switch atom.kind {
                case .equal(let location, _), .identical(let location, _): visit(location)
                case .same(let left, let right):
                    visit(left)
                    visit(right)
                case .property(_, let page): visit(.memory(.variable(page), index: 0))
                case .fault(_, _, let page?): visit(.memory(.variable(page), index: 0))
                default: break
                }
            }
        }
    }

    private func forEachTable(_ test: LitmusTest, _ visit: (TableName) -> Void) {
        for proposition in test.propositions {
            proposition.forEachAtom { atom in
                if case .tableProperty(_, let table) = atom.kind { visit(table) }
            }
        }
    }

    private func forEachValue(_ test: LitmusTest, _ visit: (Value) -> Void) {
        for proposition in test.propositions {
            proposition.forEachAtom { atom in
                switch atom.kind {
                case .equal(_, let value), .identical(_, let value): visit(value)
                default: break
                }
            }
        }
    }
}

/// A symbol of the code (`x`, `PTE(child:x)`, `PMD(x)`, `PA(x)`, `pte_x`) as the name it means.
func memoryName(ofSymbol symbol: String, levels: Int) -> MemoryName {
    if let (function, space, page) = call(symbol) {
        switch function {
        case "PTE": return .leaf(page: page, space: space)
        case "PMD": return .upperEntry(.pmd, page: page, space: space)
        case "PUD": return .upperEntry(.pud, page: page, space: space)
        case "PGD": return .upperEntry(levels == 5 ? .fifth : .pgd, page: page, space: space)
        case "P4D": return .upperEntry(.p4d, page: page, space: space)
        case "PA": return .frame(page)
        default: break
        }
    }
    if symbol.hasPrefix("pte_") { return .leaf(page: String(symbol.dropFirst(4)), space: nil) }
    return .variable(symbol)
}

/// `PT(x)`, `PD(child:x)`, `PDPT(x)`.
func tableName(_ text: String) -> TableName? {
    guard let (function, space, page) = call(text),
        let level = ["PT": EntryLevel.pte, "PD": .pmd, "PDPT": .pud, "PML4": .p4d][function]
    else { return nil }
    return TableName(level, page: page, space: space)
}

/// `PTE(child:x)` in pieces.
private func call(_ text: String) -> (function: String, space: String?, page: String)? {
    guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else { return nil }
    let inside = text[text.index(after: open)...].dropLast().filter { $0 != " " }
    let function = String(text[..<open]).filter { $0 != " " }
    guard let colon = inside.lastIndex(of: ":") else { return (function, nil, String(inside)) }
    return (function, String(inside[..<colon]), String(inside[inside.index(after: colon)...]))
}

extension Program {
    /// What each instruction asks for with all registers zero: enough to find the services a program calls.
    var requests: [Request] { instructions.map { $0.request(RegisterFile()) } }
}

extension Proposition {
    /// Visits every statement that is not a connective.
    func forEachAtom(_ visit: (Proposition) -> Void) {
        switch kind {
        case .not(let inner): inner.forEachAtom(visit)
        case .and(let parts), .or(let parts): for part in parts { part.forEachAtom(visit) }
        default: visit(self)
        }
    }
}
