import CompiledTests
import Diagnostics
import Foundation
import Litmus
import TestSupport
import Testing
import X86

/// What a page for browsers has in place of a compiler: a compiled test as bytes beside its text, and back.
@Suite(.enabled(if: (try? Clang()) != nil, "no clang")) struct MachineCodeTests {
    /// Handlers of interrupts, data of its own and of each CPU, locals, a pointer in data, `BUG` and `WARN`.
    private static let sample = """
        C sample
        { [PTE(x)] = (oa:PA(x), rw:1, d:1); }
        int numbers[3] = { 1, 2, 3 };
        int *second = &numbers[1];
        P0(pte_t *pte_x, int *y)
        {
        	int r = READ_ONCE(*y);
        	WARN_ON(r == *second);
        	BUG_ON(r == 7);
        	asm volatile("1: lock andb $-3,%0; jc 1b" : "+m"(*(char *)pte_x));
        	send_ipi(1);
        }
        P1(int *x) { WRITE_ONCE(*x, 1); }
        P1_I() { asm volatile("addl $5,%%gs:count" ::: "memory", "cc"); }
        exists (0:r=1 /\\ [PTE(x)].d=0)
        """

    private static func compiled(_ text: String, tree: KernelTree? = nil) async throws -> (CompiledTest, LitmusTest) {
        let written = try CTest.parse(bytes: Array(text.utf8), file: "sample.litmus").test
        return (try await Sample.compile(text, tree: tree), written)
    }

    private static func machineCode(_ compiled: CompiledTest, _ written: LitmusTest) throws -> MachineCode {
        try MachineCode(
            of: compiled.test, written: written, assumptions: compiled.assumptions, options: ["--cflags=-O1"])
    }

    @Test func aCompiledTestIsReadAsItWasWritten() async throws {
        let (compiled, written) = try await Self.compiled(Self.sample)
        let code = try Self.machineCode(compiled, written)
        let text = Array(Self.sample.utf8)
        let read = try MachineCode(bytes: code.bytes(for: text), for: text)
        #expect(read == code)
        #expect(try read.applied(to: written).test == compiled.test)
        #expect(read.assumptions == compiled.assumptions && read.options == ["--cflags=-O1"])
        #expect(compiled.test.compiled?.bugProcessors == [0])
        #expect(compiled.test.interrupts[1]?.program.instructions.isEmpty == false)
        #expect(compiled.test.compiled?.origins.contains { !$0.warnings.isEmpty } == true)
    }

    @Test func swiftToo() async throws {
        let text = try Checkout.text("Corpus/swift/clear-flush+write.swift")
        let written = try SwiftTest.parse(bytes: Array(text.utf8), file: "sample.swift").test
        let compiled = try await SwiftSample.compile(text)
        let code = try Self.machineCode(compiled, written)
        let read = try MachineCode(bytes: code.bytes(for: Array(text.utf8)), for: Array(text.utf8))
        #expect(try read.applied(to: written).test == compiled.test)
    }

    @Test(
        .enabled(if: Sample.headers("6.12") != nil && Sample.headers("6.1") != nil, "no headers of Linux 6.1 and 6.12"),
        arguments: ["6.1", "6.12"])
    func kernelCodeWithAndWithoutTheRuleOfShadowStacks(_ version: String) async throws {
        let text = try Sample.corpus("fork.litmus")
        let (compiled, written) = try await Self.compiled(text, tree: Sample.headers(version))
        let (rest, rule) = compiled.test.withoutShadowStackRule()
        #expect(rule != nil && rest != compiled.test)
        let code = try MachineCode(
            of: rest, written: written, leavesShadowStackRule: true, assumptions: compiled.assumptions, options: [])
        let bytes = try code.bytes(for: Array(text.utf8))
        let read = try MachineCode(bytes: bytes, for: Array(text.utf8)).applied(to: written)
        #expect(read.test == rest && read.rule?.condition == rule?.condition)
        #expect(throws: MachineCode.Damage.self) { try Self.machineCode(CompiledTest(rest, compiled), written) }
    }

    @Test func anotherTextOrVersionIsRefused() async throws {
        let (compiled, written) = try await Self.compiled(Self.sample)
        let code = try Self.machineCode(compiled, written)
        let text = Array(Self.sample.utf8)
        let bytes = try code.bytes(for: text)
        func refused(_ bytes: [UInt8], _ text: [UInt8]) {
            #expect(throws: MachineCode.Damage.self) { try MachineCode(bytes: bytes, for: text) }
        }
        refused(bytes, text + [10])
        refused([], text)
        refused(Array("ptero machine code 0".utf8) + bytes.dropFirst(20), text)
        var random = SeededNumbers(seed: 1)
        for _ in 0..<300 {
            var changed = bytes
            changed[random.below(bytes.count)] ^= UInt8(1 + random.below(255))
            refused(changed, text)
            refused(Array(bytes.prefix(random.below(bytes.count))), text)
        }
        let other = try CTest.parse(bytes: Array("C other\n{}\nP0(int *x) {}\nexists (x=0)".utf8)).test
        #expect(throws: MachineCode.Damage.self) { try code.applied(to: other) }
    }

    /// Somebody may make bytes by hand, with the right digest.
    @Test func bytesMadeByHandAreACodeOrDamage() async throws {
        let (compiled, written) = try await Self.compiled(Self.sample)
        let bytes = try Self.machineCode(compiled, written).bytes(for: [])
        let start = try #require(bytes.firstIndex(of: 10)) + 1
        var random = SeededNumbers(seed: 20261130)
        var refused = 0
        let rounds = Volume.rounds("PTERO_FUZZ_ROUNDS", full: 20_000, sample: 1_000)
        for _ in 0..<rounds {
            var rest = Array(bytes[start...])
            for _ in 0...random.below(3) { rest[random.below(rest.count)] = UInt8(random.below(256)) }
            let forged = Array("ptero machine code 1 \(Digest.text(of: rest))\n".utf8) + rest
            guard let code = try? MachineCode(bytes: forged, for: []) else {
                refused += 1
                continue
            }
            _ = try? code.applied(to: written)
        }
        #expect(refused > rounds / 4 && refused < rounds)
    }
}

extension CompiledTest {
    /// The same with another test.
    fileprivate init(_ test: LitmusTest, _ compiled: CompiledTest) {
        self = compiled
        self.test = test
    }
}
