/// The label of a step in a search: CPU in bits 24 to 31, kind in bits 16 to 23, operand in bits 0 to 15.
public struct StepLabel: RawRepresentable, Sendable, Hashable {
    /// The label as searches keep it.
    public let rawValue: UInt32

    /// Takes a label as searches keep it.
    @inline(__always)
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Labels a step; of an operand the lower 16 bits are kept.
    @inline(__always)
    init(cpu: Int, kind: StepKind, operand: Int) {
        rawValue =
            UInt32(truncatingIfNeeded: cpu) << 24 | UInt32(kind.rawValue) << 16
            | UInt32(UInt16(truncatingIfNeeded: operand))
    }

    /// The CPU that steps.
    public var cpu: Int { Int(rawValue >> 24) }

    /// The kind of step.
    public var kind: StepKind { StepKind(rawValue: UInt8(truncatingIfNeeded: rawValue >> 16)) ?? .instruction }

    /// A leaf, a translation's number or a CPU, as the kind says.
    public var operand: Int { Int(UInt16(truncatingIfNeeded: rawValue)) }
}

extension StepKind {
    /// Whether a thread takes such a step, or the hardware on its behalf: runs end where there is none.
    ///
    /// What a TLB caches and loses of its own accord keeps no run from being over. Accessed updates are of a thread
    /// only where an instruction asked for the walk.
    @inline(__always)
    var isOfThread: Bool {
        switch self {
        case .speculate, .evict, .abandonWalk: false
        case .instruction, .access, .drain, .walk, .beginAccessed, .setAccessed, .beginDirty, .setDirty,
            .setDirtyAndFault, .walkAgain, .fault, .retry, .flush, .acknowledge, .broadcast, .takeBroadcast, .readTable,
            .goWild, .interrupt:
            true
        }
    }
}
