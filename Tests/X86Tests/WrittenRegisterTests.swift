import TestSupport
import Testing

@testable import X86

/// Registers that instructions write.
@Suite struct WrittenRegisterTests {
    /// Whatever an instruction changes is among what it may write.
    @Test(arguments: InstructionSetTests.kernelForms)
    func isASuperset(line: String) throws {
        guard let instruction = try? instruction(line) else { return }
        let written = instruction.writtenRegisters
        var random = SeededNumbers(seed: UInt64(line.utf8.count))
        for run in 0..<64 {
            var registers = RegisterFile()
            for register in Register.allCases {
                registers[register] = run.isMultiple(of: 3) ? random.below(4).magnitudeBits : random.next()
            }
            registers.flags = run.isMultiple(of: 2) ? [] : [.carry, .zero, .sign]
            let before = registers
            // A comparison with the accumulator comes out either way.
            _ = instruction.execute(on: &registers, loaded: run.isMultiple(of: 5) ? before[.rax] : random.next())
            for register in Register.allCases where registers[register] != before[register] {
                #expect(written.contains(register), "\(line) writes \(register)")
            }
        }
    }

    @Test(arguments: [
        ("movl $1,%ebx", [Register.rbx]), ("movl %ebx,(x)", []), ("cmpl $1,%ebx", []),
        ("xchgl %eax,%ebx", [.rax, .rbx]),
        ("lock cmpxchgq %rcx,(x)", [.rax]), ("lock xaddl %edx,(x)", [.rdx]), ("cqto", [.rdx]),
        ("mull %ecx", [.rax, .rdx]),
        ("imulq %rcx,%rsi", [.rsi]), ("pushq %rcx", [.rsp]), ("popq %rcx", [.rcx, .rsp]), ("sete %cl", [.rcx]),
        ("cmovel %ecx,%edx", [.rdx]), ("call spin_lock(x)", []), ("mfence", []), ("incl %r9d", [.r9]), ("lahf", [.rax]),
    ])
    func areThese(line: String, registers: [Register]) throws {
        #expect(try instruction(line).writtenRegisters == Set(registers))
    }
}

extension Int {
    fileprivate var magnitudeBits: UInt64 { UInt64(magnitude) }
}
