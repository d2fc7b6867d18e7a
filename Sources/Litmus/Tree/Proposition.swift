import Diagnostics

/// A statement about one final state.
///
/// Two propositions are equal when they say the same, wherever they are written.
public struct Proposition: Sendable {
    /// What is said.
    public var kind: Kind
    /// Where it begins, and how far it goes on that line; nil for a proposition that was not read from a text.
    public var span: SourceSpan?
    /// Where the page is written that `fault` or a property names; nil where none is.
    public var pageSpan: SourceSpan?

    /// Makes a proposition.
    public init(_ kind: Kind, span: SourceSpan? = nil, pageSpan: SourceSpan? = nil) {
        self.kind = kind
        self.span = span
        self.pageSpan = pageSpan
    }

    /// The kinds of propositions.
    public indirect enum Kind: Sendable, Hashable {
        case constant(Bool)
        case not(Proposition)
        case and([Proposition])
        case or([Proposition])
        /// `l=v`; for an entry value only the named fields are compared.
        case equal(Location, Value)
        /// `l==v`: for an entry the whole entry, defaults filled in.
        case identical(Location, Value)
        /// `l=m` where both sides are locations (`0:rax=1:rbx`).
        case same(Location, Location)
        /// `lost_dirty(x)`, `written(x)`, ...
        case property(Property, page: String)
        /// `stale_table(PT(x))`.
        case tableProperty(Property, TableName)
        /// `stuck(P1)`.
        case stuck(processor: Int)
        /// `wild(P1)`.
        case wild(processor: Int)
        /// `fault(P1,x)`, `fault(P1:L0,x)`; any page when `page` is nil.
        case fault(processor: Int, label: String?, page: String?)
    }

    /// `true` or `false`.
    public static func constant(_ value: Bool) -> Proposition { Proposition(.constant(value)) }
    /// The opposite.
    public static func not(_ part: Proposition) -> Proposition { Proposition(.not(part)) }
    /// All of them.
    public static func and(_ parts: [Proposition]) -> Proposition { Proposition(.and(parts)) }
    /// At least one of them.
    public static func or(_ parts: [Proposition]) -> Proposition { Proposition(.or(parts)) }
    /// `l=v`.
    public static func equal(_ location: Location, _ value: Value) -> Proposition {
        Proposition(.equal(location, value))
    }
    /// `l==v`.
    public static func identical(_ location: Location, _ value: Value) -> Proposition {
        Proposition(.identical(location, value))
    }
    /// `l=m`.
    public static func same(_ first: Location, _ second: Location) -> Proposition { Proposition(.same(first, second)) }
    /// `lost_dirty(x)`.
    public static func property(_ property: Property, page: String) -> Proposition {
        Proposition(.property(property, page: page))
    }
    /// `stale_table(PT(x))`.
    public static func tableProperty(_ property: Property, _ table: TableName) -> Proposition {
        Proposition(.tableProperty(property, table))
    }
    /// `stuck(P1)`.
    public static func stuck(processor: Int) -> Proposition { Proposition(.stuck(processor: processor)) }
    /// `wild(P1)`.
    public static func wild(processor: Int) -> Proposition { Proposition(.wild(processor: processor)) }
    /// `fault(P1:L0,x)`.
    public static func fault(processor: Int, label: String?, page: String?) -> Proposition {
        Proposition(.fault(processor: processor, label: label, page: page))
    }
}

extension Proposition: Hashable {
    /// Whether both say the same.
    public static func == (first: Proposition, second: Proposition) -> Bool { first.kind == second.kind }
    /// Mixes in what is said.
    public func hash(into hasher: inout Hasher) { hasher.combine(kind) }
}
