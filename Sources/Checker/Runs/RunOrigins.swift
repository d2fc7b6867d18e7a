import Litmus
import Machine
import PageTable
import X86

/// Which step put what is there now where it is: into memory, store buffers, TLBs and registers.
///
/// It is told the steps of a run in order, and says of each which earlier ones it rests on. Memory is told apart by bytes,
/// registers by whole registers (``ThreadOrigins``).
struct RunOrigins {
    /// The state after the last step.
    private(set) var state: RunState
    private let machine: Machine
    private let leaves: [LeafPlace]
    private let upperWords: [Int]
    private let words: [Int]
    /// By table, the step that declared it free.
    private var freed: [Int: Int] = [:]
    /// By word, the step that wrote each of its bytes last; words that no step has written are missing.
    private var writers: [Int: [Int?]] = [:]
    private var threads: [ThreadOrigins]

    init(
        _ machine: Machine, _ leaves: [LeafPlace], _ upperWords: [Int], _ words: [Int], _ start: UnsafePointer<UInt64>
    ) {
        self.machine = machine
        self.leaves = leaves
        self.upperWords = upperWords
        self.words = words
        threads = machine.scenario.cpus.map { _ in ThreadOrigins() }
        state = RunState(
            entries: [], words: [],
            cpus: machine.scenario.cpus.indices.map {
                CPUState(
                    registers: machine.registers(ofCPU: $0, in: start), space: 0, isEnded: false, awaits: [],
                    stores: [],
                    translations: [])
            })
        readMemory(start)
        readCPUs(start, step: nil)
    }

    // MARK: Steps

    /// Takes note of a step, and notes in it the steps that it rests on.
    mutating func note(_ step: inout RunStep, number: Int, in next: UnsafePointer<UInt64>) {
        let (report, cpu) = (step.report, step.cpu)
        let read = report.read.map { writers(of: $0.word, bytes: $0.mask, seenBy: cpu) } ?? []
        var found = read
        found.formUnion(self.found(step))
        if step.isSoftware, let instruction = report.instruction {
            found.formUnion(threads[cpu].sources(of: instruction, isSecondHalf: report.isSecondHalf))
            found.formUnion(threads[cpu].control)
        }
        // Who answers a flush lets its stores reach memory; a drain names its store by its cause.
        let stores = state.cpus[cpu].stores
        for held in stores.prefix(max(0, stores.count - machine.bufferedStores(ofCPU: cpu, in: next).count)) {
            if let stored = held.storedBy { found.insert(stored) }
        }
        if let lost = step.cause == .eviction ? evicted(cpu, next) : nil { found.insert(lost) }
        if found.isEmpty, !step.isSpontaneous, let last = threads[cpu].last { found.insert(last) }
        step.because = found.sorted()
        step.writtenBy = read.max()
        step.filledBy = step.cause.usesTranslation ? report.entry.flatMap { filler(of: $0, report.leaf, cpu) } : nil
        update(with: step, number: number, in: next)
    }

    /// What a step's cause rests on.
    private func found(_ step: RunStep) -> Set<Int> {
        let (cpu, thread) = (step.cpu, threads[step.cpu])
        func steps(_ steps: Int?...) -> Set<Int> { Set(steps.compactMap { $0 }) }
        let leaf = step.report.leaf
        let walked = step.report.entryWord.map { [$0] } ?? leaf.map(words(walkedFor:)) ?? []
        let inMemory = walked.reduce(into: Set<Int>()) { $0.formUnion(writers(of: $1, bytes: .max, seenBy: nil)) }
        let seen = walked.reduce(into: Set<Int>()) { $0.formUnion(writers(of: $1, bytes: .max, seenBy: cpu)) }
        switch step.cause {
        case .next, .lockFree, .valueThere: return []
        case .emptyBuffer: return steps(thread.drain)
        case .broadcastsTaken: return Set(thread.taken)
        case .cached(let bits), .sparesDirty(let bits), .forbiddenByCached(let bits):
            return steps(filler(of: bits, leaf, cpu))
        case .clean(let bits): return steps(filler(of: bits, leaf, cpu) ?? thread.decision)
        case .walked, .walkGoesOn: return seen.union(steps(thread.decision))
        case .forbidden: return seen.union(steps(thread.decision))
        case .oldestStore: return steps(state.cpus[cpu].stores.first?.storedBy)
        case .demandWalk, .speculation, .walkNotBegun: return seen
        case .accessedUpdate: return inMemory.union(steps(leaf.flatMap { thread.walks[$0] } ?? thread.decision))
        case .dirtyUpdate:
            let used = step.report.entry.flatMap { filler(of: $0, leaf, cpu) }
            return inMemory.union(steps(thread.decision ?? used))
        case .eviction: return []
        case .freedTable:
            return steps(step.report.table.flatMap { freed[$0] }, step.report.table.flatMap { thread.partialWalks[$0] })
        case .entryChanged: return inMemory.union(steps(thread.fault))
        case .request(let initiator): return steps(threads[initiator].flush)
        case .broadcast(let initiator): return steps(threads[initiator].broadcast)
        }
    }

