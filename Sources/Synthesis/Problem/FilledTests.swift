import Diagnostics
import Litmus
import X86

extension SynthesisProblem {
    /// A file's test with a sequence in the hole; scratch registers hold anything before it.
    package func filled(_ file: Int, with lines: [String]) throws(Diagnostic) -> LitmusTest {
        let test = files[file]
        var filled = try test.filled(hole, with: lines)
        for processor in Set(test.holes.map { $0.processor }).sorted() {
            guard let column = test.threads.first(where: { $0.processor == processor }) else { continue }
            for (number, register) in grammar.scratch.enumerated() {
                let location = Location.register(processor: processor, RegisterOperand(register))
                guard !filled.initializations.contains(where: { $0.location == location }) else { continue }
                filled.initializations.append(
                    Initialization(
                        location: location, values: [.integer(Self.anything &+ UInt64(number))],
                        place: column.place))
            }
        }
        return filled
    }

    /// What scratch registers hold before the sequence: a number without a meaning.
    private static let anything: UInt64 = 0x5bd1_e995_7f4a_7c15
}
