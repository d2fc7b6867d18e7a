import Litmus
import X86

/// The machine of machine.md for one scenario: packed states and the steps out of each.
///
/// A state is a few 64-bit words of bit fields (``FieldWidths``): the numbers of the threads' local states, of the
/// words' values and of the buffered stores, a bit set of cached translations per CPU and leaf, and ghost bits. Each
/// mechanism of the hardware is an extension in a file of its own: `StoreBuffer`, `TranslationBuffer`, `Walker`,
/// `DirtyUpdate`, `PageFault`, `Shootdown`, `Ghost`; with several levels also `PartialWalks` and `TableWalker`.
///
/// What is settled before the first step is in a `MachinePlan`, what numbers stand for in `MachineTables`; the
/// machine itself is what one thread needs to compute steps.
public final class Machine {
    /// How many instructions a thread may run without asking for anything, unless it goes round in circles.
    public static let longestLocalRun = 1_000_000

    let plan: MachinePlan
    let tables: MachineTables
    /// Another machine, the leader, writes the tables; this one reads them.
    let isFollower: Bool

    // Copies of what every step looks at, one load nearer than by way of plan and tables.

    /// Length of a state in 64-bit words.
    public let stateWords: Int
    let cpuCount: Int
    let leafCount: Int
    let pageCount: Int
    let isEager: Bool
    let cpus: UnsafeMutablePointer<CPUFields>
    let traits: UnsafeMutablePointer<CPUTraits>
    let memory: UnsafeMutablePointer<Field>
    let words: UnsafeMutablePointer<WordInfo>
    let leaves: UnsafeMutablePointer<LeafInfo>
    let walks: WalkLayout
    let ghost: GhostFields
    let numbers: UnsafeMutablePointer<NumberTables>
    let records: UnsafeMutablePointer<UnsafeMutablePointer<ThreadRecord>>
    let answers: UnsafeMutablePointer<AnswerTable>
    let translations: UnsafeMutablePointer<TranslationTable>
    let lateWalks: UnsafeMutablePointer<LateWalkTable>
    /// Whether of independent steps only one order is explored (`PartialOrder.swift`).
    public let usesPartialOrder: Bool
    let hasSymmetry: Bool
    /// CPUs whose code waits for RCU readers, a bit each.
    let gracePeriods: UInt64
    /// A step can have consequences for TLBs, or for who waits for readers.
    let settles: Bool
    /// It is asked whether sizes differ, so that NX counts.
    let asksMismatch: Bool

    // Scratch space of one thread; checking each access to it for exclusivity would cost more than the access.

    let steps: StepBuffer
    /// What has changed in the successor under construction.
    @exclusivity(unchecked) var changes = Changes()
    /// The number of steps of threads (not of mere speculation) out of the state at hand.
    @exclusivity(unchecked) var threadSteps = 0
    /// What the processes of the state at hand do next.
    @exclusivity(unchecked) var outlook: Outlook
    let symmetry: Symmetry
    /// Steps that were computed before.
    let localSteps: LocalSteps
    /// Successors are left as their steps made them, for those who follow which CPU is which; see ``sort(_:after:)``.
    @exclusivity(unchecked) public var keepsOrigins = false

    // How it went.

    /// Why the machine cannot go on, once it cannot.
    @exclusivity(unchecked) public private(set) var failure: MachineFailure?
    /// Where the thread was that the first failure is about, for code from a compiler.
    @exclusivity(unchecked) public internal(set) var failurePoint: FailurePoint?
    /// The parts that have turned out too narrow; successors computed after the first are worthless.
    public private(set) var outgrown: Set<FieldWidths.Part> = []
    /// A follower needed a number that its leader has not given yet: what it computed is worthless.
    @exclusivity(unchecked) public var isAtALoss = false

