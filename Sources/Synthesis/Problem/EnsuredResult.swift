import Litmus
import PageTable
import X86

/// What `ensures` says of the entry and the registers after a run alone, as a function of the entry before.
struct EnsuredResult: Sendable {
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
        for change in changes { entry[change.field] = change.value.value(before: PageTableEntry(rawValue: before)) }
        return entry.rawValue
    }

    /// What the registers hold after a run.
    func outputs(after before: UInt64) -> [Start.Output] {
        outputs.map { output in
            let value = output.value.value(before: PageTableEntry(rawValue: before))
            return Start.Output(
                register: output.register, mask: output.mask,
                value: value << UInt64(output.mask.trailingZeroBitCount) & output.mask)
        }
    }

    /// The bits of an entry as written: `(p:0)` alone is the empty entry, defaults are filled in otherwise; the frame is not
    /// known here.
    private static func bits(_ literal: EntryLiteral) -> UInt64 {
        if literal.frame == nil, literal.fields == [EntryField(name: "p", value: 0)] { return 0 }
        var entry = PageTableEntry.litmusDefault
        for field in literal.fields {
            if let name = EntryFieldName(spelling: field.name) { entry[name] = field.value }
        }
        return entry.rawValue
    }
}
