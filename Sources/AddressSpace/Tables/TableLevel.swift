/// A level of the tables, by the name of its entries in the SDM (volume 3A, section 4.5).
public enum TableLevel: UInt8, Hashable, Sendable {
    /// Level 1: an entry maps a page of 4 KByte.
    case pte = 1
    /// Level 2: an entry maps a page of 2 MByte, or points to a table of level 1.
    case pde
    /// Level 3: an entry maps a page of 1 GByte, or points to a table of level 2.
    case pdpte
    /// Level 4: an entry points to a table of level 3.
    case pml4e
    /// Level 5: an entry points to a table of level 4.
    case pml5e

    /// The same level as a number.
    private var paging: PagingLevel { PagingLevel(number: UInt64(rawValue)) }
    /// The lowest address bit that selects an entry.
    var shift: UInt64 { paging.shift }
    /// The number of bytes that an entry covers.
    var byteCount: UInt64 { 1 << shift }
    /// The address of the first byte that the entry for an address covers.
    func start(of address: UInt64) -> UInt64 { address & ~(byteCount - 1) }
    /// The index of an address's entry, 0 to 511.
    func index(of address: UInt64) -> Int { paging.index(of: address) }
    /// The level below; nil for the last.
    var below: TableLevel? { TableLevel(rawValue: rawValue - 1) }

    /// The name of an entry.
    var name: StaticString {
        switch self {
        case .pte: "PTE"
        case .pde: "PDE"
        case .pdpte: "PDPTE"
        case .pml4e: "PML4E"
        case .pml5e: "PML5E"
        }
    }

    /// The size of a page that is mapped here.
    var pageSize: StaticString {
        switch self {
        case .pte: "4-KByte"
        case .pde: "2-MByte"
        default: "1-GByte"
        }
    }
}

extension PagingDepth {
    /// The level of the root table.
    var rootLevel: TableLevel { self == .four ? .pml4e : .pml5e }
}
