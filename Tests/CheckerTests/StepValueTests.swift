import Foundation
import Litmus
import Machine
import TestSupport
import Testing
import X86Native

@testable import Checker
@testable import X86

/// What a step shows is what its own access read and wrote, whatever ran together with it.
@Suite struct StepValueTests {
    /// The forms of the native table; empty where the processor is not an x86-64.
    private static var native: [(text: String, form: UnsafePointer<X86NativeForm>)] {
        var count = 0
        guard let table = x86_native_forms(&count) else { return [] }
        return (0..<count).map { (String(cString: table[$0].text).replacing("%%", with: "%"), table + $0) }
    }

    /// Forms that native code cannot run as they are: absolute addresses, and jumps through memory.
    private static let others = [
        "movabsq m+512,%rax", "movabsb m+515,%al", "movabsl %eax,m+516", "movabsw %ax,m+512", "call L1\nL1:",
        "push %rbx\n pop (%rbx)", "movzbl 3(%rbx),%eax", "movsbq (%rbx),%rax",
        "movzwl 6(%rbx),%ecx", "btq $63,8(%rbx)", "setne 5(%rbx)", "testb $64,(%rbx)", "xchgb %ah,1(%rbx)",
        "movb %ch,(%rbx)", "lock btrl %esi,(%rbx)", "movl $3,%ecx\n rep lodsq", "movl $2,%ecx\n rep stosb",
    ]

    /// Compares a form; nil where it accesses nothing or cannot run with these operands.
    private func compare(_ text: String, seed: Int) throws -> FormBench? {
        guard let bench = try FormBench(text, seed: seed), !bench.events.isEmpty else { return nil }
        let (shown, locals) = try bench.shown()
        // A constant in the text needs no telling; others must be told.
        let isConstant = text.wholeMatch(of: /mov[bwlq]? \$[^,\n]*,[^,\n]*\(.*/) != nil
        let expected = bench.events.filter { !(isConstant && $0.event.read == nil) }
        #expect(shown.map(\.event) == expected.map(\.event), "\(text), seed \(seed)")
        #expect(locals >= 15, "\(text): each later register instruction is told with its own result")
        for ((event, register), (_, after)) in zip(shown, expected) {
            guard let register, let read = event.read else { continue }
            let operand = try #require(RegisterOperand(name: register), "\(register)")
            #expect(after[operand] == read, "\(text), seed \(seed): \(register)")
        }
        return bench
    }

    // One after the other: native code needs memory at one address.
    @Test(
        .serialized,
        arguments: Volume.isFull ? [0, 1] : [0])
    func everyFormThatAccessesMemoryShowsWhatX86SaysAndWhatTheProcessorDoes(_ seed: Int) throws {
        let memory = NativeMemory()
        let native = Self.native
        var compared: Set<String> = []
        var runs = 0
        for (text, form) in native {
            guard text.firstMatch(of: /\(|push|pop|leave|movs|stos|lods/) != nil,
                let bench = try compare(text, seed: seed)
            else { continue }
            compared.insert(text)
            guard let memory, let (registers, after) = memory.run(form, bench) else { continue }
            runs += 1
            if let last = bench.lastWritten {
                let offset = Int(last.address - FormBench.address)
                #expect(after[offset / 8] == bench.memoryAfter[offset / 8], "\(text), seed \(seed): memory")
            }
            let (shown, _) = try bench.shown()
            guard bench.program.instructions.count == 1, let last = shown.last, let register = last.register,
                let read = last.event.read
            else { continue }
            let operand = try #require(RegisterOperand(name: register))
            #expect(registers[operand] == read, "\(text), seed \(seed): \(register)")
        }
        for text in Self.others { if try compare(text, seed: seed) != nil { compared.insert(text) } }
        guard !native.isEmpty else { return }
        #expect(compared.count > 450)
        #expect(runs > 400)
        checkCoverage(compared)
    }

    /// Every mnemonic of `ptero isa` with a memory operand, or an implicit one, is among the forms.
    private func checkCoverage(_ forms: Set<String>) {
        let words = Set(
            forms.flatMap { form in
                form.split(whereSeparator: { $0 == "\n" }).compactMap { line in
                    line.split(separator: " ").first { !["lock", "rep"].contains($0) }.map(String.init)
                }
            })
        // No access: addresses only. Told by tests of their own: control flow, system.
        let elsewhere: Set = [
            "lea", "invlpg", "invpcid", "wrssd", "wrssq", "jmp", "call", "ret", "nop", "clflush", "clflushopt", "clwb",
        ]
        for mnemonic in InstructionSet.mnemonics
        where mnemonic.forms.contains(where: { $0.contains("mem") })
            || ["Stack", "Strings"].contains(mnemonic.group)
        {
            let spellings = ([mnemonic.name] + mnemonic.aliases).flatMap { name in
                [name] + ["b", "w", "l", "q", "bl", "bq", "wl", "wq", "lq", "bw"].map { name + $0 }
            }
            let isKnown =
                spellings.contains(where: words.contains) || elsewhere.contains(mnemonic.name)
                || mnemonic.name.hasPrefix("prefetch")
            #expect(isKnown, "no form of \(mnemonic.name)")
        }
    }
}

/// Memory at the machine's address, for native code to run on.
private final class NativeMemory {
    private let bytes: UnsafeMutableRawPointer

    init?() {
        #if arch(x86_64)
            let wanted = UnsafeMutableRawPointer(bitPattern: UInt(FormBench.address))
            let flags = MAP_PRIVATE | MAP_ANONYMOUS
            guard let got = mmap(wanted, 4096, PROT_READ | PROT_WRITE, flags, -1, 0), got == wanted else { return nil }
            bytes = got
        #else
            return nil
        #endif
    }

    deinit { munmap(bytes, 4096) }

    /// Registers and memory after a form; nil for forms that the processor may not have.
    func run(_ form: UnsafePointer<X86NativeForm>, _ bench: FormBench) -> (RegisterFile, [UInt64])? {
        let counts = bench.program.instructions.contains {
            if case .scan(let scan) = $0.operation { ![.forward, .reverse].contains(scan) } else { false }
        }
        if counts && x86_native_counts_bits() == 0 { return nil }
        let words = bytes.assumingMemoryBound(to: UInt64.self)
        for (number, word) in bench.memory.enumerated() { words[number] = word }
        var state = Register.allCases.map { bench.registers[$0] } + [bench.registers.flags.rawValue | 2, 0, 0]
        x86_native_run(&state, form)
        var after = RegisterFile()
        for register in Register.allCases { after[register] = state[Int(register.rawValue)] }
        return (after, (0..<FormBench.words).map { words[$0] })
    }
}
