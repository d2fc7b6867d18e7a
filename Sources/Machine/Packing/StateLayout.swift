/// Where the parts of a scenario's states lie; it owns the memory that its pointers lead to.
struct StateLayout {
    let cpuCount: Int
    let cpus: UnsafeMutablePointer<CPUFields>
    /// By word of memory, the number of its content; absent for words that keep their initial content.
    let memory: UnsafeMutablePointer<Field>
    let ghost: GhostFields
    /// Length of a state in 64-bit words.
    let stateWords: Int
    /// By interchangeable CPU, the fields that hold all that is its own.
    let ownParts: [Int: [Field]]
    /// The fields that hold a set of CPUs, a bit each.
    let cpuSets: [Field]

    /// Lays out the states of a scenario: CPUs in order, then memory, then ghost state.
    ///
    /// - Parameter words: what each word of memory is.
    init(_ needs: ScenarioNeeds, _ words: UnsafeMutablePointer<WordInfo>) {
        let map = needs.scenario.map
        var fields = FieldAllocator()
        cpuCount = needs.cpus.count
        cpus = .allocate(capacity: max(1, cpuCount))
        var ownParts: [Int: [Field]] = [:]
        for cpu in needs.cpus.indices {
            if needs.interchangeable.contains(cpu) {
                // All that is its own lies in fields that are the same for all of its class, so that they can be sorted.
                var own = FieldAllocator()
                (cpus + cpu).initialize(to: CPUFields(cpu, needs, words, &own))
                let places = own.usedBits.map { fields.field(bits: $0) }
                cpus[cpu].move(
                    into: places, leaves: map.leafCount, points: map.pointCount, stores: needs.widths.storeBuffer)
                ownParts[cpu] = places
            } else {
                (cpus + cpu).initialize(to: CPUFields(cpu, needs, words, &fields))
            }
        }
        self.ownParts = ownParts
        memory = .allocate(capacity: max(1, map.wordCount))
        for word in 0..<map.wordCount {
            let isKnownToChange = needs.widths.changingWords.contains(word)
            (memory + word).initialize(to: fields.field(bits: isKnownToChange ? needs.widths.values : 0))
        }
        ghost = GhostFields(
            needs.scenario, needs.services,
            keepsWild: needs.scenario.watches.asksWild || needs.widths.keepsWildRuns, &fields)
        stateWords = fields.words
        cpuSets = needs.cpus.indices.flatMap { [cpus] cpu in
            ([cpus[cpu].waitingFor, cpus[cpu].readers]
                + (0..<CPUFields.broadcastCount(leaves: map.leafCount, points: map.pointCount)).map {
                    cpus[cpu].broadcasts[$0]
                }).filter { $0.isPresent }
        }
    }

    func deallocate() {
        for cpu in 0..<cpuCount { cpus[cpu].deallocate() }
        cpus.deallocate()
        memory.deallocate()
        ghost.deallocate()
    }
}
