import Explorer
import Machine

/// The same run as hardware takes it: each fill of a TLB, each decision to set D and each eviction a step of its own.
///
/// A witness of the reduced search has no fills, since its TLBs hold whatever they could hold, and decides and sets D in one
/// step. So the steps that explain a failure are missing. Here the literal machine is searched along the witness alone: the
/// steps of software and the updates of memory are the witness's, in its order; fills, decisions and evictions are free. A
/// shortest such run is taken.
struct LiteralRun {
    /// A state of the literal machine, and how far the witness has got.
    private struct Node: Hashable {
        var state: [UInt64]
        var matched: Int
    }

    /// How many nodes are looked at; a run that needs more is shown as the search has it.
    private static let limit = 200_000

    private let lowered: LoweredTest
    private let machine: Machine
    private let profiles: [String]
    /// What of the witness the run has to do, in order.
    private let wanted: [StepReport]
    /// Whether the witness shows a thread that can never finish: such a run has no end.
    private let isEndless: Bool

    /// The run as the literal machine of its profiles takes it; nil if none was found, or if that machine has no room for it.
    static func of(_ witness: Run, _ lowered: LoweredTest, on profiles: [CPUProfile]) -> Run? {
        let scenario = lowered.scenario(on: profiles, isEager: true, reductions: [])
        var widths = FieldWidths()
        while true {
            guard let machine = try? Machine(scenario, widths: widths) else { return nil }
            let search = LiteralRun(witness, lowered, machine, profiles.map { $0.name })
            let numbers = search.numbers()
            guard machine.failure != nil, widths.grow(machine.outgrown) else {
                return numbers.flatMap { RunRecorder(lowered, machine, profiles: search.profiles).run($0) }
            }
        }
    }

    private init(_ witness: Run, _ lowered: LoweredTest, _ machine: Machine, _ profiles: [String]) {
        self.lowered = lowered
        self.machine = machine
        self.profiles = profiles
        wanted = witness.steps.map { $0.report }.filter { !Self.isFree($0.kind) }
        isEndless = !witness.isComplete && !witness.isDecided
    }

    /// Whether hardware may take a step at any time, whatever the witness says.
    private static func isFree(_ kind: StepKind) -> Bool {
        switch kind {
        case .walk, .beginAccessed, .beginDirty, .walkAgain, .speculate, .evict, .abandonWalk, .readTable: true
        default: false
        }
    }

    /// The numbers of the steps of a shortest run along the witness, by breadth-first search.
    private func numbers() -> [Int]? {
        var parents: [(node: Int, number: Int)] = [(-1, -1)]
        var nodes = [start()]
        var seen: Set<Node> = [nodes[0]]
        var next = 0
        while next < nodes.count, nodes.count < Self.limit {
            let node = nodes[next]
            if node.matched == wanted.count, isEndless || isGoal(node.state) { return path(to: next, parents) }
            for (number, step) in steps(from: node) where seen.insert(step).inserted {
                nodes.append(step)
                parents.append((next, number))
            }
            if machine.failure != nil { return nil }
            next += 1
        }
        return nil
    }

    private func start() -> Node {
        let state = [UInt64](unsafeUninitializedCapacity: machine.stateWords) { buffer, count in
            if let base = buffer.baseAddress { machine.writeInitialState(to: base) }
            count = machine.stateWords
        }
        return Node(state: state, matched: 0)
    }

    /// Where a node leads along the witness, with the number of the step.
    private func steps(from node: Node) -> [(number: Int, node: Node)] {
        node.state.withUnsafeBufferPointer { buffer in
            guard let state = buffer.baseAddress else { return [] }
            _ = machine.computeSteps(of: state)
            return (0..<machine.successorCount).compactMap { number in
                let report = machine.report(label: machine.successorLabels[number], from: state)
                var matched = node.matched
                if !Self.isFree(report.kind) {
                    guard matched < wanted.count, isSame(report, wanted[matched]) else { return nil }
                    matched += 1
                }
                let next = machine.successorStates + number * machine.stateWords
                let words = UnsafeBufferPointer(start: UnsafePointer(next), count: machine.stateWords)
                return (number, Node(state: Array(words), matched: matched))
            }
        }
    }

    /// Whether a step is the one that the witness takes next.
    private func isSame(_ step: StepReport, _ wanted: StepReport) -> Bool {
        guard (step.kind, step.cpu, step.initiator) == (wanted.kind, wanted.cpu, wanted.initiator) else { return false }
        if step.kind.isHardware {
            return (step.leaf, step.entryWord, step.word) == (wanted.leaf, wanted.entryWord, wanted.word)
        }
        return (step.index, step.isHandler, step.isFirstHalf, step.isSecondHalf, step.read, step.written)
            == (wanted.index, wanted.isHandler, wanted.isFirstHalf, wanted.isSecondHalf, wanted.read, wanted.written)
    }

    /// Whether a state answers the question: what has happened decides it, or it is an end that answers it.
    private func isGoal(_ state: [UInt64]) -> Bool {
        state.withUnsafeBufferPointer { buffer in
            guard let state = buffer.baseAddress else { return false }
            if lowered.question.isDecided(state, of: machine) { return true }
            return machine.computeSteps(of: state)
                && lowered.question.isAnswered(by: lowered.question.read(state, of: machine))
        }
    }

    private func path(to node: Int, _ parents: [(node: Int, number: Int)]) -> [Int] {
        var numbers: [Int] = []
        var node = node
        while parents[node].node >= 0 {
            numbers.append(parents[node].number)
            node = parents[node].node
        }
        return numbers.reversed()
    }
}
