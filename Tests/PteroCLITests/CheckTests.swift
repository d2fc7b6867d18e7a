import Explorer
import Foundation
import TestSupport
import Testing

@testable import PteroCLI

@Suite struct CheckTests {
    @Test func asExpected() throws {
        let bench = try Bench()
        try bench.write("SB.litmus", Texts.storeBuffering)
        #expect(bench.run("check", "SB.litmus") == .success)
        #expect(bench.output.hasSuffix("What the model leaves out: ptero limits\n1 test: 1 as expected\n"))
        #expect(bench.errors == "")
    }

    @Test func slipsInHeaderLinesAreTold() throws {
        let bench = try Bench()
        try bench.write("slip.litmus", Texts.storeBuffering.replacing("{", with: "Faults=retry\n{", maxReplacements: 1))
        #expect(bench.run("check", "slip.litmus") == .success)
        #expect(
            bench.errors.contains("warning: the key `Faults` has no meaning and is ignored\nFaults=retry\n^~~~~~\n"),
            "\(bench.errors)")
        #expect(bench.errors.contains("remedy: did you mean `Fault`?"))
        #expect(bench.run("check", "--json", "--profile", "late", "slip.litmus") == .success)
        #expect(bench.output.contains("\"warnings\": [{\"line\": "))
        #expect(bench.output.contains("\"remedy\": \"did you mean `Fault`?\"}]"))
        // Nothing to say, nothing said.
        try bench.write("SB.litmus", Texts.storeBuffering)
        bench.run("check", "--json", "--profile", "late", "SB.litmus")
        #expect(!bench.output.contains("warnings"))
    }

    @Test func goldenTableOfOneTest() throws {
        let bench = try Bench()
        try bench.write("lock-and.litmus", Texts.lockAnd)
        #expect(bench.run("check", "lock-and.litmus") == .success)
        try Golden.expect(bench.timeless, "check-one.txt")
    }

    @Test func goldenExplanation() throws {
        let bench = try Bench()
        let path = "wrprotect/two-step+write+lost-dirty.litmus"
        try bench.write("two-step.litmus", Checkout.text("Corpus/\(path)"))
        #expect(bench.run("check", "--explain", "--profile", "late", "two-step.litmus") == .success)
        try Golden.expect(bench.timeless, "check-explain.txt")
        // What it shows can be shown again.
        let line = try #require(bench.output.split(separator: "\n").first { $0.hasPrefix("replay: ptero ") })
        let words = line.split(separator: " ").dropFirst(2).map(String.init)
        #expect(bench.run(words) == .success)
        #expect(bench.output.contains("walk of PTE(x) fills the TLB"))
        // For programs, and under herd7's blocks.
        #expect(bench.run("check", "--explain", "--json", "--profile", "late", "two-step.litmus") == .success)
        #expect(bench.output.contains("\"machine\": \"literal\""))
        #expect(bench.run("check", "--explain", "-v", "--profile", "late", "two-step.litmus") == .success)
        #expect(bench.output.contains("The steps that it rests on:"))
    }

    @Test func costsHaveAColumnBesideTheSequences() throws {
        let bench = try Bench()
        try bench.write("lock-and.litmus", Texts.lockAnd)
        #expect(bench.run("check", "--costs", "amd-epyc-zen4", "lock-and.litmus") == .success)
        #expect(bench.output.contains(" cost "))
        #expect(bench.output.contains("Costs are ratios to `lock andb` on AMD EPYC (Zen 4"))
        #expect(bench.run("check", "--sequences", "lock-and.litmus") == .success)
        #expect(!bench.output.contains(" cost "))
        #expect(bench.run("check", "--costs", "nowhere", "lock-and.litmus") == .badInput)
        #expect(bench.errors.contains("nowhere") && bench.errors.contains("amd-epyc-zen4"))
    }

    @Test func goldenTableOfAFolder() throws {
        let bench = try Bench()
        try bench.write("t/b/lock-and.litmus", Texts.lockAnd.replacing("cet=Sometimes", with: "cet=Never"))
        try bench.write("t/SB.litmus", Texts.storeBuffering)
        try bench.write("t/MP.litmus", Texts.messagePassing)
        try bench.write("t/mixed.litmus", Texts.mixed)
        try bench.write("t/readme.txt", "no test")
        #expect(bench.run("check", "t") == .unexpected)
        try Golden.expect(bench.timeless, "check-folder.txt")
    }

    @Test func goldenBlocksAndJSON() throws {
        let bench = try Bench()
        try bench.write("lock-and.litmus", Texts.lockAnd)
        #expect(
            bench.run("check", "-v", "--profile", "cet", "--profile", "late", "--witness", "lock-and.litmus")
                == .success)
        try Golden.expect(bench.timeless, "check-verbose.txt")
        #expect(bench.run("check", "--json", "--profile", "cet", "lock-and.litmus") == .success)
        try Golden.expect(bench.timeless, "check.json")
    }

    @Test func oneProfileGivesHerdsOutputAlone() throws {
        let bench = try Bench()
        try bench.write("SB.litmus", Texts.storeBuffering)
        bench.run("check", "-v", "--profile", "late", "SB.litmus")
        #expect(bench.output.hasPrefix("Test SB Allowed\nStates 4\n0:rax=0; 1:rax=0;\n"))
    }

    @Test func figuresSayWhoseSearchTheyAreFrom() throws {
        let bench = try Bench()
        try bench.write("SB.litmus", Texts.storeBuffering)
        bench.run("check", "--statistics", "SB.litmus", "--profile", "late", "--profile", "cet")
        #expect(bench.output.contains(/bytes\/state +shared with\n/))
        #expect(bench.output.contains(/- +late\n/))
        bench.run("check", "-v", "--statistics", "SB.litmus", "--profile", "late", "--profile", "cet")
        #expect(bench.output.components(separatedBy: "Statistics SB").count == 3)
        #expect(bench.output.components(separatedBy: ", shared with late\n").count == 2)
        bench.run("check", "--json", "SB.litmus", "--profile", "late", "--profile", "cet")
        #expect(bench.output.components(separatedBy: #""sharedWith": "late""#).count == 2)
        bench.run("check", "--statistics", "SB.litmus", "--profile", "cet")
        #expect(!bench.output.contains("shared with"))
    }

    @Test func noFormatChangesTheStatus() throws {
        let bench = try Bench()
        try bench.write("wrong.litmus", Texts.storeBuffering.replacing("Sometimes", with: "Never"))
        try bench.write("large.litmus", Texts.large)
        try bench.write("bad.litmus", "nonsense")
        for format in [
            [], ["-v"], ["--json"], ["--witness"], ["--statistics"], ["--color", "always"], ["--reference"],
        ] {
            #expect(bench.run(["check", "wrong.litmus"] + format) == .unexpected)
            #expect(bench.run(["check", "--max-states", "50", "large.litmus"] + format) == .inconclusive)
            #expect(bench.run(["check", "wrong.litmus", "bad.litmus", "--max-states", "1"] + format) == .badInput)
        }
        // A wrong verdict is certain although another one is open.
        #expect(bench.run("check", "--max-states", "60", "large.litmus", "wrong.litmus") == .unexpected)
    }

    @Test func anyNumberOfJobsPrintsTheSame() throws {
        let bench = try Bench()
        for number in 0..<12 {
            try bench.write("t/SB\(number).litmus", Texts.storeBuffering.replacing("SB", with: "SB\(number)"))
            try bench.write("t/L\(number).litmus", Texts.lockAnd.replacing("lock-and+write", with: "L\(number)"))
        }
        try bench.write("t/wrong.litmus", Texts.messagePassing.replacing("Never", with: "Always"))
        for format in [["-v"], ["--json"], ["--witness"], ["--sequences"]] {
            var seen: Set<String> = []
            for jobs in ["1", "2", "7"] {
                #expect(bench.run(["check", "t", "--jobs", jobs] + format) == .unexpected)
                seen.insert(bench.timeless)
            }
            #expect(seen.count == 1)
        }
    }

    @Test func memoryIsSharedOutButAnswersAreNot() throws {
        let bench = try Bench()
        for number in 0..<4 {
            try bench.write("t/\(number).litmus", Texts.large.replacing("large", with: "l\(number)"))
        }
        var seen: Set<String> = []
        for jobs in ["1", "4"] {
            // Enough for one search, too little for a fourth of it.
            let status = bench.run("check", "t", "--jobs", jobs, "--max-memory", "500K")
            #expect(status == .success, "\(bench.output)")
            seen.insert(bench.timeless)
        }
        #expect(seen.count == 1)
        #expect(bench.run("check", "t", "--max-memory", "1K") == .inconclusive)
        #expect(bench.output.contains("of memory"))
    }

    @Test func inconclusiveIsNeverNever() throws {
        let bench = try Bench()
        try bench.write("large.litmus", Texts.large)
        #expect(bench.run("check", "--max-states", "50", "--json", "--profile", "cet", "large.litmus") == .inconclusive)
        #expect(bench.output.contains("\"observation\": \"Inconclusive\""))
        #expect(bench.output.contains("\"reason\": \"more than 50 states\""))
        bench.run("check", "--max-states", "50", "--profile", "cet", "large.litmus")
        #expect(!bench.output.contains("Never"))
        #expect(bench.output.contains("inconclusive: large on cet (more than 50 states"))
    }

    /// The search for runs that never end is what takes most of the time here.
    @Test func timeoutIsForLivelocksToo() throws {
        let bench = try Bench()
        try bench.write("f22.litmus", Texts.spinning)
        let stopwatch = Stopwatch()
        #expect(bench.run("check", "--timeout", "2", "--profile", "strict", "f22.litmus") == .inconclusive)
        // Other tests run at the same time.
        #expect(stopwatch.seconds < 6)
        #expect(bench.output.contains("inconclusive: big2 on strict (more than 2.0 seconds)"))
    }

    @Test func allStepsIsTakenByCheckAndReplay() throws {
        let bench = try Bench()
        try bench.write(
            "flags.litmus",
            """
            X86_64 flags
            {
            }
             P0            ;
             movl $1,(x)   ;
             testl %eax,%eax ;
             movl $3,%ebx  ;
            exists (x=1)

            """)
        for command in [["check", "--profile", "cet"], ["replay", "--profile", "cet", "--witness", "00"]] {
            #expect(bench.run(command + ["flags.litmus"]) == .success)
            #expect(bench.output.contains("- movl $3,%ebx (rbx=3)") && !bench.output.contains("testl"))
            #expect(bench.run(command + ["--all-steps", "flags.litmus"]) == .success)
            #expect(bench.output.contains("- movl $3,%ebx (rbx=3)") && bench.output.contains("- testl %eax,%eax\n"))
        }
    }

    @Test func standardInput() throws {
        let bench = try Bench()
        bench.standardInput = Texts.storeBuffering
        #expect(bench.run("check", "--profile", "cet", "-") == .success)
        #expect(bench.output.contains("ptero replay - --profile cet --witness "))
    }

    @Test func testsForOtherProfilesAreShownAsSuch() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.storeBuffering.replacing("(* Result", with: "CPU=late\n(* Result"))
        #expect(bench.run("check", "--profile", "cet", "a.litmus") == .success)
        #expect(bench.output.contains("1 test: 1 for other profiles"))
    }

    @Test func colourOnlyWhereWanted() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.storeBuffering.replacing("Sometimes", with: "Never"))
        func isColored(_ arguments: String...) -> Bool {
            _ = bench.run(["check", "a.litmus"] + arguments)
            return bench.output.contains("\u{1b}[")
        }
        #expect(!isColored())
        #expect(isColored("--color", "always"))
        bench.isTerminal = true
        #expect(isColored())
        #expect(!isColored("--color", "never"))
        bench.environment = ["NO_COLOR": "1"]
        #expect(!isColored())
        bench.environment = ["NO_COLOR": "", "TERM": "dumb"]
        #expect(!isColored())
    }

    @Test func referenceWitnessesReplayAsReference() throws {
        let bench = try Bench()
        try bench.write("SB.litmus", Texts.storeBuffering)
        #expect(bench.run("check", "--reference", "--profile", "cet", "SB.litmus") == .success)
        let line = try #require(bench.output.split(separator: "\n").first { $0.hasPrefix("replay: ptero ") })
        #expect(line.contains("--reference"))
        #expect(bench.run(line.split(separator: " ").dropFirst(2).map(String.init)) == .success)
    }

    @Test func diskFull() throws {
        let bench = try Bench()
        try bench.write("SB.litmus", Texts.storeBuffering)
        var surroundings = bench.surroundings
        surroundings.output = Output { _ in false }
        #expect(CommandLineInterface.run(["check", "SB.litmus"], in: surroundings) == .badInput)
    }
}
