/// What tells CPUs apart where entries change under them.
///
/// The fields, and the behaviours that have a name, are those of Ptero's CPU profiles of the same names.
public struct CPUBehaviour: Hashable, Sendable {
    /// What a Dirty update does that finds the entry changed since it was decided on.
    public enum Outcome: Hashable, Sendable {
        /// Nothing is set; the CPU walks again, which faults unless the entry came back.
        case refault
        /// D is set, and the store goes on.
        case setThenWrite
        /// D is set (in an entry with P=0 also A), and the CPU faults.
        case setThenFault
    }

    /// When W was cleared meanwhile.
    public var onWriteRevoked: Outcome
    /// When P was cleared meanwhile.
    public var onNotPresent: Outcome
    /// Whether A is set in an entry that lost P meanwhile.
    public var setsAccessedOnNotPresent: Bool
    /// Whether a leaf with W=0, D=1 is a shadow stack.
    public var hasShadowStacks: Bool

    /// Makes a behaviour of one's own.
    public init(
        onWriteRevoked: Outcome, onNotPresent: Outcome, setsAccessedOnNotPresent: Bool = false,
        hasShadowStacks: Bool = false
    ) {
        self.onWriteRevoked = onWriteRevoked
        self.onNotPresent = onNotPresent
        self.setsAccessedOnNotPresent = setsAccessedOnNotPresent
        self.hasShadowStacks = hasShadowStacks
    }

    /// CPUs with shadow stacks: Intel from Tiger Lake on, AMD from Zen 3 on.
    public static let cet = CPUBehaviour(onWriteRevoked: .refault, onNotPresent: .refault, hasShadowStacks: true)
    /// The behaviour everyone hopes for, without shadow stacks.
    public static let strict = CPUBehaviour(onWriteRevoked: .refault, onNotPresent: .refault)
    /// Intel before shadow stacks, by the letter of the manual (SDM volume 3A, note in section 4.8).
    public static let late = CPUBehaviour(onWriteRevoked: .setThenWrite, onNotPresent: .refault)
    /// Xeon Phi x200, erratum KNL4.
    public static let knl = CPUBehaviour(
        onWriteRevoked: .setThenWrite, onNotPresent: .setThenFault, setsAccessedOnNotPresent: true)
    /// A hypervisor that shadows page tables in software.
    public static let shadowed = CPUBehaviour(onWriteRevoked: .setThenFault, onNotPresent: .refault)
    /// The paranoid bound.
    public static let book = CPUBehaviour(
        onWriteRevoked: .setThenWrite, onNotPresent: .setThenWrite, setsAccessedOnNotPresent: true)
}
