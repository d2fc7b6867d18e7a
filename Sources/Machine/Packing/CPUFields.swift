import X86

/// The fields of one CPU; trivial, so that steps can hold it without reference counting.
struct CPUFields {
    /// Number of the thread's local state.
    var thread = Field()
    /// ``Phase`` of the current instruction.
    var phase = Field()
    /// The translation that the phase is about.
    var phaseOperand = Field()
    /// CPUs whose acknowledgement the CPU waits for.
    var waitingFor = Field()
    /// Store buffer, oldest first; 0 is an empty place.
    var stores: UnsafeMutablePointer<Field>
    var storeCapacity: Int
    /// Cached translations by leaf, absent for leaves that the CPU never accesses or of address spaces that it cannot load.
    var translations: UnsafeMutablePointer<Field>
    /// By point (`WalkLayout.swift`), the tables that walks have reached, a bit each; absent for address spaces that the CPU
    /// cannot load, and above the root level.
    var partialWalks: UnsafeMutablePointer<Field>
    /// By leaf, the CPUs that have not yet dropped its translations that are not global, as a broadcast of this CPU asked
    /// for; after all leaves, the same for global ones; after these, by point, for partial walks.
    var broadcasts: UnsafeMutablePointer<Field>
    /// Entries in which walks that nothing asked for have seen A=0 and are about to set it, a bit each.
    var pendingWalks = Field()
    /// CPUs that have not left the section in which `synchronize_rcu` found them.
    var readers = Field()
}

extension CPUFields {
    /// Lays out a CPU's fields; `words` says what each word of memory is.
    init(_ cpu: Int, _ needs: ScenarioNeeds, _ words: UnsafeMutablePointer<WordInfo>, _ fields: inout FieldAllocator) {
        let (widths, pages, leaves) = (needs.widths, needs.scenario.map.pages.count, needs.scenario.map.leafCount)
        let cpuCount = needs.cpus.count
        // What is known of interchangeable CPUs' code is known of the first.
        let first = needs.interchangeable.first(for: cpu)
        let code = needs.cpus[first]
        let buffers = widths.storingCPUs.contains(first) || code.storedWords.contains { !words[$0].isUnseen }
        stores = .allocate(capacity: widths.storeBuffer)
        storeCapacity = buffers ? widths.storeBuffer : 0
        translations = .allocate(capacity: max(1, leaves))
        let tables = needs.scenario.map.tables
        let points = tables?.tables.count ?? 0
        partialWalks = .allocate(capacity: max(1, points))
        broadcasts = .allocate(capacity: max(1, 2 * leaves + points))
        thread = fields.field(bits: min(28, code.threadBits + widths.extraThreadBits))
        phase = fields.field(bits: code.hasPhases ? 3 : 0)
        phaseOperand = fields.field(bits: code.hasPhaseOperands ? widths.translations.trailingZeroBitCount : 0)
        waitingFor = fields.field(bits: code.flushes ? cpuCount : 0)
        for place in 0..<widths.storeBuffer {
            (stores + place).initialize(to: fields.field(bits: buffers ? widths.stores : 0))
        }
        for leaf in 0..<leaves {
            let isKept =
                code.spaces.contains(leaf / pages) && needs.keptTranslations[cpu] & (1 << UInt64(leaf % pages)) != 0
            (translations + leaf).initialize(to: fields.field(bits: isKept ? widths.translations : 0))
        }
        for place in 0..<2 * leaves + points {
            (broadcasts + place).initialize(to: fields.field(bits: code.broadcasts ? cpuCount : 0))
        }
        pendingWalks = fields.field(bits: code.hasPendingWalks ? needs.scenario.map.entryCount : 0)
        for point in 0..<points {
            let isKept = tables.map {
                $0.tables[point].level < $0.rootLevel && code.spaces.contains($0.tables[point].space)
            }
            let bits = isKept ?? false ? tables?.membersOfPoint(point) ?? 0 : 0
            (partialWalks + point).initialize(to: fields.field(bits: bits))
        }
        readers = fields.field(bits: code.services.contains(.synchronizeRCU) ? cpuCount : 0)
    }

    func deallocate() {
        stores.deallocate()
        translations.deallocate()
        partialWalks.deallocate()
        broadcasts.deallocate()
    }

    /// All of them.
    func all(leaves: Int, points: Int) -> [Field] {
        [thread, phase, phaseOperand, waitingFor, pendingWalks, readers] + (0..<storeCapacity).map { stores[$0] }
            + (0..<leaves).flatMap { [translations[$0], broadcasts[$0], broadcasts[leaves + $0]] }
            + (0..<points).flatMap { [partialWalks[$0], broadcasts[2 * leaves + $0]] }
    }

    /// Takes fields that were laid out by themselves to where the words of that layout now are.
    mutating func move(into parts: [Field], leaves: Int, points: Int, stores count: Int) {
        func moved(_ field: Field) -> Field {
            guard field.isPresent else { return field }
            let part = parts[field.word]
            return Field(word: part.word, shift: part.shift + field.shift, mask: field.mask)
        }
        thread = moved(thread)
        phase = moved(phase)
        phaseOperand = moved(phaseOperand)
        waitingFor = moved(waitingFor)
        pendingWalks = moved(pendingWalks)
        readers = moved(readers)
        for point in 0..<points {
            partialWalks[point] = moved(partialWalks[point])
            broadcasts[2 * leaves + point] = moved(broadcasts[2 * leaves + point])
        }
        for place in 0..<count { stores[place] = moved(stores[place]) }
        for leaf in 0..<leaves {
            translations[leaf] = moved(translations[leaf])
            broadcasts[leaf] = moved(broadcasts[leaf])
            broadcasts[leaves + leaf] = moved(broadcasts[leaves + leaf])
        }
    }
}

/// What a CPU is in the middle of.
enum Phase: Int {
    /// At the start of an instruction's next request.
    case run
    /// Waiting for a fault handler that the test does not show (`retry`).
    case faulted
    /// Waiting for acknowledgements of a flush.
    case flushing
    /// Read an entry with A=0, about to set A.
    case settingAccessed
    /// Decided to set Dirty, about to do so.
    case settingDirty
    /// Walks again after a Dirty update that found the entry changed.
    case walkingAgain
}
