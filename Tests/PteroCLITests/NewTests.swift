import CompiledTests
import Foundation
import TestSupport
import Testing

@testable import PteroCLI

@Suite struct NewTests {
    private func text(_ name: String, in bench: Bench) throws -> String {
        try String(contentsOf: bench.folder.appending(path: name), encoding: .utf8)
    }

    @Test func theStarterIsATestThatDoesWhatItExpects() throws {
        let bench = try Bench()
        #expect(bench.run("new", "mytest") == .success)
        try Golden.expect(bench.output, "new.txt")
        #expect(bench.run("check", "--strict", "mytest.litmus") == .success)
        #expect(bench.errors == "" && bench.output.contains("mytest"))
        // No file is replaced, whichever way it is spelled.
        let before = try text("mytest.litmus", in: bench)
        for name in ["mytest", "mytest.litmus", "./mytest"] {
            #expect(bench.run("new", name) == .badInput)
            #expect(bench.errors.contains("mytest.litmus is there already"))
        }
        #expect(try text("mytest.litmus", in: bench) == before)
    }

    @Test func copiesATestInColumns() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        try FileManager.default.createDirectory(
            at: bench.folder.appending(path: "sub"), withIntermediateDirectories: false)
        #expect(bench.run("new", "sub/b+c", "--from", "a.litmus") == .success, "\(bench.errors)")
        let copy = try text("sub/b+c.litmus", in: bench)
        #expect(copy.hasPrefix("X86_64 b+c\n") && copy.contains("from a.litmus"))
        bench.run("check", "--json", "a.litmus")
        let verdicts = bench.output.matches(of: /"observation": "[A-Za-z]+"/).map(\.output)
        bench.run("check", "--json", "sub/b+c.litmus")
        #expect(bench.output.matches(of: /"observation": "[A-Za-z]+"/).map(\.output) == verdicts)
        #expect(bench.errors == "")
    }

    @Test(arguments: KernelScenarios.all.map(\.name))
    func copiesEveryScenario(name: String) async throws {
        let bench = try Bench()
        #expect(bench.run("new", "mine", "--from", "kernel:\(name)") == .success, "\(bench.errors)")
        let copy = try text("mine.litmus", in: bench)
        #expect(copy.hasPrefix("C mine\n") && copy.contains("from kernel:\(name)."))
        #expect(bench.run("show", "mine.litmus") == .success, "\(bench.errors)")
        #expect(bench.errors == "")
    }

    @Test func aCopiedScenarioChecks() async throws {
        let bench = try Bench()
        bench.environment["PATH"] = Installed.path
        bench.run("new", "mine", "--from", "kernel:wrprotect")
        #expect(await bench.compile("check", "mine.litmus") == .success, "\(bench.errors)")
        #expect(bench.output.contains("mine") && bench.errors == "")
    }

    @Test func aCopyFindsWhatItIncludes() throws {
        let bench = try Bench()
        try bench.write("code/Entries.swift", "")
        try bench.write(
            "code/a.swift", "/* Swift a\nInclude=Entries.swift\n{\n}\nexists (true)\n*/\n@_cdecl(\"P0\") func f() {}\n")
        #expect(bench.run("new", "b", "--from", "code/a.swift") == .success, "\(bench.errors)")
        #expect(bench.output.contains("ptero check --swift b.swift"))
        let copy = try text("b.swift", in: bench)
        #expect(copy.hasPrefix("/* Swift b\nInclude=\(bench.folder.path)/code/Entries.swift\n(* Written by"))
        #expect(bench.run("new", "code/b", "--from", "code/a.swift") == .success)
        #expect(try text("code/b.swift", in: bench).contains("\nInclude=Entries.swift\n"))
    }

    @Test func refusesWhatItCannotWrite() throws {
        let bench = try Bench()
        func refused(_ arguments: String..., because reason: String) {
            #expect(bench.run(["new"] + arguments) == .badInput)
            #expect(bench.output == "" && bench.errors.contains(reason), "\(bench.errors)")
        }
        refused("two words", because: "is not a name for a test")
        refused("", because: "is not a name for a test")
        refused("folder/", because: "is not a name for a test")
        refused("none/mytest", because: "cannot be written")
        refused("x", "--from", "none.litmus", because: "there is no such file")
        refused("x", "--from", "kernel:none", because: "scenarios: ")
        try bench.write("bad.litmus", "X86_64 bad\n{\n}\n")
        refused("x", "--from", "bad.litmus", because: "bad.litmus:")
        try bench.write("comment.litmus", "(* here *) " + Texts.lockAnd)
        refused("x", "--from", "comment.litmus", because: "copy the file by hand")
        #expect(!FileManager.default.fileExists(atPath: bench.folder.path + "/x.litmus"))
        try FileManager.default.createSymbolicLink(
            atPath: bench.folder.path + "/link.litmus", withDestinationPath: "nowhere")
        refused("link", because: "link.litmus is there already")
    }
}
