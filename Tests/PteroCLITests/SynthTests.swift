import Foundation
import Report
import TestSupport
import Testing

@testable import PteroCLI

/// `ptero synth`.
@Suite struct SynthTests {
    /// A bench with a problem that takes a moment: W is to go, no write may be lost.
    private func bench(condition: String = "~exists (lost_dirty(x))", contract: String = "only mov andb and cmpxchg")
        throws
        -> Bench
    {
        let bench = try Bench()
        for (name, entry) in [("clean", "d:0"), ("dirty", "d:1")] {
            try bench.write(
                "problem/\(name).litmus",
                """
                X86_64 \(name)
                Failure=a write is lost
                { [PTE(x)] = (oa:PA(x), rw:1, \(entry)); 0:rdi = PTE(x); }
                 P0 | P1 ;
                 ??wp {in rdi; scratch rax rcx; \(contract)} | movl $1,(x) ;
                 call flush_tlb_page(x) | ;
                starts (rw:1, d:*, a:1)
                ensures ([PTE(x)] = old with (rw:0))
                \(condition)
                """)
        }
        return bench
    }

    private let small = ["synth", "--jobs", "1", "--length", "2", "problem"]

    /// The report of the whole search as JSON; searched for once.
    private static let whole = Result {
        let tests = SynthTests()
        let bench = try tests.bench()
        #expect(bench.run(tests.small + ["--json"]) == .success)
        return bench.output
    }

    @Test func theReport() throws {
        let bench = try bench()
        #expect(bench.run(small) == .success)
        try Golden.expect(bench.output, "synth.txt")
        let whole = try Self.whole.get()
        try Golden.expect(whole, "synth.json")
        #expect(whole.split(separator: "\n").count == 1)
    }

    @Test func whatIsWrittenIsConfirmed() throws {
        let bench = try bench()
        #expect(bench.run(small + ["--output", "found"]) == .success)
        #expect(bench.run("check", "found") == .success)
        #expect(bench.run("check", "--reference", "found") == .success)
        #expect(bench.output.contains("answer-1+clean") || bench.output.contains("as expected"))
    }

