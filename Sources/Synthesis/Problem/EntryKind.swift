import PageTable

/// What hardware has left to do in an entry: costs are told for each kind apart.
package enum EntryKind: String, CaseIterable, Hashable, Sendable {
    /// D=0, A=1.
    case clean
    /// D=0, A=0: nobody has used the page.
    case cleanAndOld
    /// D=1, A=1.
    case dirty
    /// D=1, A=0: dirty, and not used since A was cleared.
    case dirtyAndOld

    init(_ entry: UInt64) {
        switch (entry & EntryBits.dirty != 0, entry & EntryBits.accessed != 0) {
        case (false, true): self = .clean
        case (false, false): self = .cleanAndOld
        case (true, true): self = .dirty
        case (true, false): self = .dirtyAndOld
        }
    }

    /// How many of a hundred entries are of this kind in the mix that ranks answers, unless the user says otherwise.
    package var usualShare: Double {
        switch self {
        case .clean: 45
        case .cleanAndOld: 5
        case .dirty: 45
        case .dirtyAndOld: 5
        }
    }
}
