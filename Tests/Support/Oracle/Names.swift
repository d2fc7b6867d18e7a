import Litmus
import X86

/// Every name that a test mentions, sorted into variables, address spaces and translated pages.
struct Names {
    private(set) var variables: Set<String> = []
    private(set) var spaces: Set<String> = ["mm"]
    /// Variables whose entry is named somewhere.
    private(set) var translated: Set<String> = []

    init(_ test: LitmusTest) throws {
        // Address spaces first: `2:mm = child` reads like the address of a variable.
        for initialization in test.initializations {
            if case .setting(_, "mm") = initialization.location.kind {
                for case .address(.variable(let space)) in initialization.values.map(\.kind) { spaces.insert(space) }
            }
            collectSpaces(initialization.location)
            for value in initialization.values { collectSpaces(value) }
        }
        let columns = test.threads + test.handlers.keys.sorted().compactMap { test.handlers[$0] }
        let symbols = columns.flatMap { column in
            column.program.symbolReferences.map { memoryName(ofSymbol: $0.symbol) }
        }
        for case .leaf(_, let space?) in symbols { spaces.insert(space) }
        for column in columns {
            for case .service(.flushSpace, let arguments) in column.program.requests {
                for argument in arguments where !argument.isEmpty { spaces.insert(argument) }
            }
        }
        forEachLocation(test) { collectSpaces($0) }

        for initialization in test.initializations {
            collect(initialization.location)
            if case .setting = initialization.location.kind { continue }
            for value in initialization.values { collect(value) }
        }
        for symbol in symbols { collect(symbol) }
        for column in columns {
            for case .service(let service, let arguments) in column.program.requests where service != .flushSpace {
                if let first = arguments.first, !first.isEmpty { collectPage(ofArgument: first) }
            }
        }
        forEachLocation(test) { collect($0) }
        forEachValue(test) { collect($0) }
        for name in test.shadowStackPages { variables.insert(name) }
        switch test.translated {
        case .all: translated = variables
        case .named(let names):
            variables.formUnion(names)
            translated.formUnion(names)
        }
    }

    private mutating func collectSpaces(_ location: Location) {
        switch location.kind {
        case .memory(.leaf(_, let space?), _), .field(.leaf(_, let space?), _): spaces.insert(space)
        default: break
        }
    }

    private mutating func collectSpaces(_ value: Value) {
        if case .address(.leaf(_, let space?)) = value.kind { spaces.insert(space) }
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
        case .entry(let literal): if let frame = literal.frame { variables.insert(frame) }
        }
    }

    private mutating func collect(_ name: MemoryName) {
        switch name {
        case .variable(let name), .frame(let name): if !spaces.contains(name) { variables.insert(name) }
        case .leaf(let page, _), .upperEntry(_, let page, _):
            variables.insert(page)
            translated.insert(page)
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

/// A symbol of the code (`x`, `PTE(child:x)`, `PA(x)`, `pte_x`) as the name it means.
func memoryName(ofSymbol symbol: String) -> MemoryName {
    func inner(_ prefix: String) -> String? {
        symbol.hasPrefix(prefix) && symbol.hasSuffix(")") ? String(symbol.dropFirst(prefix.count).dropLast()) : nil
    }
    if let page = inner("PTE(") {
        let parts = page.split(separator: ":").map { String($0) }
        return parts.count == 2 ? .leaf(page: parts[1], space: parts[0]) : .leaf(page: page, space: nil)
    }
    if let page = inner("PA(") { return .frame(page) }
    if symbol.hasPrefix("pte_") { return .leaf(page: String(symbol.dropFirst(4)), space: nil) }
    return .variable(symbol)
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
