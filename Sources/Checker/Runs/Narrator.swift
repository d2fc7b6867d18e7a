import Litmus
import Machine
import PageTable
import X86

/// Tells a run step by step, in words that a kernel engineer would use.
struct Narrator {
    private let lowered: LoweredTest
    private let machine: Machine
    private let map: AddressMap
    private let profiles: [String]

    init(_ lowered: LoweredTest, _ machine: Machine, label profiles: [String]) {
        self.lowered = lowered
        self.machine = machine
        self.profiles = profiles
        map = machine.map
    }

    /// The run that takes these successors in turn; nil when there is no such run.
    func witness(_ steps: [Int]) -> Witness? {
        let words = machine.stateWords
        let state = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
        defer { state.deallocate() }
        let start = lines(machine.localRunAtStart())
        machine.writeInitialState(to: state)
        let initial = entries(state)
        var shown = initial
        var happened = violations(state)
        var told: [WitnessStep] = []
        var reports: [StepReport] = []
        var unnoticed = UnnoticedSteps(machine, asked: lowered.question.watches.words)
        unnoticed.note(requestsIn: state)
        for number in steps {
            _ = machine.computeSteps(of: state)
            guard machine.failure == nil, number < machine.successorCount else { return nil }
            let label = machine.successorLabels[number]
            let report = machine.report(label: label, from: state)
            let next = [UInt64](UnsafeBufferPointer(start: machine.successorStates + number * words, count: words))
            var step = next.withUnsafeBufferPointer { after in
                // SAFETY: a state has at least one word.
                self.step(report, label, state, after.baseAddress.unsafelyUnwrapped)
            }
            for (index, word) in next.enumerated() { state[index] = word }
            unnoticed.note(report, in: state)
            let entriesNow = entries(state)
            let violationsNow = violations(state)
            step.changes = zip(shown, entriesNow).filter { $0 != $1 }.map { $0.1 }
            step.violations = violationsNow.filter { !happened.contains($0) }
            told.append(step)
            reports.append(report)
            shown = entriesNow
            happened = violationsNow
        }
        for (number, report) in reports.enumerated() where told[number].violations.isEmpty {
            told[number].unnoticed = unnoticed.reason(report)
        }
        let isComplete = machine.computeSteps(of: state)
        let isDecided = lowered.question.isDecided(state, of: machine)
        return Witness(
            replay: Witness.text(of: steps), steps: told, start: start,
            cpus: profiles.enumerated().map { "P\($0.offset) (\($0.element))" }, entries: initial,
            conclusion: Conclusion(lowered, machine).text(state, isComplete: isComplete, isDecided: isDecided),
            isComplete: isComplete, isDecided: isDecided)
    }

    /// What a step is, all but what it changes.
    private func step(
        _ report: StepReport, _ label: UInt32, _ state: UnsafePointer<UInt64>, _ next: UnsafePointer<UInt64>
    ) -> WitnessStep {
        var step = WitnessStep(
            cpu: report.cpu, isHardware: report.isHardware, text: describe(report, after: next),
            place: report.isHardware ? nil : report.instruction?.place, changes: [], violations: [])
        if step.place != nil || report.kind == .setDirty {
            step.source = source(report.cpu, report.index, isHandler: report.isHandler)
        }
        step.locals = machine.localRun(label: label, from: state, to: next).map(lines) ?? LocalLines()
        return step
    }

    /// The leaves as they are in memory, those of address spaces that the test names.
    private func entries(_ state: UnsafePointer<UInt64>) -> [EntryView] {
        map.spaces.indices.flatMap { space in
            map.pages.indices.compactMap { page in
                let entry = machine.content(ofWord: map.leafWord(page: page, space: space), in: state)
                return EntryView(name: leafName(page, space), columns: PageTableEntry(rawValue: entry).columns)
            }
        }
    }

