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
    /// On a CPU that caches single upper entries: by point and number of a table of the level above, what the entry
    /// there was that leads to the point; absent elsewhere.
    var entryCaches: UnsafeMutablePointer<Field>
    /// By leaf, the CPUs that have not yet dropped its translations that are not global, as a broadcast of this CPU asked
    /// for; after all leaves, the same for global ones; after these, by point, for partial walks; and after these, as at
    /// first, what was broadcast without partial walks, which is taken in no order with them.
    var broadcasts: UnsafeMutablePointer<Field>
    /// Entries in which walks that nothing asked for have seen A=0 and are about to set it, a bit each.
    var pendingWalks = Field()
    /// By leaf, the walks that have passed A=0 above it, a bit each (`LateAccessed.swift`); absent where there were none.
    var lateWalks: UnsafeMutablePointer<Field>
    /// CPUs that have not left the section in which `synchronize_rcu` found them.
    var readers = Field()
    /// Address spaces of which the CPU has missed a flush, a bit each; kept where its code asks (`AddressSpaces.swift`).
    var behind = Field()
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
        let points = needs.scenario.map.pointCount
        partialWalks = .allocate(capacity: max(1, points))
        lateWalks = .allocate(capacity: max(1, leaves))
        entryCaches = .allocate(capacity: max(1, points * WalkLayout.mostTables))
        broadcasts = .allocate(capacity: max(1, Self.broadcastCount(leaves: leaves, points: points)))
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
        for place in 0..<Self.broadcastCount(leaves: leaves, points: points) {
            let isFinal = place >= Self.finalBroadcasts(leaves: leaves, points: points)
            let isSent = code.broadcasts && (!isFinal || points > 0 && code.broadcastsFinal)
            (broadcasts + place).initialize(to: fields.field(bits: isSent ? cpuCount : 0))
        }
        pendingWalks = fields.field(bits: code.hasPendingWalks ? needs.scenario.map.entryCount : 0)
        let setsAccessedLate = CPUTraits.setsAccessedLate(needs.scenario.cpus[cpu]) && tables != nil
        for leaf in 0..<leaves {
            let isKept = setsAccessedLate && code.spaces.contains(leaf / pages)
            (lateWalks + leaf).initialize(to: fields.field(bits: isKept ? widths.lateWalks : 0))
        }
        let caches = needs.scenario.cpus[cpu].profile.upperLevels
        for point in 0..<points {
            let isKept = tables.map {
                $0.points[point].level < $0.rootLevel && code.spaces.contains($0.points[point].space)
            }
            let bits = isKept ?? false ? tables?.membersOfPoint(point) ?? 0 : 0
            (partialWalks + point).initialize(to: fields.field(bits: caches.hasPrefixes ? bits : 0))
            let tablesAbove = tables.map { layout in
                layout.tables.count { $0.level == layout.points[point].level + 1 }
            }
            for table in 0..<WalkLayout.mostTables {
                let isKept = caches.hasEntries && table < tablesAbove ?? 0
                (entryCaches + point * WalkLayout.mostTables + table).initialize(
                    to: fields.field(bits: isKept ? bits : 0))
            }
        }
        readers = fields.field(bits: code.services.contains(.synchronizeRCU) ? cpuCount : 0)
        behind = fields.field(bits: code.services.contains(.switchSpace) ? needs.scenario.map.spaces.count : 0)
    }

    /// The place among `broadcasts` of the first that names no partial walks; and how many there are in all.
    static func finalBroadcasts(leaves: Int, points: Int) -> Int { 2 * leaves + points }
    static func broadcastCount(leaves: Int, points: Int) -> Int {
        finalBroadcasts(leaves: leaves, points: points) + 2 * leaves
    }

    private static func placesOfFinalBroadcasts(leaves: Int, points: Int) -> Range<Int> {
        finalBroadcasts(leaves: leaves, points: points)..<broadcastCount(leaves: leaves, points: points)
    }

    func deallocate() {
        stores.deallocate()
        translations.deallocate()
        partialWalks.deallocate()
        lateWalks.deallocate()
        entryCaches.deallocate()
        broadcasts.deallocate()
    }

    /// All of them.
    func all(leaves: Int, points: Int) -> [Field] {
        [thread, phase, phaseOperand, waitingFor, pendingWalks, readers, behind]
            + (0..<storeCapacity).map { stores[$0] }
            + (0..<leaves).flatMap { [lateWalks[$0], translations[$0], broadcasts[$0], broadcasts[leaves + $0]] }
            + (0..<points).flatMap { [partialWalks[$0], broadcasts[2 * leaves + $0]] }
            + Self.placesOfFinalBroadcasts(leaves: leaves, points: points).map { broadcasts[$0] }.filter {
                $0.isPresent
            }
            + (0..<points * WalkLayout.mostTables).map { entryCaches[$0] }.filter { $0.isPresent }
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
        behind = moved(behind)
        for point in 0..<points {
            partialWalks[point] = moved(partialWalks[point])
            broadcasts[2 * leaves + point] = moved(broadcasts[2 * leaves + point])
        }
        for place in Self.placesOfFinalBroadcasts(leaves: leaves, points: points) {
            broadcasts[place] = moved(broadcasts[place])
        }
        for place in 0..<points * WalkLayout.mostTables { entryCaches[place] = moved(entryCaches[place]) }
        for place in 0..<count { stores[place] = moved(stores[place]) }
        for leaf in 0..<leaves {
            translations[leaf] = moved(translations[leaf])
            lateWalks[leaf] = moved(lateWalks[leaf])
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
