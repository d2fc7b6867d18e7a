import CompiledTests
import Foundation
import TestSupport
import Testing

@testable import PteroCLI

/// What tests of C need of the machine they run on.
extension Installed {
    static let clang = (try? Clang()) != nil

    /// The newest header package of a version, for example "6.12".
    static func headers(_ version: String) -> String? {
        headerPackages(version).first { (try? KernelTree($0)) != nil }
    }

    static let bothHeaders = clang && headers("6.1") != nil && headers("6.12") != nil
}

extension Texts {
    /// A C test that needs no kernel.
    static let wrprotectInC = """
        C wrprotect-c
        "The helper of 6.1 leaves a shadow-stack entry."
        Include=linux/pgtable-6.1.h
        (* Result: Sometimes *)
        { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
        P0(pte_t *pte_x, int *x)
        {
            ptep_set_wrprotect(&init_mm, (unsigned long)x, pte_x);
            flush_tlb_page(x);
        }
        P1(int *x) { WRITE_ONCE(*x, 1); }
        exists (kernel_shadow_stack(x))

        """

    /// One that needs a kernel's sources.
    static let fromSources = """
        C from-sources
        Source=mm/memory.c
        Function=do_wp_page
        (* Result: Never *)
        { }
        P0(pte_t *pte_x) { }
        exists (kernel_shadow_stack(x))

        """
}

@Suite(.enabled(if: Installed.clang, "no clang")) struct CompiledTests {
    private func bench() throws -> Bench {
        let bench = try Bench()
        bench.environment["PATH"] = Installed.path
        try bench.write("a.litmus", Texts.wrprotectInC)
        return bench
    }

    @Test func checksLikeAnyTest() async throws {
        let bench = try bench()
        #expect(await bench.compile("check", "a.litmus") == .success, "\(bench.errors)")
        #expect(bench.output.contains("lock andb $-3,(%rdi)"))
        #expect(bench.output.hasSuffix("1 test: 1 as expected\n"))
        #expect(await bench.compile("check", "kernel:wrprotect", "--profile", "cet") == .success, "\(bench.errors)")
        #expect(bench.output.contains("wrprotect  Never"))
        bench.standardInput = Texts.wrprotectInC.replacing("Sometimes", with: "Never")
        #expect(await bench.compile("check", "-") == .unexpected)
    }

    @Test func replayTakesTheSameOptions() async throws {
        let bench = try bench()
        #expect(await bench.compile("check", "a.litmus", "--profile", "cet", "--cflags=-O1 -DUNUSED=1") == .success)
        let line = try #require(bench.output.split(separator: "\n").first { $0.hasPrefix("replay: ptero ") })
        #expect(line.contains("'--cflags=-O1 -DUNUSED=1' --witness "))
        let witness = try #require(line.split(separator: " ").last.map(String.init))
        #expect(
            await bench.compile(
                "replay", "a.litmus", "--profile", "cet", "--cflags=-O1 -DUNUSED=1", "--witness", witness)
                == .success)
        #expect(bench.output.contains("kernel_shadow_stack(x)"))
    }

    @Test func cflagsReachTheCompiler() async throws {
        let bench = try bench()
        try bench.write("a.litmus", Texts.wrprotectInC.replacing("(*x, 1)", with: "(*x, VALUE)"))
        #expect(await bench.compile("check", "a.litmus") == .badInput)
        #expect(bench.errors.hasPrefix("a.litmus:11:"), "\(bench.errors)")
        #expect(bench.errors.contains("'VALUE'"))
        #expect(await bench.compile("check", "a.litmus", "--cflags", "-DVALUE=1") == .success, "\(bench.errors)")
    }

    @Test func includesBeginInTheTestsFolder() async throws {
        let bench = try bench()
        try bench.write("t/own.h", "#define OWN_VALUE 1\n")
        let text = Texts.wrprotectInC.replacing("(*x, 1)", with: "(*x, OWN_VALUE)")
        try bench.write("t/a.litmus", text.replacing("Include=", with: "Include=own.h "))
        #expect(await bench.compile("check", "t/a.litmus") == .success, "\(bench.errors)")
        #expect(await bench.compile("check", "t") == .success, "\(bench.errors)")
        try bench.write("t/own.h", "nonsense;\n")
        #expect(await bench.compile("check", "t/a.litmus") == .badInput)
        #expect(bench.errors.contains("own.h:1:"), "\(bench.errors)")
        #expect(!bench.errors.contains("C wrprotect-c"), "a line of the test stands for one of the header")
    }

    @Test func showsMachineCodeBesideTheSource() async throws {
        let bench = try bench()
        #expect(await bench.compile("asm", "a.litmus", "kernel:zap") == .success, "\(bench.errors)")
        #expect(bench.output.hasPrefix("wrprotect-c\nP0: "))
        #expect(bench.output.contains("lock andb $-3,(%rdi)"))
        #expect(bench.output.contains(" | P1(int *x) { WRITE_ONCE(*x, 1); }\n"))
        #expect(bench.output.contains("\nzap\nP0: "))
        try bench.write("SB.litmus", Texts.storeBuffering)
        #expect(await bench.compile("asm", "SB.litmus") == .badInput)
        #expect(bench.errors.contains("SB.litmus: error: this is a test in columns"))
    }

    @Test func sourcesThatAreNotHere() async throws {
        let bench = try bench()
        try bench.write("t/SB.litmus", Texts.storeBuffering)
        try bench.write("t/from-sources.litmus", Texts.fromSources)
        // Named it is an error, found it is left out.
        #expect(await bench.compile("check", "t/from-sources.litmus") == .badInput)
        #expect(bench.errors.contains("--kernel-tree"))
        #expect(await bench.compile("check", "t") == .success)
        #expect(bench.errors == "")
        #expect(bench.output.contains("\n1 C test skipped: no kernel sources ("))
        #expect(bench.output.hasSuffix("1 test: 1 as expected, 1 skipped\n"))
        #expect(await bench.compile("check", "t", "--json", "--profile", "cet") == .success)
        #expect(bench.errors.hasPrefix("1 C test skipped: "))
        #expect(bench.output.split(separator: "\n").count == 1)
    }

    @Test func skippingEverythingIsNoSuccess() async throws {
        let bench = try bench()
        try bench.write("t/from-sources.litmus", Texts.fromSources)
        #expect(await bench.compile("check", "t") == .badInput)
        #expect(bench.errors.contains("1 C test skipped: "))
    }
}