    /// What an earlier search wrote goes, and nothing else.
    @Test(.takesLong) func theFolderHoldsOneSearch() throws {
        let bench = try bench()
        #expect(bench.run(small + ["--top", "3", "--output", "found"]) == .success)
        func answers() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: bench.folder.appendingPathComponent("found").path)
                .filter { $0.hasPrefix("answer-") }.sorted()
        }
        let all = try answers()
        #expect(all.count > 1)
        try bench.write("found/answer-77/answer-77+clean.litmus", "old")
        try bench.write("found/answer-1/notes.txt", "mine")
        try bench.write("found/answer-78/notes.txt", "mine")
        try bench.write("found/answer-x/answer-x+clean.litmus", "mine")
        #expect(bench.run(small + ["--top", "1", "--output", "found"]) == .success)
        // One answer, and the cheapest of each other shape.
        #expect(
            try answers().filter { Int($0.dropFirst(7)) != nil } == ["answer-1", "answer-2", "answer-3", "answer-78"])
        for name in ["answer-1/notes.txt", "answer-78/notes.txt", "answer-x/answer-x+clean.litmus"] {
            #expect(try bench.read("found/" + name) == "mine")
        }
        let one = bench.folder.appendingPathComponent("found/answer-1").path
        #expect(try FileManager.default.contentsOfDirectory(atPath: one).count == 3)
        #expect(bench.run("check", "found/answer-1") == .success)
    }

    /// Prices of every machine that ships are told, whichever ranks.
    @Test(
        .takesLong, arguments: [("amd-epyc-zen4", "intel-emerald-rapids"), ("intel-emerald-rapids", "amd-epyc-zen4")])
    func pricesOfEveryShippedMachine(_ ranking: String, _ other: String) throws {
        let bench = try bench()
        #expect(bench.run(small + ["--costs", ranking]) == .success)
        #expect(bench.output.contains("      \(other): ") && !bench.output.contains("      \(ranking): "))
        #expect(bench.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(bench.output.contains("ptero measure DIR/answer-1"))
        #expect(bench.run(small + ["--costs", ranking, "--json"]) == .success)
        #expect(bench.output.contains("\"elsewhere\": [{\"name\": \"\(other)\""))
    }

    /// The hole's contract says how far is searched where the command does not.
    @Test(.takesLong) func theContractSaysHowLong() throws {
        let bench = try bench(contract: "length 2; only mov andb and cmpxchg")
        #expect(bench.run("synth", "--jobs", "1", "problem") == .success)
        #expect(bench.output.contains("sequences of up to 2 instructions without a jump"))
        #expect(bench.run("synth", "--jobs", "1", "--length", "1", "problem") == .success)
        #expect(bench.output.contains("sequences of up to 1 instruction without a jump"))
        #expect(bench.run("synth", "--jobs", "1", "--length", "3", "problem") == .success)
        #expect(bench.output.contains("sequences of up to 2 instructions without a jump"))
    }

    /// What hit a limit is not known to be wrong.
    @Test(.takesLong) func limitsAreTold() throws {
        let bench = try bench()
        #expect(bench.run(small + ["--max-states", "1"]) == .inconclusive)
        #expect(bench.output.contains(" inconclusive.") && bench.output.contains("hit a limit"))
        #expect(bench.output.contains("it is not known") && !bench.output.contains("None of the"))
    }

    /// When nothing is right the status says so, and what comes nearest is told.
    @Test func noAnswer() throws {
        let condition = "~exists ([PTE(x)].rw=0)"
        // With loops it takes longer than all other searches here.
        let bench =
            try Volume.isFull ? bench(condition: condition) : bench(condition: condition, contract: "only mov andb")
        #expect(bench.run(small) == .unexpected)
        #expect(bench.output.contains("No sequence is right in all files"))
        #expect(bench.output.contains("penalises: a write is lost"))
    }

    // MARK: Checkpoints

    @Test func aCheckpointGoesOn() throws {
        let bench = try bench()
        let whole = try Self.whole.get()
        #expect(bench.run(small + ["--json", "--checkpoint", "c.jsonl"]) == .success)
        #expect(bench.output == whole)
        let bytes = Array(try bench.read("c.jsonl").utf8)
        // Cut anywhere: in the head, in the middle of a line, at an end.
        for length in Volume.isFull ? [20, bytes.count / 2, bytes.count - 1] : [bytes.count / 2] {
            try bench.write("c.jsonl", String(decoding: bytes[..<length], as: UTF8.self))
            #expect(bench.run(small + ["--json", "--checkpoint", "c.jsonl"]) == .success, "\(length)")
            #expect(bench.output == whole, "\(length)")
            #expect(try bench.read("c.jsonl").utf8.count == bytes.count, "\(length)")
        }
    }

    @Test func shardsMerge() throws {
        let bench = try bench()
        let whole = try Self.whole.get()
        for index in 1...2 {
            #expect(bench.run(small + ["--shard", "\(index)/2", "--checkpoint", "p\(index).jsonl"]) == .success)
            #expect(bench.output == "shard \(index)/2 done: p\(index).jsonl\n")
        }
        #expect(bench.run(small + ["--json", "--merge", "p1.jsonl", "--merge", "p2.jsonl"]) == .success)
        #expect(bench.output == whole)
        try bench.write("head.jsonl", (try bench.read("p1.jsonl")).split(separator: "\n")[0] + "\n")
        #expect(bench.run(small + ["--merge", "head.jsonl"]) == .badInput)
        #expect(bench.errors.contains("the parts lack"))
    }

    @Test func damagedCheckpointsAreErrors() throws {
        let bench = try bench()
        #expect(bench.run(small + ["--checkpoint", "c.jsonl"]) == .success)
        var lines = try bench.read("c.jsonl").split(separator: "\n").map(String.init)
        #expect(lines.count > 3)
        lines[1] = lines[1].replacing("piece", with: "peace")
        try bench.write("bad.jsonl", lines.joined(separator: "\n") + "\n")
        #expect(bench.run(small + ["--checkpoint", "bad.jsonl"]) == .badInput)
        #expect(bench.errors.contains("bad.jsonl:2:1: error: this line of the checkpoint is damaged"))
        try bench.write("other.jsonl", "not a checkpoint\n")
        #expect(bench.run(small + ["--checkpoint", "other.jsonl"]) == .badInput)
        #expect(bench.errors.contains("this is not a checkpoint"))
        #expect(bench.run("synth", "--length", "1", "problem", "--checkpoint", "c.jsonl") == .badInput)
        #expect(bench.errors.contains("of another search"))
        #expect(bench.run(small + ["--merge", "nowhere.jsonl"]) == .badInput)
        #expect(bench.errors.contains("cannot be read"))
    }

    // MARK: Bad input

    @Test(arguments: [
        (["--length", "0"], "--length must be from 1 to 8"), (["--top", "0"], "--top must be"),
        (["--allow", "walk"], "--allow takes"), (["--mix", "clean"], "--mix takes"),
        (["--shard", "1/2"], "--shard needs --checkpoint"), (["--shard", "3/2"], "3/2"),
        (["--merge", "a", "--checkpoint", "b"], "exclude each other"), (["--costs", "nowhere"], "nowhere"),
    ])
    func optionsAreChecked(_ options: [String], _ message: String) throws {
        let bench = try bench()
        #expect(bench.run(small + options) == .badInput)
        #expect(bench.errors.contains(message), "\(bench.errors)")
    }

    @Test func aTestWithoutAHoleIsAnError() throws {
        let bench = try Bench()
        try bench.write("plain.litmus", "X86_64 plain\n{ }\n P0 ;\n nop ;\n~exists (0:rax=1)\n")
        #expect(bench.run("synth", "plain.litmus") == .badInput)
        #expect(bench.errors.contains("has no hole"))
        #expect(bench.run("synth", "nothing.litmus") == .badInput)
    }

    /// A folder that has problems in it says so, and checks the rest.
    @Test func checkSkipsProblems() throws {
        let bench = try bench()
        try bench.write("problem/plain.litmus", "X86_64 plain\n{ }\n P0 ;\n nop ;\n~exists (0:rax=1)\n")
        #expect(bench.run("check", "problem") == .success)
        #expect(bench.output.contains("2 problem files skipped: they have holes"))
        #expect(bench.run("check", "problem/clean.litmus") == .badInput)
        #expect(bench.errors.contains("ptero synth"))
    }
}

extension Bench {
    /// The text of a file below the folder.
    fileprivate func read(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }
}
