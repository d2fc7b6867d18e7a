import Litmus
import X86

/// What an exploration found.
public struct OracleResult: Sendable {
    /// The distinct observed final states.
    public var finals: Set<ObservedState>
    /// How many of them satisfy the proposition.
    public var positive: Int
    /// How many of them do not.
    public var negative: Int
    /// How many machine states were visited.
    public var states: Int
    /// False when the limit of states was reached.
    public var isComplete: Bool

    /// The verdict, as herd7 words it.
    public var observation: Observation {
        if !isComplete, positive == 0 || negative == 0 { return .inconclusive }
        if positive == 0 { return .never }
        return negative == 0 ? .always : .sometimes
    }
}

extension LitmusTest {
    /// Whether the initial state says where a processor's stack is.
    fileprivate func setsStackPointer(of processor: Int) -> Bool {
        initializations.contains { initialization in
            if case .register(processor, let register) = initialization.location.kind {
                register.register == .rsp
            } else {
                false
            }
        }
    }
}

/// A second implementation of machine.md, written for plainness, that the product is compared with.
///
/// Every step of every processor is explored in every order; speculative walks and evictions are steps like others.
public struct Oracle {
    /// Explores a test.
    ///
    /// - Parameter profiles: one for each processor.
    public static func explore(
        _ test: LitmusTest, profiles: [OracleProfile], maxStates: Int
    ) throws -> OracleResult {
        for column in test.threads where column.program.usesStack && !test.setsStackPointer(of: column.processor) {
            throw OracleError.unsupported("a column with a stack of its own")
        }
        let machine = try TestMachine(test, profiles: profiles)
        let graph = try StateGraph(machine, maxStates: maxStates)
        var finals: Set<ObservedState> = []
        for position in graph.finalPositions() {
            if let observed = try machine.observe(graph.states[position]) { finals.insert(observed) }
        }
        let positive = finals.count { $0.holds }
        return OracleResult(
            finals: finals, positive: positive, negative: finals.count - positive, states: graph.states.count,
            isComplete: graph.isComplete)
    }
}