    private func violations(_ state: UnsafePointer<UInt64>) -> [String] {
        lowered.question.items.compactMap { item, name in
            switch item {
            case .property(.lostDirty, _), .property(.written, _): nil
            case .property(let property, let subject):
                machine.holds(property.ghost, of: subject, in: state) ? name : nil
            case .fault(let bit): machine.hasFaulted(bit: bit, in: state) ? name : nil
            default: nil
            }
        }
    }

    private func leafName(_ page: Int, _ space: Int) -> String {
        "PTE(\(space == 0 ? "" : map.spaces[space] + ":")\(map.name(ofPage: page)))"
    }

    // MARK: Steps

    private func describe(
        _ report: StepReport, after: UnsafePointer<UInt64>
    ) -> String {
        let code = report.instruction?.text ?? "(ended)"
        let page = report.leaf.map { map.name(ofPage: $0.page) } ?? "?"
        let leaf = report.leaf.map { leafName($0.page, $0.space) } ?? "?"
        let entry = report.entry.map { PageTableEntry(rawValue: $0) }
        let half = report.isFirstHalf ? "\(code) [load]" : report.isSecondHalf ? "\(code) [store]" : code
        switch report.kind {
        case .instruction: return half + accessed(report)
        case .access:
            let through = entry.map { "through \(translation($0))" } ?? ""
            return "\(half) \(through)" + accessed(report)
        case .drain: return "store reaches memory: \(report.store.map(storeText) ?? "")"
        case .walk: return "walk of \(leaf) fills the TLB"
        case .speculate: return "speculative walk of \(leaf) fills the TLB"
        case .beginAccessed: return "walk of \(leaf) finds A=0"
        case .setAccessed: return "walker sets A in \(leaf)"
        case .beginDirty: return "walker finds \(page) writable and clean, is about to set D"
        case .setDirty: return "walker sets D in \(leaf); \(half) goes on" + accessed(report)
        case .setDirtyAndFault: return "walker sets D in \(leaf); \(half) faults all the same"
        case .walkAgain: return "Dirty update finds \(leaf) changed, walks again"
        case .evict: return "a translation of \(page) leaves the TLB"
        case .abandonWalk: return "a walk of \(leaf) that had seen A=0 comes to nothing"
        case .fault: return "\(half) faults on \(page): \(entry.map(reason) ?? "")"
        case .retry: return "tries again: \(leaf) has changed"
        case .flush:
            return machine.isWaiting(cpu: report.cpu, in: after)
                ? "\(code): drops its own, asks the others" : "\(code): nobody else to ask"
        case .acknowledge: return "takes P\(report.initiator ?? 0)'s flush, drops its translations, acknowledges"
        case .broadcast: return code
        case .takeBroadcast: return "takes P\(report.initiator ?? 0)'s broadcast invalidation"
        }
    }

    /// Which bits a translation has, as a reader says it.
    private func translation(_ entry: PageTableEntry) -> String {
        let rights = "W=\(entry.isWritable ? 1 : 0) D=\(entry.isDirty ? 1 : 0)"
        return map.variable(ofFrame: entry.frameNumber).map { "TLB entry \(rights) of PA(\(map.variables[$0].name))" }
            ?? "TLB entry \(rights)"
    }

    private func reason(_ entry: PageTableEntry) -> String {
        entry.isPresent
            ? "it sees W=\(entry.isWritable ? 1 : 0) U=\(entry.isUser ? 1 : 0) D=\(entry.isDirty ? 1 : 0)"
            : "it sees P=0"
    }

    private func storeText(_ store: (word: Int, bytes: UInt8, value: UInt64)) -> String {
        let value = store.value >> UInt64(store.bytes.trailingZeroBitCount * 8)
        guard let leaf = map.leaf(ofWord: store.word) else {
            return "[\(map.name(ofDataWord: store.word))] = \(amount(value))"
        }
        let name = leafName(leaf.page, leaf.space)
        if store.bytes == 0xff { return "\(name) = \(PageTableEntry(rawValue: store.value).columns)" }
        let count = store.bytes.nonzeroBitCount
        let part = count == 1 ? "byte" : "\(count) bytes"
        let first = store.bytes.trailingZeroBitCount
        return "\(name)\(first == 0 ? "" : "+\(first)") = \(part) \(hex(value))"
    }

