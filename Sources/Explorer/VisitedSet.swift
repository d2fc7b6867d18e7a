/// Which states were seen: open addressing over a ``StateArena``, full states compared, nothing compacted away.
///
/// A slot is 64 bits: the upper half of the state's hash as a tag, and the state's number plus one. Only a tag hit
/// looks at the state itself, so a miss costs one cache line. A slot's place follows from its tag alone, so the table
/// grows without looking at states.
struct VisitedSet: ~Copyable {
    private var slots: UnsafeMutablePointer<UInt64>
    private var capacity: Int
    /// Right shift that makes a tag the place where its probing begins.
    private var shift: UInt64
    private var occupied = 0

    init() {
        let bits = 7
        capacity = 1 << bits
        shift = UInt64(64 - bits)
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: 0, count: capacity)
    }

    deinit { slots.deallocate() }

    /// Bytes held.
    var bytes: Int { capacity * 8 }

    /// A hash of all words; multiply and fold, as in wyhash.
    @inline(__always)
    static func hash(_ state: UnsafePointer<UInt64>, _ stride: Int) -> UInt64 {
        var seed: UInt64 = 0x9e37_79b9_7f4a_7c15
        for index in 0..<stride {
            let product = (state[index] ^ seed).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
            seed = product.high ^ product.low ^ 0xe703_7ed1_a0b4_28db
        }
        let product = seed.multipliedFullWidth(by: 0x8ebc_6af0_9c88_c6e3)
        return product.high ^ product.low
    }

    /// What lies where the search for a hash begins.
    @inline(__always)
    func slot(of hash: UInt64) -> UInt64 { slots[Int(truncatingIfNeeded: hash >> shift)] }

    /// The number of the state that a slot names, if it may be the one with this hash.
    @inline(__always)
    static func index(in slot: UInt64, of hash: UInt64) -> Int? {
        slot != 0 && (slot ^ hash) >> 32 == 0 ? Int(slot & 0xffff_ffff) - 1 : nil
    }

    /// The number of a state with this ``hash(_:_:)``, after adding it to the arena when it was new.
    @inline(__always)
    mutating func insert(
        _ state: UnsafePointer<UInt64>, hash: UInt64, parent: Int, into arena: inout StateArena
    ) -> (index: Int, isNew: Bool) {
        if (occupied + 1) * 2 > capacity { grow() }
        let tag = hash & 0xffff_ffff_0000_0000
        let mask = capacity - 1
        var slot = Int(truncatingIfNeeded: hash >> shift)
        while true {
            let content = slots[slot]
            if content == 0 {
                let index = arena.count
                arena.append(state, parent: parent)
                slots[slot] = tag | UInt64(index + 1)
                occupied += 1
                return (index, true)
            }
            if content & 0xffff_ffff_0000_0000 == tag {
                let index = Int(content & 0xffff_ffff) - 1
                if Self.equal(arena[index], state, arena.stride) { return (index, false) }
            }
            slot = (slot + 1) & mask
        }
    }

    /// The number of a state that was seen, or nil.
    func find(_ state: UnsafePointer<UInt64>, hash: UInt64, in arena: borrowing StateArena) -> Int? {
        let mask = capacity - 1
        var slot = Int(truncatingIfNeeded: hash >> shift)
        while slots[slot] != 0 {
            let index = Int(slots[slot] & 0xffff_ffff) - 1
            if Self.equal(arena[index], state, arena.stride) { return index }
            slot = (slot + 1) & mask
        }
        return nil
    }

    @inline(__always)
    private static func equal(_ a: UnsafePointer<UInt64>, _ b: UnsafePointer<UInt64>, _ stride: Int) -> Bool {
        for index in 0..<stride where a[index] != b[index] { return false }
        return true
    }

    private mutating func grow() {
        let newCapacity = capacity * 2
        let newSlots = UnsafeMutablePointer<UInt64>.allocate(capacity: newCapacity)
        newSlots.initialize(repeating: 0, count: newCapacity)
        shift -= 1
        let mask = newCapacity - 1
        for old in 0..<capacity where slots[old] != 0 {
            var slot = Int(truncatingIfNeeded: slots[old] >> shift)
            while newSlots[slot] != 0 { slot = (slot + 1) & mask }
            newSlots[slot] = slots[old]
        }
        slots.deallocate()
        slots = newSlots
        capacity = newCapacity
    }
}
