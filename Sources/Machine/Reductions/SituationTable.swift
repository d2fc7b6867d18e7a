/// The situations that one CPU was in, and the steps out of each; see `LocalSteps.swift`.
///
/// Open addressing over flat storage, like ``InternTable``, with keys of several words.
struct SituationTable: ~Copyable {
    /// Where the steps out of a situation lie.
    struct Entry {
        var firstStep: Int
        var stepCount: Int
        /// How many of the steps are a thread's.
        var threadSteps: Int
    }

    private let stride: Int
    /// The bits of a state that are the situation.
    private let mask: UnsafeMutablePointer<UInt64>
    private var slots: UnsafeMutablePointer<Int32>
    private var slotCapacity = 64
    private var keys: UnsafeMutablePointer<UInt64>
    private var entries: UnsafeMutablePointer<Entry>
    private(set) var count = 0
    private var capacity = 16
    /// By step: label, leaves that it changes in memory, then the bits of the situation that it changes.
    private var steps: UnsafeMutablePointer<UInt64>
    private var stepWords = 0
    private var stepCapacity = 64

    init(mask bits: [UInt64]) {
        stride = bits.count
        mask = .allocate(capacity: stride)
        mask.initialize(from: bits, count: stride)
        slots = .allocate(capacity: slotCapacity)
        slots.initialize(repeating: -1, count: slotCapacity)
        keys = .allocate(capacity: capacity * stride)
        entries = .allocate(capacity: capacity)
        steps = .allocate(capacity: stepCapacity)
    }

    deinit {
        mask.deallocate()
        slots.deallocate()
        keys.deallocate()
        entries.deallocate()
        steps.deallocate()
    }

    /// Bytes held.
    var bytes: Int {
        slotCapacity * 4 + capacity * (stride * 8 + MemoryLayout<Entry>.stride) + stepCapacity * 8
    }

    /// The entry of the situation in a state, if it is known; good until the next situation is added.
    @inline(__always)
    func find(_ state: UnsafePointer<UInt64>) -> UnsafePointer<Entry>? {
        var slot = hash(state)
        while slots[slot] >= 0 {
            let number = Int(slots[slot])
            let key = keys + number &* stride
            var word = 0
            while word < stride && key[word] == state[word] & mask[word] { word &+= 1 }
            if word == stride { return UnsafePointer(entries + number) }
            slot = (slot &+ 1) & (slotCapacity &- 1)
        }
        return nil
    }

    /// Words of one step.
    @inline(__always)
    var stepLength: Int { stride &+ 2 }

    /// The steps of an entry, ``stepLength`` words each: label, changed leaves, changed bits.
    @inline(__always)
    func steps(of entry: UnsafePointer<Entry>) -> UnsafePointer<UInt64> {
        UnsafePointer(steps + entry.pointee.firstStep)
    }

    /// Adds the situation in a state with the steps of a buffer from `first` on.
    mutating func add(_ state: UnsafePointer<UInt64>, _ found: StepBuffer, from first: Int, threadSteps: Int) {
        if count == capacity { grow() }
        for word in 0..<stride { keys[count * stride + word] = state[word] & mask[word] }
        (entries + count).initialize(
            to: Entry(firstStep: stepWords, stepCount: found.count - first, threadSteps: threadSteps))
        for number in first..<found.count {
            if stepWords + stepLength > stepCapacity { growSteps() }
            steps[stepWords] = UInt64(found.labels[number])
            steps[stepWords + 1] = found.changedLeaves[number]
            let next = found.states + number * stride
            for word in 0..<stride { steps[stepWords + 2 + word] = (next[word] ^ state[word]) & mask[word] }
            stepWords += stepLength
        }
        enter(count)
        count += 1
    }

    @inline(__always)
    private func hash(_ state: UnsafePointer<UInt64>) -> Int {
        var seed: UInt64 = 0x9e37_79b9_7f4a_7c15
        var word = 0
        while word < stride {
            let product = ((state[word] & mask[word]) ^ seed).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
            seed = product.high ^ product.low
            word &+= 1
        }
        return Int(truncatingIfNeeded: seed) & (slotCapacity &- 1)
    }

    private func enter(_ number: Int) {
        var slot = hash(keys + number * stride)
        while slots[slot] >= 0 { slot = (slot + 1) & (slotCapacity - 1) }
        slots[slot] = Int32(number)
    }

    private mutating func grow() {
        let (largerKeys, largerEntries): (UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<Entry>) = (
            .allocate(capacity: capacity * 2 * stride), .allocate(capacity: capacity * 2)
        )
        largerKeys.moveInitialize(from: keys, count: count * stride)
        largerEntries.moveInitialize(from: entries, count: count)
        keys.deallocate()
        entries.deallocate()
        (keys, entries) = (largerKeys, largerEntries)
        capacity *= 2
        slots.deallocate()
        slotCapacity *= 2
        slots = .allocate(capacity: slotCapacity)
        slots.initialize(repeating: -1, count: slotCapacity)
        for number in 0..<count { enter(number) }
    }

    private mutating func growSteps() {
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: (stepCapacity + stepLength) * 2)
        larger.moveInitialize(from: steps, count: stepWords)
        steps.deallocate()
        steps = larger
        stepCapacity = (stepCapacity + stepLength) * 2
    }
}
