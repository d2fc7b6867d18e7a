/// Numbers for values: each distinct 64-bit key gets the next number, for good.
///
/// States hold these numbers instead of the values, which makes them small; the values lie here once. Open
/// addressing in flat storage, because a store to part of a word looks a value up in the middle of a step.
struct InternTable: ~Copyable {
    private(set) var keys: UnsafeMutablePointer<UInt64>
    private(set) var count = 0
    private var keyCapacity = 16
    private var slots: UnsafeMutablePointer<Int32>
    private var slotCapacity = 64

    init() {
        keys = .allocate(capacity: keyCapacity)
        slots = .allocate(capacity: slotCapacity)
        slots.initialize(repeating: -1, count: slotCapacity)
    }

    deinit {
        keys.deallocate()
        slots.deallocate()
    }

    /// Bytes held.
    var bytes: Int { keyCapacity * 8 + slotCapacity * 4 }

    /// The number of a key, new or old.
    mutating func number(of key: UInt64) -> Int {
        if let known = find(key) { return known }
        if count == keyCapacity { growKeys() }
        if (count + 1) * 2 > slotCapacity { growSlots() }
        (keys + count).initialize(to: key)
        place(Int32(count))
        count += 1
        return count - 1
    }

    /// The number of a key that is known, or nil.
    @inline(__always)
    func find(_ key: UInt64) -> Int? {
        var slot = Self.hash(key) & (slotCapacity - 1)
        while slots[slot] >= 0 {
            if keys[Int(slots[slot])] == key { return Int(slots[slot]) }
            slot = (slot + 1) & (slotCapacity - 1)
        }
        return nil
    }

    /// The key with a number.
    @inline(__always)
    subscript(_ number: Int) -> UInt64 { keys[number] }

    @inline(__always)
    private static func hash(_ key: UInt64) -> Int {
        let product = (key ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
        return Int(truncatingIfNeeded: (product.high ^ product.low) & 0x7fff_ffff_ffff_ffff)
    }

    private func place(_ number: Int32) {
        var slot = Self.hash(keys[Int(number)]) & (slotCapacity - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slotCapacity - 1) }
        slots[slot] = number
    }

    private mutating func growKeys() {
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: keyCapacity * 2)
        larger.moveInitialize(from: keys, count: count)
        keys.deallocate()
        keys = larger
        keyCapacity *= 2
    }

    private mutating func growSlots() {
        slots.deallocate()
        slotCapacity *= 2
        slots = .allocate(capacity: slotCapacity)
        slots.initialize(repeating: -1, count: slotCapacity)
        for number in 0..<count { place(Int32(number)) }
    }
}
