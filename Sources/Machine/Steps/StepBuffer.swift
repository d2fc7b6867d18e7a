/// Successors of one state, in flat storage.
final class StepBuffer {
    let stride: Int
    // One thread owns the buffer; checking each access for exclusivity would cost more than the access.
    @exclusivity(unchecked) private(set) var states: UnsafeMutablePointer<UInt64>
    @exclusivity(unchecked) private(set) var labels: UnsafeMutablePointer<UInt32>
    /// By successor, the leaves that have changed in memory, a bit each.
    @exclusivity(unchecked) private(set) var changedLeaves: UnsafeMutablePointer<UInt64>
    @exclusivity(unchecked) private(set) var count = 0
    @exclusivity(unchecked) private var capacity = 64

    init(stride: Int) {
        self.stride = stride
        states = .allocate(capacity: capacity * stride)
        labels = .allocate(capacity: capacity)
        changedLeaves = .allocate(capacity: capacity)
    }

    deinit {
        states.deallocate()
        labels.deallocate()
        changedLeaves.deallocate()
    }

    func removeAll() { count = 0 }

    /// Appends a copy of a state, to be changed into the successor.
    ///
    /// The pointer is good until the next call.
    @inline(__always)
    func append(_ state: UnsafePointer<UInt64>, label: UInt32) -> UnsafeMutablePointer<UInt64> {
        if count == capacity { grow() }
        let place = states + count &* stride
        for word in 0..<stride { place[word] = state[word] }
        labels[count] = label
        changedLeaves[count] = 0
        count &+= 1
        return place
    }

    /// Notes leaves that the last successor's step has changed.
    @inline(__always)
    func noteChanges(ofLeaves leaves: UInt64) { changedLeaves[count &- 1] |= leaves }

    /// Replaces a successor by the last one, which goes away.
    func moveLast(to number: Int) {
        count -= 1
        (states + number * stride).update(from: states + count * stride, count: stride)
    }

    private func grow() {
        let largerStates = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * 2 * stride)
        let largerLabels = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
        largerStates.update(from: states, count: capacity * stride)
        let largerLeaves = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * 2)
        largerLabels.update(from: labels, count: capacity)
        largerLeaves.update(from: changedLeaves, count: capacity)
        states.deallocate()
        labels.deallocate()
        changedLeaves.deallocate()
        states = largerStates
        labels = largerLabels
        changedLeaves = largerLeaves
        capacity *= 2
    }
}
