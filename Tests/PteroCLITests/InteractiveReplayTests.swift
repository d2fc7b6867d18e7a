import Foundation
import Report
import TestSupport
import Testing

@testable import PteroCLI

@Suite struct InteractiveReplayTests {
    /// A run of `ptero replay -i` with these lines as standard input.
    private func replay(_ input: String, _ arguments: String...) throws -> (
        status: Report.ExitStatus, output: String, errors: String
    ) {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        bench.standardInput = input
        let status = bench.run(["replay", "-i", "a.litmus", "--profile", "cet"] + arguments)
        return (status, bench.output, bench.errors)
    }

    @Test func takesStepsFromStandardInput() throws {
        let (status, output, errors) = try replay("0\nu\n2\nr\nv\n?\nq\nnot read\n")
        #expect(status == .success && errors == "")
        try Golden.expect(output, "replay-interactive.txt")
    }

    @Test func theRunIsOneThatReplayShows() throws {
        let (_, output, _) = try replay("v\n")
        let command = try #require(output.firstMatch(of: /(?m)^replay: ptero (replay .*)$/))
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        #expect(bench.run(command.1.split(separator: " ").map(String.init)) == .success)
        let table = try #require(output.firstRange(of: "\n\n     P0 (cet)")).lowerBound
        let shown = output[table...].prefix { $0 != "r" || !$0.isLetter }
        #expect(bench.output.contains(shown.split(separator: "\n").first ?? "-"))
        // It can be gone on from there, and back.
        let witness = try #require(command.1.split(separator: " ").last)
        let (status, again, _) = try replay("0\nu\n", "--reference", "--witness", String(witness))
        #expect(status == .success && again.contains("step 4: ") && again.contains("step 5: "))
        #expect(again.hasSuffix(output[table...]))
    }

    @Test func beginsWithAWitnessOfCheck() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        bench.run("check", "--json", "--profile", "cet", "a.litmus")
        let found = try #require(bench.output.firstMatch(of: /"witness": "([^"]+)"/))
        let (status, output, _) = try replay("", "--witness", String(found.1), "--svg", "nowhere/x.svg")
        #expect(status == .badInput)
        #expect(output.contains("from here on: shadow_stack_exposed(x)"))
        let other = try replay("", "--witness", "zz")
        #expect(other.status == .badInput && other.errors.contains("does not fit"))
    }

    @Test func whatIsNoCommandChangesNothing() throws {
        let (status, output, _) = try replay("x\n-1\n99\n0 0\n\n   \nu\na\n\u{1b}[A\n99999999999999999999\n")
        #expect(status == .success)
        #expect(output.contains("`x` is not one of the steps, 0 to"))
        #expect(output.contains("one thing a line"))
        #expect(output.contains("there is nothing to undo"))
        #expect(output.contains("`?[A` is not one of the steps"))
        #expect(output.ranges(of: "at the start").count == 2 && !output.contains("step 1"))
    }

    @Test func saysWhereNoRunComesToIt() throws {
        let bench = try Bench()
        try bench.write("mp.litmus", Texts.messagePassing)
        bench.standardInput = "v\n0\n0\n0\n0\n0\n0\n0\n0\n0\n0\n"
        #expect(bench.run("replay", "-i", "mp.litmus", "--profile", "late") == .success)
        #expect(bench.output.contains("no run from here comes to what the condition asks about"))
        #expect(bench.output.contains("no step is left: u, r or q"))
        #expect(bench.output.contains("of which none is left"))
    }

    @Test func refusesWhatDoesNotGoTogether() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        #expect(bench.run("replay", "a.litmus") == .badInput)
        #expect(bench.errors.contains("Missing expected argument '--witness <steps>'"))
        #expect(bench.run("replay", "-i", "-") == .badInput)
        #expect(bench.errors.contains("name a file"))
        #expect(bench.run("replay", "-i", "a.litmus") == .badInput)
        #expect(bench.errors.contains("say which: --profile cet"))
    }
}
