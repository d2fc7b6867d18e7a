import Diagnostics

/// What code from a compiler needs besides its instructions.
///
/// Every processor has its own instance of the private memory: the stack lies at the bottom, per-CPU data, constants and
/// observed locals after it. No other CPU can reach it, so accesses to it are not steps.
public struct CompiledCode: Sendable, Hashable {
    /// A local variable that a condition can read when the thread has ended.
    package struct Local: Sendable, Hashable {
        /// The processor whose function it belongs to.
        package var processor: Int
        /// Where its last value lies in private memory.
        package var address: UInt64
        /// Its size in bytes, 1 to 8.
        package var bytes: Int
        /// Whether it prints as a signed number.
        package var isSigned: Bool

        /// Describes a local variable.
        package init(processor: Int, address: UInt64, bytes: Int, isSigned: Bool) {
            self.processor = processor
            self.address = address
            self.bytes = bytes
            self.isSigned = isSigned
        }
    }

    /// A bit of private memory that says which features the CPU has.
    package struct FeatureBit: Sendable, Hashable {
        /// When a bit is set.
        package enum Setting: Sendable, Hashable {
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
        package var address: UInt64
        /// The bit in it.
        package var mask: UInt64
        /// When it is set.
        package var setting: Setting

        /// Describes a bit.
        package init(address: UInt64, mask: UInt64, setting: Setting = .shadowStack) {
            self.address = address
            self.mask = mask
            self.setting = setting
        }
    }

    /// A word of a shared variable that holds an address from the start.
    package struct Pointer: Sendable, Hashable {
        /// The variable that holds it.
        package var variable: String
        /// Which of its 64-bit words.
        package var word: Int
        /// The symbol that it points to: a variable, or a private symbol.
        package var target: String
        /// Bytes from there.
        package var addend: UInt64
        /// Where the code refers to the variable first.
        package var place: SourcePlace

        /// Describes an address in data.
        package init(variable: String, word: Int, target: String, addend: UInt64 = 0, place: SourcePlace) {
            self.variable = variable
            self.word = word
            self.target = target
            self.addend = addend
            self.place = place
        }
    }

    /// The symbol of the table at which a walk of the address space begins that the CPU runs: `ptero_mm.pgd`.
    package static let loadedRoot = "__ptero_root"
    /// The symbol of the table at which a walk of `mm` begins, whatever the CPU runs.
    package static let processRoot = "__ptero_process_root"
    /// The symbol of the table at which a walk of the kernel's own address space begins, which has no user pages.
    package static let kernelRoot = "__ptero_kernel_root"
    /// The symbols of tables, whose addresses the test's layout decides.
    package static let roots: Set<String> = [loadedRoot, processRoot, kernelRoot]

    /// The private addresses; the stack grows down from ``stackTop`` to the lower bound.
    package var privateRange: Range<UInt64>
    /// Where the stack begins.
    package var stackTop: UInt64
    /// Addresses of private symbols, and of constants without storage; `%gs` is the base of per-CPU data.
    package var symbols: [String: UInt64]
    /// Initial private words that are not 0, by their aligned address.
    package var contents: [UInt64: UInt64]
    /// Observed locals by the name that conditions use: `0:r1`.
    package var locals: [String: Local]
    /// Bits that depend on the profile.
    package var features: [FeatureBit]
    /// Addresses in shared data.
    package var pointers: [Pointer] = []
    /// How far the copies of two CPUs of per-CPU data are apart, in bytes; 0 where they have one address.
    package var perCPUStride: UInt64 = 0
    /// Where the instructions of each thread come from, in the order of the test's threads.
    package var origins: [Origins] = []
    /// Processors whose code can call `BUG`; every condition that does not name it asks for it as well.
    package var bugProcessors: [Int] = []

    /// Describes compiled code.
    package init(
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
