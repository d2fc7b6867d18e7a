import Machine
import Testing

@testable import Checker

extension TestChecker {
    /// The run of the plain machine that always takes the first step, with what `body` is told of each.
    func firstRun(
        on profiles: [CPUProfile],
        _ body: (Machine, _ label: UInt32, _ state: UnsafePointer<UInt64>, _ next: UnsafePointer<UInt64>) throws ->
            Void =
            { _, _, _, _ in }
    ) throws -> [Int] { try run(on: profiles, following: nil, body) }

    /// Takes these steps of the plain machine, or always the first one, again and again until the machine is wide enough.
    func run(
        on profiles: [CPUProfile], following steps: [Int]?,
        _ body: (Machine, _ label: UInt32, _ state: UnsafePointer<UInt64>, _ next: UnsafePointer<UInt64>) throws -> Void
    ) throws -> [Int] {
        var widths = FieldWidths()
        while true {
            let machine = try Machine(lowered.scenario(on: profiles, isEager: false), widths: widths)
            var state = [UInt64](repeating: 0, count: machine.stateWords)
            state.withUnsafeMutableBufferPointer { $0.baseAddress.map(machine.writeInitialState) }
            var taken: [Int] = []
            while steps.map({ taken.count < $0.count }) ?? true {
                let number = steps?[taken.count] ?? 0
                state.withUnsafeBufferPointer { $0.baseAddress.map { _ = machine.computeSteps(of: $0) } }
                guard machine.outgrown.isEmpty, machine.failure == nil, number < machine.successorCount else { break }
                let label = machine.successorLabels[number]
                let next = Array(
                    UnsafeBufferPointer(
                        start: machine.successorStates + number * machine.stateWords, count: machine.stateWords))
                try state.withUnsafeBufferPointer { before in
                    try next.withUnsafeBufferPointer { after in
                        try body(
                            machine, label, #require(before.baseAddress), #require(after.baseAddress))
                    }
                }
                state = next
                taken.append(number)
            }
            if machine.outgrown.isEmpty {
                if case .invalid(let diagnostic)? = machine.failure { Issue.record("\(diagnostic.message)") }
                return taken
            }
            let canGrow = widths.grow(machine.outgrown)
            try #require(canGrow)
        }
    }
}
