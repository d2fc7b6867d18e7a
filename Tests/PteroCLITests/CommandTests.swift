import ArgumentParser
import Explorer
import Foundation
import Litmus
import Machine
import ProfileFiles
import TestSupport
import Testing
import X86

@testable import PteroCLI

@Suite struct HelpTests {
    @Test func goldenHelp() throws {
        let commands: [(String, any ParsableCommand.Type)] = [
            ("check", Check.self), ("why", Why.self), ("synth", Synth.self), ("kernel", Kernel.self),
            ("measure", Measure.self),
            ("replay", Replay.self),
            ("explore", Explore.self),
            ("show", Show.self),
            ("asm", Asm.self),
            ("profiles", Profiles.self),
            ("properties", Properties.self), ("isa", ISA.self), ("limits", Limits.self),
            ("explain", Explain.self), ("new", New.self), ("manual", Manual.self),
        ]
        try Golden.expect(PteroCommand.helpMessage(columns: 80) + "\n", "help.txt")
        for (name, command) in commands {
            let text = PteroCommand.helpMessage(for: command, columns: 80)
            #expect(text.contains("EXAMPLES\n  ptero \(name)"))
            try Golden.expect(text + "\n", "help-\(name).txt")
        }
        #expect(PteroCommand.configuration.subcommands.count == commands.count)
    }

    @Test func helpAndVersionGoToStandardOutput() throws {
        let bench = try Bench()
        for arguments in [[], ["--help"], ["help"], ["check", "--help"], ["help", "check"], ["--version"]] {
            #expect(bench.run(arguments) == .success)
            #expect(!bench.output.isEmpty && bench.errors == "", "\(arguments)")
        }
        #expect(bench.output == PteroVersion.current + "\n")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let bench = try Bench()
        #expect(bench.run("--generate-completion-script", shell) == .success)
        #expect(bench.output.contains("max-memory"))
        try Golden.expect(bench.output, "completions.\(shell)")
    }
}

@Suite struct ReplayTests {
    @Test func showsTheRunAgain() throws {
        let bench = try Bench()
        try bench.write("a b.litmus", Texts.lockAnd)
        bench.run("check", "--json", "--profile", "cet", "a b.litmus")
        let found = try #require(bench.output.firstMatch(of: /"witness": "([^"]+)"/))
        #expect(bench.run("replay", "a b.litmus", "--profile", "cet", "--witness", String(found.1)) == .success)
        try Golden.expect(bench.output, "replay.txt")
    }

