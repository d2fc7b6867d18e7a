/// How the state of a scenario is laid out: which parts each CPU needs, and where they lie.
extension Machine {
    /// The first CPU of those that a CPU is interchangeable with: what is known of their code is known of the first.
    static func firstOfClass(_ cpu: Int, _ classes: [[Int]]) -> Int { classes.first { $0.contains(cpu) }?.first ?? cpu }

    /// The fields that hold a set of CPUs.
    static func cpuSets(_ cpus: UnsafeMutablePointer<CPUFields>, _ count: Int, _ leaves: Int) -> [Field] {
        (0..<count).flatMap { cpu in
            ([cpus[cpu].waitingFor] + (0..<2 * leaves).map { cpus[cpu].broadcasts[$0] }).filter { $0.isPresent }
        }
    }

    /// Lays out the state; by interchangeable CPU, the fields that hold all that is its own.
    ///
    /// - Parameters:
    ///   - needs: by CPU, what its code can need.
    ///   - words: what each word of memory is.
    static func lay(
        out scenario: Scenario, _ needs: [CPUNeeds], _ classes: [[Int]], _ keptTranslations: [UInt64],
        _ widths: FieldWidths, _ words: UnsafeMutablePointer<WordInfo>, _ fields: inout FieldAllocator,
        _ cpus: UnsafeMutablePointer<CPUFields>, _ traits: UnsafeMutablePointer<CPUTraits>,
        _ memory: UnsafeMutablePointer<Field>
    ) -> [Int: [Field]] {
        var parts: [Int: [Field]] = [:]
        let map = scenario.map
        let leafCount = map.pages.count * map.spaces.count
        for (number, processor) in scenario.cpus.enumerated() {
            let first = firstOfClass(number, classes)
            let needs = needs[first]
            let isInterchangeable = classes.contains { $0.contains(number) }
            let buffers = widths.storingCPUs.contains(first) || needs.storedWords.contains { !words[$0].isUnseen }
            var own = FieldAllocator()
            func field(bits: Int) -> Field { isInterchangeable ? own.field(bits: bits) : fields.field(bits: bits) }
            var cpu = CPUFields(
                stores: .allocate(capacity: widths.storeBuffer), storeCapacity: buffers ? widths.storeBuffer : 0,
                translations: .allocate(capacity: max(1, leafCount)),
                broadcasts: .allocate(capacity: max(1, 2 * leafCount)))
            cpu.thread = field(bits: min(28, needs.threadBits + widths.extraThreadBits))
            cpu.phase = field(bits: needs.hasPhases ? 3 : 0)
            cpu.phaseOperand = field(bits: needs.hasPhaseOperands ? widths.translations.trailingZeroBitCount : 0)
            cpu.waitingFor = field(bits: needs.flushes ? scenario.cpus.count : 0)
            for place in 0..<widths.storeBuffer {
                (cpu.stores + place).initialize(to: field(bits: buffers ? widths.stores : 0))
            }
            for leaf in 0..<leafCount {
                let isKept =
                    needs.spaces.contains(leaf / map.pages.count)
                    && keptTranslations[number] & (1 << UInt64(leaf % map.pages.count)) != 0
                (cpu.translations + leaf).initialize(to: field(bits: isKept ? widths.translations : 0))
            }
            for place in 0..<2 * leafCount {
                (cpu.broadcasts + place).initialize(to: field(bits: needs.broadcasts ? scenario.cpus.count : 0))
            }
            cpu.pendingWalks = field(bits: needs.hasPendingWalks ? leafCount : 0)
            if isInterchangeable {
                let places = own.usedBits.map { fields.field(bits: $0) }
                cpu.move(into: places, leaves: leafCount, stores: widths.storeBuffer)
                parts[number] = places
            }
            (cpus + number).initialize(to: cpu)
            (traits + number).initialize(to: CPUTraits(processor))
        }
        for word in 0..<map.wordCount {
            (memory + word).initialize(to: fields.field(bits: widths.changingWords.contains(word) ? widths.values : 0))
        }
        return parts
    }
}
