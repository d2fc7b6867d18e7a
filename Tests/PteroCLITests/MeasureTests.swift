import CompiledTests
import Foundation
import TestSupport
import Testing

@testable import PteroCLI

extension Installed {
    /// Whether this machine has what is timed, and a compiler.
    static let canMeasure: Bool = {
        #if os(Linux) && arch(x86_64)
            clang
        #else
            false
        #endif
    }()
}

/// `ptero measure` without its figures, which are another machine's every time.
@Suite struct MeasureTests {
    private static let hangs = """
        X86_64 hangs
        { [PTE(x)] = (oa:PA(x), rw:1, d:0); 0:rdi = PTE(x); }
         P0 ;
         L0: testb $1,(%rdi) ;
         jne L0 ;
        exists (lost_dirty(x))

        """

    private static let divides = """
        X86_64 divides
        { [PTE(x)] = (oa:PA(x), rw:1, d:0); 0:rdi = PTE(x); }
         P0 ;
         xorl %ecx,%ecx ;
         divl %ecx ;
        exists (lost_dirty(x))

        """

    @Test(.takesLong, .enabled(if: Installed.canMeasure, "no x86-64 Linux with clang"))
    func quickly() async throws {
        let bench = try Bench()
        bench.environment["PATH"] = Installed.path
        try bench.write("a.litmus", Texts.lockAnd)
        try bench.write("hangs.litmus", Self.hangs)
        try bench.write("divides.litmus", Self.divides)
        let status = await bench.compile(
            "measure", "--quick", "a.litmus", "hangs.litmus", "divides.litmus", "--json", "--cost-file", "m.json5",
            "--svg", "m.svg")
        // On a machine that is very busy not even the unit has a figure; then no file is written.
        guard status == .success else {
            #expect(status == .inconclusive, "\(bench.errors)")
            return
        }
        let lines = bench.output.split(separator: "\n")
        #expect(lines.first?.contains("\"machine\"") == true)
        #expect(
            lines.contains {
                $0.hasPrefix("{\"schema\": \"ptero-measure/1\", \"item\": \"locked1\", \"setting\": \"entries512\", ")
            })
        #expect(lines.count { $0.contains("\"sequence\": \"lock-and+write+exposed\"") } == 5, "\(bench.output)")
        #expect(lines.count { $0.contains("\"hangs\"") && $0.contains("does not end") } == 5, "\(bench.output)")
        #expect(lines.count { $0.contains("\"divides\"") && $0.contains("signal 8") } == 5, "\(bench.output)")
        #expect(bench.run("measure", "--show", "m.json5") == .success, "\(bench.errors)")
        #expect(bench.output.contains("mfence") && !bench.output.contains("unusable"))
        let picture = try String(contentsOf: bench.folder.appendingPathComponent("m.svg"), encoding: .utf8)
        #expect(picture.hasPrefix("<svg ") && picture.hasSuffix("</svg>\n"))
    }

    @Test func showsWhatShips() throws {
        let bench = try Bench()
        #expect(bench.run("measure", "--show") == .success)
        #expect(bench.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(bench.output.contains("AMD EPYC (Zen 4") && bench.output.contains("(Emerald Rapids"))
        #expect(bench.run("measure", "--show", "--json", "amd-epyc-zen4") == .success)
        #expect(bench.output.hasPrefix("{\"schema\": \"ptero-measure/1\", \"machine\": \"AMD EPYC"))
        #expect(bench.run("measure", "--show", "--json", "intel-emerald-rapids") == .success)
        #expect(
            bench.output.hasPrefix(
                "{\"schema\": \"ptero-measure/1\", \"machine\": \"Intel(R) Xeon(R) Processor (Emerald Rapids"))
    }

    @Test func aFileOfAnotherShapeIsToldWithItsPlace() throws {
        let bench = try Bench()
        try bench.write("bad.json5", "{\n  machine: \"x\", date: \"\",\n  entries512: { lokced1: 1 },\n}\n")
        #expect(bench.run("measure", "--show", "bad.json5") == .badInput)
        #expect(
            bench.errors == """
                bad.json5:3:26: error: there is no building block lokced1
                  entries512: { lokced1: 1 },
                                         ^
                  remedy: did you mean `locked1`?

                """)
        #expect(bench.run("measure", "--show", "none.json5") == .badInput)
        #expect(bench.errors.contains("none.json5: error: there is no such file") && bench.errors.contains("remedy"))
        try bench.write("binary.json5", bytes: [0xff, 0xfe])
        #expect(bench.run("measure", "--show", "binary.json5") == .badInput)
        #expect(bench.errors.contains("not a file of prices"))
    }

    @Test func whatCannotBeReadOrBuiltIsSaid() async throws {
        let bench = try Bench()
        bench.environment["PATH"] = "/nowhere"
        #expect(bench.run("measure") == .badInput)
        #expect(bench.errors.contains("is built with clang") && bench.errors.contains("remedy: install"))
        bench.environment["PATH"] = Installed.path
        guard Installed.canMeasure else { return }
        try bench.write("bad.litmus", "X86_64 bad\n{ }\n P0 ;\n movx ;\nexists (lost_dirty(x))\n")
        #expect(await bench.compile("measure", "bad.litmus", "none.litmus") == .badInput)
        #expect(bench.errors.contains("bad.litmus:4:2: error") && bench.errors.contains("none.litmus: error"))
        try bench.write("clang", "#!/bin/sh\necho 'x.c:1:1: error: no linker' >&2\nexit 1\n")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: bench.folder.appendingPathComponent("clang").path)
        #expect(await bench.compile("measure", "--clang", "./clang") == .badInput)
        #expect(bench.errors.contains("could not be built: x.c:1:1: error: no linker"))
    }

    @Test(arguments: [
        ["--show", "--quick"], ["--show", "--cost-file", "x"], ["--show", "--svg", "x", "a", "b"],
        ["--show", "--clang", "x"],
    ])
    func optionsThatExcludeEachOther(_ arguments: [String]) throws {
        let bench = try Bench()
        #expect(bench.run(["measure"] + arguments) == .badInput)
        #expect(bench.errors.contains("--show"))
    }

    @Test func theMachinesNameIsReadFromTheKernelsText() {
        let text =
            "processor : 0\nmodel name\t: A  CPU\ncpu family : 25\nmodel : 17\nstepping : 1\nflags : fpu hypervisor\n\n"
        #expect(
            MachineName.processor(text + "model name : other\n") == "A CPU (family 25, model 17, stepping 1, virtual)")
        let intel = "vendor_id : GenuineIntel\ncpu family : 6\nmodel : 207\nmodel name : Intel(R) Xeon(R) Processor\n"
        #expect(
            MachineName.processor(intel + "stepping : 2\nflags : fpu hypervisor\n")
                == "Intel(R) Xeon(R) Processor (Emerald Rapids, family 6, model 207, stepping 2, virtual)")
        #expect(MachineName.processor("model name : B") == "B")
        #expect(MachineName.processor("") == nil && MachineName.processor("flags : x\n") == nil)
        #expect(MachineName.today().count == 10)
    }

    @Test func progressIsShownOnceAndErased() {
        let captured = CapturedOutput()
        let meter = CountMeter(captured.output(isTerminal: true), of: 3, "figures")
        meter.show(1)
        meter.erase()
        #expect(captured.text == "")
    }
}
