/// Symmetry of identical CPUs: of states that differ only in which of them is which, one is explored.
///
/// CPUs are interchangeable when class, modes, code, registers and private memory are the same and the question asks
/// nothing of any of them by name. Exchanging two of them turns runs into runs, and no answer tells the two apart: the
/// machine treats no CPU specially, so the exchange is an automorphism of its state graph (Emerson and Sistla,
/// "Symmetry and Model Checking", 1996). Every successor is brought into a form in which the parts of interchangeable
/// CPUs are in ascending order. That form is always a permutation of the successor, so nothing false can arise; where it
/// is not unique, which happens when they flush each other, only some of the gain is lost. The numbers of steps in runs
/// stay what they were.
///
/// Code may differ in the constants that it stores to data, as long as no data is kept (`UnreadValues.swift`): then the
/// stores are all alike, and one CPU's code can stand for all.
struct Symmetry {
    /// The classes' CPUs one after the other, and where each class begins.
    private let members: UnsafeMutablePointer<Int>
    private let begins: UnsafeMutablePointer<Int>
    private let classCount: Int
    /// By CPU, its place among ``members`` unless it is the first of its class, -1 otherwise.
    private let followers: UnsafeMutablePointer<Int>
    /// By place among ``members``, what of the state is the CPU's own; ``partCount`` fields, absent ones at the end.
    private let parts: UnsafeMutablePointer<Field>
    private let partCount: Int
    /// Sets of CPUs in the state: who has yet to acknowledge a flush or take a broadcast.
    private let sets: UnsafeMutablePointer<Field>
    private let setCount: Int
    /// By place in the class, what is compared: the parts, and behind the last one's bits the CPU's membership in the sets
    /// (in a word of its own if there is no room).
    private let keys: UnsafeMutablePointer<UInt64>
    private let keyCount: Int
    private let isPacked: Bool
    /// By class, which bits of a state its order depends on; ``stride`` words each.
    private let masks: UnsafeMutablePointer<UInt64>
    private let stride: Int
    /// By place in the class, the place that its new content comes from.
    private let sources: UnsafeMutablePointer<Int>

