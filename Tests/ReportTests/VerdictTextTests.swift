import Explorer
import Foundation
import Litmus
import Machine
import TestSupport
import Testing

@testable import Checker
@testable import Report

@Suite struct HerdBlockTests {
    @Test func goldenBlocks() throws {
        var text = HerdBlock.text(try Samples.finding(Samples.storeBuffering).verdict)
        text += HerdBlock.text(try Samples.finding(Samples.lockAnd).verdict, statistics: true)
        let forbidden = Samples.storeBuffering.replacing("exists", with: "~exists")
        text += HerdBlock.text(try Samples.finding(forbidden).verdict)
        let required = Samples.storeBuffering.replacing("exists (0:rax=0 /\\ 1:rax=0)", with: "forall (0:rax=0)")
        text += HerdBlock.text(try Samples.finding(required).verdict)
        try Golden.expect(text, "herd-blocks.txt")
    }

    @Test func linesAndTheirOrder() throws {
        let block = HerdBlock.text(try Samples.finding(Samples.storeBuffering).verdict)
        let heads = block.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.prefix { $0 != " " && $0 != "=" }
        }
        #expect(
            heads == [
                "Test", "States", "0:rax", "0:rax", "0:rax", "0:rax", "Ok", "Witnesses", "Positive:", "Condition",
                "Observation", "Time", "Hash", "", "",
            ])
    }

    @Test func nothingIsSaidThatALimitLeavesOpen() throws {
        var verdict = try Samples.finding(Samples.storeBuffering).verdict
        verdict.observation = .inconclusive
        verdict.end = .stateLimit
        #expect(HerdBlock.text(verdict).contains("\nOk\n"), "a positive state was found")
        verdict.positive = 0
        #expect(HerdBlock.text(verdict).contains("\nUnknown\n"))
        verdict.quantifier = .forall
        verdict.negative = 1
        #expect(HerdBlock.text(verdict).contains("\nNo\n"), "a counterexample was found")
    }
}

@Suite struct VerdictJSONTests {
    @Test func goldenLines() throws {
        var text = VerdictJSON.text(try Samples.finding(Samples.lockAnd))
        text += VerdictJSON.text(try Samples.finding(Samples.lockAnd), showsSteps: true)
        text += VerdictJSON.text(try Samples.finding(Samples.storeBuffering, profile: "late"))
        // How much memory a search allocates is not part of the format.
        try Golden.expect(text.replacing(/"bytes": \d+/, with: "\"bytes\": 0"), "verdicts.json")
    }

    @Test func isJSONWithTheAgreedMembers() throws {
        for text in [Samples.lockAnd, Samples.storeBuffering, Samples.mixed] {
            let line = VerdictJSON.text(try Samples.finding(text), showsSteps: true)
            #expect(line.hasSuffix("\n") && line.count { $0 == "\n" } == 1)
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let agreed = [
                "test", "file", "profile", "observation", "expected", "states", "positive", "negative", "seconds",
                "witness", "end", "reason", "explored", "hash",
            ]
            for name in agreed { #expect(object[name] != nil, "\(name) is missing") }
        }
    }

    @Test func inconclusiveSaysWhy() throws {
        var options = CheckOptions()
        options.limits.maxStates = 3
        let line = VerdictJSON.text(try Samples.finding(Samples.storeBuffering, options: options))
        #expect(line.contains("\"observation\": \"Inconclusive\""))
        #expect(line.contains("\"end\": \"states\", \"reason\": \"more than 3 states\""))
    }
}

@Suite struct WitnessTextTests {
    @Test func goldenTwoCPUs() throws {
        let finding = try Samples.finding(Samples.lockAnd)
        let witness = try #require(finding.verdict.witness)
        let text = WitnessText(witness).rendered(replay: ReplayCommand().line(finding.verdict))
        try Golden.expect(text, "witness-lock-and.txt")
        #expect(text.contains("replay: ptero replay dir/test.litmus --profile cet --witness \(witness.replay)\n"))
    }

