import Litmus
import X86

/// What is settled before a machine's first step: where each part of a state lies, and what is known of the code.
///
/// A plan never changes, and all machines that explore a scenario together share one. It owns the memory that its
/// pointers lead to.
final class MachinePlan {
    /// What is explored.
    let scenario: Scenario
    /// How wide the numbered parts of a state are; what is known to be read and written is part of it.
    let widths: FieldWidths
    /// Where the parts of a state lie.
    let layout: StateLayout
    let cpuCount: Int
    let leafCount: Int
    let pageCount: Int
    let isEager: Bool
    /// Some thread can go on for ever.
    let canLoop: Bool
    /// By CPU, its profile and modes.
    let traits: UnsafeMutablePointer<CPUTraits>
    /// By word of memory, what it is.
    let words: UnsafeMutablePointer<WordInfo>
    /// By number, where leaves lie.
    let leaves: UnsafeMutablePointer<LeafInfo>
    /// Where walks go in a test with upper levels.
    let walks: WalkLayout
    /// By entry, the pages whose entry it is at the start, a bit each.
    let entryPages: [UInt64]
    /// By variable, where its data lies.
    let frames: UnsafeMutablePointer<FrameInfo>
    /// Pages of shadow-stack mappings, a bit each.
    let shadowStackPages: UInt64
    /// The values that have numbers from the start, in the order of these: 0, then what memory holds.
    let initialValues: [UInt64]
    /// CPUs whose code flushes, those whose code broadcasts invalidations, and those with services that wait for memory,
    /// whose outlook can change by others' steps; a bit each.
    let flushers: UInt64
    let broadcasters: UInt64
    let waiters: UInt64
    /// CPUs whose code waits for RCU readers, a bit each.
    let gracePeriods: UInt64
    /// Some code calls `switch_mm`, which asks whether a flush was missed.
    let tracksMissedFlushes: Bool

    // What reductions go by.

    /// By CPU, what it can still touch; empty when partial-order reduction does not apply.
    let forecasts: [AccessForecast]
    let joinsChains: Bool
    /// Which CPUs are alike.
    let interchangeable: InterchangeableCPUs
    /// By CPU, the pages whose translations are kept, a bit each; see `UnusedTranslations.swift`.
    let keptTranslations: [UInt64]
    /// By CPU, the pages that it accesses, a bit each: a guess from its code.
    let accessedPages: [UInt64]
    /// By CPU, the bits of a state that are its situation; empty where no steps are looked up (`LocalSteps.swift`).
    let situationMasks: [[UInt64]]
    /// Whether there are words to which stores are not buffered (`UnseenStores.swift`).
    let hasUnseenStores: Bool

    /// Plans the machine of a scenario.
    ///
    /// - Throws: ``MachineFailure/invalid(_:)`` when the scenario is too large to pack.
    init(_ scenario: Scenario, widths: FieldWidths) throws(MachineFailure) {
        try Self.checkSize(of: scenario)
        let needs = ScenarioNeeds(scenario, widths)
        let map = scenario.map
        self.scenario = scenario
        self.widths = needs.widths
        cpuCount = scenario.cpus.count
        leafCount = map.leafCount
        pageCount = map.pages.count
        isEager = scenario.isEager
        canLoop = scenario.canLoop
        shadowStackPages = scenario.shadowStackPages.reduce(0) { $0 | 1 << UInt64($1) }
        flushers = needs.cpuSet { $0.flushes }
        broadcasters = needs.cpuSet { $0.broadcasts }
        waiters = needs.cpuSet { $0.waits }
        gracePeriods = needs.cpuSet { $0.services.contains(.synchronizeRCU) }
        tracksMissedFlushes = needs.services.contains(.switchSpace)
        walks = WalkLayout(map)
        entryPages = Self.entryPages(map)
        forecasts = needs.forecasts
        joinsChains = scenario.reductions.contains(.chains)
        interchangeable = needs.interchangeable
        keptTranslations = needs.keptTranslations
        accessedPages = needs.cpus.map { $0.pages }

        (words, initialValues) = Self.words(needs)
        hasUnseenStores = (0..<map.wordCount).contains { [words] in words[$0].isUnseen }
        layout = StateLayout(needs, words)
        situationMasks =
            isEager || !needs.forecasts.isEmpty
            ? []
            : Self.situationMasks(
                needs.cpus, layout.cpus, leaves: map.leafCount, points: map.pointCount, stride: layout.stateWords)
        traits = .allocate(capacity: max(1, cpuCount))
        for (number, processor) in scenario.cpus.enumerated() {
            (traits + number).initialize(to: CPUTraits(processor, walks))
        }
        frames = .allocate(capacity: max(1, map.variables.count))
        for (number, variable) in map.variables.enumerated() {
            (frames + number).initialize(
                to: FrameInfo(firstWord: map.dataWord(ofVariable: number), words: variable.words))
        }
        leaves = Self.leaves(map, layout, traits)
    }

