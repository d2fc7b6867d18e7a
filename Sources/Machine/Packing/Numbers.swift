/// The numbers in packed states: of values and of buffered stores, given when they are first needed.
extension Machine {
    /// The number of a 64-bit value.
    @inline(__always)
    func number(ofValue value: UInt64) -> Int { numbers.pointee.values.find(value) ?? newNumber(ofValue: value) }

    private func newNumber(ofValue value: UInt64) -> Int {
        if isLost() { return 0 }
        let number = numbers.pointee.values.number(of: value)
        if number > plan.widthLimit(.values) { fail(.outgrown(.values)) }
        return number
    }

    /// The value with a number.
    @inline(__always)
    func value(_ number: Int) -> UInt64 { numbers.pointee.values[number] }

    /// The number, from 1, of a buffered store to bytes of a word; `origin` is what it was translated by.
    @inline(__always)
    func storeNumber(word: Int, mask: UInt8, value: Int, origin: StoreOrigin) -> Int {
        let value = words[word].isKept ? value : 0
        // Widths that the plan and `FieldWidths` hold the parts to: 21, 8, 7 and 28 bits.
        let key = UInt64(word) << 43 | UInt64(mask) << 35 | UInt64(origin.code) << 28 | UInt64(value)
        if let known = numbers.pointee.stores.find(key) { return known + 1 }
        if isLost() { return 1 }
        let number = numbers.pointee.addStore(
            key,
            StoreInfo(word: Int32(word), origin: origin, value: Int32(value), covered: mask, mask: byteMask(mask)))
        if number + 1 > plan.widthLimit(.stores) { fail(.outgrown(.stores)) }
        return number + 1
    }

    /// The store with a number.
    @inline(__always)
    func store(_ number: Int) -> StoreInfo { numbers.pointee.storeInfos[number - 1] }

    /// Whether this machine may not give new numbers; it then notes that it is at a loss.
    func isLost() -> Bool {
        guard isFollower else { return false }
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

    /// The number of the leaf of a page in an address space.
    @inline(__always)
    func leafNumber(page: Int, space: Int) -> Int { space * pageCount + page }

    /// The record of a CPU's thread.
    @inline(__always)
    func record(_ state: UnsafePointer<UInt64>, _ cpu: Int) -> Record {
        Record(records[cpu] + cpus[cpu].thread.read(state))
    }
}
