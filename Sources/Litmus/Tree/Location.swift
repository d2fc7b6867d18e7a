import Diagnostics
import X86

/// A thing in memory that a test can name.
public enum MemoryName: Sendable, Hashable {
    /// A variable: plain memory, or a translated page's content.
    case variable(String)
    /// `PTE(x)`, `PTE(child:x)`, `pte_x`.
    case leaf(page: String, space: String?)
    /// `PMD(x)`, `PUD(child:x)`, `PGD(x)`: an entry above the leaf.
    case upperEntry(EntryLevel, page: String, space: String?)
    /// `PA(x)`: the page's frame through the direct map.
    case frame(String)

    /// Makes the name of an entry of any level.
    public static func entry(_ level: EntryLevel, page: String, space: String?) -> MemoryName {
        level == .pte ? .leaf(page: page, space: space) : .upperEntry(level, page: page, space: space)
    }

    /// The level, the page and the address space of an entry, nil for `mm`; nil for what is not an entry.
    public var entry: (level: EntryLevel, page: String, space: String?)? {
        switch self {
        case .leaf(let page, let space): (.pte, page, space == "mm" ? nil : space)
        case .upperEntry(let level, let page, let space): (level, page, space == "mm" ? nil : space)
        case .variable, .frame: nil
        }
    }
}

/// What an initial state sets or a condition reads.
///
/// Two locations are equal when they name the same, wherever they are written.
public struct Location: Sendable {
    /// What is named.
    public var kind: Kind
    /// Where it is written, brackets and field not counted; nil for a location that was not read from a text.
    public var span: SourceSpan?

    /// Makes a location.
    public init(_ kind: Kind, span: SourceSpan? = nil) {
        self.kind = kind
        self.span = span
    }

    /// The kinds of locations.
    public enum Kind: Sendable, Hashable {
        /// `0:rax`, `1:eax`.
        case register(processor: Int, RegisterOperand)
        /// `0:mm`, `0:cpl`, `0:if`, `0:cr0.wp` (initial state only); the name as written.
        case setting(processor: Int, String)
        /// `x`, `[x]`, `[PTE(x)]`, `[PA(x)]`, with an element index for arrays (`x[1]`).
        case memory(MemoryName, index: Int)
        /// `[PTE(x)].d`: one field of an entry.
        case field(MemoryName, String)
    }

    /// `0:rax`, `1:eax`.
    public static func register(processor: Int, _ register: RegisterOperand) -> Location {
        Location(.register(processor: processor, register))
    }
    /// `0:mm`, `0:cpl`, `0:if`, `0:cr0.wp`.
    public static func setting(processor: Int, _ name: String) -> Location {
        Location(.setting(processor: processor, name))
    }
    /// `x`, `x[1]`, `[PTE(x)]`, `[PA(x)]`.
    public static func memory(_ name: MemoryName, index: Int) -> Location { Location(.memory(name, index: index)) }
    /// `[PTE(x)].d`.
    public static func field(_ name: MemoryName, _ field: String) -> Location { Location(.field(name, field)) }
}

extension Location: Hashable {
    /// Whether both name the same.
    public static func == (first: Location, second: Location) -> Bool { first.kind == second.kind }
    /// Mixes in what is named.
    public func hash(into hasher: inout Hasher) { hasher.combine(kind) }
}
