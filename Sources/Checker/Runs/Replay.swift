import Diagnostics
import Explorer
import Machine

/// Runs taken one by one: a witness shown again, and a reduced run put into the terms of the machine without reductions.
extension TestChecker {
    /// Shows the run that a replay string describes.
    ///
    /// The string numbers the steps of the machine without reductions (`isEager`: of the literal machine, as
    /// `--reference` prints it), so it does not depend on how the run was found.
    /// - Throws: `Diagnostic` when the string does not fit the test.
    package func replay(
        _ replay: String, profiles: [CPUProfile], isEager: Bool = false
    ) throws(Diagnostic) -> Run {
        let remedy = "take the string from `ptero check`, for the same file and profile"
        guard let steps = Run.steps(of: replay) else {
            throw Diagnostic(
                withoutPlace: "`\(replay)` is not a witness: it has digits, small letters and numbers in parentheses",
                file: file, remedy: remedy)
        }
        guard let run = run(steps, on: lowered.scenario(on: profiles, isEager: isEager)) else {
            throw Diagnostic(
                withoutPlace: "the witness does not fit this test on these CPUs", file: file, remedy: remedy)
        }
        return run
    }

    /// The run that takes these steps of a scenario without reductions; nil when there is none.
    func run(_ steps: [Int], on scenario: Scenario) -> Run? {
        var widths = FieldWidths()
        while let machine = try? Machine(scenario, widths: widths) {
            let run = RunRecorder(lowered, machine, profiles: scenario.cpus.map { $0.profile.name }).run(steps)
            guard case .outgrown? = machine.failure else { return run }
            guard widths.grow(machine.outgrown) else { return nil }
        }
        return nil
    }

    /// A shortest run of the machine without reductions that shows what this run of the reduced one shows.
    ///
    /// Where steps were left out and runs differ in length, the reduced machine may have missed the shortest; it is then
    /// looked for again with all steps, up to a bound on states past which the run at hand has to do. How that search
    /// ended comes with the run; where it is not complete a shorter run may exist.
    func shortest(
        _ run: [Int], of machine: Machine, options: CheckOptions
    ) -> (run: [Int]?, end: SearchEnd) {
        let unfolded = unfold(run, of: machine)
        // No run is shorter than the reduced machine's shortest; only a chain of it is one step and more.
        let isAsShort = !machine.usesPartialOrder && unfolded?.count == run.count
        if unfolded != nil && (!machine.leavesOutSteps || isAsShort || lowered.hasUniformRuns) {
            return (unfolded, .complete)
        }
        var limits = options.limits
        limits.maxStates = min(limits.maxStates, 1_000_000)
        var scenario = machine.scenario
        scenario.reductions = scenario.reductions.filter { !$0.leavesOutSteps }
        var widths = FieldWidths()
        while let machine = try? Machine(scenario, widths: widths) {
            let (found, end) = nearestAnswer(machine, limits)
            if machine.outgrown.isEmpty {
                if let run = found.flatMap({ unfold($0, of: machine) }) { return (run, .complete) }
                return (unfolded, end)
            }
            guard widths.grow(machine.outgrown) else { break }
        }
        return (unfolded, .failed)
    }

    /// A shortest run of a machine that answers the question, or how the search for it ended.
    ///
    /// The search can stop at the first, except where runs can go round in circles: which of these are ends is known
    /// only when it is over.
    private func nearestAnswer(_ machine: Machine, _ limits: SearchLimits) -> (run: [Int]?, end: SearchEnd) {
        guard machine.scenario.canLoop else {
            let system = MachineSystem(machine, lowered.question, wantsFinalAnswer: true)
            let exploration = FastSearch(stopsAtGoal: true).explore(system, limits: limits, findLivelocks: false)
            return (exploration.goalRun, exploration.end)
        }
        let exploration = FastSearch().explore(
            MachineSystem(machine, lowered.question), limits: limits, findLivelocks: true)
        guard exploration.end == .complete else { return (nil, exploration.end) }
        return (Answers(exploration, machine, lowered.question).witness, .complete)
    }

    /// The steps of the machine without reductions that a run of the reduced machine takes; nil when they do not fit.
    ///
    /// Where the reduced machine joins a stretch without a choice, each step of it is listed; where it leaves steps
    /// out, the rest is counted as if they were there; a store that it did not buffer drains when it would be in the
    /// way, or at the end; where it exchanges CPUs, the step is that of the CPU which the run without exchanges would
    /// see. Which CPU comes first there follows from the numbers that the machine has given, so a run means something to
    /// the very machine only that was explored.
    func unfold(_ run: [Int], of machine: Machine) -> [Int]? {
        var unjoined = machine.scenario
        let joinsChains = machine.usesPartialOrder && unjoined.reductions.contains(.chains)
        unjoined.reductions.remove(.chains)
        var widths = machine.widths
        while let reduced = joinsChains ? try? Machine(unjoined, widths: widths) : machine,
            let plain = try? Machine(unjoined.withoutReductions, widths: widths)
        {
            let steps = unfold(run, reduced, plain, joinsChains: joinsChains)
            let outgrown = reduced.outgrown.union(plain.outgrown)
            if outgrown.isEmpty { return steps }
            guard widths.grow(outgrown) else { break }
        }
        return nil
    }

