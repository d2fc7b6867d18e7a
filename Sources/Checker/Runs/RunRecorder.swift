import Litmus
import Machine
import X86

/// Takes a machine through a run and records it.
struct RunRecorder {
    private let lowered: LoweredTest
    private let machine: Machine
    private let profiles: [String]
    private let leaves: [LeafPlace]
    private let upperWords: [Int]
    private let words: [Int]

    init(_ lowered: LoweredTest, _ machine: Machine, profiles: [String]) {
        self.lowered = lowered
        self.machine = machine
        self.profiles = profiles
        let map = machine.map
        // Of the kernel's own address space there is nothing to show unless the test names an entry of it.
        let hidden = map.spaces.firstIndex(of: AddressMap.kernelSpace)
        func isShown(_ word: Int, _ space: Int) -> Bool {
            space != hidden || machine.canChange(word: word) || lowered.contents[word] != nil
        }
        let places = map.spaces.indices.flatMap { space in
            map.pages.indices.map { LeafPlace(page: $0, space: space) }
        }
        leaves = places.filter { isShown(map.leafWord(page: $0.page, space: $0.space), $0.space) }
        let asked = lowered.question.watches.words
        let leafWords = Set(places.map { map.leafWord(page: $0.page, space: $0.space) })
        upperWords = (0..<map.wordCount).filter { word in
            map.isEntry(word) && !leafWords.contains(word) && isShown(word, map.space(ofEntryWord: word) ?? 0)
        }.reversed()
        words = (0..<map.wordCount).filter {
            !map.isEntry($0) && (machine.canChange(word: $0) || asked.contains($0))
        }
    }

    /// The run that takes these successors in turn; nil when there is no such run.
    func run(_ numbers: [Int]) -> Run? {
        var recording = beginning()
        for number in numbers { guard extend(&recording, by: number) else { return nil } }
        return run(recording)
    }

    /// A run under way.
    struct Recording {
        /// The state that it has reached.
        fileprivate(set) var state: [UInt64]
        /// The successors that it took.
        fileprivate(set) var numbers: [Int] = []
        fileprivate let start: RunState
        fileprivate let startLocals: LocalLines
        fileprivate var origins: RunOrigins
        fileprivate var happened: [String]
        fileprivate var steps: [RunStep] = []
        fileprivate var unnoticed: UnnoticedSteps
    }

    /// A run that has not gone anywhere.
    func beginning() -> Recording {
        let startLocals = lines(machine.localRunAtStart())
        var state = [UInt64](repeating: 0, count: machine.stateWords)
        return state.withUnsafeMutableBufferPointer { buffer -> Recording in
            let state = buffer.baseAddress.unsafelyUnwrapped
            machine.writeInitialState(to: state)
            let origins = RunOrigins(machine, leaves, upperWords, words, state)
            var unnoticed = UnnoticedSteps(machine, asked: lowered.question.watches.words)
            unnoticed.note(requestsIn: state)
            return Recording(
                state: Array(buffer), start: origins.state, startLocals: startLocals, origins: origins,
                happened: violations(state), unnoticed: unnoticed)
        }
    }

    /// Lets a run take a successor; false when there is none of this number, or the machine has failed.
    func extend(_ recording: inout Recording, by number: Int) -> Bool {
        let length = machine.stateWords
        let found = recording.state.withUnsafeBufferPointer { buffer -> (RunStep, [UInt64])? in
            let state = buffer.baseAddress.unsafelyUnwrapped
            _ = machine.computeSteps(of: state)
            guard machine.failure == nil, number < machine.successorCount else { return nil }
            let label = machine.successorLabels[number]
            let next = Array(UnsafeBufferPointer(start: machine.successorStates + number * length, count: length))
            let step = next.withUnsafeBufferPointer { buffer -> RunStep in
                self.step(label, state, buffer.baseAddress.unsafelyUnwrapped, after: recording.start)
            }
            return (step, next)
        }
        guard let (found, next) = found else { return false }
        var step = found
        next.withUnsafeBufferPointer { buffer in
            let next = buffer.baseAddress.unsafelyUnwrapped
            recording.origins.note(&step, number: recording.steps.count, in: next)
            step.after = recording.origins.state
            recording.unnoticed.note(step.report, in: next)
            let now = violations(next)
            step.violations = now.filter { !recording.happened.contains($0) }
            recording.happened = now
        }
        recording.steps.append(step)
        recording.numbers.append(number)
        recording.state = next
        return true
    }

