/// How the state of a scenario is laid out: which parts each CPU needs, and where they lie.
extension Machine {
    /// The fields that hold a set of CPUs.
    static func cpuSets(_ cpus: UnsafeMutablePointer<CPUFields>, _ count: Int, _ leaves: Int) -> [Field] {
        (0..<count).flatMap { cpu in
            ([cpus[cpu].waitingFor] + (0..<leaves).map { cpus[cpu].broadcasts[$0] }).filter(\.isPresent)
        }
    }

    /// Lays out the state; by interchangeable CPU, the fields that hold all that is its own.
    static func lay(
        out scenario: Scenario, _ classes: [[Int]], _ keptTranslations: [UInt64], _ widths: FieldWidths,
        _ fields: inout FieldAllocator,
        _ cpus: UnsafeMutablePointer<CPUFields>, _ traits: UnsafeMutablePointer<CPUTraits>,
        _ memory: UnsafeMutablePointer<Field>
    ) -> [Int: [Field]] {
        var parts: [Int: [Field]] = [:]
        let map = scenario.map
        let leafCount = map.pages.count * map.spaces.count
        for (number, processor) in scenario.cpus.enumerated() {
            let needs = CPUNeeds(processor, map)
            let isInterchangeable = classes.contains { $0.contains(number) }
            var own = FieldAllocator()
            func field(bits: Int) -> Field { isInterchangeable ? own.field(bits: bits) : fields.field(bits: bits) }
            var cpu = CPUFields(
                stores: .allocate(capacity: widths.storeBuffer), storeCapacity: needs.stores ? widths.storeBuffer : 0,
                translations: .allocate(capacity: max(1, leafCount)), broadcasts: .allocate(capacity: max(1, leafCount))
            )
            cpu.thread = field(bits: widths.threads)
            cpu.phase = field(bits: leafCount > 0 || needs.flushes || needs.broadcasts ? 3 : 0)
            cpu.phaseOperand = field(bits: leafCount > 0 ? widths.translations.trailingZeroBitCount : 0)
            cpu.waitingFor = field(bits: needs.flushes ? scenario.cpus.count : 0)
            for place in 0..<widths.storeBuffer {
                (cpu.stores + place).initialize(to: field(bits: needs.stores ? widths.stores : 0))
            }
            for leaf in 0..<leafCount {
                let isKept =
                    needs.spaces.contains(leaf / map.pages.count)
                    && keptTranslations[number] & (1 << UInt64(leaf % map.pages.count)) != 0
                (cpu.translations + leaf).initialize(to: field(bits: isKept ? widths.translations : 0))
                (cpu.broadcasts + leaf).initialize(to: field(bits: needs.broadcasts ? scenario.cpus.count : 0))
            }
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
