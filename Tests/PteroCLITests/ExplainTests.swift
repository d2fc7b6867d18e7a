import Foundation
import Litmus
import Machine
import TestSupport
import Testing
import X86

@testable import PteroCLI

@Suite struct ExplainTests {
    @Test func explainsWhatTheOtherCommandsExplain() throws {
        let bench = try Bench()
        bench.run("properties", "lost_dirty")
        let property = bench.output
        #expect(bench.run("explain", "lost_dirty") == .success)
        #expect(bench.output == property)
        // In the spellings that `ptero properties` takes.
        bench.run("explain", "lost-dirty(x)")
        #expect(bench.output == property)
        bench.run("isa", "cmpxchg")
        let instruction = bench.output
        bench.run("isa", "flush_tlb_page")
        let service = bench.output
        #expect(bench.run("explain", "cmpxchg", "flush_tlb_page") == .success)
        #expect(bench.output == instruction + "\n" + service)
        #expect(bench.run("explain", "late") == .success)
        #expect(bench.output.hasPrefix("profile") && bench.output.contains("\nlate "))
        #expect(!bench.output.contains("\ncet "))
        #expect(!bench.output.contains("Checked only where"))
        #expect(bench.run("explain", "herd7") == .success)
        #expect(bench.output.contains("Checked only where somebody names them"))
    }

    @Test func everyNameOfTheListHasAnExplanation() throws {
        let bench = try Bench()
        try bench.write("Package.swift", "")
        try bench.write("Documentation/litmus.md", "# The test language\n\n<!-- output of: x -->\ntext\n")
        #expect(bench.run("explain") == .success)
        let names = bench.output.split(separator: "\n").filter { $0.hasPrefix("    ") }
            .flatMap { $0.split(separator: " ").map(String.init) }
        #expect(names.contains("litmus") && names.contains("stuck") && names.contains("knl"))
        #expect(bench.run(["explain"] + names) == .success, "\(bench.errors)")
        for name in ["litmus", "litmus.md", "Documentation/litmus.md"] {
            #expect(bench.run("explain", name) == .success)
            #expect(bench.output == "# The test language\n\ntext\n")
        }
    }

    @Test func explainsWhatATestNames() throws {
        let bench = try Bench()
        try bench.write(
            "a.litmus", Texts.lockAnd.replacing("exists", with: "(* written and stuck are words *)\nexists"))
        #expect(bench.run("explain", "a.litmus") == .success, "\(bench.errors)")
        #expect(bench.output.hasPrefix("lock-and+write+exposed\n\"What the locked AND"))
        #expect(bench.output.contains("\nshadow_stack_exposed(x)\n") && bench.output.contains("call flush_tlb_page(x)"))
        #expect(!bench.output.contains("\nwritten(x)") && !bench.output.contains("\nstuck(P0)"))
        #expect(bench.run("explain", "kernel:fork") == .success)
        #expect(bench.output.hasPrefix("fork\n") && bench.output.contains("\nlost_dirty(x)\n"))
        #expect(bench.run("explain", "kernel:none") == .badInput)
        try bench.write("bad.litmus", "X86_64 bad\n{\n}\n")
        #expect(bench.run("explain", "bad.litmus") == .badInput)
        #expect(bench.errors.contains("bad.litmus:"))
        try FileManager.default.createDirectory(
            at: bench.folder.appending(path: "folder"), withIntermediateDirectories: false)
        #expect(bench.run("explain", "folder") == .badInput)
    }

    @Test func findsTheDocumentationOfAnInstallation() throws {
        let bench = try Bench()
        try bench.write("share/ptero/Documentation/why.md", "# Why\n")
        bench.executable = bench.folder.path + "/bin/ptero"
        #expect(bench.run("explain", "why") == .success)
        #expect(bench.output == "# Why\n")
    }

    @Test func unknownNamesAreErrors() throws {
        let bench = try Bench()
        func refused(_ name: String, because reason: String) {
            #expect(bench.run("explain", "late", name) == .badInput)
            #expect(bench.output == "" && bench.errors.contains(reason), "\(bench.errors)")
        }
        refused("lost_drity", because: "did you mean `lost_dirty`?")
        refused("shadow_stack_expsed(x)", because: "did you mean `shadow_stack_exposed`?")
        refused("cmpxchh", because: "did you mean `cmpxchg`?")
        refused("rdtsc", because: "is refused")
        refused("what is this", because: "`ptero explain` lists what is; the documentation is not installed")
        refused("", because: "there is nothing known of")
        refused("a\u{1b}[31m", because: "nothing known of a?[31m")
    }
}