    /// The entries that a walk for a leaf reads at the start, from the leaf upwards.
    private func words(walkedFor leaf: LeafPlace) -> [Int] {
        (1...(machine.map.tables?.rootLevel ?? 1)).compactMap {
            machine.map.entryWord(page: leaf.page, level: $0, space: leaf.space)
        }
    }

    /// The step that cached a translation of a leaf, or a global one of the same page.
    private func filler(of bits: UInt64, _ leaf: LeafPlace?, _ cpu: Int) -> Int? {
        guard let leaf else { return nil }
        let held = state.cpus[cpu].translations.filter { $0.translation.bits == bits }
        return (held.first { $0.translation.leaf == leaf } ?? held.first { $0.translation.leaf.page == leaf.page })?
            .filledBy
    }

    /// The step that cached the translation that an eviction takes.
    private func evicted(_ cpu: Int, _ next: UnsafePointer<UInt64>) -> Int? {
        let kept = Set(machine.cachedTranslations(ofCPU: cpu, in: next))
        return state.cpus[cpu].translations.first { !kept.contains($0.translation) }?.filledBy
    }

    /// The steps that wrote bytes of a word, as a CPU sees it through its store buffer, or (nil) as it is in memory.
    private func writers(of word: Int, bytes: UInt8, seenBy cpu: Int?) -> Set<Int> {
        var found: Set<Int> = []
        let stores = cpu.map { state.cpus[$0].stores.filter { $0.store.word == word } } ?? []
        for byte in 0..<8 where bytes & (1 << byte) != 0 {
            let buffered = stores.last { $0.store.bytes & (1 << byte) != 0 }
            if let step = buffered.map({ $0.storedBy }) ?? writers[word]?[byte] { found.insert(step) }
        }
        return found
    }

    // MARK: Updates

    private mutating func update(with step: RunStep, number: Int, in next: UnsafePointer<UInt64>) {
        let (before, cpu) = (state, step.cpu)
        readMemory(next)
        readCPUs(next, step: number)
        noteWrites(of: step, number: number, since: before)
        if step.report.kind == .instruction, let table = step.report.table { freed[table] = number }
        threads[cpu].note(step, number: number)
        if let word = step.report.entryWord, step.report.kind == .walk || step.report.kind == .speculate {
            let frame = PageTableEntry(rawValue: machine.content(ofWord: word, in: next)).frameNumber
            if let table = machine.map.table(ofFrame: frame) { threads[cpu].partialWalks[table] = number }
        }
        if case .request(let initiator) = step.cause, state.cpus[initiator].awaits.isEmpty {
            // With the last acknowledgement the other thread goes on.
            threads[initiator].last = number
        }
        if case .broadcast(let initiator) = step.cause { threads[initiator].taken.append(number) }
        for line in step.locals.lines { threads[line.cpu].note(line.local) }
    }

    /// Who wrote what has changed in memory, or was written without a change.
    private mutating func noteWrites(of step: RunStep, number: Int, since before: RunState) {
        func note(_ word: Int, bytes: UInt8) {
            for byte in 0..<8 where bytes & (1 << byte) != 0 {
                writers[word, default: [Int?](repeating: nil, count: 8)][byte] = number
            }
        }
        let drained = before.cpus[step.cpu].stores.count - state.cpus[step.cpu].stores.count
        if drained > 0 {
            for held in before.cpus[step.cpu].stores.prefix(drained) { note(held.store.word, bytes: held.store.bytes) }
        }
        if drained == 0, let written = step.report.written { note(written.word, bytes: written.mask) }
        for (position, word) in words.enumerated() {
            note(word, bytes: Self.changedBytes(before.words[position], state.words[position]))
        }
        for (position, leaf) in leaves.enumerated() {
            note(
                machine.map.leafWord(page: leaf.page, space: leaf.space),
                bytes: Self.changedBytes(before.entries[position], state.entries[position]))
        }
        for (position, word) in upperWords.enumerated() {
            note(word, bytes: Self.changedBytes(before.upperEntries[position], state.upperEntries[position]))
        }
    }

