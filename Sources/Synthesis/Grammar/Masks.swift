import PageTable

/// The constants of a problem: its fields, alone and together, as masks of bytes of the entry.
struct Masks {
    /// The fields that `starts` and `ensures` name, lowest bit first; each once.
    let fields: [EntryFieldName]
    /// By byte of the entry: every union of the fields in it, as masks of the byte; smallest first.
    let byByte: [(offset: UInt8, masks: [UInt64])]

    init(_ fields: [EntryFieldName]) {
        self.fields = Set(fields).sorted { ($0.shift, $0.rawValue) < ($1.shift, $1.rawValue) }
        var byByte: [(offset: UInt8, masks: [UInt64])] = []
        for offset in 0..<UInt8(8) {
            let own = self.fields.map { $0.mask >> (UInt64(offset) * 8) & 0xff }.filter { $0 != 0 }
            guard !own.isEmpty else { continue }
            var unions: Set<UInt64> = [0]
            for mask in own { unions.formUnion(unions.map { $0 | mask }) }
            byByte.append((offset, unions.subtracting([0]).sorted()))
        }
        self.byByte = byByte
    }

    /// The numbers of the fields' bits.
    var bits: [UInt64] { fields.map { UInt64($0.shift) } }

    /// How far apart two of the fields are, as bits of the entry and as bits of their bytes.
    var distances: [UInt64] {
        var distances: Set<UInt64> = []
        for low in bits {
            for high in bits where high > low {
                distances.insert(high - low)
                // After a load of the byte alone.
                let (lowInByte, highInByte) = (low % 8, high % 8)
                if lowInByte != highInByte && high / 8 != low / 8 {
                    distances.insert(max(lowInByte, highInByte) - min(lowInByte, highInByte))
                }
            }
        }
        return distances.sorted()
    }
}