    @Test func drawsTheRun() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        bench.run("check", "--json", "--profile", "cet", "a.litmus")
        let found = try #require(bench.output.firstMatch(of: /"witness": "([^"]+)"/))
        let replay = ["replay", "a.litmus", "--profile", "cet", "--witness", String(found.1)]
        #expect(bench.run(replay + ["--svg", "run.svg"]) == .success)
        let svg = try String(contentsOfFile: bench.folder.path + "/run.svg", encoding: .utf8)
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
        // The fill that the witness has no step for is in the picture.
        #expect(svg.contains(">walk</text>"))
        // The run is told all the same where the file cannot be written.
        #expect(bench.run(replay + ["--svg", "nowhere/run.svg"]) == .badInput)
        #expect(bench.output.contains("lock andb") && bench.errors.contains("nowhere/run.svg cannot be written"))
    }

    @Test(arguments: [true, false])
    func showsTLBsAndBuffers(reference: Bool) throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        let options = reference ? ["--reference"] : []
        _ = bench.run(["check", "--json", "--profile", "cet", "a.litmus"] + options)
        let found = try #require(bench.output.firstMatch(of: /"witness": "([^"]+)"/))
        let replay = ["replay", "a.litmus", "--profile", "cet", "--witness", String(found.1)] + options
        #expect(bench.run(replay + ["--show", "tlb,buffers,entries"]) == .success)
        try Golden.expect(bench.output, reference ? "replay-show-reference.txt" : "replay-show.txt")
    }

    @Test func showsOnlyWhatThereIs() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        for (parts, near) in [
            ("tbl", "did you mean `tlb`?"), ("tlb,", "parts:"), ("buffers tlb", "parts:"), ("bufers", "`buffers`"),
        ] {
            #expect(bench.run("replay", "a.litmus", "--profile", "cet", "--witness", "0", "--show", parts) == .badInput)
            #expect(bench.errors.contains("--show: a run has no part `"), "\(bench.errors)")
            #expect(bench.errors.contains(near) && bench.errors.contains("parts: tlb, buffers, entries"))
        }
    }

    @Test func wrongStrings() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        for witness in ["zzz", "(", "(x)", "-", "0 1", "é", "(99999999999999999999)", "000000000000000000000000000"] {
            #expect(bench.run("replay", "a.litmus", "--profile", "cet", "--witness=\(witness)") == .badInput)
            #expect(bench.errors.hasPrefix("a.litmus: error: "), "\(witness)")
            #expect(bench.output == "")
        }
    }

    @Test func oneClassOfCPUs() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        try bench.write("mixed.litmus", Texts.mixed)
        try bench.write("late.litmus", Texts.lockAnd.replacing("Sequence=lock-and", with: "CPU=late"))
        #expect(bench.run("replay", "a.litmus", "--witness", "0") == .badInput)
        #expect(bench.errors.contains("--profile cet | strict | late"))
        #expect(bench.run("replay", "mixed.litmus", "--witness", "0") == .success)
        #expect(bench.output.hasPrefix("mixed on P0:cet P1:late\n"))
        #expect(bench.run("replay", "late.litmus", "--profile", "cet", "--witness", "0") == .badInput)
        #expect(bench.run("replay", "late.litmus", "--witness", "0") == .success)
        #expect(bench.run("replay", ".", "--profile", "cet", "--witness", "0") == .badInput)
    }
}

@Suite struct ShowTests {
    @Test func printsTestsAgain() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        try bench.write("b.litmus", Texts.storeBuffering)
        #expect(bench.run("show", "a.litmus", "b.litmus") == .success)
        try Golden.expect(bench.output, "show.txt")
        bench.run("show", "a.litmus")
        #expect(try LitmusParser.parse(bench.output).isSame(as: LitmusParser.parse(Texts.lockAnd)))
    }

    @Test func badOnesDoNotStopIt() throws {
        let bench = try Bench()
        try bench.write("b.litmus", Texts.storeBuffering)
        #expect(bench.run("show", "nothing", "b.litmus") == .badInput)
        #expect(bench.output.hasPrefix("X86_64 SB\n"))
    }
}

@Suite struct ProfilesTests {
    @Test func golden() throws {
        let bench = try Bench()
        #expect(bench.run("profiles") == .success)
        try Golden.expect(bench.output, "profiles.txt")
        #expect(bench.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(bench.run("profiles", "--json") == .success)
        try Golden.expect(bench.output, "profiles.json")
    }

    @Test func theFileReadsBack() throws {
        let bench = try Bench()
        #expect(bench.run("profiles", "--file") == .success)
        #expect(try ProfileFile.read(bench.output, name: "x").profiles == CPUProfile.builtIn)
        try Golden.expect(bench.output, "profiles.json5")
    }

