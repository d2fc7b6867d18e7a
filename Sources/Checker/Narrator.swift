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
        machine.writeInitialState(to: state)
        let initial = entries(state)
        var shown = initial
        var happened = violations(state)
        var told: [WitnessStep] = []
        for number in steps {
            _ = machine.computeSteps(of: state)
            guard machine.failure == nil, number < machine.successorCount else { return nil }
            let report = machine.report(label: machine.successorLabels[number], from: state)
            let next = [UInt64](UnsafeBufferPointer(start: machine.successorStates + number * words, count: words))
            let text = next.withUnsafeBufferPointer { after in
                after.baseAddress.map { describe(report, after: $0) } ?? ""
            }
            for (index, word) in next.enumerated() { state[index] = word }
            let entriesNow = entries(state)
            let violationsNow = violations(state)
            told.append(
                WitnessStep(
                    cpu: report.cpu, isHardware: report.isHardware, text: text,
                    place: report.isHardware ? nil : report.instruction?.place,
                    changes: zip(shown, entriesNow).filter { $0 != $1 }.map { $0.1 },
                    violations: violationsNow.filter { !happened.contains($0) }))
            shown = entriesNow
            happened = violationsNow
        }
        let isComplete = machine.computeSteps(of: state)
        let isDecided = lowered.question.isDecided(state, of: machine)
        return Witness(
            replay: Witness.text(of: steps), steps: told,
            cpus: profiles.enumerated().map { "P\($0.offset) (\($0.element))" }, entries: initial,
            conclusion: Conclusion(lowered, machine).text(state, isComplete: isComplete, isDecided: isDecided),
            isComplete: isComplete, isDecided: isDecided)
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
        func half(_ text: String) -> String {
            report.isFirstHalf ? "\(text) [load]" : report.isSecondHalf ? "\(text) [store]" : text
        }
        switch report.kind {
        case .instruction: return half(code) + loaded(report, after)
        case .access:
            let through = entry.map { "through \(translation($0))" } ?? ""
            return "\(half(code)) \(through)" + loaded(report, after)
        case .drain: return "store reaches memory: \(report.store.map(storeText) ?? "")"
        case .walk: return "walk of \(leaf) fills the TLB"
        case .speculate: return "speculative walk of \(leaf) fills the TLB"
        case .beginAccessed: return "walk of \(leaf) finds A=0"
        case .setAccessed: return "walker sets A in \(leaf)"
        case .beginDirty: return "walker finds \(page) writable and clean, is about to set D"
        case .setDirty: return "walker sets D in \(leaf); \(half(code)) goes on"
        case .setDirtyAndFault: return "walker sets D in \(leaf); \(half(code)) faults all the same"
        case .walkAgain: return "Dirty update finds \(leaf) changed, walks again"
        case .evict: return "a translation of \(page) leaves the TLB"
        case .abandonWalk: return "a walk of \(leaf) that had seen A=0 comes to nothing"
        case .fault: return "\(half(code)) faults on \(page): \(entry.map(reason) ?? "")"
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
        if let leaf = map.leaf(ofWord: store.word) {
            let entry = PageTableEntry(rawValue: store.value)
            return
                "\(leafName(leaf.page, leaf.space)) = \(store.bytes == 0xff ? entry.columns : "byte " + hex(store.value))"
        }
        return
            "[\(map.name(ofDataWord: store.word))] = \(amount(store.value >> UInt64(store.bytes.trailingZeroBitCount * 8)))"
    }

    /// What a load put into its register.
    private func loaded(_ report: StepReport, _ after: UnsafePointer<UInt64>) -> String {
        guard let register = report.loaded else { return "" }
        let value = machine.register(RegisterOperand(register), ofCPU: report.cpu, in: after)
        return " (\(RegisterOperand(register).name)=\(amount(value)))"
    }

    private func amount(_ value: UInt64) -> String {
        let entry = PageTableEntry(rawValue: value)
        if map.variable(ofFrame: entry.frameNumber) != nil { return entry.columns }
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
