/// Runs that never end although they always can take a step.
///
/// Under fair scheduling a run ends up in a strongly connected component that it cannot leave. A state from which no
/// final state can be reached leads only into such components; the states of the components themselves are those
/// from which every reachable state can come back.
enum Livelock {
    /// Tells a state's successors one by one until somebody has heard enough.
    typealias Edges = (_ state: Int, _ isEnough: (Int) -> Bool) -> Bool

    /// Bytes of a frame of a walk in depth, its successors aside.
    private static let frameBytes = 88

    /// Whether all of these states can reach a final state; nil when the allowance did not suffice to find out.
    ///
    /// Goes from each state onwards until it meets one that is known to reach an end, which mostly takes a few steps;
    /// so it is much cheaper than looking at all states, as ``states(count:finals:edges:)`` does.
    /// - Parameters:
    ///   - sources: the states in question; later ones are looked at first.
    ///   - ends: by state, whether it is known to reach a final state; what is found is added.
    ///   - allowance: what may be used.
    ///   - edges: as above.
    static func allCanEnd(_ sources: [Int], ends: inout [Bool], _ allowance: Allowance, edges: Edges) -> Bool? {
        /// The states that one step leads to; nil when one of them is known to reach an end.
        func unknown(_ state: Int) -> [Int]? {
            var targets: [Int] = []
            let isKnown = edges(state) { target in
                targets.append(target)
                return ends[target]
            }
            return isKnown ? nil : targets
        }
        var seen: Set<Int> = []
        var held = 0
        func hold(_ more: Int) {
            held += more
            allowance.hold(more)
        }
        defer { allowance.hold(-held) }
        for source in sources.reversed() where !ends[source] {
            seen.removeAll(keepingCapacity: true)
            seen.insert(source)
            var way: [(state: Int, targets: [Int], next: Int)] = []
            var state = source
            while let targets = unknown(state) {
                guard allowance.goesOn() else { return nil }
                way.append((state, targets, 0))
                hold(frameBytes + 8 * targets.count)
                // On to the next state that was not seen from here, back where there is none.
                var onward: Int?
                while onward == nil, let here = way.last {
                    if here.next < here.targets.count {
                        way[way.count - 1].next += 1
                        if seen.insert(here.targets[here.next]).inserted {
                            onward = here.targets[here.next]
                            // A set of numbers takes up to three words for each.
                            hold(24)
                        }
                    } else {
                        way.removeLast()
                        hold(-(frameBytes + 8 * here.targets.count))
                    }
                }
                guard let onward else { return false }
                state = onward
            }
            ends[state] = true
            for step in way {
                ends[step.state] = true
                hold(-(frameBytes + 8 * step.targets.count))
            }
        }
        return true
    }

    /// The states of components that cannot be left and hold no final state, in ascending order; nil when the allowance
    /// did not suffice to find out.
    ///
    /// - Parameters:
    ///   - count: the number of states, numbered from 0.
    ///   - finals: the states in which runs end.
    ///   - allowance: what may be used.
    ///   - edges: calls its second argument with the successors of a state until that says true; whether it did.
    static func states(count: Int, finals: [Int], _ allowance: Allowance, edges: Edges) -> [Int]? {
        guard allowance.reserve(count) else { return nil }
        defer { allowance.hold(-count) }
        var canEnd = [Bool](repeating: false, count: count)
        for final in finals { canEnd[final] = true }
        // Successors tend to have higher numbers, so walking backwards settles nearly all in one pass.
        var changed = !finals.isEmpty
        while changed {
            changed = false
            for state in stride(from: count - 1, through: 0, by: -1) where !canEnd[state] {
                guard allowance.goesOn() else { return nil }
                if edges(state, { canEnd[$0] }) {
                    canEnd[state] = true
                    changed = true
                }
            }
        }
        guard canEnd.contains(false) else { return [] }
        func all(_ state: Int) -> [Int] {
            var targets: [Int] = []
            _ = edges(state) { target in
                targets.append(target)
                return false
            }
            return targets
        }
        return bottomComponents(count: count, among: { !canEnd[$0] }, allowance, edges: all)?.sorted()
    }

    /// Tarjan's algorithm without recursion, over the states that `among` accepts; their successors are all accepted.
    private static func bottomComponents(
        count: Int, among: (Int) -> Bool, _ allowance: Allowance, edges: (Int) -> [Int]
    ) -> [Int]? {
        // Two numbers and two flags a state; the stack and the members of components are two numbers more.
        let bytes = count * 34
        guard allowance.reserve(bytes) else { return nil }
        var held = bytes
        defer { allowance.hold(-held) }
        var order = [Int](repeating: -1, count: count)
        var low = [Int](repeating: 0, count: count)
        var isSettled = [Bool](repeating: false, count: count)
        /// Whether a step leads from the state into another component.
        var isWayOut = [Bool](repeating: false, count: count)
        var stack: [Int] = []
        var clock = 0
        var members: [Int] = []
        for root in 0..<count where among(root) && order[root] < 0 {
            var frames: [(state: Int, targets: [Int], next: Int)] = []
            func enter(_ state: Int) {
                order[state] = clock
                low[state] = clock
                clock += 1
                stack.append(state)
                frames.append((state, edges(state), 0))
                let more = frameBytes + 8 * frames[frames.count - 1].targets.count
                held += more
                allowance.hold(more)
            }
            enter(root)
            while let frame = frames.last {
                guard allowance.goesOn() else { return nil }
                if frame.next < frame.targets.count {
                    frames[frames.count - 1].next += 1
                    let target = frame.targets[frame.next]
                    if order[target] < 0 {
                        enter(target)
                    } else if isSettled[target] {
                        isWayOut[frame.state] = true
                    } else {
                        low[frame.state] = min(low[frame.state], order[target])
                    }
                    continue
                }
                frames.removeLast()
                let less = frameBytes + 8 * frame.targets.count
                held -= less
                allowance.hold(-less)
                let isRoot = low[frame.state] == order[frame.state]
                if let parent = frames.last {
                    low[parent.state] = min(low[parent.state], low[frame.state])
                    if isRoot { isWayOut[parent.state] = true }
                }
                guard isRoot else { continue }
                let first = stack.lastIndex(of: frame.state) ?? 0
                for member in stack[first...] { isSettled[member] = true }
                if !stack[first...].contains(where: { isWayOut[$0] }) { members += stack[first...] }
                stack.removeSubrange(first...)
            }
        }
        return members
    }
}
