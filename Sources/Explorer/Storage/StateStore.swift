/// The states of one search and the set of them, owned together.
///
/// States are spread over shards by their hash, each shard with an arena and a visited set of its own, so that threads
/// can add states without locks: one shard, one thread. A state's number is its place in the shard and the shard.
/// How states are spread does not depend on the number of threads.
final class StateStore {
    static let shardBits = 4
    static let shardCount = 1 << shardBits

    private struct Shard: ~Copyable {
        var arena: StateArena
        var visited = VisitedSet()
    }

    let stride: Int
    // Behind a pointer, so that adding a state costs no exclusivity check of a class's property.
    private let shards: UnsafeMutablePointer<Shard>

    init(stride: Int) {
        self.stride = stride
        shards = .allocate(capacity: Self.shardCount)
        for shard in 0..<Self.shardCount { (shards + shard).initialize(to: Shard(arena: StateArena(stride: stride))) }
    }

    deinit {
        shards.deinitialize(count: Self.shardCount)
        shards.deallocate()
    }

    /// The number of states.
    var count: Int { (0..<Self.shardCount).reduce(0) { $0 + shards[$1].arena.count } }

    /// Whether a shard is about to run out of the numbers that 32 bits have for its states.
    var isFull: Bool {
        (0..<Self.shardCount).contains { shards[$0].arena.count >= 1 << (32 - Self.shardBits) - 1 << 20 }
    }

    /// The number of states of a shard.
    func count(ofShard shard: Int) -> Int { shards[shard].arena.count }

    /// Bytes held.
    var bytes: Int { (0..<Self.shardCount).reduce(0) { $0 + shards[$1].arena.bytes + shards[$1].visited.bytes } }

    /// The hash that decides the shard, in its low bits, and the place in the visited set, by its high bits.
    @inline(__always)
    func hash(_ state: UnsafePointer<UInt64>) -> UInt64 { VisitedSet.hash(state, stride) }

    /// The shard of states with a hash.
    @inline(__always)
    static func shard(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (shardCount - 1) }

    /// The number of a state by its place in a shard.
    @inline(__always)
    static func number(place: Int, shard: Int) -> Int { place << shardBits | shard }

    /// The words of a state, which stay where they are.
    @inline(__always)
    func state(_ number: Int) -> UnsafePointer<UInt64> {
        UnsafePointer(shards[number & (Self.shardCount - 1)].arena[number >> Self.shardBits])
    }

    /// Adds the initial state, which is its own parent.
    func insertInitial(_ state: UnsafePointer<UInt64>) {
        let hash = hash(state)
        let shard = Self.shard(of: hash)
        _ = shards[shard].visited.insert(
            state, hash: hash, parent: Self.number(place: 0, shard: shard), into: &shards[shard].arena)
    }

    /// Words of an entry before its state: its hash and its origin.
    static let headWords = 2
    /// An origin is the number of the state that a step comes from and, above it, what the caller likes.
    static let originShift: UInt64 = 48
    /// Words of visited set from which on it and the states are looked at ahead.
    private static let fewestDistantWords = 1 << 12
    /// How many entries ahead.
    private static let foresight = 8

    /// Adds states that all belong to one shard, entries of hash, origin and state one after the other.
    ///
    /// Where the shard is too large for the processor's caches the places of entries to come are asked for ahead, so that
    /// cache misses overlap: first in the visited set, then the state that stands there.
    /// - Parameter body: gets each origin's upper part, and the place of the state if it was known before.
    @inline(__always)
    func insert(
        _ entries: UnsafePointer<UInt64>, words: Int, shard number: Int,
        _ body: (_ origin: UInt64, _ known: Int?) -> Void
    ) {
        let shard = shards + number
        let length = stride &+ Self.headWords
        let end = entries + words
        let isDistant = shard.pointee.visited.capacity > Self.fewestDistantWords
        let (near, far) = (Self.foresight &* length, 2 &* Self.foresight &* length)
        if isDistant {
            var ahead = entries
            while ahead < min(end, entries + far) {
                shard.pointee.visited.foresee(ahead[0])
                ahead += length
            }
        }
        var entry = entries
        while entry < end {
            if isDistant {
                if entry + far < end { shard.pointee.visited.foresee(entry[far]) }
                if entry + near < end { shard.pointee.visited.foreseeState(entry[near], in: shard.pointee.arena) }
            }
            let origin = entry[1]
            let (place, isNew) = shard.pointee.visited.insert(
                entry + Self.headWords, hash: entry[0],
                parent: Int(truncatingIfNeeded: origin & (1 << Self.originShift &- 1)), into: &shard.pointee.arena)
            body(origin >> Self.originShift, isNew ? nil : place)
            entry += length
        }
    }

    /// The number of a state that was seen, or nil.
    func find(_ state: UnsafePointer<UInt64>) -> Int? {
        let hash = hash(state)
        let shard = Self.shard(of: hash)
        return shards[shard].visited.find(state, hash: hash, in: shards[shard].arena).map {
            Self.number(place: $0, shard: shard)
        }
    }

    /// The state that a state was first reached from; itself for the initial one.
    func parent(of number: Int) -> Int {
        shards[number & (Self.shardCount - 1)].arena.parent(of: number >> Self.shardBits)
    }

    /// The states on the way from the initial one to `number`, both included.
    func path(to number: Int) -> [Int] {
        var path = [number]
        var state = number
        while true {
            let parent = parent(of: state)
            if parent == state { return path.reversed() }
            path.append(parent)
            state = parent
        }
    }
}