    private static func changedBytes(_ old: UInt64, _ new: UInt64) -> UInt8 {
        (0..<8).reduce(0) { (old ^ new) >> UInt64($1 * 8) & 0xff == 0 ? $0 : $0 | 1 << UInt8($1) }
    }

    // MARK: Reading

    private mutating func readMemory(_ now: UnsafePointer<UInt64>) {
        let map = machine.map
        state.entries = leaves.map {
            machine.content(ofWord: map.leafWord(page: $0.page, space: $0.space), in: now)
        }
        state.upperEntries = upperWords.map { machine.content(ofWord: $0, in: now) }
        state.words = words.map { machine.content(ofWord: $0, in: now) }
    }

    private mutating func readCPUs(_ now: UnsafePointer<UInt64>, step: Int?) {
        for cpu in state.cpus.indices {
            let old = state.cpus[cpu]
            state.cpus[cpu].registers = machine.registers(ofCPU: cpu, in: now)
            state.cpus[cpu].space = machine.space(ofCPU: cpu, in: now)
            state.cpus[cpu].isEnded = machine.isEnded(cpu: cpu, in: now)
            state.cpus[cpu].awaits = machine.awaitedCPUs(ofCPU: cpu, in: now)
            // A step puts one store into the buffer, or lets the oldest out.
            let stores = machine.bufferedStores(ofCPU: cpu, in: now)
            var held = Array(old.stores.suffix(stores.count))
            for store in stores.dropFirst(held.count) { held.append(CPUState.Store(store: store, storedBy: step)) }
            state.cpus[cpu].stores = held
            state.cpus[cpu].translations = machine.cachedTranslations(ofCPU: cpu, in: now).map { translation in
                old.translations.first { $0.translation == translation }
                    ?? CPUState.Translation(translation: translation, filledBy: step)
            }
        }
    }

    // MARK: The end

    /// The steps that the value of an item of the question rests on.
    func origins(of item: Question.Item) -> Set<Int> {
        let map = machine.map
        switch item {
        case .register(let cpu, let operand, _, _): return threads[cpu].registers[Int(operand.register.rawValue)]
        case .memory(let word, _, _, _, _), .field(let word, _), .frame(let word):
            return writers(of: word, bytes: .max, seenBy: nil)
        case .local(let local): return threads[local.processor].own[local.address & ~7] ?? []
        case .stuck(let cpu), .wild(let cpu): return Set([threads[cpu].last].compactMap { $0 })
        case .fault: return Set(threads.compactMap { $0.fault })
        case .property(let property, let subject):
            guard property.isAboutFrame else { return [] }
            let first = map.dataWord(ofVariable: subject)
            var found = (first..<first + map.variables[subject].words).reduce(into: Set<Int>()) {
                $0.formUnion(writers(of: $1, bytes: .max, seenBy: nil))
            }
            // What is lost depends on what the entries say.
            for leaf in leaves where property == .lostDirty && map.pages[leaf.page] == subject {
                let word = map.leafWord(page: leaf.page, space: leaf.space)
                found.formUnion(writers(of: word, bytes: .max, seenBy: nil))
            }
            return found
        }
    }
}

extension StepCause {
    /// Whether the step uses a translation that may be in the TLB.
    fileprivate var usesTranslation: Bool {
        switch self {
        case .cached, .sparesDirty, .clean, .forbiddenByCached, .dirtyUpdate: true
        default: false
        }
    }
}

extension AccessedBytes {
    /// The bytes of the word, a bit each.
    fileprivate var mask: UInt8 { UInt8(truncatingIfNeeded: ((1 << Int(width.rawValue)) - 1) << byte) }
}

extension RunStep {
    /// Whether the thread's instruction plays a part in the step: its registers say where it goes and what it stores.
    fileprivate var isSoftware: Bool {
        switch report.kind {
        case .instruction, .access, .fault, .flush, .broadcast, .setDirty, .setDirtyAndFault, .beginDirty: true
        case .drain, .walk, .beginAccessed, .setAccessed, .walkAgain, .speculate, .evict, .abandonWalk, .retry,
            .acknowledge, .takeBroadcast, .readTable, .goWild, .interrupt:
            false
        }
    }

    /// Whether the step could come at any time, so that none before it matters because it came before.
    fileprivate var isSpontaneous: Bool {
        switch report.kind {
        case .drain, .speculate, .evict, .abandonWalk, .acknowledge, .takeBroadcast, .readTable, .goWild, .interrupt:
            true
        case .beginAccessed, .setAccessed: cause == .speculation
        default: false
        }
    }
}
