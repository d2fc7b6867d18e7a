import Foundation
import Report
import TestSupport
import Testing

@testable import PteroCLI

@Suite struct WhyTests {
    /// A bench with a test of the corpus in it, where compilers are found.
    private func bench(_ path: String) throws -> Bench {
        let bench = try Bench()
        bench.environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
        bench.environment["PTERO_SOURCES"] = Checkout.file("Sources").path
        let text = try Checkout.text("Corpus/" + path)
        try bench.write(path.split(separator: "/").last.map(String.init) ?? path, text)
        return bench
    }

    /// The steps of the last output, by number: what they are, and what was found.
    private func steps(_ bench: Bench) throws -> [[String: Any]] {
        let object = try JSONSerialization.jsonObject(with: Data(bench.output.utf8)) as? [String: Any]
        return try #require(object?["steps"] as? [[String: Any]])
    }

    // MARK: What was derived by hand

    // Linux 6.6's loop: without `lock` hardware sets Dirty between the load and the store of the cmpxchg, and the store
    // wipes it out. The flush has no part in whether a bit is lost; that the entry is written and that P1 writes the page
    // is what the question is about.
    @Test func theLoopOfLinux66() throws {
        let bench = try bench("wrprotect/cmpxchg+write+lost-dirty.litmus")
        #expect(bench.run("why", "cmpxchg+write+lost-dirty.litmus") == .success)
        try Golden.expect(bench.output, "why-loop.txt")
        #expect(bench.run("why", "--json", "cmpxchg+write+lost-dirty.litmus") == .success)
        try Golden.expect(bench.output, "why-loop.json")
        let found = try steps(bench).map { "\($0["step"] ?? "") \($0["finding"] ?? "")" }
        #expect(
            found == ["lock needed", "write meaningless", "flush unneeded", "order unneeded", "store meaningless"])
    }

    // The dance: the exchange has to be one step, since Dirty can be set between load and store; it has to write, since
    // otherwise Dirty can be set after the entry was read; and the entry has to come back, with Dirty in SavedDirty. The
    // flush is for other questions.
    @Test func theExchangeDance() throws {
        let bench = try bench("wrprotect/dance-flush+write+lost-dirty.litmus")
        #expect(bench.run("why", "--output", "out", "dance-flush+write+lost-dirty.litmus") == .success)
        try Golden.expect(bench.output, "why-dance.txt")
        #expect(bench.run("why", "--json", "dance-flush+write+lost-dirty.litmus") == .success)
        let found = try steps(bench).map { "\($0["step"] ?? "") \($0["finding"] ?? "")" }
        #expect(
            found == [
                "lock needed", "write needed", "flush unneeded", "order unneeded", "store needed", "order unneeded",
                "store meaningless",
            ])
    }

    // A stale write is asked after a flush that follows the entry's write: without either of them, or with the flush
    // first, there is nothing to ask.
    @Test func whatAStaleWriteIsAskedAboutIsNotCounted() throws {
        let bench = try bench("wrprotect/cmpxchg+write+stale.litmus")
        #expect(bench.run("why", "--json", "cmpxchg+write+stale.litmus") == .success)
        let found = try steps(bench).map { "\($0["step"] ?? "") \($0["finding"] ?? "")" }
        #expect(
            found == ["lock unneeded", "write meaningless", "flush meaningless", "order meaningless", "store unneeded"])
    }

    @Test func aTestInC() async throws {
        let bench = try bench("kernel/wrprotect.litmus")
        #expect(await bench.compile("why", "--output", "out", "wrprotect.litmus") == .success)
        #expect(bench.output.contains("lock prefix of `lock cmpxchgq %rcx,(%rdi)`: needed"))
        #expect(bench.output.contains("coming after `ptep_set_wrprotect(&init_mm, (unsigned long)x,"))
        try await expectFilesAreAsReported(bench, "out", replayingEvery: 4)
    }

    @Test(.compilesMuch) func aTestInSwift() async throws {
        let bench = try bench("swift/exchange-flush+write.swift")
        let arguments = ["why", "--condition", "lost-dirty", "--output", "out", "exchange-flush+write.swift"]
        #expect(await bench.compile(arguments) == .success)
        #expect(bench.output.contains("needed, else lost_dirty(x)"))
        try await expectFilesAreAsReported(bench, "out", replayingEvery: 4)
    }

    // MARK: Files

    /// Every file checks to the verdicts that were reported, and replays as the line says.
    ///
    /// A replay compiles the test once more: of compiled tests a sample is replayed.
    private func expectFilesAreAsReported(
        _ bench: Bench, _ folder: String, replayingEvery step: Int = 1
    ) async throws {
        let lines = bench.output.split(separator: "\n").filter { $0.contains("ptero replay") }
        #expect(!lines.isEmpty)
        let isSwift = lines.contains { $0.contains(".swift") }
        #expect(await bench.compile(["check"] + (isSwift ? ["--swift"] : []) + [folder]) == .success)
        #expect(!bench.output.contains("unexpected"))
        for line in Volume.sample(lines, every: step) {
            let words = line.split(separator: " ").map(String.init)
            #expect(await bench.compile(Array(words.dropFirst())) == .success, "\(line) \(bench.errors)")
            #expect(bench.output.contains("lost_dirty") || bench.output.contains("lost"))
        }
    }

    @Test func removalsInColumnsAreTests() async throws {
        for name in ["cmpxchg+write+lost-dirty", "dance-flush+write+lost-dirty"] {
            let bench = try bench("wrprotect/\(name).litmus")
            #expect(bench.run("why", "--output", "out", "\(name).litmus") == .success)
            try await expectFilesAreAsReported(bench, "out")
        }
    }

    @Test func aFolderThatCannotBeMade() throws {
        let bench = try bench("wrprotect/lock-and+alone.litmus")
        try bench.write("taken", "")
        #expect(bench.run("why", "--output", "taken", "lock-and+alone.litmus") == .badInput)
        #expect(bench.errors.contains("cannot be written"))
    }

    // MARK: Other questions

    private static let sense = """
        X86_64 MP
        { }
         P0          | P1            ;
         movl $1,(x) | movl (y),%eax ;
         movl $1,(y) | movl (x),%ebx ;

        """

    @Test func aGoodForallIsAlways() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Self.sense + "forall (1:rax=0 \\/ 1:rbx=1)\n")
        #expect(bench.run("why", "a.litmus") == .success)
        #expect(bench.output.contains("is Always on every profile"))
        #expect(bench.output.contains("coming after `movl $1,(x)`: needed"))
        #expect(bench.output.contains("coming after `movl (y),%eax`: needed"))
        try bench.write("b.litmus", Self.sense + "~exists (1:rax=1 /\\ 1:rbx=0)\n")
        #expect(bench.run("why", "b.litmus") == .success)
        #expect(bench.output.contains("is Never on every profile"))
        #expect(bench.output.contains("coming after `movl $1,(x)`: needed"))
    }

    @Test func whatIsBadAlreadyIsNotJudged() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.storeBuffering)
        #expect(bench.run("why", "a.litmus") == .success)
        #expect(bench.output.contains("no step is judged"))
        #expect(bench.output.contains("not judged"))
    }

    @Test func nothingToTakeAway() throws {
        let bench = try Bench()
        try bench.write("a.litmus", "X86_64 a\n{ }\n P0 ;\n movl (x),%eax ;\nexists (0:rax=1)\n")
        #expect(bench.run("why", "a.litmus") == .success)
        #expect(bench.output.contains("no step that could be taken away"))
    }

    @Test func aLimitIsToldAndHasItsStatus() throws {
        let bench = try bench("wrprotect/cmpxchg+write+lost-dirty.litmus")
        #expect(bench.run("why", "--max-states", "3", "cmpxchg+write+lost-dirty.litmus") == .inconclusive)
        #expect(bench.output.contains("no step can be judged"))
    }

    @Test func badInput() throws {
        let bench = try Bench()
        try bench.write("a.litmus", "X86_64 a\n{ }\n P0 ;\n mvol (x),%eax ;\nexists (0:rax=1)\n")
        #expect(bench.run("why", "a.litmus") == .badInput)
        #expect(bench.errors.hasPrefix("a.litmus:4:"))
        #expect(bench.run("why", "b.litmus") == .badInput)
        #expect(bench.run("why", "--jobs", "0", "a.litmus") == .badInput)
    }

    /// `ptero why` over the corpus in columns: it answers, and every file that it writes is a test with that verdict.
    @Test(arguments: Volume.sample(Checkout.corpus, every: 60)) func theWholeCorpus(_ path: String) throws {
        let bench = try Bench()
        let status = bench.run("why", "--output", "out", Checkout.file("Corpus/" + path).path)
        #expect(status == .success, "\(path): \(bench.errors)")
        // Where no step can be taken away there is no file.
        guard FileManager.default.fileExists(atPath: bench.folder.appendingPathComponent("out").path) else { return }
        #expect(bench.run("check", "--json", "out") == .success, "\(bench.errors.prefix(2000))")
        #expect(bench.errors == "")
    }
}