    @Test(arguments: [1, 2, 3, 5, 9])
    func staysNarrow(cpus: Int) throws {
        let finding = try Samples.finding(Samples.lockAnd)
        var witness = try #require(finding.verdict.witness)
        witness.profiles = [String](repeating: "cet", count: cpus)
        witness.map = AddressMap(
            variables: ["a_long_name", "x", "y"].map { .init(name: $0, isTranslated: true) }, spaces: ["mm", "child"])
        witness.leaves = [LeafPlace(page: 1, space: 0), LeafPlace(page: 1, space: 1), LeafPlace(page: 2, space: 0)]
        witness.start.entries = [7, 7, 7]
        let step = try #require(witness.steps.first { $0.report.kind == .setDirty })
        witness.steps = (0..<cpus).map { cpu in
            var step = step
            step.report.cpu = cpu
            step.report.leaf = LeafPlace(page: 0, space: 1)
            step.report.instruction?.text = "lock cmpxchgq %rcx,(%rdi) and movl $1,(x)"
            step.after.entries = [7, 7, 7]
            return step
        }
        #expect(witness.sentences.entries.map(\.name) == ["PTE(x)", "PTE(child:x)", "PTE(y)"])
        let text = WitnessText(witness).rendered(replay: nil)
        for line in text.split(separator: "\n") { #expect(line.count <= 120, "\(line)") }
        for cpu in 0..<cpus { #expect(text.contains("P\(cpu)")) }
    }

    @Test func unchangedEntriesGiveWayWhenThereAreMany() throws {
        let finding = try Samples.finding(Samples.lockAnd)
        var witness = try #require(finding.verdict.witness)
        witness.map = AddressMap(
            variables: (["x"] + (0..<6).map { "v\($0)" }).map { .init(name: $0, isTranslated: true) }, spaces: ["mm"])
        // In the order of their names x comes last.
        witness.leaves = [6, 0, 1, 2, 3, 4, 5].map { LeafPlace(page: $0, space: 0) }
        witness.start.entries += [UInt64](repeating: 5, count: 6)
        for number in witness.steps.indices {
            witness.steps[number].after.entries += [UInt64](repeating: 5, count: 6)
        }
        let text = WitnessText(witness).rendered(replay: nil)
        #expect(text.contains("PTE(v3) stays P-U---"))
        #expect(!text.contains("PTE(x) stays"))
    }

    @Test func theFirstViolationIsMarked() throws {
        let witness = try #require(try Samples.finding(Samples.lockAnd).verdict.witness)
        let text = WitnessText(witness).rendered(replay: nil)
        #expect(text.contains("!!   from here on: shadow_stack_exposed(x)"))
        #expect(text.contains("* walker sets D"))
        #expect(!text.contains(" \n"))
    }

    @Test func rolesStandInTheHeads() throws {
        let text = Samples.lockAnd.replacing("\n{\n", with: "\nRole=P1:writes & </svg> the page\n{\n")
        let witness = try #require(try Samples.finding(text).verdict.witness)
        let shown = WitnessText(witness).rendered(replay: nil)
        #expect(shown.contains("P1 (cet): writes & </svg> the page"))
        #expect(shown.contains(" P0 (cet) "))
        let picture = try #require(RunPicture(witness, title: "a run")).rendered()
        #expect(picture.contains("cet: writes &amp;") && !picture.contains("& </svg> the"))
        let json = JSONText.object(RunJSON(witness).members).text
        #expect(json.contains(#""roles": [null, "writes & </svg> the page"]"#))
        let plain = try #require(try Samples.finding(Samples.lockAnd).verdict.witness)
        #expect(!JSONText.object(RunJSON(plain).members).text.contains("roles"))
    }

    @Test func sameStoriesAreToldOnce() throws {
        let tests = try Samples.findings(Samples.storeBuffering, profiles: ["cet", "strict", "late"])
        let text = WitnessList(tests, replay: ReplayCommand()).rendered()
        #expect(text.contains("SB on cet, strict, late: a shortest run to "))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("replay:") } == 1)
        #expect(!text.contains("P0 (cet)"), "over the columns of several profiles there is none")
    }

    @Test func runsWithOtherNamesOfProfilesAreToldOnce() throws {
        // The same class of CPUs under two names, and two assignments that differ in names only.
        let finding = try Samples.finding(Samples.storeBuffering)
        var other = finding
        other.verdict.profile = "P0:late P1:mine"
        other.verdict.witness?.profiles = ["late", "mine"]
        let tests = TestFindings(
            test: try LitmusParser.parse(Samples.storeBuffering), file: "SB.litmus", findings: [finding, other])
        let text = WitnessList(tests, replay: ReplayCommand()).rendered()
        #expect(text.contains("SB on cet, P0:late P1:mine: a shortest run to "))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("replay:") } == 1)
    }

    @Test func blocksTellTheSameRunOnce() throws {
        var options = CheckReport.Options(format: .blocks)
        options.showsWitnesses = true
        let tests = try Samples.findings(Samples.storeBuffering, profiles: ["cet", "strict", "late"])
        let report = CheckReport(
            options, profiles: ["cet", "strict", "late"], isEverybody: false, replay: ReplayCommand(), style: .plain)
        let text = report.text(of: tests)
        #expect(text.ranges(of: "(at the start)").count == 1)
        #expect(text.ranges(of: "The run is the same as on cet.\nreplay: ").count == 2)
        #expect(text.ranges(of: "Observation SB Sometimes").count == 3)
    }

    /// A run of two CPUs in which P0's steps 1 to 3 and 5 go unnoticed.
    private func folded() throws -> Run {
        var witness = try #require(try Samples.finding(Samples.storeBuffering).verdict.witness)
        let step = try #require(witness.steps.first)
        witness.steps = (1...6).map { number in
            var step = step
            step.report.cpu = number == 4 ? 1 : 0
            step.report.instruction?.text = "step \(number)"
            step.report.written = nil
            step.unnoticed = number == 4 || number == 6 ? nil : number == 2 ? .unwritten : .ownMemory
            return step
        }
        func line(_ cpu: Int, _ text: String, isTelling: Bool) throws -> LocalLines.Line {
            var instruction = try #require(step.report.instruction)
            instruction.text = text
            return LocalLines.Line(LocalInstruction(cpu: cpu, instruction), isTelling: isTelling)
        }
        witness.steps[0].locals.lines = [try line(0, "incl %eax (rax=1)", isTelling: false)]
        witness.steps[1].locals.lines = [try line(0, "ud2", isTelling: true)]
        witness.steps[5].locals.omitted = 7
        witness.steps[5].locals.lines = [try line(0, "decl %eax (rax=0)", isTelling: true)]
        witness.startLocals.lines = [try line(1, "movl $3,%ecx (rcx=3)", isTelling: true)]
        return witness
    }

    @Test func whatNobodyNoticesIsFolded() throws {
        let text = WitnessText(try folded()).rendered(replay: nil)
        let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
        func position(_ part: String) throws -> Int {
            try #require(lines.firstIndex { $0.hasPrefix(part) }, "\(part) in\n\(text)")
        }
        let order = try [
            position("- movl $3,%ecx (rcx=3)"), position("1-3    ... 3 steps on memory that only P0 touches or"),
            position("- ud2"), position("4"), position("5    ... 1 step on memory that only P0 touches"),
            position("6"), position("- decl %eax"), position("- (7 more)"),
        ]
        #expect(order == order.sorted())
        #expect(!text.contains("step 1") && !text.contains("step 5") && !text.contains("incl"))
        #expect(text.contains("  ...  on memory that no other CPU touches in this run"))
        #expect(text.contains("  -  on registers alone"))
        #expect(!text.contains(" \n"))
    }

    @Test func allStepsShowsWhatIsFolded() throws {
        let text = WitnessText(try folded(), showsAllSteps: true).rendered(replay: nil)
        for number in 1...6 { #expect(text.contains("step \(number)")) }
        #expect(text.contains("- incl %eax (rax=1)") && !text.contains("..."))
    }

    @Test func jsonTellsEverything() throws {
        var finding = try Samples.finding(Samples.storeBuffering)
        finding.verdict.witness = try folded()
        let line = VerdictJSON.text(finding, showsSteps: true)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let steps = try #require(object["steps"] as? [[String: Any]])
        #expect(steps.map { $0["text"] as? String } == (1...6).map { "step \($0)" })
        #expect(
            steps.map { $0["unnoticed"] as? String } == [
                "own memory", "unwritten", "own memory", nil, "own memory", nil,
            ])
        #expect(((steps[0]["locals"] as? [[String: Any]])?.first?["text"] as? String) == "incl %eax (rax=1)")
        #expect(((object["start"] as? [[String: Any]])?.first?["cpu"] as? Int) == 1)
    }
}

@Suite struct ReplayCommandTests {
    @Test func quotesWhatAShellWouldTakeApart() {
        #expect(ReplayCommand.quoted("a-b_c.d/e+f:0,1") == "a-b_c.d/e+f:0,1")
        #expect(ReplayCommand.quoted("a b") == "'a b'")
        #expect(ReplayCommand.quoted("12(40)3") == "'12(40)3'")
        #expect(ReplayCommand.quoted("it's") == "'it'\\''s'")
        #expect(ReplayCommand.quoted("") == "''")
    }

    @Test func namesWhatIsNeeded() throws {
        let finding = try Samples.finding(Samples.lockAnd)
        let line = ReplayCommand(profileArguments: ["cet": "my file.json5:cet"], usesReference: true).line(
            finding.verdict)
        #expect(line?.contains(" --profile 'my file.json5:cet' --reference --witness ") == true)
        let mixed = try Samples.findings(Samples.mixed)
        let verdict = try #require(mixed.findings.first).verdict
        #expect(ReplayCommand().line(verdict)?.contains("--profile") == false)
        var none = verdict
        none.replay = nil
        #expect(ReplayCommand().line(none) == nil)
    }
}
