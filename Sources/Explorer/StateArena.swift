/// Fixed-length states one behind the other, numbered from 0, in chunks that never move.
///
/// Chunks hold 2^8 states, so growing copies nothing and small searches stay small. Not copied: one owner.
struct StateArena: ~Copyable {
    static let chunkShift = 8
    static let chunkStates = 1 << chunkShift

    let stride: Int
    private(set) var count = 0
    private var chunks: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>>
    private var parents: UnsafeMutablePointer<UnsafeMutablePointer<UInt32>>
    private var chunkCount = 0
    private var chunkCapacity = 1 << 6

    init(stride: Int) {
        self.stride = stride
        chunks = .allocate(capacity: chunkCapacity)
        parents = .allocate(capacity: chunkCapacity)
    }

    deinit {
        for chunk in 0..<chunkCount {
            chunks[chunk].deallocate()
            parents[chunk].deallocate()
        }
        chunks.deallocate()
        parents.deallocate()
    }

    /// Bytes held.
    var bytes: Int { chunkCount * Self.chunkStates * (stride * 8 + 4) }

    /// The words of a state.
    @inline(__always)
    subscript(_ index: Int) -> UnsafeMutablePointer<UInt64> {
        chunks[index >> Self.chunkShift] + (index & (Self.chunkStates - 1)) * stride
    }

    /// The state that `index` was first reached from (its own number for the initial state).
    @inline(__always)
    func parent(of index: Int) -> Int {
        Int(parents[index >> Self.chunkShift][index & (Self.chunkStates - 1)])
    }

    /// Adds a copy of a state.
    @inline(__always)
    mutating func append(_ state: UnsafePointer<UInt64>, parent: Int) {
        if count >> Self.chunkShift == chunkCount { addChunk() }
        self[count].update(from: state, count: stride)
        parents[count >> Self.chunkShift][count & (Self.chunkStates - 1)] = UInt32(truncatingIfNeeded: parent)
        count += 1
    }

    private mutating func addChunk() {
        if chunkCount == chunkCapacity {
            let newCapacity = chunkCapacity * 2
            let newChunks = UnsafeMutablePointer<UnsafeMutablePointer<UInt64>>.allocate(capacity: newCapacity)
            let newParents = UnsafeMutablePointer<UnsafeMutablePointer<UInt32>>.allocate(capacity: newCapacity)
            newChunks.moveInitialize(from: chunks, count: chunkCount)
            newParents.moveInitialize(from: parents, count: chunkCount)
            chunks.deallocate()
            parents.deallocate()
            chunks = newChunks
            parents = newParents
            chunkCapacity = newCapacity
        }
        (chunks + chunkCount).initialize(to: .allocate(capacity: Self.chunkStates * stride))
        (parents + chunkCount).initialize(to: .allocate(capacity: Self.chunkStates))
        chunkCount += 1
    }
}
