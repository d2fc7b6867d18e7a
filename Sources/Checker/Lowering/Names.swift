import Diagnostics
import Litmus
import Machine
import X86

/// Every name of a test: variables, which of them are translated, and address spaces.
struct TestNames {
    private(set) var variables: Set<String> = []
    private(set) var translated: Set<String> = []
    private(set) var spaces: Set<String> = []
    /// Variables whose frame is named, as in `PA(x)`.
    private(set) var frames: Set<String> = []
    /// Variables whose block of frames is mapped, as by `(oa:PA(x), ps:1)`.
    private(set) var blocks: Set<String> = []
    /// Whether large pages are named at all.
    private(set) var hasLargePages = false
    /// Leaves named somewhere; a leaf of a translated page that is not named is not present.
    private(set) var leaves: [MemoryName] = []
    /// Entries above the leaf that are named somewhere.
    private(set) var upperEntries: [MemoryName] = []
    /// Tables named somewhere.
    private(set) var tables: [TableName] = []
    /// Where each table is named first.
    private(set) var tableSpans: [String: SourceSpan] = [:]
    /// Where each variable is named first; nothing for names without a place.
    private(set) var variableSpans: [String: SourceSpan] = [:]
    /// Where each address space is named first.
    private(set) var spaceSpans: [String: SourceSpan] = [:]

    /// Address spaces without user pages, which need not be named elsewhere to be switched to.
    private static let emptySpaces: Set<String> = [AddressMap.kernelSpace, "idle"]

    /// Variables named as such: those that are not address spaces.
    private var plain: Set<String> = []
    /// How many levels the page table has.
    let levels: Int

    init(_ test: LitmusTest) {
        levels = test.levels
        for initialization in test.initializations { note(initialization) }
        noteProgram(of: test)
        for location in test.locations { note(location) }
        for proposition in test.propositions { note(proposition) }
        spaces.remove("mm")
        variables.formUnion(plain.subtracting(spaces).subtracting(["mm", ""]))
        switch test.translated {
        case .all: translated = variables
        case .named(let names): translated.formUnion(names)
        }
        translated.formIntersection(variables)
    }

    private mutating func note(_ initialization: Initialization) {
        note(initialization.location)
        guard case .setting(_, "mm") = initialization.location.kind else {
            for value in initialization.values { note(value) }
            return
        }
        for value in initialization.values {
            if case .address(.variable(let space)) = value.kind { note(space: space, at: value.span) }
        }
    }

    private mutating func noteProgram(of test: LitmusTest) {
        let own = test.compiled?.symbols ?? [:]
        for pointer in test.compiled?.pointers ?? []
        where own[pointer.target] == nil {
            if noteRoot(pointer.target, at: SourceSpan(pointer.place)) { continue }
            note(MemoryName(symbol: pointer.target, levels: levels), at: SourceSpan(pointer.place))
        }
        for column in test.columns {
            for (symbol, place) in column.program.symbolReferences
            where own[symbol] == nil {
                let span = SourceSpan(place, length: symbol.unicodeScalars.count)
                if !noteRoot(symbol, at: span) { note(MemoryName(symbol: symbol, levels: levels), at: span) }
            }
            for index in column.program.instructions.indices {
                let request = column.program.instructions[index].request(RegisterFile())
                guard case .service(let service, let arguments) = request else { continue }
                let span = SourceSpan(column.program.instructions[index].place)
                // A lazy CPU that is interrupted loads it.
                if service == .enterLazy { note(space: AddressMap.kernelSpace, at: span) }
                guard let first = arguments.first else { continue }
                if service == .switchSpace, Self.emptySpaces.contains(first) { note(space: first, at: span) }
                if service.introducesVariable, first.isVariableName,
                    case .variable = MemoryName(symbol: first, levels: levels)
                {
                    note(.variable(first), at: span)
                }
                if service.subject == .table, let table = TableName(text: first) { note(table, at: span) }
            }
        }
    }

    /// Whether a symbol is a table's at which walks begin; the kernel's own brings its address space with it.
    private mutating func noteRoot(_ symbol: String, at span: SourceSpan) -> Bool {
        if symbol == CompiledCode.kernelRoot { note(space: AddressMap.kernelSpace, at: span) }
        return CompiledCode.roots.contains(symbol)
    }

