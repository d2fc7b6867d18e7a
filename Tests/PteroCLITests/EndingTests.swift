import Foundation
import Report
import TestSupport
import Testing

@testable import PteroCLI

/// Every exit status that a manual page documents is one that the command has, shown by a run of it.
@Suite struct EndingTests {
    /// A command line and how it ends.
    struct Case: Sendable, CustomTestStringConvertible {
        var status: Report.ExitStatus
        var arguments: [String]
        /// What standard input says.
        var input = ""

        init(_ status: Report.ExitStatus, _ line: String, input: String = "") {
            self.status = status
            self.input = input
            arguments = line.split(separator: " ").map(String.init)
        }

        var command: String { arguments[0] }
        var testDescription: String { arguments.joined(separator: " ") }
    }

    /// Runs on the files that ``bench()`` makes.
    static let cases = [
        Case(.success, "check right.litmus"),
        Case(.unexpected, "check wrong.litmus"), Case(.unexpected, "check --strict empty.litmus"),
        Case(.badInput, "check none.litmus"), Case(.badInput, "check --no-such-option right.litmus"),
        Case(.badInput, "check problem"), Case(.badInput, "check right.litmus --output no/x.md"),
        Case(.inconclusive, "check --max-states 2 right.litmus"),
        Case(.success, "why right.litmus"), Case(.badInput, "why none.litmus"),
        Case(.inconclusive, "why --max-states 3 right.litmus"),
        Case(.success, "synth --length 1 --jobs 1 problem"),
        Case(.success, "synth --length 1 --jobs 1 --shard 1/2 --checkpoint c.jsonl problem"),
        Case(.unexpected, "synth --length 1 --jobs 1 hopeless"), Case(.badInput, "synth none"),
        Case(.inconclusive, "synth --length 1 --jobs 1 --max-states 1 problem"),
        Case(.badInput, "kernel nowhere"),
        Case(.success, "measure --show amd-epyc-zen4"), Case(.badInput, "measure --show nothing.json5"),
        Case(.success, "replay wrong.litmus --profile cet --witness 10"),
        Case(.success, "replay -i wrong.litmus --profile cet", input: "q\n"),
        Case(.badInput, "replay wrong.litmus --profile cet --witness 999"),
        Case(.success, "explore right.litmus --page page.html"),
        Case(.badInput, "explore none.litmus --page page.html"),
        Case(.success, "show right.litmus"), Case(.badInput, "show none.litmus"),
        Case(.badInput, "asm right.litmus"),
        Case(.success, "profiles"), Case(.badInput, "profiles nobody"),
        Case(.success, "properties"), Case(.badInput, "properties nothing"),
        Case(.success, "isa"), Case(.badInput, "isa nothing"),
        Case(.success, "limits"), Case(.badInput, "limits nothing"),
        Case(.success, "explain lost_dirty"), Case(.badInput, "explain nothing-at-all"),
        Case(.success, "new mytest"), Case(.badInput, "new right"),
        Case(.success, "manual check"), Case(.badInput, "manual chek"),
    ]

    /// What needs something that is not on every machine: runs of these are in the last tests, and in ``InterruptTests``.
    private static let needing: [(String, Report.ExitStatus)] = [
        ("asm", .success), ("kernel", .success), ("kernel", .unexpected), ("kernel", .inconclusive),
        ("measure", .inconclusive),
    ]

    /// A problem of one file for `ptero synth`.
    private static func problem(_ condition: String) -> String {
        """
        X86_64 a
        { [PTE(x)] = (oa:PA(x), rw:1, d:0); 0:rdi = PTE(x); }
         P0 | P1 ;
         ??wp {in rdi; scratch rax; only mov andb} | movl $1,(x) ;
         call flush_tlb_page(x) | ;
        starts (rw:1, d:*, a:1)
        ensures ([PTE(x)] = old with (rw:0))
        \(condition)
        """
    }

    private func bench() throws -> Bench {
        let bench = try Bench()
        try bench.write("right.litmus", try Checkout.text("Corpus/wrprotect/cmpxchg+write+lost-dirty.litmus"))
        try bench.write("wrong.litmus", Texts.lockAnd.replacing("cet=Sometimes", with: "cet=Never"))
        try bench.write(
            "empty.litmus",
            "X86_64 empty\n{ [PTE(x)] = (oa:PA(x), rw:1, d:0); }\n P0 ;\n movl (x),%eax ;\nexists (lost_dirty(x))\n")
        try bench.write("page.html", ExploreTests.page)
        try bench.write("problem/a.litmus", Self.problem("~exists (lost_dirty(x))"))
        try bench.write("hopeless/a.litmus", Self.problem("~exists ([PTE(x)].rw=0)"))
        return bench
    }

    @Test(arguments: cases) func endsAsTheManualSays(_ wanted: Case) throws {
        let bench = try bench()
        bench.standardInput = wanted.input
        #expect(bench.run(wanted.arguments) == wanted.status, "\(bench.output)\(bench.errors)")
    }

    /// Whatever fails without being the user's fault is a defect, of every command.
    @Test func whatNobodyForesawIsADefect() throws {
        struct Surprise: Error {}
        let bench = try bench()
        #expect(CommandLineInterface.ending(of: bench.surroundings) { throw Surprise() } == .defect)
    }

    @Test func everyStatusOfEveryPageIsShown() {
        var shown: [String: Set<Report.ExitStatus>] = [:]
        for (command, status) in Self.cases.map({ ($0.command, $0.status) }) + Self.needing {
            shown[command, default: [.defect]].insert(status)
        }
        for command in PteroCommand.configuration.subcommands {
            let name = command.configuration.commandName ?? ""
            let told = PteroCommand.endings(ofCommand: name).list.map(\.status)
            #expect(shown[name] == Set(told), "\(name)")
        }
    }

    @Test(.enabled(if: Installed.clang, "there is no clang")) func ofCompiledTests() async throws {
        let bench = try bench()
        bench.environment["PATH"] = Installed.path
        #expect(bench.run("new", "c", "--from", "kernel:wrprotect") == .success)
        #expect(await bench.compile("asm", "c.litmus") == .success, "\(bench.errors)")
    }

    @Test(.enabled(if: Installed.bothHeaders, "there is no clang, or there are no headers"))
    func ofKernels() async throws {
        let bench = try bench()
        bench.environment["PATH"] = Installed.path
        let tree = try #require(Installed.headers("6.12"))
        let header = "arch/x86/include/asm/pgtable.h"
        let common = tree.replacing("-amd64", with: "-common")
        let change = """
            mkdir "$0" && cp -rs "$1/." "$0" && cp -rsf "$2/." "$0" && rm "$0/\(header)" &&
            sed '/void ptep_set_wrprotect/,/^}/ s/pte_wrprotect(old_pte)/pte_clear_flags(old_pte, _PAGE_RW)/' \
                "$1/\(header)" > "$0/\(header)"
            """
        let copy = bench.folder.path + "/worse"
        #expect(try Program.run("sh", ["-c", change, copy, common, tree]).status == 0)
        let one = ["--scenario", "wrprotect", "--profile", "cet"]
        #expect(await bench.compile(["kernel", tree] + one) == .success, "\(bench.errors)")
        #expect(await bench.compile(["kernel", copy] + one) == .unexpected, "\(bench.errors)")
        #expect(await bench.compile(["kernel", copy, "--compare", tree] + one) == .unexpected)
        #expect(await bench.compile(["kernel", tree, "--compare", copy] + one) == .success)
        #expect(await bench.compile(["kernel", tree, "--max-states", "3"] + one) == .inconclusive)
    }
}
