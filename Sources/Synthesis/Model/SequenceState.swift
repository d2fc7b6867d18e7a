import Litmus
import X86

/// Where a run of a sequence stands in the quick model: one page-table entry, the registers of one CPU, its store buffer, and
/// what hardware has done to the entry meanwhile.
///
/// Candidates are told apart and pruned with it. It decides no verdict: ``Judge`` asks the machine.
struct SequenceState {
    /// The entry in memory.
    var entry: UInt64
    /// The scratch registers in the order of the hole's contract.
    var registers: Registers
    /// Stores that have not reached memory, oldest first; places past `buffered` are 0.
    var buffer = Buffer()
    /// How many stores the buffer holds.
    var buffered: UInt8 = 0
    /// ZF, CF and SF.
    var flags: SequenceFlags = []
    /// How far a Dirty update of hardware has come.
    var update = DirtyProgress.none
    /// What happened on the way.
    var past: Past = []
    /// Stands for all that the sequence has made of the entry so far: other CPUs may have read each of it.
    var history: UInt64 = 0

    /// At most four scratch registers.
    struct Registers: Hashable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0

        subscript(_ number: UInt8) -> UInt64 {
            get {
                switch number {
                case 0: first
                case 1: second
                case 2: third
                default: fourth
                }
            }
            set {
                switch number {
                case 0: first = newValue
                case 1: second = newValue
                case 2: third = newValue
                default: fourth = newValue
                }
            }
        }
    }

    /// Stores to the entry that wait in a store buffer: bytes and their content.
    struct Buffer {
        var masks: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var values: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    }

    /// The most stores that a buffer of the quick model holds.
    static let mostBuffered: UInt8 = 4

    /// What happened on the way to a state.
    struct Past: OptionSet, Hashable {
        let rawValue: UInt8

        /// Hardware set A.
        static let accessed = Past(rawValue: 1)
        /// A store of the sequence made an entry with W=0, D=1.
        static let shadowStackEntry = Past(rawValue: 2)
        /// A store of the sequence left the entry without P.
        static let absent = Past(rawValue: 4)
    }

    /// The entry as the CPU of the sequence reads it: its own stores first.
    var seen: UInt64 {
        guard buffered > 0 else { return entry }
        var word = entry
        word = word & ~buffer.masks.0 | buffer.values.0
        word = word & ~buffer.masks.1 | buffer.values.1
        word = word & ~buffer.masks.2 | buffer.values.2
        return word & ~buffer.masks.3 | buffer.values.3
    }
}

/// The flags that candidates can read.
struct SequenceFlags: OptionSet, Hashable {
    let rawValue: UInt8

    /// ZF.
    static let zero = SequenceFlags(rawValue: 1)
    /// CF.
    static let carry = SequenceFlags(rawValue: 2)
    /// SF.
    static let sign = SequenceFlags(rawValue: 4)
}

/// How far a Dirty update of hardware has come (machine.md, section 4).
enum DirtyProgress: UInt8, Hashable {
    /// None is under way.
    case none
    /// A CPU has decided to set D.
    case decided
    /// D was set while the entry allowed writing.
    case set
    /// D was set in an entry with W=0.
    case setLate
    /// D was set in an entry with P=0.
    case setAbsent
}
