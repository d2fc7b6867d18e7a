import Diagnostics
import PageTable
import X86

/// `starts (rw:1, d:*, sd:0)`: the entries that a hole's instructions must handle when they run alone.
///
/// What is not named takes varied values. Two are equal when they say the same, wherever they are written.
public struct StartEntries: Sendable {
    /// What is said of one field.
    public struct Field: Sendable, Hashable {
        /// The field.
        public var name: EntryFieldName
        /// Its value; nil for `*`, both values of a field of one bit.
        public var value: UInt64?

        /// Says what a field is at the start.
        public init(name: EntryFieldName, value: UInt64?) {
            self.name = name
            self.value = value
        }
    }

    /// The fields that are named, each once, in order.
    public var fields: [Field]
    /// Where `starts` is written; nil for one that was not read from a text.
    public var span: SourceSpan?

    /// Makes the description of the entries.
    public init(fields: [Field], span: SourceSpan? = nil) {
        self.fields = fields
        self.span = span
    }
}

extension StartEntries: Hashable {
    /// Whether both say the same.
    public static func == (first: StartEntries, second: StartEntries) -> Bool { first.fields == second.fields }
    /// Mixes in what is said.
    public func hash(into hasher: inout Hasher) { hasher.combine(fields) }
}

/// A clause of `ensures`: what holds after a hole's instructions, when nobody interferes, from each start.
///
/// Two are equal when they say the same, wherever they are written.
public struct Ensured: Sendable {
    /// What a clause is about.
    public enum Subject: Sendable, Hashable {
        /// `[PTE(x)] = old with (rw:0)`: the entry is the one before, but for these fields; a leaf's entry.
        case entry(MemoryName, [Change])
        /// `[PTE(x)] = (p:0)`: the whole entry is this, defaults filled in, whatever it was.
        case constantEntry(MemoryName, EntryLiteral)
        /// `al&64 = old.d`: the bits of the register under the mask, moved down until the mask's lowest is bit 0.
        case output(Register, mask: UInt64, EnsuredValue)
    }

    /// `sd: old.sd \/ old.d`: one field of the entry after.
    public struct Change: Sendable, Hashable {
        /// The field.
        public var field: EntryFieldName
        /// Its value; what does not fit into the field is cut off.
        public var value: EnsuredValue

        /// Says what a field is afterwards.
        public init(field: EntryFieldName, value: EnsuredValue) {
            self.field = field
            self.value = value
        }
    }

    /// What the clause says.
    public var subject: Subject
    /// Where it is written; nil for a clause that was not read from a text.
    public var span: SourceSpan?

    /// Makes a clause.
    public init(_ subject: Subject, span: SourceSpan? = nil) {
        self.subject = subject
        self.span = span
    }
}

extension Ensured: Hashable {
    /// Whether both say the same.
    public static func == (first: Ensured, second: Ensured) -> Bool { first.subject == second.subject }
    /// Mixes in what is said.
    public func hash(into hasher: inout Hasher) { hasher.combine(subject) }
}

/// A number that is computed from the entry before; bit by bit, of 64 bits.
public indirect enum EnsuredValue: Sendable, Hashable {
    case constant(UInt64)
    /// `old.d`: a field before, moved down to bit 0.
    case old(EntryFieldName)
    case not(EnsuredValue)
    case and(EnsuredValue, EnsuredValue)
    case or(EnsuredValue, EnsuredValue)

    /// The number for an entry before; whoever compares it cuts it to the width of what it is compared with.
    package func value(before entry: PageTableEntry) -> UInt64 {
        switch self {
        case .constant(let number): number
        case .old(let field): entry[field]
        case .not(let part): ~part.value(before: entry)
        case .and(let first, let second): first.value(before: entry) & second.value(before: entry)
        case .or(let first, let second): first.value(before: entry) | second.value(before: entry)
        }
    }
}
