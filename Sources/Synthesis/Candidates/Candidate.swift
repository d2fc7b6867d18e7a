import X86

/// A sequence that may fill the hole, in one of the shapes that the search composes.
struct Candidate: Hashable, Sendable {
    /// Its shape.
    var shape: Shape
    /// Of a case split: whether its first way stands after the second, where it needs no jump to the end.
    var firstIsLast = false

    /// The shapes.
    indirect enum Shape: Hashable, Sendable {
        /// One instruction after the other.
        case straight([Template])
        /// Load, compute, `cmpxchg`, and again when the entry has changed.
        case loop(Loop)
        /// Load, look at bits, and one of two ways.
        case split(Predicate, Branch, Branch)
    }

    /// A loop around a pure function of the loaded entry.
    struct Loop: Hashable, Sendable {
        /// What is computed from rax, which stays as it was loaded.
        var term: [Template]
        /// The register with the result.
        var result: UInt8
        /// The width of the load and of `cmpxchg`.
        var width: UInt8
    }

    /// What a case split chooses; rax holds the loaded entry.
    enum Branch: Hashable, Sendable {
        case straight([Template])
        /// When the entry has changed it goes back to the look at its bits.
        case loop(Loop)

        var isLoop: Bool { if case .loop = self { true } else { false } }

        /// Whether there is nothing to do.
        var isEmpty: Bool { if case .straight(let templates) = self { templates.isEmpty } else { false } }
    }
}

/// A look at bits of the loaded entry.
struct Predicate: Hashable, Sendable {
    /// The bits, all in the lowest byte.
    var mask: UInt64
    /// Whether all of them are to be set for the first way; otherwise any of them.
    var needsAll: Bool

    /// Whether an entry goes the first way.
    func holds(_ entry: UInt64) -> Bool { needsAll ? entry & mask == mask : entry & mask != 0 }
}
