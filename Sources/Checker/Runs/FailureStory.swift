import Diagnostics
import Litmus
import Machine
import X86

/// Tells where in compiled code a thread did something that the machine has no meaning for: function, line, the calls that
/// led there, and where the address came from.
struct FailureStory {
    private let test: LitmusTest
    private let machine: Machine
    private let point: FailurePoint
    private let origins: CompiledCode.Origins

    /// Nil where the failure is not about code from a compiler.
    init?(_ test: LitmusTest, _ machine: Machine) {
        guard let point = machine.failurePoint, let compiled = test.compiled,
            compiled.origins.indices.contains(point.cpu)
        else { return nil }
        self.test = test
        self.machine = machine
        self.point = point
        origins = compiled.origins[point.cpu]
    }

    /// Adds to a diagnostic what is known.
    func tell(_ diagnostic: inout Diagnostic) {
        let lines = ([point.instruction] + point.calls).flatMap { origins.chain($0) }
        if let first = lines.first {
            diagnostic.notes.append("in " + words(first))
            for line in lines.dropFirst() { diagnostic.notes.append("called from " + words(line)) }
        } else if let function = origins.function(point.instruction) {
            diagnostic.notes.append("in \(function.name)")
        }
        // Of a function of another file the diagnostic knows the thread; the call in it is nearer.
        if let line = lines.last, line.file == diagnostic.file, line.line > 0, lines.first?.file != line.file {
            diagnostic.place = SourcePlace(line: line.line, column: max(1, line.column))
        }
        guard let address = point.address, machine.map.place(at: address) == nil,
            !machine.map.isFixedEntry(address)
        else { return }
        diagnostic.remedy = "give the pointer that is used there a target: an object of the test"
        if isNull(address) {
            diagnostic.message =
                "P\(point.cpu) uses a null pointer: it accesses 0x" + String(address, radix: 16)
                + ", where the test has nothing"
        }
        let stubs = origins.functions.filter { function in
            function.isStub && !function.instructions.isEmpty
                && test.threads[point.cpu].program.instructions[function.instructions.lowerBound].text.hasPrefix("xor")
        }
        switch machine.source(ofAddressAt: point, stubs: Set(stubs.map { $0.instructions.lowerBound })) {
        case .stub(let instruction, let call)?:
            guard let name = origins.function(instruction)?.name else { return }
            diagnostic.notes.append("the 0 is what `\(name)` returned, a stub" + place(of: call))
            diagnostic.remedy = "define `\(name)` in the test, so that it returns what the code needs"
        case .memory(let name, let offset, let value, let load)?:
            let shown = value == 0 ? "0" : "0x" + String(value, radix: 16)
            diagnostic.notes.append(
                "the address comes from `\(name)`, byte \(offset), which is \(shown)" + place(of: load))
            if value == 0 {
                diagnostic.remedy = "initialise `\(name)` before it is used, in P\(point.cpu) or where it is defined"
            }
        case .own(let load)?:
            diagnostic.notes.append("the address comes from a 0 on the stack of P\(point.cpu)" + place(of: load))
            diagnostic.remedy = "give the pointer that is read there a target, in P\(point.cpu)"
        case nil: break
        }
    }

    /// Whether an address is a member of a structure at 0, or one that contains a member at 0.
    private func isNull(_ address: UInt64) -> Bool { address < 0x10000 || address > UInt64.max - 0x10000 }

    private func words(_ line: CompiledCode.SourceLine) -> String {
        line.function.map { "\($0), \(line.place)" } ?? line.place
    }

    private func place(of instruction: Int?) -> String {
        guard let instruction, let line = origins.chain(instruction).first else { return "" }
        return " (\(words(line))" + (line.text.isEmpty ? ")" : ": \(line.text))")
    }
}
