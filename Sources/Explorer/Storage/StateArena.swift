/// Fixed-length states one after the other, numbered from 0, in chunks that never move.
///
/// Each chunk holds as many states as all before it together, so that there are few of them, growing copies nothing, and
/// small searches stay small. A chunk is its states, then the numbers of the states that they were first reached from.
/// Not copied: one owner.
struct StateArena: ~Copyable {
    private static let firstShift = 3
    private static let firstStates = 1 << firstShift
    /// Enough for 2^32 states.
    private static let mostChunks = 30

    let stride: Int
    private(set) var count = 0
    private let chunks: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>>
    private var chunkCount = 0
    /// States that there are places for.
    private var capacity = 0

    init(stride: Int) {
        self.stride = stride
        chunks = .allocate(capacity: Self.mostChunks)
    }

    deinit {
        for chunk in 0..<chunkCount { chunks[chunk].deallocate() }
        chunks.deallocate()
    }

    /// Bytes used.
    var bytes: Int { count * (stride * 8 + 4) }

    /// The length of a chunk.
    private static func states(_ chunk: Int) -> Int { chunk == 0 ? firstStates : firstStates << (chunk - 1) }

    private static func words(_ chunk: Int, _ stride: Int) -> Int { states(chunk) * stride + (states(chunk) + 1) / 2 }

    /// The chunk that a state lies in, and its place there.
    @inline(__always)
    private static func place(_ index: Int) -> (chunk: Int, place: Int) {
        if index < firstStates { return (0, index) }
        let top = Int.bitWidth - 1 - index.leadingZeroBitCount
        return (top - firstShift + 1, index ^ (1 << top))
    }

    /// The words of a state.
    @inline(__always)
    subscript(_ index: Int) -> UnsafeMutablePointer<UInt64> {
        let (chunk, place) = Self.place(index)
        return chunks[chunk] + place &* stride
    }

    @inline(__always)
    private func parents(_ chunk: Int) -> UnsafeMutablePointer<UInt32> {
        // SAFETY: the part of a chunk after its states is only ever used as these.
        UnsafeMutableRawPointer(chunks[chunk] + Self.states(chunk) &* stride).assumingMemoryBound(to: UInt32.self)
    }

    /// The state that `index` was first reached from (its own number for the initial state).
    func parent(of index: Int) -> Int {
        let (chunk, place) = Self.place(index)
        return Int(parents(chunk)[place])
    }

    /// Adds a copy of a state.
    @inline(__always)
    mutating func append(_ state: UnsafePointer<UInt64>, parent: Int) {
        if count == capacity { addChunk() }
        let (chunk, place) = Self.place(count)
        (chunks[chunk] + place &* stride).update(from: state, count: stride)
        parents(chunk)[place] = UInt32(truncatingIfNeeded: parent)
        count &+= 1
    }

    private mutating func addChunk() {
        (chunks + chunkCount).initialize(to: .allocate(capacity: Self.words(chunkCount, stride)))
        chunkCount += 1
        capacity = Self.firstStates << (chunkCount - 1)
    }
}