@Suite struct CompilerlessTests {
    @Test func withoutClang() throws {
        let bench = try Bench()
        try bench.write("Package.swift", "")
        try bench.write(
            "Corpus/wrprotect/right.litmus",
            Texts.lockAnd.replacing("Sequence=lock-and", with: "Sequence=none").replacing(
                "cet=Sometimes", with: "cet=Never"
            )
            .replacing("lock andb $-3,(%rdi)  ", with: "nop"))
        try bench.write("Corpus/kernel/c.litmus", Texts.wrprotectInC)
        #expect(bench.run("check") == .success, "\(bench.errors)")
        #expect(bench.output.contains("works for everybody"))
        #expect(bench.output.contains("1 C test skipped: C tests need clang"))
        #expect(bench.output.contains("name one with --clang PATH"))
        #expect(bench.run("check", "Corpus/kernel/c.litmus") == .badInput)
        #expect(bench.errors.contains("C tests need clang"))
        // A sequence that was not asked all its questions does not work for everybody.
        try bench.write(
            "Corpus/kernel/c.litmus",
            Texts.wrprotectInC.replacing("Include=", with: "Sequence=none\nFailure=wrong\nInclude="))
        #expect(bench.run("check") == .success, "\(bench.errors)")
        #expect(!bench.output.contains("works for everybody"))
    }

    @Test func showPrintsCAsItIs() throws {
        let bench = try Bench()
        try bench.write("c.litmus", Texts.wrprotectInC)
        #expect(bench.run("show", "c.litmus") == .success)
        #expect(bench.output == Texts.wrprotectInC)
        try bench.write("c.litmus", "C a\n{}\n")
        #expect(bench.run("show", "c.litmus") == .badInput)
    }

