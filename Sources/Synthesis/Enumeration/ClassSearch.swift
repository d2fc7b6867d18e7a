import X86

/// Breadth first over classes of straight-line sequences.
///
/// Two sequences are of one class when from every start, and through every act of hardware between their instructions, their
/// runs can stand in the same states: entry, registers, flags, store buffer, how far hardware's update has come, and what the
/// sequence has made of the entry on the way, which others may have read. What comes after them cannot tell them apart, so one of
/// them is continued: the first in the grammar's order. (LENS, ASPLOS 2016, has classes by tests; here hardware's acts are among
/// the tests.)
struct ClassSearch: Sendable {
    let templates: [Template]
    let starts: [Start]
    /// What hardware does meanwhile; nil for code on registers alone.
    let interference: Interference?
    /// Sequences are given up to which one of these happens: nobody can mend it any more.
    let forbidden: SequenceState.Past
    /// In which places, as bits, the end of a run alone has what it has to come to from a start.
    ///
    /// It has to be the same place from all starts. The entry is place 0, register `n` is place `n`.
    let accepts: @Sendable (Start, SequenceState) -> UInt8
    /// The scratch registers that hold something known before the sequence, as bits.
    let defined: UInt8

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
        /// How many of them were given up because they do what nobody can mend, or have too many states.
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

        /// Adds a sequence of another frontier with one more instruction.
        mutating func append(_ parents: Frontier, _ parent: Int, _ template: UInt16) {
            words += parents.words[parent * parents.length..<(parent + 1) * parents.length]
            words.append(template)
        }
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
            let known = knowledge(after: prefix.map { templates[Int($0)] })
            for (number, template) in templates.enumerated() where isUseful(template, known) {
                expansion.run += 1
                guard
                    storage.child.advance(storage.sets[prefix.count], template, interference, forbidden: forbidden)
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

    /// The class of a sequence; nil for one that is given up.
    func fingerprint(_ sequence: Sequence, storage: Storage) -> Fingerprint? {
        storage.run(sequence, self) ? storage.sets[sequence.count].fingerprint : nil
    }

    /// The right ones among the children of a range of parents, in order; the others are not even told apart.
    func finish(_ frontier: Frontier, _ range: Range<Int>, storage: Storage) -> Expansion {
        var expansion = Expansion()
        for parent in range {
            let prefix = frontier[parent]
            guard storage.runAlone(prefix, self) else { continue }
            let known = knowledge(after: prefix.map { templates[Int($0)] })
            var isRun = false
            for (number, template) in templates.enumerated() where isUseful(template, known) {
                expansion.run += 1
                guard isRight(storage.alone, template) else { continue }
                if !isRun { isRun = storage.run(prefix, self) }
                guard isRun,
                    storage.child.advance(storage.sets[prefix.count], template, interference, forbidden: forbidden)
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
        var places: UInt8 = 0xff
        for number in 0..<starts.count {
            var state = alone[number]
            if template.drains { while state.buffered > 0 { state = state.drained() } }
            guard var end = state.executing(template) else { return false }
            while end.buffered > 0 { end = end.drained() }
            places &= accepts(starts[number], end)
            if places == 0 { return false }
        }
        return true
    }

    /// The instructions that can follow a sequence.
    func useful(after sequence: [Template]) -> [Template] {
        let known = knowledge(after: sequence)
        return templates.filter { isUseful($0, known) }
    }

    /// What is known of registers and flags after a prefix.
    private struct Knowledge {
        /// The registers that were written, as bits.
        var registers: UInt8
        var hasFlags = false
    }

    private func knowledge(after sequence: [Template]) -> Knowledge {
        var known = Knowledge(registers: defined)
        for template in sequence {
            known.registers |= template.writtenRegisters
            known.hasFlags = known.hasFlags || template.writesFlags
        }
        return known
    }

    /// Whether an instruction can come next: it reads only what was written, and takes the next free register for a new one.
    ///
    /// What a register holds before it is written is anything, and a sequence has to be right for each; the same sequence with a
    /// 0 in place of it is in the grammar. Free registers differ in their names only; rax is not one of them, since `cmpxchg` and
    /// results name it.
    @inline(__always)
    private func isUseful(_ template: Template, _ known: Knowledge) -> Bool {
        if template.readRegisters & ~known.registers != 0 { return false }
        if template.readsFlags && !known.hasFlags { return false }
        let new = template.writtenRegisters & ~known.registers & 0xfe
        guard new != 0 else { return true }
        let free = ~known.registers & 0xfe
        return new == free & (0 &- free)
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
                        sets[length], search.templates[Int(prefix[length])], search.interference,
                        forbidden: search.forbidden)
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
