/// Successors of one state, in flat storage.
final class StepBuffer {
    let stride: Int
    // One thread owns the buffer; checking each access for exclusivity would cost more than the access.
    @exclusivity(unchecked) private(set) var states: UnsafeMutablePointer<UInt64>
    @exclusivity(unchecked) private(set) var labels: UnsafeMutablePointer<UInt32>
    @exclusivity(unchecked) private(set) var count = 0
    @exclusivity(unchecked) private var capacity = 256

    init(stride: Int) {
        self.stride = stride
        states = .allocate(capacity: capacity * stride)
        labels = .allocate(capacity: capacity)
    }

    deinit {
        states.deallocate()
        labels.deallocate()
    }

    func removeAll() { count = 0 }

    /// Appends a copy of a state, to be changed into the successor.
    ///
    /// The pointer is good until the next call.
    @inline(__always)
    func append(_ state: UnsafePointer<UInt64>, label: UInt32) -> UnsafeMutablePointer<UInt64> {
        if count == capacity { grow() }
        let place = states + count * stride
        place.update(from: state, count: stride)
        labels[count] = label
        count += 1
        return place
    }

    /// Replaces a successor by the last one, which goes away.
    func moveLast(to number: Int) {
        count -= 1
        (states + number * stride).update(from: states + count * stride, count: stride)
    }

    private func grow() {
        let largerStates = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * 2 * stride)
        let largerLabels = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
        largerStates.update(from: states, count: capacity * stride)
        largerLabels.update(from: labels, count: capacity)
        states.deallocate()
        labels.deallocate()
        states = largerStates
        labels = largerLabels
        capacity *= 2
    }
}
