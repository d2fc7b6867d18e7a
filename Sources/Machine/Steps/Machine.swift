import PageTable
import X86

/// The machine of machine.md for one scenario: packed states and the steps out of each.
///
/// A state is a few 64-bit words of bit fields (``FieldWidths``): the numbers of the threads' local states, of the
/// words' values and of the buffered stores, a bit set of cached translations per CPU and leaf, and ghost bits. Each
/// mechanism of the hardware is an extension in a file of its own: `StoreBuffer`, `TranslationBuffer`, `Walker`,
/// `DirtyUpdate`, `PageFault`, `Shootdown`, `Ghost`.
public final class Machine {
    /// What is explored.
    public let scenario: Scenario
    /// ``Scenario/longestLocalRun`` where nobody asks for less.
    public static let longestLocalRun = 1_000_000
    /// Where everything lies.
    public let map: AddressMap
    // One thread uses a machine; checking each access to these for exclusivity would cost more than the access.
    /// Why the machine cannot go on, once it cannot.
    @exclusivity(unchecked) public private(set) var failure: MachineFailure?
    /// Where the thread was that the first failure is about, for code from a compiler.
    @exclusivity(unchecked) public internal(set) var failurePoint: FailurePoint?
    /// The parts that have turned out too narrow; successors computed after the first are worthless.
    public private(set) var outgrown: Set<FieldWidths.Part> = []
    /// Length of a state in 64-bit words.
    public let stateWords: Int

    /// How wide the numbered parts are; what is known to be read and written is part of it.
    public let widths: FieldWidths
    let cpuCount: Int
    let leafCount: Int
    let isEager: Bool
    /// Some thread can go on for ever.
    let canLoop: Bool
    let threads: [ThreadTable]
    let cpus: UnsafeMutablePointer<CPUFields>
    let traits: UnsafeMutablePointer<CPUTraits>
    let memory: UnsafeMutablePointer<Field>
    let leaves: UnsafeMutablePointer<LeafInfo>
    let words: UnsafeMutablePointer<WordInfo>
    let records: UnsafeMutablePointer<UnsafeMutablePointer<ThreadRecord>>
    let answers: UnsafeMutablePointer<AnswerTable>
    let frames: UnsafeMutablePointer<FrameInfo>
    let pageCount: Int
    /// Pages of shadow-stack mappings, a bit each.
    let shadowStackPages: UInt64
    let ghost: GhostFields
    let steps: StepBuffer
    /// Values and buffered stores by number.
    let tables: UnsafeMutablePointer<NumberTables>
    /// The machine whose tables this one reads, for a machine that helps it from another thread; see ``follower()``.
    let leader: Machine?
    /// A follower needed a number that its leader has not given yet: what it computed is worthless.
    @exclusivity(unchecked) public var isAtALoss = false
    /// What has changed in the successor under construction.
    @exclusivity(unchecked) var changes = Changes()
    /// By CPU, what it can still touch; empty when partial-order reduction does not apply.
    let forecasts: [AccessForecast]
    let joinsChains: Bool
    /// What the processes of the state at hand do next.
    @exclusivity(unchecked) var outlook: Outlook
    /// CPUs with services that wait for memory, whose outlook can change by others' steps; a bit each.
    let waiters: UInt64
    /// The number of steps of threads (not of mere speculation) out of the state at hand.
    @exclusivity(unchecked) var threadSteps = 0
    /// Interchangeable CPUs.
    let symmetry: Symmetry
    let hasSymmetry: Bool
    /// Steps that were computed before.
    let localSteps: LocalSteps
    /// Successors are left as their steps made them, for those who follow which CPU is which; see ``sort(_:)``.
    @exclusivity(unchecked) public var keepsOrigins = false
    /// By CPU, the pages whose translations are kept, a bit each; see `UnusedTranslations.swift`.
    let keptTranslations: [UInt64]
    /// CPUs whose code flushes, and those whose code broadcasts invalidations; a bit each.
    let flushers: UInt64
    let broadcasters: UInt64

    /// Whether a run's steps are not those of the machine without reductions, number for number.
    public var isReduced: Bool { leavesOutSteps || !symmetry.classes.isEmpty }

    /// Whether shortest runs may be left out.
    public var leavesOutSteps: Bool { usesPartialOrder || hasUnseenStores }

    /// Whether of independent steps only one order is explored (`PartialOrder.swift`).
    public var usesPartialOrder: Bool { !forecasts.isEmpty }

    /// Whether there are words to which stores are not buffered (`UnseenStores.swift`).
    private let hasUnseenStores: Bool

