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
    /// Interchangeable CPUs, ascending, at least two in each class.
    let classes: [[Int]]
    private let ownParts: [Int: [Field]]
    /// The classes' CPUs one behind the other, and where each class begins.
    private let members: UnsafeMutablePointer<Int>
    private let begins: UnsafeMutablePointer<Int>
    private let classCount: Int
    /// By CPU, the CPU before it in its class, or -1.
    private let twins: UnsafeMutablePointer<Int>
    /// By CPU, what of the state is its own; ``partCount`` fields, absent ones at the end.
    private let parts: UnsafeMutablePointer<Field>
    private let partCount: Int
    /// Sets of CPUs in the state: who has yet to acknowledge a flush or take a broadcast.
    private let sets: UnsafeMutablePointer<Field>
    private let setCount: Int
    /// By place in the class, what is compared: the parts, then the CPU's membership in the sets.
    private let keys: UnsafeMutablePointer<UInt64>
    /// By place in the class, the place that its new content comes from.
    private let sources: UnsafeMutablePointer<Int>

    /// - Parameters:
    ///   - parts: by CPU of a class, its parts of the state, of the same widths for all of a class.
    ///   - sets: the fields that hold a set of CPUs, a bit each.
    init(classes: [[Int]], parts ownParts: [Int: [Field]], sets: [Field], cpus: Int) {
        self.classes = classes
        self.ownParts = ownParts
        classCount = classes.count
        members = Self.storage(classes.flatMap { $0 })
        begins = Self.storage(classes.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) })
        var twins = [Int](repeating: -1, count: cpus)
        for members in classes {
            for (before, cpu) in zip(members, members.dropFirst()) { twins[cpu] = before }
        }
        self.twins = Self.storage(twins)
        let partCount = ownParts.values.map({ $0.count }).max() ?? 0
        self.partCount = partCount
        parts = Self.storage(
            (0..<cpus).flatMap { cpu in
                let own = ownParts[cpu] ?? []
                return own + [Field](repeating: Field(), count: partCount - own.count)
            })
        self.sets = Self.storage(sets)
        setCount = sets.count
        keys = Self.storage([UInt64](repeating: 0, count: cpus * (partCount + 1)))
        sources = Self.storage([Int](repeating: 0, count: cpus))
    }

    private static func storage<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let storage = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        for (number, element) in elements.enumerated() { (storage + number).initialize(to: element) }
        return storage
    }

    /// The same for another thread, which needs scratch space of its own.
    func copy(cpus: Int) -> Symmetry {
        Symmetry(
            classes: classes, parts: ownParts, sets: Array(UnsafeBufferPointer(start: sets, count: setCount)),
            cpus: cpus)
    }

    func deallocate() {
        members.deallocate()
        begins.deallocate()
        twins.deallocate()
        parts.deallocate()
        sets.deallocate()
        keys.deallocate()
        sources.deallocate()
    }

    /// Whether exchanging a CPU and the one before it in its class would leave the state as it is.
    @inline(__always)
    func isLikeTwin(_ cpu: Int, _ state: UnsafePointer<UInt64>) -> Bool {
        let twin = twins[cpu]
        guard twin >= 0 else { return false }
        for part in 0..<partCount {
            let field = parts[cpu * partCount + part]
            if field.readBits(state) != parts[twin * partCount + part].readBits(state) { return false }
        }
        for set in 0..<setCount {
            let named = sets[set].readBits(state)
            if (named >> UInt64(cpu) ^ named >> UInt64(twin)) & 1 != 0 { return false }
        }
        return true
    }

    /// Sorts the parts of interchangeable CPUs.
    @inline(__always)
    func sort(_ state: UnsafeMutablePointer<UInt64>) {
        for number in 0..<classCount where !isSorted(number, state) { arrange(number, state) }
    }

    /// Sorts, and says by CPU which CPU its content comes from.
    func sortTracing(_ state: UnsafeMutablePointer<UInt64>, cpus: Int) -> [Int] {
        var origins = Array(0..<cpus)
        for number in 0..<classCount where !isSorted(number, state) {
            arrange(number, state)
            let own = members + begins[number]
            for place in 0..<begins[number + 1] - begins[number] { origins[own[place]] = own[sources[place]] }
        }
        return origins
    }

    @inline(__always)
    private func isSorted(_ number: Int, _ state: UnsafePointer<UInt64>) -> Bool {
        let own = members + begins[number]
        let count = begins[number + 1] - begins[number]
        for place in 0..<count {
            let key = keys + place * (partCount + 1)
            let cpu = own[place]
            for part in 0..<partCount { key[part] = parts[cpu * partCount + part].readBits(state) }
            var memberships: UInt64 = 0
            for set in 0..<setCount { memberships = memberships << 1 | (sets[set].readBits(state) >> UInt64(cpu)) & 1 }
            key[partCount] = memberships
            sources[place] = place
        }
        for place in 1..<count where isLess(place, place - 1) { return false }
        return true
    }

    /// Whether what is compared of a place is less than that of another.
    @inline(__always)
    private func isLess(_ place: Int, _ other: Int) -> Bool {
        let key = keys + place * (partCount + 1)
        let otherKey = keys + other * (partCount + 1)
        for part in 0...partCount where key[part] != otherKey[part] { return key[part] < otherKey[part] }
        return false
    }

    private func arrange(_ number: Int, _ state: UnsafeMutablePointer<UInt64>) {
        let own = members + begins[number]
        let count = begins[number + 1] - begins[number]
        for place in 1..<count {
            var hole = place
            while hole > 0 && isLess(place, sources[hole - 1]) {
                sources[hole] = sources[hole - 1]
                hole -= 1
            }
            sources[hole] = place
        }
        for place in 0..<count {
            let key = keys + sources[place] * (partCount + 1)
            let part = parts + own[place] * partCount
            for number in 0..<partCount { part[number].writeBits(key[number], state) }
        }
        // The sets lie where their owners' parts now are; whom they name has moved as well.
        for set in 0..<setCount {
            let before = sets[set].readBits(state)
            guard before != 0 else { continue }
            var after = before
            for place in 0..<count {
                let bit: UInt64 = 1 << UInt64(own[place])
                after = before >> UInt64(own[sources[place]]) & 1 != 0 ? after | bit : after & ~bit
            }
            sets[set].writeBits(after, state)
        }
    }
}