    /// What the access of a step reads and writes; what is read by the register that holds it, where one does.
    private func accessed(_ report: StepReport) -> String {
        var parts: [String] = []
        if let read = report.read, !read.isEvident {
            parts.append(report.receiver.map { "\($0.name)=\(amount(read))" } ?? "reads \(amount(read))")
        }
        if let written = report.written, !written.isEvident { parts.append("writes \(amount(written))") }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
    }

    /// Whole entries by their bits, everything else as a number.
    private func amount(_ bytes: AccessedBytes) -> String {
        guard map.leaf(ofWord: bytes.word) != nil else { return amount(bytes.value) }
        // Of a part of an entry the bits are what counts.
        return bytes.width == .quad ? columns(bytes.value) ?? amount(bytes.value) : hex(bytes.value)
    }

    /// The columns of an entry; nil where they would not tell it from an empty one.
    private func columns(_ value: UInt64) -> String? {
        let columns = PageTableEntry(rawValue: value).columns
        return columns.contains { $0 != "-" } ? columns : nil
    }

    /// What an instruction was compiled from.
    private func source(_ cpu: Int, _ index: Int?, isHandler: Bool) -> [CompiledCode.SourceLine] {
        guard let index, !isHandler, let origins = lowered.test.compiled?.origins, origins.indices.contains(cpu) else {
            return []
        }
        return origins[cpu].chain(index)
    }

    /// Instructions on registers and private memory, with what they have changed.
    private func lines(_ run: LocalRun) -> LocalLines {
        LocalLines(
            lines: run.instructions.map { local in
                var parts = local.changes.map { "\(RegisterOperand($0.register).name)=\(amount($0.value))" }
                if let written = local.written { parts.append("writes \(amount(written))") }
                let isCompiled = machine.scenario.cpus[local.cpu].isCompiled
                return LocalLines.Line(
                    cpu: local.cpu,
                    text: local.instruction.text + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"),
                    place: local.instruction.place,
                    source: source(local.cpu, local.index, isHandler: local.isHandler),
                    isTelling: local.endsThread || (!isCompiled && !parts.isEmpty))
            }, omitted: run.omitted)
    }

    private func amount(_ value: UInt64) -> String {
        if map.variable(ofFrame: PageTableEntry(rawValue: value).frameNumber) != nil, let columns = columns(value) {
            return columns
        }
        return value < 1 << 16 ? String(value) : hex(value)
    }

    private func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}

extension StepReport {
    /// Whether hardware takes the step by itself.
    var isHardware: Bool {
        switch kind {
        case .instruction, .access, .fault, .retry, .flush, .broadcast: false
        case .drain, .walk, .beginAccessed, .setAccessed, .beginDirty, .setDirty, .setDirtyAndFault, .walkAgain,
            .speculate, .evict, .abandonWalk, .acknowledge, .takeBroadcast:
            true
        }
    }
}

extension Witness {
    /// The replay string of a run: a digit in base 36 a step, numbers from 36 on in parentheses.
    static func text(of steps: [Int]) -> String {
        steps.map { $0 < 36 ? String($0, radix: 36) : "(\($0))" }.joined()
    }

    /// Reads a replay string; nil when it is none.
    static func steps(of text: String) -> [Int]? {
        var steps: [Int] = []
        var rest = Substring(text)
        while let first = rest.first {
            rest.removeFirst()
            if first == "(" {
                guard let close = rest.firstIndex(of: ")"), let number = Int(rest[..<close]), number >= 0 else {
                    return nil
                }
                steps.append(number)
                rest = rest[rest.index(after: close)...]
            } else {
                guard first.isASCII, let number = Int(String(first), radix: 36) else { return nil }
                steps.append(number)
            }
        }
        return steps
    }
}
