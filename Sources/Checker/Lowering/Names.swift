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
    /// Leaves named somewhere; a leaf of a translated page that is not named is not present.
    private(set) var leaves: Set<MemoryName> = []

    init(_ test: LitmusTest) {
        var plain: Set<String> = []
        func note(_ name: MemoryName) {
            switch name {
            // `0:r1` is a local variable of compiled code.
            case .variable(let name): if !name.contains(":") { plain.insert(name) }
            case .frame(let name):
                variables.insert(name)
                frames.insert(name)
            case .leaf(let page, let space):
                variables.insert(page)
                translated.insert(page)
                leaves.insert(.leaf(page: page, space: space == "mm" ? nil : space))
                if let space { spaces.insert(space) }
            }
        }
        func note(_ value: Value) {
            switch value {
            case .integer: break
            case .address(let name): note(name)
            case .entry(let entry): if let frame = entry.frame { note(.frame(frame)) }
            }
        }
        func note(_ location: Location) {
            switch location {
            case .register, .setting: break
            case .memory(let name, _), .field(let name, _): note(name)
            }
        }
        for initialization in test.initializations {
            note(initialization.location)
            if case .setting(_, "mm") = initialization.location {
                for case .address(.variable(let space)) in initialization.values { spaces.insert(space) }
            } else {
                initialization.values.forEach(note)
            }
        }
        for pointer in test.compiled?.pointers ?? [] where test.compiled?.symbols[pointer.target] == nil {
            note(MemoryName(symbol: pointer.target))
        }
        for column in test.threads + test.handlers.values {
            for (symbol, _) in column.program.symbolReferences where test.compiled?.symbols[symbol] == nil {
                note(MemoryName(symbol: symbol))
            }
            for index in column.program.instructions.indices {
                // Pages, frames and address spaces are what the rest of the test says; a misspelt one must not be a new one.
                if case .service(let name, let arguments) = column.program.instructions[index].request(RegisterFile()),
                    KernelService.introducesVariables(name), let first = arguments.first,
                    first.isVariableName, case .variable = MemoryName(symbol: first)
                {
                    note(.variable(first))
                }
            }
        }
        test.locations.forEach(note)
        for proposition in [test.condition.proposition] + (test.filter.map { [$0] } ?? []) {
            proposition.visit { part in
                switch part {
                case .equal(let location, let value), .identical(let location, let value):
                    note(location)
                    note(value)
                case .same(let first, let second):
                    note(first)
                    note(second)
                case .property(_, let page): note(.variable(page))
                case .fault(_, _, let page?): note(.variable(page))
                default: break
                }
            }
        }
        spaces.remove("mm")
        variables.formUnion(plain.subtracting(spaces).subtracting(["mm", ""]))
        switch test.translated {
        case .all: translated = variables
        case .named(let names): translated.formUnion(names)
        }
        translated.formIntersection(variables)
    }
}

extension MemoryName {
    /// Reads the spelling that code uses: `x`, `PTE(x)`, `PTE(child:x)`, `pte_x`, `PA(x)`.
    init(symbol: String) {
        func inside(_ head: String) -> [Substring]? {
            guard symbol.hasPrefix(head), symbol.hasSuffix(")") else { return nil }
            return symbol.dropFirst(head.count).dropLast().split(separator: ":")
        }
        if let parts = inside("PTE("), let page = parts.last {
            self = .leaf(page: String(page), space: parts.count == 2 ? String(parts[0]) : nil)
        } else if let parts = inside("PA("), let page = parts.last {
            self = .frame(String(page))
        } else if symbol.hasPrefix("pte_") {
            self = .leaf(page: String(symbol.dropFirst(4)), space: nil)
        } else {
            self = .variable(symbol)
        }
    }
}

extension Proposition {
    /// Calls `body` for this proposition and all its parts.
    func visit(_ body: (Proposition) -> Void) {
        body(self)
        switch self {
        case .not(let part): part.visit(body)
        case .and(let parts), .or(let parts): parts.forEach { $0.visit(body) }
        default: break
        }
    }
}
