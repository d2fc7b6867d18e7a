import Explorer
import Machine

/// A machine as something to explore, with a question that may be decided on the way.
final class MachineSystem: TransitionSystem {
    let machine: Machine
    private let question: Question
    /// Final states that answer the condition are goals, too.
    private let wantsFinalAnswer: Bool
    /// Where runs begin, if not where those of the machine do.
    private let start: [UInt64]?

    init(_ machine: Machine, _ question: Question, wantsFinalAnswer: Bool = false, start: [UInt64]? = nil) {
        self.machine = machine
        self.question = question
        self.wantsFinalAnswer = wantsFinalAnswer
        self.start = start
    }

    var stateWords: Int { machine.stateWords }

    var hasFailed: Bool { machine.failure != nil }

    var bytes: Int { machine.tableBytes }

    func follower() -> MachineSystem? {
        MachineSystem(machine.follower(), question, wantsFinalAnswer: wantsFinalAnswer, start: start)
    }

    var isAtALoss: Bool {
        get { machine.isAtALoss }
        set { machine.isAtALoss = newValue }
    }

    func writeInitialState(to state: UnsafeMutablePointer<UInt64>) {
        guard let start else { return machine.writeInitialState(to: state) }
        for (position, word) in start.enumerated() { state[position] = word }
    }

    func successors(of state: UnsafePointer<UInt64>) -> Successors {
        let isFinal = machine.computeSteps(of: state)
        return Successors(
            states: machine.successorStates, labels: machine.successorLabels, count: machine.successorCount,
            isFinal: isFinal)
    }

    func isGoal(_ state: UnsafePointer<UInt64>) -> Bool {
        if question.isDecided(state, of: machine) { return true }
        return wantsFinalAnswer && machine.computeSteps(of: state)
            && question.isAnswered(by: question.read(state, of: machine))
    }
}
