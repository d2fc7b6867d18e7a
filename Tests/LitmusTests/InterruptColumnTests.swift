import Litmus
import Testing
import X86

/// Columns `Pn.I`, and the services that are about other CPUs and address spaces.
@Suite struct InterruptColumnTests {
    private static let sample = Sample.test(
        program: " P0                | P1                    | P1.F  | P1.I       ;\n"
            + " call send_ipi(P1) | call enter_lazy_tlb() | iretq | invlpg (x) ;\n"
            + "                   | call switch_mm(mm)    |       | iretq      ;\n")

    @Test func aColumnIsReadAndWritten() throws {
        let test = try parsed(Self.sample)
        #expect(test.interrupts.keys.sorted() == [1])
        #expect(test.handlers.keys.sorted() == [1])
        #expect(test.interrupts[1]?.program.instructions.map(\.text) == ["invlpg (x)", "iretq"])
        #expect(test.columns.count == 4)
        let again = try parsed(LitmusWriter.text(of: test))
        #expect(again.isSame(as: test))
        var other = test
        other.interrupts = [:]
        #expect(!other.isSame(as: test))
    }

    @Test(arguments: [
        FaultCase(Sample.test(program: " P0 | P1.I ;\n nop | iretq ;\n"), "the interrupt handler P1.I", at: "P1.I"),
        FaultCase(
            Sample.test(program: " P0 | P0.I ;\n nop | nop ;\n"), "P0.I does not end in `iretq`", at: "n",
            remedy: "iretq"),
        FaultCase(
            Sample.test(program: " P0 | P0.I ;\n nop | hlt ;\n | iretq ;\n"), "`hlt` does not end", at: "hlt"),
        FaultCase(
            Sample.test(program: " P0 | P1 | P1.I ;\n call send_ipi(P2) | nop | iretq ;\n"),
            "takes the name of a CPU, and `P2` is none", at: "call send_ipi(P2)", remedy: "P0 to P1"),
        FaultCase(
            Sample.test(program: " P0 | P1 ;\n call send_ipi(P1) | nop ;\n"), "P1 has no interrupt handler",
            at: "call send_ipi(P1)", remedy: "P1.I"),
        FaultCase(
            Sample.test(program: " P0 | P0.I ;\n call send_ipi(P0) | iretq ;\n"), "P0 interrupts itself",
            at: "call send_ipi(P0)"),
        FaultCase(
            Sample.test(program: " P0 | P0.I ;\n nop | call flush_tlb_mm() ;\n | iretq ;\n"),
            "flush_tlb_mm in an interrupt handler waits for other CPUs", at: "call flush_tlb_mm()"),
    ])
    func faults(_ fault: FaultCase) { fault.check() }
}