    private func unfold(_ run: [Int], _ reduced: Machine, _ plain: Machine, joinsChains: Bool) -> [Int]? {
        reduced.keepsOrigins = true
        defer { reduced.keepsOrigins = false }
        var here = Position(reduced)
        var there = Position(plain)
        /// By CPU of the reduced run, the CPU that it stands for.
        var names = Array(0..<lowered.cpuCount)
        var steps: [Int] = []
        func drain(_ cpu: Int) -> Bool {
            guard there.hasUnseenStore(cpu, to: reduced), let step = there.step(Move(drainBy: cpu), rank: 0) else {
                return false
            }
            _ = there.take(step)
            steps.append(step)
            return true
        }
        func take(_ number: Int) -> Bool {
            guard reduced.failure == nil, plain.failure == nil, let (move, rank) = here.move(number) else {
                return false
            }
            let wanted = move.renamed(names)
            while wanted.isDrain || there.step(wanted, rank: rank) == nil {
                if !drain(wanted.cpu) { break }
            }
            guard let step = there.step(wanted, rank: rank) else { return false }
            names = here.take(number).map { names[$0] }
            _ = there.take(step)
            steps.append(step)
            return true
        }
        for number in run {
            guard take(number) else { return nil }
            var joined = 1
            while joinsChains && joined <= Machine.longestChain && here.successorCount == 1 {
                guard take(0) else { return nil }
                joined += 1
            }
        }
        if there.isDecided(lowered.question) { return steps }
        for cpu in names.indices { while drain(cpu) {} }
        // A run that goes round in circles may end anywhere on them.
        return plain.scenario.canLoop || there.isAnswered(lowered.question) ? steps : nil
    }
}

/// What a step is, as far as machines with different reductions agree on it.
///
/// Of several steps of one CPU and kind, all machines have the same in the same order, whatever they number.
private struct Move: Hashable {
    var cpu: Int
    var kind: StepKind
    /// The CPU that is answered; -1 for steps that answer no CPU.
    var initiator: Int
    /// The leaf that a walker or the TLB is busy with; -1 for other steps.
    var leaf: Int

    init(_ label: StepLabel) {
        (cpu, kind) = (label.cpu, label.kind)
        switch kind {
        case .acknowledge, .takeBroadcast, .interrupt: (initiator, leaf) = (label.operand, -1)
        case .walk, .beginAccessed, .setAccessed, .walkAgain, .speculate, .evict, .abandonWalk, .retry:
            (initiator, leaf) = (-1, label.operand)
        default: (initiator, leaf) = (-1, -1)
        }
    }

    /// The oldest buffered store of a CPU reaches memory.
    init(drainBy cpu: Int) {
        self.cpu = cpu
        kind = .drain
        (initiator, leaf) = (-1, -1)
    }

    var isDrain: Bool { kind == .drain }

    /// The same step by the CPUs that these stand for.
    func renamed(_ names: [Int]) -> Move {
        var move = self
        move.cpu = names[cpu]
        if initiator >= 0 { move.initiator = names[initiator] }
        return move
    }
}

/// A state of a machine that a run has reached.
private struct Position {
    private let machine: Machine
    private var state: [UInt64]

    init(_ machine: Machine) {
        self.machine = machine
        state = [UInt64](repeating: 0, count: machine.stateWords)
        state.withUnsafeMutableBufferPointer { $0.baseAddress.map(machine.writeInitialState) }
    }

    /// The number of steps out of here.
    var successorCount: Int {
        compute()
        return machine.successorCount
    }

    /// What a step is, and how many like it come before it; nil when there is no such step.
    func move(_ number: Int) -> (Move, rank: Int)? {
        compute()
        guard number < machine.successorCount else { return nil }
        let move = Move(label(number))
        return (move, (0..<number).count { Move(label($0)) == move })
    }

    /// The number of the step that is this move and has `rank` of its like before it, or nil.
    func step(_ move: Move, rank: Int) -> Int? {
        compute()
        let alike = (0..<machine.successorCount).filter { Move(label($0)) == move }
        return alike.indices.contains(rank) ? alike[rank] : nil
    }

    private func label(_ number: Int) -> StepLabel { StepLabel(rawValue: machine.successorLabels[number]) }

    /// Goes on by a step; by CPU, the CPU that was in its place before.
    mutating func take(_ number: Int) -> [Int] {
        compute()
        let next = machine.successorStates + number * machine.stateWords
        let before = state
        state = Array(UnsafeBufferPointer(start: next, count: machine.stateWords))
        return state.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return [] }
            return machine.sort(base, after: before)
        }
    }

    /// Whether the oldest store in a CPU's buffer is one that the other machine did not buffer.
    func hasUnseenStore(_ cpu: Int, to other: Machine) -> Bool {
        state.withUnsafeBufferPointer { $0.baseAddress.map { machine.hasUnseenStore($0, cpu, to: other) } } ?? false
    }

    /// Whether the question is decided here, however the run goes on.
    func isDecided(_ question: Question) -> Bool {
        state.withUnsafeBufferPointer { $0.baseAddress.map { question.isDecided($0, of: machine) } } ?? false
    }

    /// Whether a run ends here with an answer to the question.
    func isAnswered(_ question: Question) -> Bool {
        state.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, machine.computeSteps(of: base) else { return false }
            return question.isAnswered(by: question.read(base, of: machine))
        }
    }

    private func compute() { state.withUnsafeBufferPointer { $0.baseAddress.map { _ = machine.computeSteps(of: $0) } } }
}
