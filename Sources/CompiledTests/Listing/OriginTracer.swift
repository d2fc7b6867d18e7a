import Litmus
import X86

/// Gathers where the instructions of a program come from (``CompiledCode/Origins``).
struct OriginTracer {
    private let lines: SourceLines?
    private var origins = CompiledCode.Origins()
    private var numbers: [String: Int] = [:]
    /// The number of the place that code is made from at the moment; -1 where nobody asks.
    private(set) var current = -1

    init(_ lines: SourceLines?) { self.lines = lines }

    /// From here on code is made from this place; `statement` is the `.loc` that says so, `function` the machine code's.
    mutating func enter(
        _ chain: [(path: String, line: Int, column: Int)], statement: String, function: String
    ) {
        guard let lines else { return }
        let key = function + "\n" + statement
        if let known = numbers[key] {
            current = known
            return
        }
        var chain = chain
        // Line 0 is code without a place: what the compiler merged from several.
        if chain.first?.line == 0 { chain.removeFirst() }
        current = origins.chains.count
        numbers[key] = current
        origins.chains.append(
            chain.enumerated().map { depth, place in
                lines.line(place, function: depth == chain.count - 1 ? function : nil)
            })
    }

    /// Takes the next instruction of the program.
    mutating func append(_ instruction: String, chain: Int) {
        if instruction.contains("%gs:\(CompiledName.warned)") { origins.warnings.append(origins.chainNumbers.count) }
        if instruction.contains("%gs:\(CompiledName.bug)") { origins.bugs.append(origins.chainNumbers.count) }
        origins.chainNumbers.append(Int32(chain))
    }

    /// What was gathered; the program has these functions one after the other.
    func origins(functions: [String], in program: Program, stubs: Set<String>) -> CompiledCode.Origins {
        var origins = origins
        let starts = functions.map { program.labels[$0] ?? program.instructions.count }
        for (position, name) in functions.enumerated() {
            let start = starts[position]
            let end = starts.dropFirst(position + 1).first ?? program.instructions.count
            origins.functions.append(
                CompiledCode.Origins.Function(
                    name: name, instructions: start..<max(start, end), isStub: stubs.contains(name)))
        }
        return origins
    }
}
