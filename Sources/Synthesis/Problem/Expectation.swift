import Litmus
import PageTable
import X86

/// What `ensures` says of the entry and the registers after a run alone, as a function of the entry before.
struct Expectation: Sendable {
    private let changes: [Ensured.Change]
    /// The whole entry, where it is the same whatever was there.
    private let constant: UInt64?
    private let outputs: [(register: UInt8, mask: UInt64, value: EnsuredValue)]

    init(_ clauses: [Ensured], scratch: [Register]) {
        var changes: [Ensured.Change] = []
        var constant: UInt64?
        var outputs: [(register: UInt8, mask: UInt64, value: EnsuredValue)] = []
        for clause in clauses {
            switch clause.subject {
            case .entry(_, let own): changes += own
            case .constantEntry(_, let literal): constant = Self.bits(literal)
            case .output(let register, let mask, let value):
                if let number = scratch.firstIndex(of: register) { outputs.append((UInt8(number), mask, value)) }
            }
        }
        self.changes = changes
        self.constant = constant
        self.outputs = outputs
    }

    /// The fields that change.
    var fields: [EntryFieldName] { changes.map { $0.field } }

    /// Whether the entry afterwards does not depend on that before.
    var isConstant: Bool { constant != nil }

    /// The entry after a run.
    func entry(after before: UInt64) -> UInt64 {
        if let constant { return constant }
        var entry = PageTableEntry(rawValue: before)
        for change in changes { entry[change.field] = Self.value(change.value, before) }
        return entry.rawValue
    }

    /// What the registers hold after a run.
    func outputs(after before: UInt64) -> [Start.Output] {
        outputs.map { output in
            Start.Output(
                register: output.register, mask: output.mask, isSet: Self.value(output.value, before) != 0)
        }
    }

    private static func bits(_ literal: EntryLiteral) -> UInt64 {
        var entry = PageTableEntry(rawValue: 0)
        for field in literal.fields {
            if let name = EntryFieldName(spelling: field.name) { entry[name] = field.value }
        }
        return entry.rawValue
    }

    private static func value(_ value: EnsuredValue, _ before: UInt64) -> UInt64 {
        switch value {
        case .constant(let number): number
        case .old(let field): PageTableEntry(rawValue: before)[field]
        case .not(let part): Self.value(part, before) == 0 ? 1 : 0
        case .and(let first, let second): Self.value(first, before) != 0 && Self.value(second, before) != 0 ? 1 : 0
        case .or(let first, let second): Self.value(first, before) != 0 || Self.value(second, before) != 0 ? 1 : 0
        }
    }
}
