import Litmus
import X86

/// What is to be explored, lowered from a test: CPUs, memory and what the question needs to know.
///
/// Everything is resolved: symbols are addresses (``AddressMap``), pages and address spaces are numbers.
public struct Scenario: Sendable {
    /// The CPUs in order.
    public var cpus: [Processor]
    /// The address map with all pages and variables.
    public var map: AddressMap
    /// Initial content of words; words not named hold 0.
    public var contents: [Int: UInt64]
    /// Pages of shadow-stack mappings: Write=0, Dirty=1 is right there.
    public var shadowStackPages: Set<Int>
    /// What the question asks about, so that only that is recorded.
    public var watches: Watches
    /// Eager speculation, separate Dirty steps and evictions: the literal machine, for the reference search.
    public var isEager: Bool
    /// The reductions that may be used; the literal machine uses none.
    public var reductions: Set<Reduction>
    /// ``Machine/longestLocalRun``; tests lower it.
    var longestLocalRun = Machine.longestLocalRun

    /// Whether some CPU runs code when another interrupts it.
    var hasInterruptHandlers: Bool { cpus.contains { $0.interruptHandler != nil } }

    /// Makes a scenario.
    public init(
        cpus: [Processor], map: AddressMap, contents: [Int: UInt64], shadowStackPages: Set<Int> = [],
        watches: Watches = Watches(), isEager: Bool = false, reductions: Set<Reduction> = Set(Reduction.allCases)
    ) {
        self.cpus = cpus
        self.map = map
        self.contents = contents
        self.shadowStackPages = shadowStackPages
        self.watches = watches
        self.isEager = isEager
        self.reductions = isEager ? [] : reductions
    }

    /// The same scenario explored without any reduction, as replay strings count its steps.
    public var withoutReductions: Scenario {
        var scenario = self
        scenario.reductions = []
        return scenario
    }

    /// Whether some thread could go on for ever.
    public var canLoop: Bool { cpus.contains { $0.canLoop } }
}

/// One CPU of a scenario and the thread on it.
public struct Processor: Sendable {
    /// Its class.
    public var profile: CPUProfile
    /// The thread's code, symbols resolved.
    public var program: Program
    /// The fault handler's code, if the test has one.
    public var handler: Program?
    /// The code that an interrupt from another CPU runs, if the test has one.
    public var interruptHandler: Program?
    /// All code that the CPU can run.
    var programs: [Program] { [program, handler, interruptHandler].compactMap { $0 } }
    /// What a page fault does (machine.md, section 5).
    public var onFault: FaultPolicy
    /// The handler is entered through a trap gate: interrupts stay as they are (SDM 3A 6.12.1.2).
    public var keepsInterruptsInHandler = false
    /// Registers at the start; the interrupt flag is part of them.
    public var registers: RegisterFile
    /// Number of the address space that is loaded.
    public var space: Int
    /// Current privilege level, 0 or 3.
    public var privilege: Int
    /// CR0.WP: the kernel cannot write through W=0.
    public var writeProtect: Bool
    /// Stack and per-CPU data with their initial content.
    public var privateMemory: PrivateMemory
    /// The lowest address of the stack; what is left below the stack pointer is forgotten from here on.
    public var stackBase: UInt64
    /// Where the stack begins; it grows down to ``stackBase``.
    public var stackTop: UInt64
    /// The code is a C compiler's: services take their arguments from registers (System V ABI, 3.2.3), nothing below the
    /// stack pointer is alive (`-mno-red-zone`), and the registers of a thread that has ended mean nothing.
    public var isCompiled: Bool

    /// Makes a CPU in kernel mode with `mm` loaded.
    public init(
        profile: CPUProfile, program: Program, handler: Program? = nil, onFault: FaultPolicy = .stop,
        registers: RegisterFile = RegisterFile(), space: Int = 0, privilege: Int = 0, writeProtect: Bool = true,
        privateMemory: PrivateMemory = PrivateMemory(), stackBase: UInt64 = 0, stackTop: UInt64 = 0,
        isCompiled: Bool = false
    ) {
        self.profile = profile
        self.program = program
        self.handler = handler
        self.onFault = onFault
        self.registers = registers
        self.space = space
        self.privilege = privilege
        self.writeProtect = writeProtect
        self.privateMemory = privateMemory
        self.stackBase = stackBase
        self.stackTop = stackTop
        self.isCompiled = isCompiled
    }

    /// Whether the thread could go on for ever: it jumps backwards, or a handler brings it back.
    ///
    /// Interrupts alone do not: each is an instruction of another thread.
    public var canLoop: Bool { handler != nil || program.canLoop || interruptHandler?.canLoop ?? false }

    /// CET is on: the CPU has it, and CR0.WP is set, which CR4.CET needs (SDM 3A 2.5).
    public var hasShadowStacks: Bool { profile.shadowStack && writeProtect }
}

/// Which ghost state is recorded; all of it is read by conditions only.
public struct Watches: Sendable, Hashable {
    /// A `fault(Pn:L,x)` that a condition names.
    public struct Fault: Sendable, Hashable {
        /// The CPU.
        public var cpu: Int
        /// The instruction's index in the thread's program, or nil for any.
        public var instruction: Int?
        /// The page, or nil for any.
        public var page: Int?

        /// Names a fault.
        public init(cpu: Int, instruction: Int?, page: Int?) {
            self.cpu = cpu
            self.instruction = instruction
            self.page = page
        }
    }

    /// What each property is asked of; a list, because a dictionary's type is made when it is first met, and each start would wait.
    public struct Subjects: Sendable, Hashable {
        private var byProperty = [Set<Int>](repeating: [], count: Property.allCases.count)

        /// What a property is asked of.
        public subscript(property: Property) -> Set<Int> {
            get { byProperty[Self.index(of: property)] }
            set { byProperty[Self.index(of: property)] = newValue }
        }

        private static func index(of property: Property) -> Int { Property.allCases.firstIndex(of: property) ?? 0 }
    }

    /// Faults to record, each with a bit of its own (at most 64).
    public var faults: [Fault] = []
    /// CPUs of which something is asked by their number: registers, locals, faults, whether they are stuck.
    public var processors: Set<Int> = []
    /// By CPU, the registers that are shown.
    public var registers: [Int: Set<Register>] = [:]
    /// Words of data that are shown.
    public var words: Set<Int> = []
    /// By property, what it is asked of: variables for what is about frames, else pages.
    public var subjects = Subjects()

    /// It is asked whether a CPU came to a frame of which nothing is known.
    public var asksWild = false

    /// What a property is asked of.
    public subscript(property: Property) -> Set<Int> { subjects[property] }

    /// Nothing watched.
    public init() {}
}
