import Foundation
import Litmus
import Machine
import Synchronization
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

    private static let seeds = Volume.isFull ? [0, 1] : [0]
    /// The forms are shared out among so many tests, which run side by side.
    private static let parts = 4

    /// What is compared: a form with these operands and what its only run shows.
    private typealias Comparison = (bench: FormBench, shown: [(event: FormBench.Event, register: String?)])

    /// The form of a text with operands; nil where it accesses nothing or cannot run with them.
    private static func bench(_ text: String, seed: Int) throws -> FormBench? {
        try FormBench(text, seed: seed).flatMap { $0.events.isEmpty ? nil : $0 }
    }

    private static func mayAccessMemory(_ text: String) -> Bool {
        text.firstMatch(of: /\(|push|pop|leave|movs|stos|lods/) != nil
    }

    /// Compares a form; nil where it accesses nothing or cannot run with these operands.
    private func compare(_ text: String, seed: Int) throws -> Comparison? {
        guard let bench = try Self.bench(text, seed: seed) else { return nil }
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
        return (bench, shown)
    }

    @Test(arguments: seeds, 0..<parts)
    func everyFormThatAccessesMemoryShowsWhatX86SaysAndWhatTheProcessorDoes(_ seed: Int, _ part: Int) throws {
        let forms = Self.native.enumerated().filter { $0.offset % Self.parts == part }.map { $0.element }
        var runs = 0
        for (text, form) in forms {
            guard Self.mayAccessMemory(text), let (bench, shown) = try compare(text, seed: seed),
                let (registers, after) = NativeMemory.run(form, bench)
            else { continue }
            runs += 1
            if let last = bench.lastWritten {
                let offset = Int(last.address - FormBench.address)
                #expect(after[offset / 8] == bench.memoryAfter[offset / 8], "\(text), seed \(seed): memory")
            }
            guard bench.program.instructions.count == 1, let last = shown.last, let register = last.register,
                let read = last.event.read
            else { continue }
            let operand = try #require(RegisterOperand(name: register))
            #expect(registers[operand] == read, "\(text), seed \(seed): \(register)")
        }
        for (number, text) in Self.others.enumerated() where number % Self.parts == part {
            _ = try compare(text, seed: seed)
        }
        #expect(forms.isEmpty || runs > 400 / Self.parts)
    }

    @Test(arguments: seeds) func theFormsThatAreComparedAreThoseOfAllMnemonics(_ seed: Int) throws {
        let native = Self.native.map { $0.text }
        guard !native.isEmpty else { return }
        let compared = try (native.filter(Self.mayAccessMemory) + Self.others).filter {
            try Self.bench($0, seed: seed) != nil
        }
        #expect(Set(compared).count > 450)
        checkCoverage(Set(compared))
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

/// Memory at the machine's address, for native code to run on, one form after the other.
private final class NativeMemory {
    nonisolated(unsafe) private static let shared = NativeMemory()
    private static let turn = Mutex(())

    /// Registers and memory after a form; nil where there is no such memory, and for forms that the processor may not have.
    static func run(_ form: UnsafePointer<X86NativeForm>, _ bench: FormBench) -> (RegisterFile, [UInt64])? {
        turn.withLock { _ in shared?.run(form, bench) }
    }

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

    private func run(_ form: UnsafePointer<X86NativeForm>, _ bench: FormBench) -> (RegisterFile, [UInt64])? {
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