    deinit {
        layout.deallocate()
        traits.deallocate()
        words.deallocate()
        leaves.deallocate()
        frames.deallocate()
        walks.deallocate()
    }

    /// By entry, the pages whose entry it is at the start, a bit each.
    static func entryPages(_ map: AddressMap) -> [UInt64] {
        (0..<map.entryCount).map { entry in
            guard let tables = map.tables else { return 1 << UInt64(entry % max(1, map.pages.count)) }
            return tables.pages(ofEntry: entry).reduce(0) { $0 | 1 << UInt64($1) }
        }
    }

    /// Whether of independent steps only one order is explored (`PartialOrder.swift`).
    var usesPartialOrder: Bool { !forecasts.isEmpty }

    /// The largest number that fits a part of the state.
    func widthLimit(_ part: FieldWidths.Part) -> Int {
        switch part {
        case .values: (1 << widths.values) - 1
        case .stores: (1 << widths.stores) - 1
        case .translations: widths.translations - 1
        case .storeBuffer: widths.storeBuffer
        case .lateWalks: widths.lateWalks
        case .threads, .word, .reading, .page, .storing, .wildRuns, .localRun: 0
        }
    }
}

extension MachinePlan {
    private static func checkSize(of scenario: Scenario) throws(MachineFailure) {
        func refuse(_ message: String, _ remedy: String) throws(MachineFailure) {
            throw MachineFailure.invalid(place: nil, message: message, remedy: remedy)
        }
        let (map, cpus) = (scenario.map, scenario.cpus.count)
        if cpus > ScenarioLimits.mostCPUs {
            try refuse("the test has \(cpus) CPUs, more than \(ScenarioLimits.mostCPUs)", "use fewer CPUs")
        }
        if max(map.leafCount, map.entryCount) > ScenarioLimits.mostLeaves {
            try refuse(
                "the test has \(map.entryCount) page-table entries, more than \(ScenarioLimits.mostLeaves)",
                "use fewer pages or address spaces")
        }
        for level in 1...4 where map.tables.map({ $0.tables.count { $0.level == level } }) ?? 0 > WalkLayout.mostTables
        {
            try refuse(
                "the test has more than \(WalkLayout.mostTables) tables of one level",
                "let pages share regions, as in Region=x y, or use fewer address spaces")
        }
        if map.pointCount > 64 {
            try refuse(
                "the test has \(map.pointCount) prefixes of addresses that walks can have read, more than 64",
                "let pages share regions, as in Region=x y, or use fewer address spaces")
        }
        if map.wordCount > ScenarioLimits.mostWords {
            try refuse(
                "the test has \(map.wordCount) words of memory, more than \(ScenarioLimits.mostWords)",
                "use shorter arrays")
        }
        let mostVariables = ScenarioLimits.mostWatchedVariables
        if !scenario.watches[.staleWrite].isEmpty && map.variables.count + map.tableCount > mostVariables {
            try refuse(
                "\(Property.staleWrite.name) is asked in a test with more than \(mostVariables) variables and tables",
                "use fewer of them")
        }
    }

    /// Where the leaves lie, and whose walkers look at them.
    private static func leaves(
        _ map: AddressMap, _ layout: StateLayout, _ traits: UnsafeMutablePointer<CPUTraits>
    ) -> UnsafeMutablePointer<LeafInfo> {
        let leaves = UnsafeMutablePointer<LeafInfo>.allocate(capacity: max(1, map.leafCount))
        for leaf in 0..<map.leafCount {
            var info = LeafInfo(leaf, map)
            for cpu in 0..<layout.cpuCount {
                let caches = traits[cpu].speculates && layout.cpus[cpu].translations[leaf].isPresent
                if caches || layout.cpus[cpu].pendingWalks.isPresent { info.viewers |= 1 << UInt64(cpu) }
            }
            (leaves + leaf).initialize(to: info)
        }
        return leaves
    }
}