    /// Builds the machine of a scenario.
    ///
    /// - Throws: ``MachineFailure/invalid(_:)`` when the scenario is too large to pack.
    public init(_ scenario: Scenario, widths: FieldWidths = FieldWidths()) throws(MachineFailure) {
        let map = scenario.map
        cpuCount = scenario.cpus.count
        leafCount = map.pages.count * map.spaces.count
        guard cpuCount <= ScenarioLimits.mostCPUs else {
            throw MachineFailure.invalid(
                place: nil, message: "the test has \(cpuCount) CPUs, more than \(ScenarioLimits.mostCPUs)",
                remedy: "use fewer CPUs")
        }
        guard leafCount <= ScenarioLimits.mostLeaves else {
            throw MachineFailure.invalid(
                place: nil,
                message: "the test has \(leafCount) page-table entries, more than \(ScenarioLimits.mostLeaves)",
                remedy: "use fewer pages or address spaces")
        }
        guard map.wordCount <= ScenarioLimits.mostWords else {
            throw MachineFailure.invalid(
                place: nil,
                message: "the test has \(map.wordCount) words of memory, more than \(ScenarioLimits.mostWords)",
                remedy: "use shorter arrays")
        }
        guard scenario.watches.staleWrite.isEmpty || map.variables.count <= ScenarioLimits.mostWatchedVariables else {
            throw MachineFailure.invalid(
                place: nil,
                message:
                    "stale_write is asked in a test with more than \(ScenarioLimits.mostWatchedVariables) variables",
                remedy: "use fewer variables")
        }
        self.scenario = scenario
        self.map = map
        let needs = scenario.cpus.map { CPUNeeds($0, scenario) }
        var widths = widths
        for cpu in needs {
            widths.readWords.formUnion(cpu.readWords)
            widths.changingWords.formUnion(cpu.changedWords)
        }
        self.widths = widths
        isEager = scenario.isEager
        canLoop = scenario.canLoop
        forecasts = Self.forecasts(scenario, needs)
        let classes = forecasts.isEmpty ? Symmetry.classes(of: scenario, widths) : []
        keptTranslations = Self.keptTranslations(scenario, needs, classes, widths)
        var threads: [ThreadTable] = []
        for (cpu, processor) in scenario.cpus.enumerated() {
            // Interchangeable CPUs number their threads' states alike: they share a table.
            if let first = classes.first(where: { $0.contains(cpu) })?.first, first < cpu {
                threads.append(threads[first])
            } else {
                threads.append(ThreadTable(cpu: cpu, processor: processor, map: map, watches: scenario.watches))
            }
        }
        self.threads = threads
        var fields = FieldAllocator()
        cpus = .allocate(capacity: cpuCount)
        traits = .allocate(capacity: cpuCount)
        records = .allocate(capacity: cpuCount)
        memory = .allocate(capacity: map.wordCount)
        leaves = .allocate(capacity: max(1, leafCount))
        answers = .allocate(capacity: cpuCount)
        frames = .allocate(capacity: max(1, map.variables.count))
        tables = .allocate(capacity: 1)
        leader = nil
        pageCount = map.pages.count
        shadowStackPages = scenario.shadowStackPages.reduce(0) { $0 | 1 << UInt64($1) }
        let services = needs.reduce(into: Set<String>()) { $0.formUnion($1.services) }
        words = Self.wordInfos(scenario, services, widths)
        let parts = Self.lay(
            out: scenario, needs, classes, keptTranslations, widths, words, &fields, cpus, traits, memory)
        hasUnseenStores = (0..<map.wordCount).contains { [words] in words[$0].isUnseen }
        ghost = GhostFields(scenario, services, &fields)
        stateWords = fields.words
        steps = StepBuffer(stride: stateWords)
        outlook = Outlook(cpus: cpuCount)
        func cpuSet(where isMember: (CPUNeeds) -> Bool) -> UInt64 {
            needs.enumerated().reduce(0) { isMember($1.element) ? $0 | 1 << UInt64($1.offset) : $0 }
        }
        flushers = cpuSet { $0.flushes }
        broadcasters = cpuSet { $0.broadcasts }
        waiters = cpuSet { $0.waits }
        symmetry = Symmetry(
            classes: classes, parts: parts, sets: Self.cpuSets(cpus, cpuCount, leafCount), cpus: cpuCount,
            stride: stateWords)
        hasSymmetry = !classes.isEmpty
        localSteps = LocalSteps(
            masks: scenario.isEager || !forecasts.isEmpty
                ? [] : Self.situationMasks(needs, cpus, leaves: leafCount, stride: stateWords))
        joinsChains = scenario.reductions.contains(.chains)
        for leaf in 0..<leafCount {
            (leaves + leaf).initialize(to: LeafInfo(leaf, map, capacity: widths.translations))
            for cpu in 0..<cpuCount where traits[cpu].speculates && cpus[cpu].translations[leaf].isPresent {
                leaves[leaf].viewers |= 1 << UInt64(cpu)
            }
            for cpu in 0..<cpuCount where cpus[cpu].pendingWalks.isPresent {
                leaves[leaf].viewers |= 1 << UInt64(cpu)
            }
        }
        tables.initialize(to: NumberTables())
        for (number, variable) in map.variables.enumerated() {
            (frames + number).initialize(
                to: FrameInfo(firstWord: map.dataWord(ofVariable: number), words: variable.words))
        }
        for cpu in 0..<cpuCount {
            (records + cpu).initialize(to: threads[cpu].records)
            (answers + cpu).initialize(to: AnswerTable())
        }
        _ = number(ofValue: 0)
        // In the order of words: numbers are part of states, and states must be the same on every run.
        for (word, content) in scenario.contents.sorted(by: { $0.key < $1.key }) {
            words[word].initial = Int32(number(ofValue: content))
        }
    }