    private mutating func note(_ proposition: Proposition) {
        switch proposition.kind {
        case .constant, .stuck, .wild, .fault(_, _, nil): break
        case .not(let part): note(part)
        case .and(let parts), .or(let parts): for part in parts { note(part) }
        case .equal(let location, let value), .identical(let location, let value):
            note(location)
            note(value)
        case .same(let first, let second):
            note(first)
            note(second)
        case .property(_, let page), .fault(_, _, let page?): note(.variable(page), at: proposition.pageSpan)
        case .tableProperty(_, let table): note(table, at: proposition.pageSpan)
        }
    }

    private mutating func note(_ location: Location) {
        switch location.kind {
        case .register, .setting: break
        case .memory(let name, _), .field(let name, _): note(name, at: location.span)
        }
    }

    private mutating func note(_ value: Value) {
        switch value.kind {
        case .integer: break
        case .address(let name): note(name, at: value.span)
        case .entry(let entry):
            if let frame = entry.frame { note(.frame(frame), at: value.span) }
            if entry.isLarge { hasLargePages = true }
            if let frame = entry.frame, entry.isLarge { blocks.insert(frame) }
            if let table = entry.table ?? entry.frameOfTable { note(table, at: value.span) }
        }
    }

    private mutating func note(_ name: MemoryName, at span: SourceSpan?) {
        Self.remember(name.variable, span, &variableSpans)
        switch name {
        // `0:r1` is a local variable of compiled code.
        case .variable(let name): if !name.contains(":") { plain.insert(name) }
        case .frame(let name):
            variables.insert(name)
            frames.insert(name)
        case .leaf(let page, let space):
            variables.insert(page)
            translated.insert(page)
            Self.remember(.leaf(page: page, space: space == "mm" ? nil : space), in: &leaves)
            if let space { note(space: space, at: span) }
        case .upperEntry(let level, let page, let space):
            variables.insert(page)
            translated.insert(page)
            Self.remember(.upperEntry(level, page: page, space: space == "mm" ? nil : space), in: &upperEntries)
            if let space { note(space: space, at: span) }
        }
    }

    /// A table makes nothing a page: its pages and its address space are named by entries.
    private mutating func note(_ table: TableName, at span: SourceSpan?) {
        Self.remember(table.inPlainSpelling, in: &tables)
        Self.remember(table.inPlainSpelling.text, span, &tableSpans)
    }

    private mutating func note(space: String, at span: SourceSpan?) {
        let space = SpaceName.owner(space)
        spaces.insert(space)
        Self.remember(space, span, &spaceSpans)
    }

    /// Keeps the first place of a name in reading order.
    private static func remember(_ name: String, _ span: SourceSpan?, _ spans: inout [String: SourceSpan]) {
        guard let span, spans[name].map({ span.place < $0.place }) ?? true else { return }
        spans[name] = span
    }

    private static func remember<Name: Equatable>(_ name: Name, in names: inout [Name]) {
        if !names.contains(name) { names.append(name) }
    }
}

extension MemoryName {
    /// Reads the spelling that code uses: `x`, `PTE(x)`, `PMD(child:x)`, `PGD(mm:user:x)`, `pte_x`, `PA(x)`.
    init(symbol: String, levels: Int) {
        func inside(_ head: String) -> [Substring]? {
            guard symbol.hasPrefix(head), symbol.hasSuffix(")") else { return nil }
            return symbol.dropFirst(head.count).dropLast().split(separator: ":")
        }
        for level in Litmus.EntryLevel.all(of: levels) {
            if let parts = inside(level.entrySpelling + "("), let page = parts.last {
                self = .entry(
                    level, page: String(page),
                    space: parts.count > 1 ? parts.dropLast().joined(separator: ":") : nil)
                return
            }
            if symbol.hasPrefix(level.entrySpelling.lowercased() + "_") {
                self = .entry(level, page: String(symbol.dropFirst(4)), space: nil)
                return
            }
        }
        if let parts = inside("PA("), let page = parts.last {
            self = .frame(String(page))
        } else {
            self = .variable(symbol)
        }
    }
}