    @Test func ownProfiles() throws {
        let bench = try Bench()
        try bench.write("SB.litmus", Texts.storeBuffering)
        let own = try #require(ProfileFile.builtInText.range(of: "    {\n      name: \"strict\"")).lowerBound
        let text =
            "{profiles: [\n"
            + ProfileFile.builtInText[own...]
            .replacing("name: \"strict\"", with: "name: \"mine\"")
            .replacing("storeBuffer: \"tso\"", with: "storeBuffer: \"sc\"")
            .replacing("name: \"late\"", with: "name: \"cet\"")
        try bench.write("my profiles.json5", text)
        #expect(bench.run("check", "SB.litmus", "--profile", "my profiles.json5:mine") == .unexpected)
        #expect(bench.output.contains("SB    Never!"))
        // The file's own `cet` takes the place of the built-in one.
        #expect(bench.run("check", "SB.litmus", "--profile", "cet", "--profile", "my profiles.json5") == .unexpected)
        #expect(bench.output.hasPrefix("test  mine    cet     knl     shadowed  book\n"))
        #expect(bench.run("profiles", "my profiles.json5:mine") == .success)
        #expect(bench.run("check", "SB.litmus", "--profile", "my profiles.json5:none") == .badInput)
        #expect(bench.errors.contains("has no profile none"))
        try bench.write("other.json5", text)
        #expect(
            bench.run("check", "SB.litmus", "--profile", "other.json5", "--profile", "my profiles.json5") == .badInput)
        try bench.write("bad.json5", text.replacing("refault", with: "perhaps"))
        #expect(bench.run("check", "SB.litmus", "--profile", "bad.json5") == .badInput)
        #expect(bench.errors.hasPrefix("bad.json5:5:23: error: wrong value at .profiles[0].onWriteRevoked: it can be "))
        #expect(bench.errors.contains("\n      onWriteRevoked: \"perhaps\",\n                      ^\n  remedy: "))
        // What is printed for replays names the file.
        #expect(
            bench.run("check", "SB.litmus", "--profile", "my profiles.json5:mine", "--profile", "late") == .unexpected)
        #expect(bench.output.contains("--profile late"))
    }
}

@Suite struct ReferenceTextTests {
    @Test func instructions() throws {
        let bench = try Bench()
        #expect(bench.run("isa") == .success)
        #expect(bench.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        for mnemonic in InstructionSet.mnemonics {
            #expect(bench.output.contains("  \(mnemonic.name)"), "\(mnemonic.name)")
        }
        for service in KernelService.allCases {
            #expect(bench.output.contains("  call \(service.name)("), "\(service.name)")
        }
        #expect(bench.run("isa", "cmpxchgq", "wait_for") == .success)
        #expect(bench.output.contains("cmpxchg ") && bench.output.contains("call wait_for(l, v)"))
        #expect(!bench.output.contains("spin_lock") && !bench.output.contains("  lea"))
    }

    @Test func properties() throws {
        let bench = try Bench()
        #expect(bench.run("properties", "lost-dirty", "stuck(P0)") == .success)
        #expect(bench.output.contains("lost_dirty(x)\n") && bench.output.contains("stuck(P0)\n"))
        #expect(!bench.output.contains("stale_frame(x)\n"))
        #expect(bench.run("limits") == .success)
        #expect(bench.output.contains("Pieces of large pages"))
    }
}

@Suite struct ProgressMeterTests {
    @Test func line() {
        var statistics = SearchStatistics()
        statistics.states = 2_000_000
        statistics.seconds = 0.5
        statistics.depth = 40
        statistics.bytes = 100 << 20
        let text = ProgressMeter.line(finished: 3, of: 10, running: [statistics, statistics])
        #expect(text == "3/10 searches, 4,000,000 states, 8,000,000 states/s, depth 40, 200 MiB")
        #expect(ProgressMeter.line(finished: 0, of: 1, running: []) == "0/1 searches")
    }

    @Test func silentUnlessATerminalAndSlow() {
        let (file, terminal) = (CapturedOutput(), CapturedOutput())
        for output in [file.output(), terminal.output(isTerminal: true)] {
            let meter = ProgressMeter(output, searches: 2)
            meter.note(CheckPlan.Unit(test: 0, assignment: 0), SearchStatistics())
            meter.finish(CheckPlan.Unit(test: 0, assignment: 0))
            meter.erase()
        }
        #expect(file.text == "" && terminal.text == "")
    }
}
