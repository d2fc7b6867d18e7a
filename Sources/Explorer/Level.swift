/// The states at one distance from the initial state, in the order in which they are visited: shard after shard.
///
/// The order follows from the states alone, so whatever is found first is the same on every run.
struct Level {
    /// By shard, its length when the level before was complete, and when this one was.
    let begins: [Int]
    let ends: [Int]
    /// How many states there are.
    let length: Int

    /// The level that begins where `before` ends (the first one without it) and ends with what the store now holds.
    init(after before: Level?, in store: StateStore) {
        begins = before?.ends ?? [Int](repeating: 0, count: StateStore.shardCount)
        ends = (0..<StateStore.shardCount).map { store.count(ofShard: $0) }
        var length = 0
        for shard in 0..<StateStore.shardCount { length += ends[shard] - begins[shard] }
        self.length = length
    }

    /// Calls `body` with the numbers of the states at these positions, in order.
    @inline(__always)
    func forEach(at positions: Range<Int>, _ body: (_ number: Int) -> Void) {
        var start = 0
        for shard in 0..<StateStore.shardCount {
            let end = start + ends[shard] - begins[shard]
            let offset = begins[shard] - start
            var position = max(start, positions.lowerBound)
            while position < min(end, positions.upperBound) {
                body(StateStore.number(place: position + offset, shard: shard))
                position += 1
            }
            start = end
        }
    }
}