    /// A run as far as it was taken.
    func run(_ recording: Recording) -> Run {
        var steps = recording.steps
        for position in steps.indices where steps[position].violations.isEmpty {
            steps[position].unnoticed = recording.unnoticed.reason(steps[position].report)
        }
        return recording.state.withUnsafeBufferPointer { buffer in
            let state = buffer.baseAddress.unsafelyUnwrapped
            let isComplete = machine.computeSteps(of: state)
            return Run(
                replay: Run.text(of: recording.numbers), isLiteral: machine.scenario.isEager, map: machine.map,
                profiles: profiles, roles: lowered.test.roles, leaves: leaves, upperWords: upperWords, words: words,
                start: recording.start,
                startLocals: recording.startLocals, steps: steps,
                ending: ending(state, isComplete: isComplete, recording.origins), isComplete: isComplete,
                isDecided: lowered.question.isDecided(state, of: machine))
        }
    }

    /// What a step is, all but what it rests on and what it comes to.
    private func step(
        _ label: UInt32, _ state: UnsafePointer<UInt64>, _ next: UnsafePointer<UInt64>, after start: RunState
    ) -> RunStep {
        let report = machine.report(label: label, from: state)
        var step = RunStep(report: report, cause: machine.cause(label: label, from: state, to: next), after: start)
        if step.isForItsInstruction {
            step.place = report.instruction?.place
            step.source = source(report.cpu, report.index, isHandler: report.isHandler)
        }
        step.locals = machine.localRun(label: label, from: state, to: next).map(lines) ?? LocalLines()
        return step
    }

    private func violations(_ state: UnsafePointer<UInt64>) -> [String] {
        lowered.question.items.compactMap { item, name in
            switch item {
            case .property(let property, let subject):
                property.isLasting && machine.holds(property, of: subject, in: state) ? name : nil
            case .fault(let bit): machine.hasFaulted(bit: bit, in: state) ? name : nil
            default: nil
            }
        }
    }

    // MARK: Ending

    private func ending(_ state: UnsafePointer<UInt64>, isComplete: Bool, _ origins: RunOrigins) -> RunEnding {
        let question = lowered.question
        var harms: [RunEnding.Harm] = []
        var because: Set<Int> = []
        for (item, name) in question.items {
            guard let harm = harm(item, name, state, isComplete: isComplete) else { continue }
            harms.append(harm)
            because.formUnion(origins.origins(of: item))
        }
        if harms.isEmpty {
            for (item, _) in question.items.prefix(question.shownCount) { because.formUnion(origins.origins(of: item)) }
        }
        let values = StatePrinter(question, machine.map).parts(question.read(state, of: machine))
        return RunEnding(harms: harms, values: values, because: because.sorted())
    }

    /// What an item of the question says went wrong, or nil.
    private func harm(
        _ item: Question.Item, _ name: String, _ state: UnsafePointer<UInt64>, isComplete: Bool
    ) -> RunEnding.Harm? {
        switch item {
        case .property(let property, let subject):
            // What only an end can tell is not said of a run that stops before.
            if property == .lostDirty && !isComplete { return nil }
            guard machine.holds(property, of: subject, in: state) else { return nil }
            return .property(property, text(of: subject, property))
        case .stuck(let cpu):
            return isComplete && !machine.isEnded(cpu: cpu, in: state) && !machine.isWild(in: state)
                ? .stuck(cpu: cpu) : nil
        case .wild(let cpu): return machine.isWild(cpu: cpu, in: state) ? .wild(cpu: cpu) : nil
        case .fault(let bit): return machine.hasFaulted(bit: bit, in: state) ? .fault(name) : nil
        case .register, .memory, .field, .frame, .local: return nil
        }
    }

    /// What a property is about, by its number.
    private func text(of subject: Int, _ property: Property) -> String {
        let map = machine.map
        if property.isAboutTable { return map.name(ofTable: subject) }
        return property.isAboutFrame ? map.variables[subject].name : map.name(ofPage: subject)
    }

    // MARK: Code

    /// What an instruction was compiled from.
    private func source(_ cpu: Int, _ index: Int?, isHandler: Bool) -> [CompiledCode.SourceLine] {
        guard let index, !isHandler, let origins = lowered.test.compiled?.origins, origins.indices.contains(cpu) else {
            return []
        }
        return origins[cpu].chain(index)
    }

    /// Instructions on registers and private memory.
    private func lines(_ run: LocalRun) -> LocalLines {
        LocalLines(
            lines: run.instructions.map { local in
                let changesSomething = !local.changes.isEmpty || local.written != nil
                let isCompiled = machine.scenario.cpus[local.cpu].isCompiled
                return LocalLines.Line(
                    local, source: source(local.cpu, local.index, isHandler: local.isHandler),
                    isTelling: local.endsThread || (!isCompiled && changesSomething))
            }, omitted: run.omitted)
    }
}