    deinit {
        outlook.deallocate()
        symmetry.deallocate()
        localSteps.deallocate()
        if leader != nil { return }
        answers.deinitialize(count: cpuCount)
        tables.deinitialize(count: 1)
        for cpu in 0..<cpuCount {
            cpus[cpu].stores.deallocate()
            cpus[cpu].translations.deallocate()
            cpus[cpu].broadcasts.deallocate()
        }
        for leaf in 0..<leafCount { leaves[leaf].deallocate() }
        cpus.deallocate()
        traits.deallocate()
        records.deallocate()
        memory.deallocate()
        leaves.deallocate()
        words.deallocate()
        answers.deallocate()
        frames.deallocate()
        tables.deallocate()
        ghost.deallocate()
    }

    /// A machine for another thread that reads this one's tables and never changes them.
    ///
    /// While followers compute steps the leader must not. Where a follower would need a new number it is at a loss
    /// (``isAtALoss``), and the leader has to compute that state's steps itself.
    public func follower() -> Machine { Machine(following: self) }

    private init(following leader: Machine) {
        self.leader = leader
        scenario = leader.scenario
        map = leader.map
        stateWords = leader.stateWords
        widths = leader.widths
        cpuCount = leader.cpuCount
        leafCount = leader.leafCount
        isEager = leader.isEager
        canLoop = leader.canLoop
        threads = leader.threads
        cpus = leader.cpus
        traits = leader.traits
        memory = leader.memory
        leaves = leader.leaves
        words = leader.words
        records = leader.records
        answers = leader.answers
        frames = leader.frames
        tables = leader.tables
        pageCount = leader.pageCount
        shadowStackPages = leader.shadowStackPages
        hasUnseenStores = leader.hasUnseenStores
        ghost = leader.ghost
        forecasts = leader.forecasts
        keptTranslations = leader.keptTranslations
        joinsChains = leader.joinsChains
        flushers = leader.flushers
        broadcasters = leader.broadcasters
        waiters = leader.waiters
        steps = StepBuffer(stride: leader.stateWords)
        outlook = Outlook(cpus: leader.cpuCount)
        symmetry = leader.symmetry.copy(cpus: leader.cpuCount)
        hasSymmetry = leader.hasSymmetry
        localSteps = leader.localSteps.copy()
    }

    /// Bytes of what the machine has found out so far, without what it shares with its leader.
    public var tableBytes: Int {
        if leader != nil { return localSteps.bytes }
        var bytes = localSteps.bytes + tables.pointee.bytes
        for cpu in 0..<cpuCount { bytes += answers[cpu].bytes + threads[cpu].bytes }
        return bytes
    }

    /// Services that touch memory and nothing else, so that partial-order reduction can order them.
    private static let orderedServices: Set<String> = ["spin_lock", "spin_unlock", "wait_for"]

    /// What each CPU can touch, if the scenario is of the kind that partial-order reduction is for.
    private static func forecasts(_ scenario: Scenario, _ needs: [CPUNeeds]) -> [AccessForecast] {
        guard scenario.reductions.contains(.partialOrder), !scenario.isEager, scenario.map.pages.isEmpty else {
            return []
        }
        var forecasts: [AccessForecast] = []
        for (processor, needs) in zip(scenario.cpus, needs) {
            // Other services read and write what has happened, which `AccessForecast` knows nothing of.
            guard processor.handler == nil, !needs.broadcasts, !needs.readsDescriptors,
                needs.services.isSubset(of: Self.orderedServices),
                processor.privateMemory.range.isEmpty,
                let forecast = AccessForecast(processor.program, scenario.map)
            else { return [] }
            forecasts.append(forecast)
        }
        return forecasts
    }