    /// Builds the machine of a scenario.
    ///
    /// - Throws: ``MachineFailure/invalid(_:)`` when the scenario is too large to pack.
    public convenience init(_ scenario: Scenario, widths: FieldWidths = FieldWidths()) throws(MachineFailure) {
        let plan = try MachinePlan(scenario, widths: widths)
        self.init(plan, MachineTables(plan), isFollower: false)
        if plan.initialValues.count - 1 > plan.widthLimit(.values) { fail(.outgrown(.values)) }
    }

    /// A machine for another thread that reads this one's tables and never changes them.
    ///
    /// While followers compute steps the leader must not. Where a follower would need a new number it is at a loss
    /// (``isAtALoss``), and the leader has to compute that state's steps itself.
    public func follower() -> Machine { Machine(plan, tables, isFollower: true) }

    private init(_ plan: MachinePlan, _ tables: MachineTables, isFollower: Bool) {
        self.plan = plan
        self.tables = tables
        self.isFollower = isFollower
        stateWords = plan.layout.stateWords
        cpuCount = plan.cpuCount
        leafCount = plan.leafCount
        pageCount = plan.pageCount
        isEager = plan.isEager
        cpus = plan.layout.cpus
        traits = plan.traits
        memory = plan.layout.memory
        words = plan.words
        leaves = plan.leaves
        walks = plan.walks
        ghost = plan.layout.ghost
        numbers = tables.numbers
        records = tables.records
        answers = tables.answers
        translations = tables.translations
        lateWalks = tables.lateWalks
        usesPartialOrder = plan.usesPartialOrder
        hasSymmetry = !plan.interchangeable.isEmpty
        gracePeriods = plan.gracePeriods
        settles = plan.leafCount > 0 || plan.gracePeriods != 0
        asksMismatch = !plan.scenario.watches[.sizeMismatch].isEmpty
        steps = StepBuffer(stride: plan.layout.stateWords)
        outlook = Outlook(cpus: plan.cpuCount)
        symmetry = Symmetry(plan)
        localSteps = LocalSteps(masks: plan.situationMasks)
    }

    deinit {
        outlook.deallocate()
        symmetry.deallocate()
        localSteps.deallocate()
    }

    /// Records the first failure; one that no other machine can mend is never replaced.
    func fail(_ failure: MachineFailure) {
        if isFollower {
            isAtALoss = true
            return
        }
        if case .outgrown(let part) = failure { outgrown.insert(part) }
        if self.failure == nil { self.failure = failure }
    }

    /// Writes the state that every run begins in.
    public func writeInitialState(to state: UnsafeMutablePointer<UInt64>) {
        for word in 0..<stateWords { state[word] = 0 }
        for word in 0..<map.wordCount where memory[word].isPresent {
            memory[word].write(Int(words[word].initial), state)
        }
        for cpu in 0..<cpuCount { cpus[cpu].thread.write(tables.threads[cpu].start(self), state) }
        if walks.hasUpperLevels {
            noteTables(state)
        } else {
            for leaf in 0..<leafCount { noteExposure(state, leaf: leaf) }
        }
        for cpu in 0..<cpuCount { changes.noteMove(cpu) }
        for cpu in 0..<cpuCount { changes.noteView(cpu) }
        settle(state)
    }
}

extension Machine {
    /// What is explored.
    public var scenario: Scenario { plan.scenario }

    /// Where everything lies.
    public var map: AddressMap { plan.scenario.map }

    /// How wide the numbered parts are; what is known to be read and written is part of it.
    public var widths: FieldWidths { plan.widths }

    /// Whether a run's steps are not those of the machine without reductions, number for number.
    public var isReduced: Bool { leavesOutSteps || hasSymmetry }

    /// Whether shortest runs may be left out.
    public var leavesOutSteps: Bool { usesPartialOrder || plan.hasUnseenStores }

    /// Bytes of what the machine has found out so far, without what it shares with its leader.
    public var tableBytes: Int { localSteps.bytes + (isFollower ? 0 : tables.bytes) }
}
