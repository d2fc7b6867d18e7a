import CHost

/// Which states were seen: open addressing over a ``StateArena``, full states compared, nothing compacted away.
///
/// A slot is 64 bits: the upper half of the state's hash as a tag, and the state's number plus one. Only a tag hit
/// looks at the state itself, so a miss costs one cache line. A slot's place follows from its tag alone, so the table
/// grows without looking at states.
struct VisitedSet: ~Copyable {
    private var slots: UnsafeMutablePointer<UInt64>
    /// Slots.
    private(set) var capacity: Int
    /// Right shift that makes a tag the place where its probing begins.
    private var shift: UInt64
    private var occupied = 0
    /// States that the table takes before it grows.
    private var room: Int

    init() {
        let bits = 4
        capacity = 1 << bits
        shift = UInt64(64 - bits)
        room = Self.room(capacity)
        slots = Self.emptySlots(capacity)
    }

    deinit { slots.deallocate() }

    /// Two thirds: a known state is found by the second look on average, a new one by the fifth, mostly in one cache line.
    private static func room(_ capacity: Int) -> Int { capacity / 3 * 2 }

    private static func emptySlots(_ capacity: Int) -> UnsafeMutablePointer<UInt64> {
        let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
        slots.initialize(repeating: 0, count: capacity)
        return slots
    }

    /// Bytes held.
    var bytes: Int { capacity * 8 }

    /// A hash of all words; multiply and fold, as in wyhash.
    @inline(__always)
    static func hash(_ state: UnsafePointer<UInt64>, _ stride: Int) -> UInt64 {
        func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
            let product = left.multipliedFullWidth(by: right)
            return product.high ^ product.low
        }
        var seed: UInt64 = 0x9e37_79b9_7f4a_7c15
        var index = 0
        while index &+ 1 < stride {
            seed = fold(state[index] ^ 0xa076_1d64_78bd_642f, state[index &+ 1] ^ seed)
            index &+= 2
        }
        if index < stride { seed = fold(state[index] ^ 0xe703_7ed1_a0b4_28db, seed) }
        return fold(seed, 0x8ebc_6af0_9c88_c6e3)
    }

    /// The number of the state that a slot names, if it may be the one with this hash.
    @inline(__always)
    private static func index(in slot: UInt64, of hash: UInt64) -> Int? {
        slot != 0 && (slot ^ hash) &>> 32 == 0 ? Int(truncatingIfNeeded: slot & 0xffff_ffff) &- 1 : nil
    }

    /// Asks for the place where the search for a hash begins.
    @inline(__always)
    func foresee(_ hash: UInt64) { host_prefetch(slots + Int(truncatingIfNeeded: hash &>> shift)) }

    /// Asks for the state that the search for a hash is likely to find.
    @inline(__always)
    func foreseeState(_ hash: UInt64, in arena: borrowing StateArena) {
        let mask = capacity &- 1
        var slot = Int(truncatingIfNeeded: hash &>> shift)
        while slots[slot] != 0 {
            if let index = Self.index(in: slots[slot], of: hash) { return host_prefetch(arena[index]) }
            slot = (slot &+ 1) & mask
        }
    }

    /// The number of a state with this ``hash(_:_:)``, after adding it to the arena when it was new.
    @inline(__always)
    mutating func insert(
        _ state: UnsafePointer<UInt64>, hash: UInt64, parent: Int, into arena: inout StateArena
    ) -> (index: Int, isNew: Bool) {
        if occupied == room { grow() }
        let mask = capacity &- 1
        var slot = Int(truncatingIfNeeded: hash &>> shift)
        while true {
            let content = slots[slot]
            if content == 0 {
                let index = arena.count
                arena.append(state, parent: parent)
                slots[slot] = hash & 0xffff_ffff_0000_0000 | UInt64(truncatingIfNeeded: index &+ 1)
                occupied &+= 1
                return (index, true)
            }
            if let index = Self.index(in: content, of: hash), Self.equal(arena[index], state, arena.stride) {
                return (index, false)
            }
            slot = (slot &+ 1) & mask
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
        var index = 0
        while index < stride {
            if a[index] != b[index] { return false }
            index &+= 1
        }
        return true
    }

    private mutating func grow() {
        let newCapacity = capacity * 2
        let newSlots = Self.emptySlots(newCapacity)
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
        room = Self.room(capacity)
    }
}