    /// Writes the state that every run begins in.
    public func writeInitialState(to state: UnsafeMutablePointer<UInt64>) {
        for word in 0..<stateWords { state[word] = 0 }
        for word in 0..<map.wordCount where memory[word].isPresent {
            memory[word].write(Int(words[word].initial), state)
        }
        for cpu in 0..<cpuCount { cpus[cpu].thread.write(threads[cpu].start(self), state) }
        for leaf in 0..<leafCount { noteExposure(state, leaf: leaf) }
        for cpu in 0..<cpuCount { changes.noteMove(cpu) }
        for cpu in 0..<cpuCount { changes.noteView(cpu) }
        settle(state)
    }

    // MARK: Numbers

    /// Records the first failure; one that no other machine can mend is never replaced.
    func fail(_ failure: MachineFailure) {
        if leader != nil {
            isAtALoss = true
            return
        }
        if case .outgrown(let part) = failure { outgrown.insert(part) }
        if self.failure == nil { self.failure = failure }
    }

    /// The largest number that fits a part of the state.
    func widthLimit(_ part: FieldWidths.Part) -> Int {
        switch part {
        case .values: (1 << widths.values) - 1
        case .stores: (1 << widths.stores) - 1
        case .translations: widths.translations - 1
        case .storeBuffer: widths.storeBuffer
        case .threads, .word, .reading, .page, .storing, .localRun: 0
        }
    }

    /// The number of a 64-bit value.
    @inline(__always)
    func number(ofValue value: UInt64) -> Int { tables.pointee.values.find(value) ?? newNumber(ofValue: value) }

    private func newNumber(ofValue value: UInt64) -> Int {
        if isLost() { return 0 }
        let number = tables.pointee.values.number(of: value)
        if number > widthLimit(.values) { fail(.outgrown(.values)) }
        return number
    }

    /// The value with a number.
    @inline(__always)
    func value(_ number: Int) -> UInt64 { tables.pointee.values[number] }

    /// The number, from 1, of a buffered store to bytes of a word; `origin` is what it was translated by.
    @inline(__always)
    func storeNumber(word: Int, mask: UInt8, value: Int, origin: StoreOrigin) -> Int {
        let value = words[word].isKept ? value : 0
        // Widths that the initializer and `FieldWidths` hold the parts to: 21, 8, 7 and 28 bits.
        let key = UInt64(word) << 43 | UInt64(mask) << 35 | UInt64(origin.code) << 28 | UInt64(value)
        if let known = tables.pointee.stores.find(key) { return known + 1 }
        if isLost() { return 1 }
        let number = tables.pointee.addStore(
            key,
            StoreInfo(word: Int32(word), origin: origin, value: Int32(value), covered: mask, mask: byteMask(mask)))
        if number + 1 > widthLimit(.stores) { fail(.outgrown(.stores)) }
        return number + 1
    }

    /// The store with a number.
    @inline(__always)
    func store(_ number: Int) -> StoreInfo { tables.pointee.storeInfos[number - 1] }

    /// Whether this machine may not give new numbers; it then notes that it is at a loss.
    func isLost() -> Bool {
        guard leader != nil else { return false }
        isAtALoss = true
        return true
    }

    /// The bits of a word that a byte mask covers.
    @inline(__always)
    func byteMask(_ mask: UInt8) -> UInt64 {
        if mask == .max { return ~0 }
        var bits: UInt64 = 0
        for byte in 0..<8 where mask & (1 << UInt8(byte)) != 0 { bits |= UInt64(UInt8.max) << UInt64(byte * 8) }
        return bits
    }

    /// Takes over a thread table's records after they have moved.
    func refreshRecords(of table: ThreadTable) {
        for cpu in 0..<cpuCount where threads[cpu] === table { records[cpu] = table.records }
    }

    /// The number of the leaf of a page in an address space.
    @inline(__always)
    func leafNumber(page: Int, space: Int) -> Int { space * pageCount + page }

    /// The record of a CPU's thread.
    @inline(__always)
    func record(_ state: UnsafePointer<UInt64>, _ cpu: Int) -> Record {
        Record(records[cpu] + cpus[cpu].thread.read(state))
    }
}
