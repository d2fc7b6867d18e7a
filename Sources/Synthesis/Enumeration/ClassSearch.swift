/// Breadth first over classes of straight-line sequences.
///
/// Two sequences are of one class when from every start, and through every act of hardware between their instructions, their
/// runs can stand in the same states: entry, registers, flags, store buffer, and how far hardware's update has come. What comes
/// after them cannot tell them apart, so one of them is continued: the first in the grammar's order. (LENS, ASPLOS 2016, has
/// classes by tests; here hardware's acts are among the tests.)
struct ClassSearch: Sendable {
    let templates: [Template]
    let starts: [Start]
    /// What hardware does meanwhile; nil for code on registers alone.
    let interference: Interference?
    /// Sequences are given up that make a shadow-stack entry.
    let prunes: Bool
    /// What a run alone has to come to; by start.
    let accepts: @Sendable (Start, SequenceState) -> Bool
    /// How many scratch registers have a meaning before the sequence: they are not interchangeable.
    let namedRegisters: UInt8

    /// A sequence as positions in ``templates``.
    typealias Sequence = [UInt16]

    /// What one level of the search came to.
    struct Level: Sendable {
        /// How many instructions.
        var length: Int
        /// How many sequences stand behind the classes: all of this length.
        var sequences: Double
        /// How many were run.
        var children = 0
        /// How many of them were given up because they make a shadow-stack entry, or have too many states.
        var pruned = 0
        /// How many new classes there were; of the last level nobody counts them.
        var classes = 0
        /// How many were right alone.
        var accepted = 0
    }

    /// The classes of one length: the first sequence of each.
    struct Frontier: Sendable {
        var length = 0
        var words: [UInt16] = []
        var count: Int { length == 0 ? 1 : words.count / length }
        subscript(_ position: Int) -> Sequence { Array(words[position * length..<(position + 1) * length]) }
    }

    /// A child that a parent found.
    struct Child: Sendable {
        var parent: Int
        var template: UInt16
        var fingerprint: Fingerprint
        var isAccepted: Bool
    }

    /// What the children of some parents are.
    struct Expansion: Sendable {
        var children: [Child] = []
        var run = 0
        var pruned = 0
    }

    /// The children of a range of parents, in order.
    func expand(_ frontier: Frontier, _ range: Range<Int>, storage: Storage) -> Expansion {
        var expansion = Expansion()
        for parent in range {
            let prefix = frontier[parent]
            guard storage.run(prefix, self) else { continue }
            let used = usedRegisters(prefix)
            for (number, template) in templates.enumerated() where isCanonical(template, used) {
                expansion.run += 1
                guard
                    storage.child.advance(storage.sets[prefix.count], template, interference, prunes: prunes)
                else {
                    expansion.pruned += 1
                    continue
                }
                let isAccepted = isRight(storage.alone, template)
                expansion.children.append(
                    Child(
                        parent: parent, template: UInt16(number), fingerprint: storage.child.fingerprint,
                        isAccepted: isAccepted))
            }
        }
        return expansion
    }

    /// The right ones among the children of a range of parents, in order; the others are not even told apart.
    func finish(_ frontier: Frontier, _ range: Range<Int>, storage: Storage) -> Expansion {
        var expansion = Expansion()
        for parent in range {
            let prefix = frontier[parent]
            guard storage.runAlone(prefix, self) else { continue }
            let used = usedRegisters(prefix)
            var isRun = false
            for (number, template) in templates.enumerated() where isCanonical(template, used) {
                expansion.run += 1
                guard isRight(storage.alone, template) else { continue }
                if !isRun { isRun = storage.run(prefix, self) }
                guard isRun, storage.child.advance(storage.sets[prefix.count], template, interference, prunes: prunes)
                else {
                    expansion.pruned += 1
                    continue
                }
                expansion.children.append(
                    Child(
                        parent: parent, template: UInt16(number), fingerprint: storage.child.fingerprint,
                        isAccepted: true))
            }
        }
        return expansion
    }

    /// Whether the runs alone of a sequence with one more instruction end as they should.
    @inline(__always)
    private func isRight(_ alone: [SequenceState], _ template: Template) -> Bool {
        for number in 0..<starts.count {
            var state = alone[number]
            if template.drains { while state.buffered > 0 { state = state.drained() } }
            guard var end = state.executing(template) else { return false }
            while end.buffered > 0 { end = end.drained() }
            if !accepts(starts[number], end) { return false }
        }
        return true
    }

    private func usedRegisters(_ sequence: Sequence) -> UInt8 {
        sequence.reduce((1 << namedRegisters) - 1) { $0 | templates[Int($1)].usedRegisters }
    }

    /// Registers without a meaning are used in their order: the others are the same with other names.
    @inline(__always)
    private func isCanonical(_ template: Template, _ used: UInt8) -> Bool {
        let new = template.usedRegisters & ~used
        guard new != 0 else { return true }
        // rax is special, as `cmpxchg` and results name it; the rest take their turn.
        let free = ~used & 0xfe
        let next = free & (0 &- free)
        let beyond = new & 0xfe
        // The first new one must be the next in line, and two new ones the next two.
        if beyond == 0 || beyond == next { return true }
        let rest = free & ~next
        return beyond == next | (rest & (0 &- rest))
    }

    /// One worker's storage.
    final class Storage {
        /// States after each instruction of a prefix.
        fileprivate var sets: [StateSets] = []
        fileprivate let child: StateSets
        /// Runs alone after the prefix.
        fileprivate var alone: [SequenceState] = []
        private var current: Sequence?

        init(_ search: ClassSearch, longest: Int) {
            child = StateSets(starts: search.starts.count)
            for _ in 0...longest { sets.append(StateSets(starts: search.starts.count)) }
            sets[0].begin(search.starts, search.interference)
        }

        /// Runs a prefix; what it has in common with the one before is there already.
        fileprivate func run(_ prefix: Sequence, _ search: ClassSearch) -> Bool {
            var common = 0
            if let current {
                while common < min(current.count, prefix.count), current[common] == prefix[common] { common += 1 }
            }
            current = nil
            for length in common..<prefix.count {
                guard
                    sets[length + 1].advance(
                        sets[length], search.templates[Int(prefix[length])], search.interference, prunes: search.prunes)
                else { return false }
            }
            current = prefix
            return runAlone(prefix, search)
        }

        fileprivate func runAlone(_ prefix: Sequence, _ search: ClassSearch) -> Bool {
            alone.removeAll(keepingCapacity: true)
            for start in search.starts {
                var state = start.state
                for number in prefix {
                    let template = search.templates[Int(number)]
                    if template.drains { while state.buffered > 0 { state = state.drained() } }
                    guard let next = state.executing(template) else { return false }
                    state = next
                }
                alone.append(state)
            }
            return true
        }
    }
}
