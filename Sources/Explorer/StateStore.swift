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
    /// Hashes of the states that ``foresee(_:count:)`` looked at.
    @exclusivity(unchecked) private(set) var foreseen: UnsafeMutablePointer<UInt64>
    @exclusivity(unchecked) private var foreseenCapacity = 256

    init(stride: Int) {
        self.stride = stride
        foreseen = .allocate(capacity: foreseenCapacity * 2)
        shards = .allocate(capacity: Self.shardCount)
        for shard in 0..<Self.shardCount { (shards + shard).initialize(to: Shard(arena: StateArena(stride: stride))) }
    }

    deinit {
        shards.deinitialize(count: Self.shardCount)
        shards.deallocate()
        foreseen.deallocate()
    }

    /// The number of states.
    var count: Int { (0..<Self.shardCount).reduce(0) { $0 + shards[$1].arena.count } }

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

    /// Looks at the places of some states in the visited set, so that the cache misses of their insertion overlap.
    ///
    /// The states' hashes are then in ``foreseen``. For one thread at a time.
    @inline(__always)
    func foresee(_ states: UnsafePointer<UInt64>, count: Int) {
        if count > foreseenCapacity { growForeseen(count) }
        for place in 0..<count {
            let hash = hash(states + place * stride)
            foreseen[place] = hash
            // Kept where the compiler cannot see that nobody reads it.
            (foreseen + foreseenCapacity)[place] = shards[Self.shard(of: hash)].visited.slot(of: hash)
        }
        for place in 0..<count {
            let hash = foreseen[place]
            let slot = (foreseen + foreseenCapacity)[place]
            guard let index = VisitedSet.index(in: slot, of: hash) else { continue }
            (foreseen + foreseenCapacity)[place] = shards[Self.shard(of: hash)].arena[index][0]
        }
    }

    private func growForeseen(_ count: Int) {
        foreseen.deallocate()
        foreseenCapacity = count * 2
        foreseen = .allocate(capacity: foreseenCapacity * 2)
    }

    /// Adds a state with its hash; its number, and whether it was new.
    @inline(__always)
    func insert(_ state: UnsafePointer<UInt64>, hash: UInt64, parent: Int) -> (number: Int, isNew: Bool) {
        let shard = Self.shard(of: hash)
        let (place, isNew) = shards[shard].visited.insert(state, hash: hash, parent: parent, into: &shards[shard].arena)
        return (Self.number(place: place, shard: shard), isNew)
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
