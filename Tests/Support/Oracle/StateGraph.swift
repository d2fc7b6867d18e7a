/// All reachable states and the steps between them.
struct StateGraph {
    private(set) var states: [State] = []
    /// False when the limit of states was reached.
    private(set) var isComplete = true
    /// The steps from state `n` are `edges[firstEdge[n] ..< firstEdge[n + 1]]`.
    private var firstEdge: [Int] = [0]
    private var edges: [Int32] = []
    /// Whether the step is a thread's own: not a speculative walk, not an eviction.
    private var isThreadStep: [Bool] = []

    init(_ machine: TestMachine, maxStates: Int) throws {
        var known: [State: Int32] = [:]
        var first = machine.initial
        machine.judgeMemory(&first)
        try machine.settle(&first)
        known[first] = 0
        states.append(first)

        var position = 0
        while position < states.count {
            let state = states[position]
            func add(_ successors: [State], isThreadStep: Bool, to graph: inout StateGraph) throws {
                for successor in successors {
                    var settled = successor
                    try machine.settle(&settled)
                    let target: Int32
                    if let existing = known[settled] {
                        target = existing
                    } else if graph.states.count < maxStates {
                        target = Int32(graph.states.count)
                        known[settled] = target
                        graph.states.append(settled)
                    } else {
                        // The state stays unfinished: a step to itself keeps it from looking final.
                        graph.isComplete = false
                        target = Int32(position)
                    }
                    graph.edges.append(target)
                    graph.isThreadStep.append(isThreadStep)
                }
            }
            // Where a walker has run wild the run ends.
            for cpu in state.processors.indices where state.wild == nil {
                if !state.processors[cpu].buffer.isEmpty {
                    var next = state
                    machine.drainOne(&next, cpu)
                    try add([next], isThreadStep: true, to: &self)
                }
                try add(machine.acknowledgements(state, cpu), isThreadStep: true, to: &self)
                try add(machine.takingSteps(state, cpu), isThreadStep: true, to: &self)
                try add(machine.interruptSteps(state, cpu), isThreadStep: true, to: &self)
                try add(machine.threadSteps(state, cpu), isThreadStep: true, to: &self)
                try add(try machine.speculativeSteps(state, cpu), isThreadStep: false, to: &self)
            }
            firstEdge.append(edges.count)
            position += 1
        }
    }

    /// States in which no thread can step, and states that threads step around in for ever.
    ///
    /// The latter are the bottom strongly connected components with a thread's step in them.
    func finalPositions() -> [Int] {
        let component = components()
        var leaves = Set<Int32>()
        var steps = Set<Int32>()
        for position in states.indices {
            for edge in firstEdge[position]..<firstEdge[position + 1] {
                let target = Int(edges[edge])
                if component[target] != component[position] {
                    // A walker need not run wild.
                    if isThreadStep[edge] || states[target].wild == nil { leaves.insert(component[position]) }
                } else if isThreadStep[edge] {
                    steps.insert(component[position])
                }
            }
        }
        return states.indices.filter { position in
            let isResting = !isThreadStep[firstEdge[position]..<firstEdge[position + 1]].contains(true)
            let isLivelock = steps.contains(component[position]) && !leaves.contains(component[position])
            return isResting || (isLivelock && isComplete)
        }
    }

    /// The strongly connected component of each state (Tarjan 1972, without recursion).
    private func components() -> [Int32] {
        let unseen: Int32 = -1
        var order = [Int32](repeating: unseen, count: states.count)
        var low = order
        var component = order
        var stack: [Int] = []
        var path: [(state: Int, edge: Int)] = []
        var nextOrder: Int32 = 0
        var nextComponent: Int32 = 0

        func visit(_ state: Int) {
            order[state] = nextOrder
            low[state] = nextOrder
            nextOrder += 1
            stack.append(state)
            path.append((state, firstEdge[state]))
        }
        for root in states.indices where order[root] == unseen {
            visit(root)
            while let (state, edge) = path.last {
                if edge < firstEdge[state + 1] {
                    path[path.count - 1].edge += 1
                    let target = Int(edges[edge])
                    if order[target] == unseen {
                        visit(target)
                    } else if component[target] == unseen {
                        low[state] = min(low[state], order[target])
                    }
                    continue
                }
                path.removeLast()
                if let (parent, _) = path.last { low[parent] = min(low[parent], low[state]) }
                if low[state] == order[state] {
                    while let member = stack.popLast() {
                        component[member] = nextComponent
                        if member == state { break }
                    }
                    nextComponent += 1
                }
            }
        }
        return component
    }
}
