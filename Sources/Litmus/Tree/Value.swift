import Diagnostics
import PageTable

/// A value in an initial state or a condition.
///
/// Two values are equal when they say the same, wherever they are written.
public struct Value: Sendable {
    /// What the value is.
    public var kind: Kind
    /// Where it is written; nil for a value that was not read from a text.
    public var span: SourceSpan?

    /// Makes a value.
    public init(_ kind: Kind, span: SourceSpan? = nil) {
        self.kind = kind
        self.span = span
    }

    /// The kinds of values.
    public enum Kind: Sendable, Hashable {
        /// An integer, as its 64-bit pattern.
        case integer(UInt64)
        /// The address of something (`x`, `PTE(x)`, `PA(x)`), or an address space's name (resolved later, as `.variable`).
        case address(MemoryName)
        /// `(oa:PA(x), rw:0, ...)`.
        case entry(EntryLiteral)
    }

    /// An integer, as its 64-bit pattern.
    public static func integer(_ number: UInt64) -> Value { Value(.integer(number)) }
    /// The address of something.
    public static func address(_ name: MemoryName) -> Value { Value(.address(name)) }
    /// A page-table entry.
    public static func entry(_ literal: EntryLiteral) -> Value { Value(.entry(literal)) }
}

extension Value: Hashable {
    /// Whether both say the same.
    public static func == (first: Value, second: Value) -> Bool { first.kind == second.kind }
    /// Mixes in what the value is.
    public func hash(into hasher: inout Hasher) { hasher.combine(kind) }
}

/// A page-table entry as written: only the fields that are named.
public struct EntryLiteral: Sendable, Hashable {
    /// `oa:PA(x)`, or nil.
    public var frame: String?
    /// `oa:PT(x)`, a table's frame as data, or nil.
    public var frameOfTable: TableName?
    /// The other fields in order, by their litmus name (`p`, `rw`, `us`, `pwt`, `pcd`, `a`, `d`, `ps`, `pat`, `g`, `sw1`,
    /// `uffd`, `soft`, `sd`, `pkey`, `nx`), values not yet range-checked beyond the field's width.
    public var fields: [EntryField]
    /// `table:PT(x)` of an entry above the leaf, or nil.
    public var table: TableName?

    /// Makes a literal.
    public init(
        frame: String? = nil, fields: [EntryField] = [], table: TableName? = nil, frameOfTable: TableName? = nil
    ) {
        self.frame = frame
        self.frameOfTable = frameOfTable
        self.fields = fields
        self.table = table
    }

    /// Whether it maps a page of 2 MByte or 1 GByte: `ps:1`.
    public var isLarge: Bool { fields.contains(EntryField(name: EntryFieldName.pageSize.spelling, value: 1)) }

    /// Whether it says where it leads: to a frame or to a table.
    public var namesTarget: Bool { frame != nil || frameOfTable != nil || table != nil }
}

/// `rw:1` in an entry.
public struct EntryField: Sendable, Hashable {
    /// The litmus name of the field.
    public var name: String
    /// Its value.
    public var value: UInt64

    /// Makes a field.
    public init(name: String, value: UInt64) {
        self.name = name
        self.value = value
    }
}