    @Test(arguments: [
        (["check", "kernel:nothing"], "there is no kernel scenario of this name"),
        (["check", "kernel:zap", "--clang", "nothing"], "is not a program that can be run"),
        (["check", "kernel:zap", "--kernel-tree", "nothing"], "is not a directory"),
        (["check", "kernel:zap", "--kernel-source", "."], "--kernel-source needs --kernel-tree"),
        (["asm"], "Missing expected argument"), (["kernel"], "Missing expected argument"),
        (["kernel", "."], "is not a kernel tree"), (["kernel", "nothing"], "is not a directory"),
        (["kernel", "raw"], "is not prepared"), (["kernel", "arm"], "is not for x86-64"),
        (["kernel", "arm", "--compare", "raw"], "is not for x86-64"),
        (["kernel", ".", "--scenario", "nothing"], "there is no scenario nothing"),
        (["kernel", ".", "--profile", "nobody"], "there is no profile nobody"),
        (["kernel", ".", "--jobs", "0"], "--jobs must be"), (["kernel", ".", "--timeout", "0"], "--timeout must be"),
        (["kernel", ".", "--max-states", "0"], "--max-states must be"),
        (["kernel", ".", "--json", "-v"], "exclude each other"),
    ])
    func errorsSayWhatIsWrong(arguments: [String], message: String) throws {
        let bench = try Bench()
        try bench.write("raw/include/linux/mm.h", "")
        try bench.write("arm/include/linux/mm.h", "")
        try bench.write("arm/include/generated/autoconf.h", "#define CONFIG_ARM64 1\n")
        #expect(bench.run(arguments) == .badInput)
        #expect(bench.output == "")
        #expect(bench.errors.contains(message), "\(bench.errors)")
    }
}

@Suite(
    .compilesMuch,
    .enabled(if: Installed.bothHeaders, "no header packages of Linux 6.1 and 6.12, or no clang"))
struct KernelCommandTests {
    private let old = Installed.headers("6.1") ?? ""
    private let new = Installed.headers("6.12") ?? ""

    private func bench() throws -> Bench {
        let bench = try Bench()
        bench.environment["PATH"] = Installed.path
        // Room for whole verdicts in a line.
        bench.width = 112
        return bench
    }

