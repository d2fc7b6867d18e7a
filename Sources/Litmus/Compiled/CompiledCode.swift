import Diagnostics

/// What code from a compiler needs besides its instructions.
///
/// Every processor has its own instance of the private memory: the stack lies at the bottom, per-CPU data, constants and
/// observed locals after it. No other CPU can reach it, so accesses to it are not steps.
public struct CompiledCode: Sendable, Hashable {
    /// A local variable that a condition can read when the thread has ended.
    public struct Local: Sendable, Hashable {
        /// The processor whose function it belongs to.
        public var processor: Int
        /// Where its last value lies in private memory.
        public var address: UInt64
        /// Its size in bytes, 1 to 8.
        public var bytes: Int
        /// Whether it prints as a signed number.
        public var isSigned: Bool

        /// Describes a local variable.
        public init(processor: Int, address: UInt64, bytes: Int, isSigned: Bool) {
            self.processor = processor
            self.address = address
            self.bytes = bytes
            self.isSigned = isSigned
        }
    }

    /// A bit of private memory that says which features the CPU has.
    public struct FeatureBit: Sendable, Hashable {
        /// When a bit is set.
        public enum Setting: Sendable, Hashable {
            /// On every CPU, because the test says so.
            case on
            /// On no CPU.
            case off
            /// On profiles with shadow stacks.
            case shadowStack
            /// On profiles with `invlpgb` and `tlbsync`.
            case broadcastInvalidate
        }

        /// The aligned word.
        public var address: UInt64
        /// The bit in it.
        public var mask: UInt64
        /// When it is set.
        public var setting: Setting

        /// Describes a bit.
        public init(address: UInt64, mask: UInt64, setting: Setting = .shadowStack) {
            self.address = address
            self.mask = mask
            self.setting = setting
        }
    }

    /// A word of a shared variable that holds an address from the start.
    public struct Pointer: Sendable, Hashable {
        /// The variable that holds it.
        public var variable: String
        /// Which of its 64-bit words.
        public var word: Int
        /// The symbol that it points to: a variable, or a private symbol.
        public var target: String
        /// Bytes from there.
        public var addend: UInt64
        /// Where the code refers to the variable first.
        public var place: SourcePlace

        /// Describes an address in data.
        public init(variable: String, word: Int, target: String, addend: UInt64 = 0, place: SourcePlace) {
            self.variable = variable
            self.word = word
            self.target = target
            self.addend = addend
            self.place = place
        }
    }

    /// The private addresses; the stack grows down from ``stackTop`` to the lower bound.
    public var privateRange: Range<UInt64>
    /// Where the stack begins.
    public var stackTop: UInt64
    /// Addresses of private symbols, and of constants without storage; `%gs` is the base of per-CPU data.
    public var symbols: [String: UInt64]
    /// Initial private words that are not 0, by their aligned address.
    public var contents: [UInt64: UInt64]
    /// Observed locals by the name that conditions use: `0:r1`.
    public var locals: [String: Local]
    /// Bits that depend on the profile.
    public var features: [FeatureBit]
    /// Addresses in shared data.
    public var pointers: [Pointer] = []
    /// Where the instructions of each thread come from, in the order of the test's threads.
    public var origins: [Origins] = []

    /// Describes compiled code.
    public init(
        privateRange: Range<UInt64>, stackTop: UInt64, symbols: [String: UInt64] = [:],
        contents: [UInt64: UInt64] = [:],
        locals: [String: Local] = [:], features: [FeatureBit] = []
    ) {
        self.privateRange = privateRange
        self.stackTop = stackTop
        self.symbols = symbols
        self.contents = contents
        self.locals = locals
        self.features = features
    }
}