    /// Scratch space of one thread for the symmetry of a plan.
    init(_ plan: MachinePlan) {
        let classes = plan.interchangeable.classes
        let (ownParts, sets, cpus) = (plan.layout.ownParts, plan.layout.cpuSets, plan.cpuCount)
        stride = plan.layout.stateWords
        classCount = classes.count
        let places = classes.flatMap { $0 }
        members = Self.storage(places)
        begins = Self.storage(classes.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) })
        var followers = [Int](repeating: -1, count: cpus)
        for (place, cpu) in places.enumerated() where !classes.contains(where: { $0.first == cpu }) {
            followers[cpu] = place
        }
        self.followers = Self.storage(followers)
        let partCount = ownParts.values.map({ $0.count }).max() ?? 0
        self.partCount = partCount
        parts = Self.storage(
            places.flatMap { cpu in
                let own = ownParts[cpu] ?? []
                return own + [Field](repeating: Field(), count: partCount - own.count)
            })
        self.sets = Self.storage(sets)
        setCount = sets.count
        let widest = ownParts.values.compactMap({ $0.last?.mask.nonzeroBitCount }).max() ?? 64
        isPacked = partCount > 0 && widest + sets.count <= 64
        keyCount = isPacked ? partCount : partCount + 1
        keys = Self.storage([UInt64](repeating: 0, count: cpus * keyCount))
        masks = Self.storage(
            classes.flatMap { members in
                let fields = members.flatMap { ownParts[$0] ?? [] } + sets
                return (0..<plan.layout.stateWords).map { word in
                    fields.reduce(0) { $1.word == word ? $0 | $1.mask << $1.shift : $0 }
                }
            })
        sources = Self.storage([Int](repeating: 0, count: cpus))
    }

    private static func storage<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let storage = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        for (number, element) in elements.enumerated() { (storage + number).initialize(to: element) }
        return storage
    }

    func deallocate() {
        members.deallocate()
        begins.deallocate()
        followers.deallocate()
        parts.deallocate()
        sets.deallocate()
        keys.deallocate()
        masks.deallocate()
        sources.deallocate()
    }

    /// Whether exchanging a CPU and the one before it in its class would leave the state as it is.
    @inline(__always)
    func isLikeTwin(_ cpu: Int, _ state: UnsafePointer<UInt64>) -> Bool {
        let place = followers[cpu]
        guard place >= 0 else { return false }
        let own = parts + place &* partCount
        let twins = own - partCount
        for part in 0..<partCount where own[part].readBits(state) != twins[part].readBits(state) { return false }
        let twin = members[place &- 1]
        for set in 0..<setCount {
            let named = sets[set].readBits(state)
            if (named &>> UInt64(cpu) ^ named &>> UInt64(twin)) & 1 != 0 { return false }
        }
        return true
    }

    /// Sorts the parts of interchangeable CPUs in a successor of a state; a class of which the step changed nothing stays as
    /// it was there.
    @inline(__always)
    func sort(_ state: UnsafeMutablePointer<UInt64>, after before: UnsafePointer<UInt64>) {
        for number in 0..<classCount where needsSorting(number, state, before) { arrange(number, state) }
    }

    /// The same; says by CPU which CPU its content comes from.
    func sortTracing(_ state: UnsafeMutablePointer<UInt64>, after before: UnsafePointer<UInt64>, cpus: Int) -> [Int] {
        var origins = Array(0..<cpus)
        for number in 0..<classCount where needsSorting(number, state, before) {
            arrange(number, state)
            let own = members + begins[number]
            for place in 0..<begins[number + 1] - begins[number] { origins[own[place]] = own[sources[place]] }
        }
        return origins
    }

    @inline(__always)
    private func needsSorting(
        _ number: Int, _ state: UnsafePointer<UInt64>, _ before: UnsafePointer<UInt64>
    ) -> Bool {
        let mask = masks + number &* stride
        var changes: UInt64 = 0
        for word in 0..<stride { changes |= (state[word] ^ before[word]) & mask[word] }
        return changes != 0 && !isSorted(number, state)
    }

    /// Notes what is compared of each member of a class; whether they are in order.
    @inline(__always)
    private func isSorted(_ number: Int, _ state: UnsafePointer<UInt64>) -> Bool {
        let begin = begins[number]
        let count = begins[number &+ 1] &- begin
        var isSorted = true
        for place in 0..<count {
            let key = keys + place &* keyCount
            let own = parts + (begin &+ place) &* partCount
            for part in 0..<partCount { key[part] = own[part].readBits(state) }
            var memberships = isPacked ? key[partCount &- 1] : 0
            let cpu = UInt64(members[begin &+ place])
            for set in 0..<setCount { memberships = memberships &<< 1 | (sets[set].readBits(state) &>> cpu) & 1 }
            key[keyCount &- 1] = memberships
            sources[place] = place
            if place > 0 && isLess(place, place &- 1) { isSorted = false }
        }
        return isSorted
    }

    /// Whether what is compared of a place is less than that of another.
    @inline(__always)
    private func isLess(_ place: Int, _ other: Int) -> Bool {
        if keyCount == 1 { return keys[place] < keys[other] }
        let key = keys + place &* keyCount
        let otherKey = keys + other &* keyCount
        for part in 0..<keyCount where key[part] != otherKey[part] { return key[part] < otherKey[part] }
        return false
    }

    private func arrange(_ number: Int, _ state: UnsafeMutablePointer<UInt64>) {
        let begin = begins[number]
        let own = members + begin
        let count = begins[number &+ 1] &- begin
        for place in 1..<count {
            var hole = place
            while hole > 0 && isLess(place, sources[hole &- 1]) {
                sources[hole] = sources[hole &- 1]
                hole &-= 1
            }
            sources[hole] = place
        }
        let last = isPacked ? partCount &- 1 : partCount
        for place in 0..<count where sources[place] != place {
            let key = keys + sources[place] &* keyCount
            let part = parts + (begin &+ place) &* partCount
            for number in 0..<last { part[number].writeBits(key[number], state) }
            if isPacked { part[last].writeBits(key[last] &>> UInt64(setCount), state) }
        }
        // The sets lie where their owners' parts now are; whom they name has moved as well.
        for set in 0..<setCount {
            let before = sets[set].readBits(state)
            guard before != 0 else { continue }
            var after = before
            for place in 0..<count {
                let bit: UInt64 = 1 &<< UInt64(own[place])
                after = before &>> UInt64(own[sources[place]]) & 1 != 0 ? after | bit : after & ~bit
            }
            sets[set].writeBits(after, state)
        }
    }
}
