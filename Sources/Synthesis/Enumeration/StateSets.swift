/// Where the runs of a sequence can stand, start by start: what classes of sequences are told apart by.
///
/// Flat storage that is used again for each sequence. States of one start are in the order in which they were found.
final class StateSets {
    private var states: UnsafeMutablePointer<SequenceState>
    private var hashes: UnsafeMutablePointer<UInt64>
    private let capacity: Int
    /// Where the states of each start begin, and past the last one where they end.
    private var bounds: [Int]
    private var count = 0

    /// The most states of one sequence, over all starts.
    static let mostStates = 1 << 14

    init(starts: Int) {
        capacity = Self.mostStates
        states = .allocate(capacity: capacity)
        hashes = .allocate(capacity: capacity)
        bounds = [Int](repeating: 0, count: starts + 1)
    }

    deinit {
        states.deallocate()
        hashes.deallocate()
    }

    /// What happened on the way to some of the states.
    private(set) var past: SequenceState.Past = []
    /// Whether not all states found room.
    private(set) var isFull = false

    /// Becomes the states in which runs begin, hardware's acts included.
    func begin(_ starts: [Start], _ interference: Interference?) {
        reset()
        for (number, start) in starts.enumerated() {
            bounds[number] = count
            add(start.state, from: bounds[number])
            close(from: bounds[number], interference)
        }
        bounds[starts.count] = count
    }

    /// Becomes the states after one more instruction than `sets`; false as soon as it is known that nobody needs them.
    func advance(
        _ sets: StateSets, _ template: Template, _ interference: Interference?, forbidden: SequenceState.Past
    ) -> Bool {
        reset()
        for number in 0..<bounds.count - 1 {
            let first = count
            bounds[number] = first
            for position in sets.bounds[number]..<sets.bounds[number + 1] {
                if let next = sets.states[position].executing(template) { add(next, from: first) }
            }
            close(from: first, interference)
            if isFull || !past.isDisjoint(with: forbidden) { return false }
        }
        bounds[bounds.count - 1] = count
        return true
    }

    /// The states with everything stored that was buffered.
    var finalStates: [SequenceState] {
        (0..<count).map { position in
            var state = states[position]
            while state.buffered > 0 { state = state.drained() }
            return state
        }
    }

    /// A number that two sequences share when their runs stand in the same states.
    var fingerprint: Fingerprint {
        var fingerprint = Fingerprint(first: 0x243f_6a88_85a3_08d3, second: 0x1319_8a2e_0370_7344)
        for number in 0..<bounds.count - 1 {
            // A sum: the order in which the states were found does not matter.
            var sum: (UInt64, UInt64) = (0, 0)
            for position in bounds[number]..<bounds[number + 1] {
                sum.0 &+= Self.mix(hashes[position])
                sum.1 &+= Self.mix(hashes[position] ^ 0xa409_3822_299f_31d0)
            }
            fingerprint.first = Self.mix(fingerprint.first &+ sum.0)
            fingerprint.second = Self.mix(fingerprint.second &+ sum.1)
        }
        return fingerprint
    }

    private func reset() {
        count = 0
        past = []
        isFull = false
    }

    @inline(__always)
    private func add(_ state: SequenceState, from first: Int) {
        let hash = Self.hash(state)
        for position in first..<count where hashes[position] == hash { return }
        guard count < capacity else {
            isFull = true
            return
        }
        past.formUnion(state.past)
        states[count] = state
        hashes[count] = hash
        count += 1
    }

    /// Adds what hardware's acts lead to.
    private func close(from first: Int, _ interference: Interference?) {
        guard let interference else { return }
        var position = first
        while position < count {
            interference.each(after: states[position]) { add($0, from: first) }
            position += 1
        }
    }

    @inline(__always)
    private static func hash(_ state: SequenceState) -> UInt64 {
        var hash = mix(state.entry ^ 0x452_8216_38d0_1377)
        hash = mix(hash ^ state.registers.first)
        hash = mix(hash ^ state.registers.second)
        hash = mix(hash ^ state.registers.third)
        hash = mix(hash ^ state.registers.fourth)
        let rest =
            UInt64(state.buffered) | UInt64(state.flags.rawValue) << 8 | UInt64(state.update.rawValue) << 16
            | UInt64(state.past.rawValue) << 24
        hash = mix(hash ^ rest)
        hash = mix(hash ^ state.history)
        guard state.buffered > 0 else { return hash }
        hash = mix(hash ^ state.buffer.masks.0)
        hash = mix(hash ^ state.buffer.values.0)
        guard state.buffered > 1 else { return hash }
        hash = mix(hash ^ state.buffer.masks.1 ^ state.buffer.values.1 &* 3)
        hash = mix(hash ^ state.buffer.masks.2 ^ state.buffer.values.2 &* 3)
        return mix(hash ^ state.buffer.masks.3 ^ state.buffer.values.3 &* 3)
    }

    /// The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    @inline(__always)
    static func mix(_ word: UInt64) -> UInt64 {
        var word = word &+ 0x9e37_79b9_7f4a_7c15
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