    @Test func newHelpersWorkForEverybody() async throws {
        let bench = try bench()
        #expect(await bench.compile("kernel", new, "--scenario", "wrprotect", "--scenario", "ksm") == .success)
        let row = try #require(bench.output.split(separator: "\n").first { $0.hasPrefix("wrprotect") })
        #expect(row.hasSuffix("works for everybody") && row.contains("Never  Never"))
        #expect(bench.output.contains("fails on book\n"))
        #expect(bench.output.contains("A failure without ! is known"))
        #expect(!bench.output.contains("replay"))
        // What is not the kernel's own is said.
        #expect(
            bench.output.hasSuffix(
                """
                2 tests: 2 as expected
                assumed in ksm: Ptero's own text stands in for what is in .c files that a header package lacks: ptep_clear_flush
                assumed in ksm: a service of the machine instead of the kernel's code: flush_tlb_mm_range
                What the model leaves out: ptero limits

                """))
    }

    @Test func oldHelpersMakeShadowStackEntriesAndThatIsInformation() async throws {
        let bench = try bench()
        let arguments = ["--scenario", "wrprotect", "--scenario", "zap", "--scenario", "shadow-stack"]
        let profiles = ["--profile", "cet", "--profile", "late"]
        #expect(await bench.compile(["kernel", old] + arguments + profiles) == .success, "\(bench.output)")
        #expect(bench.output.contains(#/\nwrprotect +Never +Never +works on cet late\n/#), "\(bench.output)")
        #expect(bench.output.contains(#/\nshadow-stack +- +- +only for Linux 6\.6\.\.\n/#))
        #expect(bench.output.replacing("\n", with: " ").contains("breaks the rule in wrprotect. It does harm only"))
        // A test of one's own asks what it says, whatever the kernel.
        try bench.write("a.litmus", Texts.wrprotectInC)
        #expect(await bench.compile("check", "a.litmus", "--kernel-tree", old, "--profile", "late") == .success)
        // The page draws the run that breaks the rule, and says that it is no failure.
        #expect(await bench.compile(["kernel", old, "--html", "k.html"] + arguments + profiles) == .success)
        let html = try String(contentsOf: bench.folder.appendingPathComponent("k.html"), encoding: .utf8)
        #expect(html.contains("✕ breaks the rule of shadow stacks") && html.contains("no failure of this version"))
        #expect(html.contains("ptep_set_wrprotect"))
        // JSON has it too.
        #expect(await bench.compile(["kernel", old, "--json", "--profile", "cet"] + arguments) == .success)
        let lines = bench.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].contains("\"breaksShadowStackRule\": true"))
        #expect(lines[1].contains("\"breaksShadowStackRule\": false"))
    }

    @Test func comparisonMarksWhatChanged() async throws {
        let bench = try bench()
        let arguments = ["kernel", old, "--compare", new, "--scenario", "wrprotect", "--scenario", "zap"]
        #expect(await bench.compile(arguments) == .success)
        #expect(bench.output.contains(#/\n  wrprotect +works for everybody +works for everybody\n/#), "\(bench.output)")
        #expect(bench.output.contains(#/\n  shadow-stack rule +broken in 1 scenario.* part of each scenario\n/#))
        #expect(bench.output.contains("nothing differs"))
    }

    /// The 6.12 headers with one change to a file of `arch/x86/include/asm`; nil where they do not come as two packages.
    private func changed(_ bench: Bench, _ file: String, _ change: (String) -> String) throws -> String? {
        let manager = FileManager.default
        let common = new.replacing("-amd64", with: "-common")
        guard new.hasSuffix("-amd64"), manager.fileExists(atPath: common) else { return nil }
        let copy = bench.folder.appendingPathComponent("changed")
        // Links for all but what is changed.
        for source in [common, new] {
            let copying = Process()
            copying.executableURL = URL(fileURLWithPath: "/bin/sh")
            copying.arguments = ["-c", "cp -rsf \"$0\"/. \"$1\"", source, copy.path]
            try manager.createDirectory(at: copy, withIntermediateDirectories: true)
            try copying.run()
            copying.waitUntilExit()
            guard copying.terminationStatus == 0 else { return nil }
        }
        let path = copy.appendingPathComponent("arch/x86/include/asm/\(file)")
        let text = try String(contentsOf: path, encoding: .utf8)
        try manager.removeItem(at: path)
        let other = change(text)
        #expect(other != text)
        try other.write(to: path, atomically: false, encoding: .utf8)
        return copy.path
    }

    @Test func flushesThatAreNotAskedForAreMissed() async throws {
        let bench = try bench()
        let copy = try changed(bench, "tlbflush.h") {
            $0.replacing(
                "pte_needs_flush(pte_t oldpte, pte_t newpte)\n{",
                with: "pte_needs_flush(pte_t oldpte, pte_t newpte)\n{\n\treturn false;")
        }
        guard let copy else { return }
        for name in ["mprotect", "uffd-wp"] {
            #expect(await bench.compile("kernel", copy, "--scenario", name) == .unexpected, "\(bench.output)")
            #expect(bench.output.contains("fails everywhere\n"))
        }
        let both = ["--scenario", "mprotect", "--scenario", "wrprotect", "--profile", "strict"]
        #expect(await bench.compile(["kernel", copy, "--compare", new] + both) == .unexpected)
        #expect(bench.output.contains(#/\n\* mprotect +fails on strict +works on strict +strict\n/#), "\(bench.output)")
        #expect(bench.output.contains("\nOnly with Linux 6.12"))
        #expect(bench.output.contains("1 scenario differs"))
        let line = try #require(bench.output.split(separator: "\n").first { $0.hasPrefix("replay: ptero ") })
        let arguments = line.split(separator: " ").dropFirst(2).map(String.init)
        #expect(await bench.compile(arguments) == .success, "\(bench.errors)")
        #expect(await bench.compile(["kernel", new, "--compare", copy] + both) == .success)
        #expect(await bench.compile(["kernel", copy, "--compare", new, "--json"] + both) == .unexpected)
        let lines = bench.output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.prefix(2).allSatisfy { $0.contains("\"directory\": \"\(copy)\"") })
        #expect(lines.suffix(2).allSatisfy { $0.contains("\"directory\": \"\(new)\"") })
    }

    @Test func oneSlipIsToldOnce() async throws {
        let bench = try bench()
        let copy = try changed(bench, "pgtable.h") {
            $0.replacing(
                "static inline pte_t pte_mkold(pte_t pte)\n{",
                with: "static inline pte_t pte_mkold(pte_t pte)\n{\n\tslip = 1;")
        }
        guard let copy else { return }
        let names = ["zap", "fork", "ksm"].flatMap { ["--scenario", $0] }
        #expect(await bench.compile(["kernel", copy] + names) == .badInput)
        let lines = bench.errors.split(separator: "\n")
        #expect(lines.count { $0.contains("undeclared identifier 'slip'") } == 1, "\(bench.errors)")
        let text = bench.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.hasSuffix(": the same in ksm, zap"), "\(text)")
    }

    @Test func takesTheOptionsOfCheck() async throws {
        let bench = try bench()
        let zap = ["kernel", new, "--scenario", "zap"]
        #expect(await bench.compile(zap + ["--profile", "book", "--witness"]) == .success)
        #expect(bench.output.contains("zap on book: a shortest run to "))
        #expect(await bench.compile(zap + ["--profile", "cet", "-v"]) == .success)
        #expect(bench.output.contains("Observation zap Never 0 ") && bench.output.contains("works on cet"))
        #expect(await bench.compile(zap + ["--profile", "cet", "--max-states", "3"]) == .inconclusive)
        #expect(bench.output.contains("more than 3 states"))
        #expect(await bench.compile(zap + ["--profile", "cet", "--max-memory", "1K"]) == .inconclusive)
        try bench.write("src/Makefile", "VERSION = 5\nPATCHLEVEL = 4\nSUBLEVEL = 0\n")
        try bench.write("src/mm/memory.c", "")
        #expect(await bench.compile(zap + ["--kernel-source", "src"]) == .badInput)
        #expect(bench.errors.contains("is Linux 5.4.0, the headers are 6.12."))
    }

    @Test func jsonNamesTheKernel() async throws {
        let bench = try bench()
        #expect(await bench.compile("kernel", new, "--json", "--profile", "cet", "--scenario", "zap") == .success)
        #expect(bench.output.contains("\"kernel\": \"6.12."))
        #expect(bench.output.contains("\"file\": \"kernel:zap\""))
        #expect(bench.output.contains("\"directory\": \"\(new)\""))
        #expect(!bench.output.contains("breaksShadowStackRule"))
    }

    @Test func treesServeChecksAndListings() async throws {
        let bench = try bench()
        #expect(await bench.compile("asm", "kernel:wrprotect", "--kernel-tree", old) == .success)
        #expect(bench.output.contains("lock andb $-3,(%rdi)"))
        #expect(await bench.compile("asm", "kernel:wrprotect", "--kernel-tree", new) == .success)
        #expect(bench.output.contains("lock cmpxchgq"))
        #expect(
            await bench.compile("check", "kernel:wrprotect", "--kernel-tree", old, "--profile", "late") == .success)
        #expect(await bench.compile("check", "kernel:shadow-stack", "--kernel-tree", old) == .badInput)
        #expect(bench.errors.contains("is not among 6.6.."))
        // The test brings its own stand-ins along, which give way to the tree's helpers.
        try bench.write("a.litmus", Texts.wrprotectInC)
        #expect(await bench.compile("check", "a.litmus", "--kernel-tree", new, "--profile", "late") == .unexpected)
    }

    @Test func sourcesOfAnotherVersion() async throws {
        let bench = try bench()
        try bench.write("src/Makefile", "VERSION = 5\nPATCHLEVEL = 4\nSUBLEVEL = 0\n")
        try bench.write("src/mm/memory.c", "")
        #expect(await bench.compile("check", "kernel:zap", "--kernel-tree", new, "--kernel-source", "src") == .badInput)
        #expect(bench.errors.contains("is Linux 5.4.0, the headers are 6.12."))
    }
}
