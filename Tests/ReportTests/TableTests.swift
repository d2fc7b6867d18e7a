import Checker
import Litmus
import Machine
import Synthesis
import TestSupport
import Testing

@testable import Report

/// Room for every table.
private let wide = Style(isColored: false, width: 120)

@Suite struct FindingTests {
    @Test func outcomes() throws {
        var finding = try Samples.finding(Samples.storeBuffering)
        #expect(finding.outcome == .open)
        finding.verdict.expected = .sometimes
        #expect(finding.outcome == .expected)
        finding.expectedStates = 4
        #expect(finding.outcome == .expected)
        finding.expectedStates = 3
        #expect(finding.outcome == .unexpected)
        #expect(finding.found == "Sometimes with 4 states")
        #expect(finding.wanted == "Sometimes with 3 states")
        finding.expectedStates = nil
        finding.verdict.expected = .never
        #expect(finding.outcome == .unexpected)
        finding.verdict.observation = .inconclusive
        #expect(finding.outcome == .inconclusive)
    }

    @Test func aTestIsAsGoodAsItsWorstVerdict() throws {
        var test = try Samples.findings(Samples.lockAnd)
        #expect(test.outcome == .expected)
        test.findings[1].verdict.observation = .inconclusive
        #expect(test.outcome == .inconclusive)
        test.findings[0].verdict.expected = .never
        #expect(test.outcome == .unexpected)
        test.findings = []
        #expect(test.outcome == nil)
    }
}

@Suite struct VerdictTableTests {
    static let profiles = CPUProfile.builtIn.map(\.name)

    @Test func goldenTable() throws {
        var wrong = try Samples.findings(Samples.lockAndMakes, profiles: Self.profiles)
        wrong.findings[2].verdict.expected = .always
        wrong.findings[3].verdict.expected = .always
        wrong.findings[5].verdict.observation = .inconclusive
        wrong.findings[5].verdict.reason = .states(9)
        let tests = [
            try Samples.findings(Samples.lockAnd, profiles: Self.profiles), wrong,
            try Samples.findings(Samples.mixed, profiles: Self.profiles),
            try Samples.findings(
                Samples.storeBuffering.replacing("{\n}", with: "CPU=late\n{\n}"), profiles: Self.profiles),
        ]
        let text =
            VerdictTable(tests, profiles: Self.profiles).rendered()
            + Exceptions(tests, replay: ReplayCommand()).rendered() + "\n" + Summary(tests, unreadable: 2).line + "\n"
        try Golden.expect(text, "table.txt")
    }

    @Test func equalNamesAreToldApart() throws {
        let tests = [
            try Samples.findings(Samples.storeBuffering, file: "a/SB.litmus"),
            try Samples.findings(Samples.storeBuffering, file: "b/SB.litmus"),
        ]
        let text = VerdictTable(tests, profiles: ["cet", "late"]).rendered()
        #expect(text.contains("SB (a/SB.litmus)"))
        #expect(text.contains("SB (b/SB.litmus)"))
    }

    @Test func nothingToListWhenAllIsWell() throws {
        let tests = [try Samples.findings(Samples.lockAnd)]
        #expect(Exceptions(tests, replay: ReplayCommand()).rendered() == "")
    }
}

@Suite struct SummaryTests {
    @Test func line() throws {
        let good = try Samples.findings(Samples.lockAnd)
        #expect(Summary([good]).line == "1 test: 1 as expected")
        #expect(Summary([good, good]).line == "2 tests: 2 as expected")
        #expect(Summary([]).line == "0 tests: nothing to check")
        let open = try Samples.findings(Samples.storeBuffering)
        #expect(
            Summary([good, open], unreadable: 1).line
                == "2 tests: 1 as expected, 1 with nothing expected, 1 input in error")
    }

    @Test func folders() throws {
        let tests = [
            try Samples.findings(Samples.lockAnd, file: "Corpus/a/1.litmus"),
            try Samples.findings(Samples.storeBuffering, file: "Corpus/b/2.litmus"),
            try Samples.findings(Samples.lockAnd, file: "Corpus/a/3.litmus"),
        ]
        try Golden.expect(Summary(tests).folders(), "folders.txt")
        #expect(Summary.folder(of: "x.litmus") == "./")
        #expect(Summary.folder(of: "/c/d/x.litmus") == "d/")
    }

    @Test func statistics() throws {
        var test = try Samples.findings(Samples.lockAnd)
        for position in test.findings.indices {
            test.findings[position].verdict.statistics.states = 2_000_000
            test.findings[position].verdict.statistics.seconds = 0.5
            test.findings[position].verdict.statistics.bytes = 64_000_000
        }
        let text = Summary([test]).statistics(wide)
        #expect(text.contains("0.500"))
        #expect(text.contains("4,000,000"))
        #expect(text.contains("           32\n"))
    }
}

@Suite struct SequenceTableTests {
    static let profiles = CPUProfile.builtIn.map(\.name)

    private func tests(_ profiles: [String] = profiles) throws -> [TestFindings] {
        let late = Samples.exchange(
            "x+late", "Remark=hardware can leave W=0 D=1",
            "cet=Never strict=Never late=Sometimes knl=Sometimes shadowed=Sometimes book=Sometimes",
            asks: "exists ([PTE(x)]=(rw:0, d:1))")
        let lost = Samples.exchange("x+lost", "Failure=loses a Dirty bit", "Never", asks: "exists (lost_dirty(x))")
        let exposed = Samples.exchange(
            "x+exposed", "Failure=exposes a shadow stack", "Never", asks: "exists (shadow_stack_exposed(x))")
        return try [late, lost, exposed, Samples.lockAnd, Samples.lockAndMakes, Samples.storeBuffering].map {
            try Samples.findings($0, file: "wrprotect/t.litmus", profiles: profiles)
        }
    }

    @Test func golden() throws {
        let tests = try tests()
        #expect(tests.allSatisfy { $0.outcome == .expected || $0.outcome == .open })
        let text = SequenceTable(tests, profiles: Self.profiles, isEverybody: true).rendered(wide)
        try Golden.expect(text, "sequences.txt")
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }

    /// `lock andb` is 1; the loop is a load, 0.05, a `cmpxchg`, 1.1, and beside it seven instructions on registers and a
    /// branch, each at a sixteenth of its price: 0.07 and 0.003.
    @Test func pricesHaveAColumn() throws {
        let tests = try tests()
        var costs = CostTable.nominal
        costs[.register] = CostEntry(minimum: 0.16, spread: 0)
        let table = SequenceTable(tests, profiles: Self.profiles, isEverybody: true, costs: costs).rendered(wide)
        let rows = table.split(separator: "\n")
        #expect(rows.contains { $0.hasPrefix("sequence") && $0.contains(" cost ") })
        #expect(rows.contains { $0.hasPrefix("  lock-and ") && $0.contains(" 1.00 ") })
        #expect(rows.contains { $0.hasPrefix("  compare-and-exchange") && $0.contains(" 1.22 ") })
        #expect(table.contains("Costs are ratios to `lock andb` on nominal"))
        let free = SequenceTable(tests, profiles: Self.profiles, isEverybody: true).rendered(wide)
        #expect(!free.contains("cost") && !free.contains("Costs"))
        // Compiled columns, and those that do more, have none.
        let other = try Samples.findings(Samples.storeBuffering.replacing("{\n}", with: "Sequence=s\nFailure=f\n{\n}"))
        let none = SequenceTable([other], profiles: ["cet", "late"], isEverybody: false, costs: .nominal)
        #expect(none.rendered(wide).contains(" -  "))
    }

    @Test func worksForEverybodyNeedsEverybody() throws {
        let few = try tests(["cet", "strict"])
        let text = SequenceTable(few, profiles: ["cet", "strict"], isEverybody: false).rendered(wide)
        #expect(text.contains("works on cet strict"))
        #expect(!text.contains("works for everybody"))
        #expect(!text.contains("fails everywhere"))
        #expect(text.contains("fails on cet strict"))
    }

    @Test func oneProfileNotAskedIsNotEverybody() throws {
        var tests = try tests()
        for number in tests.indices { tests[number].findings.removeAll { $0.verdict.profile == "knl" } }
        let text = SequenceTable(tests, profiles: Self.profiles, isEverybody: true).rendered(wide)
        #expect(text.contains("works on cet strict late shadowed\n"))
        #expect(!text.contains("works for everybody"))
    }

    @Test func missingTestsLeaveTheVerdictOpen() throws {
        let text = SequenceTable(try tests(), profiles: Self.profiles, isEverybody: true, isWhole: false).rendered(wide)
        #expect(!text.contains("works for"))
        #expect(text.contains("no failure found"))
        #expect(text.contains("fails everywhere"))
    }

    @Test func aLimitLeavesTheVerdictOpen() throws {
        var tests = try tests()
        tests[1].findings[2].verdict.observation = .inconclusive
        let text = SequenceTable(tests, profiles: Self.profiles, isEverybody: true).rendered(wide)
        #expect(!text.contains("works for everybody"))
        #expect(text.contains("not known"))
        // What was found before a limit was hit counts.
        tests[1].findings[2].verdict.positive = 1
        let failing = SequenceTable(tests, profiles: Self.profiles, isEverybody: true).rendered(wide)
        #expect(failing.contains("fails on late"))
    }

    @Test func mixedMachinesCount() throws {
        let mixed = Samples.mixed.replacing("CPU=", with: "Sequence=s\nFailure=f\nCPU=")
        let table = SequenceTable(
            [try Samples.findings(mixed, profiles: Self.profiles)], profiles: Self.profiles, isEverybody: true)
        #expect(table.rendered(wide).contains("fails on P0:cet P1:late"))
    }

    @Test func noSequencesNoTable() throws {
        let tests = [try Samples.findings(Samples.storeBuffering)]
        #expect(SequenceTable(tests, profiles: ["cet", "late"], isEverybody: false).isEmpty)
    }
}

@Suite struct ScenarioTableTests {
    private let names = ["cet", "late"]

    private func tests() throws -> [TestFindings] {
        let wrong = Samples.lockAnd.replacing("cet=Sometimes", with: "cet=Never")
        return try [wrong, Samples.lockAnd.replacing("lock-and+write", with: "known")].map {
            try Samples.findings($0, profiles: names)
        }
    }

    @Test func saysWhereAScenarioFails() throws {
        let text = ScenarioTable(try tests(), profiles: names, isEverybody: true).rendered(wide)
        #expect(text.contains(#/\nlock-and\+write +Sometimes! +Never +fails on cet\n/#), "\(text)")
        #expect(text.contains(#/\nknown +Sometimes +Never +fails on cet\n/#))
        #expect(text.contains("!  not as it should be") && text.contains("A failure without ! is known"))
        #expect(!text.contains("inconclusive") && !text.contains("not for this profile"))
    }

    @Test func worksForEverybodyOnlyWhereEverybodyWasAsked() throws {
        let late = [try Samples.findings(Samples.lockAnd, profiles: ["late"])]
        func verdict(_ profiles: [String], isEverybody: Bool) -> String {
            let text = ScenarioTable(late, profiles: profiles, isEverybody: isEverybody).rendered(wide)
            return text.split(separator: "\n").first { $0.hasPrefix("lock-and") }.map(String.init) ?? ""
        }
        #expect(verdict(["late"], isEverybody: true).hasSuffix("works for everybody"))
        #expect(verdict(["late"], isEverybody: false).hasSuffix("works on late"))
        #expect(verdict(["cet", "late"], isEverybody: true).hasSuffix("works on late"))
    }

    @Test func classesWithoutAColumnAreNamed() throws {
        let both = [try Samples.findings(Samples.lockAnd, profiles: names)]
        let text = ScenarioTable(both, profiles: ["cet"], isEverybody: true).rendered(wide)
        #expect(text.contains("are checked on late besides"), "\(text)")
        #expect(!ScenarioTable(both, profiles: names, isEverybody: true).rendered(wide).contains("besides"))
    }

    @Test func whatIsOpenDoesNotWork() throws {
        var options = CheckOptions()
        options.limits.maxStates = 3
        let open = [try Samples.findings(Samples.lockAnd, profiles: ["late"], options: options)]
        let text = ScenarioTable(open, profiles: ["late"], isEverybody: true).rendered(wide)
        #expect(text.contains("not known") && text.contains("?  inconclusive"))
    }

    @Test func comparison() throws {
        let before = try tests()
        let after = [
            try Samples.findings(
                Samples.lockAnd.replacing("lock andb $-3,(%rdi)  ", with: "nop"), profiles: names)
        ]
        let comparison = ScenarioComparison(
            part(before, "Linux 1"), part(after, "Linux 2"), profiles: names, isEverybody: true)
        let text = comparison.rendered(wide)
        #expect(text.hasPrefix("  scenario "))
        #expect(text.contains(#/\n\* lock-and\+write +fails on cet +works for everybody +cet\n/#), "\(text)")
        #expect(text.contains(#/\n\* known +fails on cet +could not be checked +every profile\n/#))
        #expect(text.hasSuffix("\n  *  2 scenarios differ\n"))
        #expect(comparison.isFirstWorse)
        let runs = comparison.runs()
        #expect(runs.hasPrefix("\nOnly with Linux 1:\nlock-and+write on cet: a shortest run to "), "\(runs)")
        #expect(runs.contains("--kernel-tree tree-Linux-1") && !runs.contains("known on"))
        let better = ScenarioComparison(
            part(after, "Linux 2"), part(before, "Linux 1"), profiles: names, isEverybody: true)
        #expect(!better.isFirstWorse && better.runs().contains("Only with Linux 1:"))
        let same = ScenarioComparison(part(before, "1"), part(before, "2"), profiles: names, isEverybody: true)
        #expect(same.rendered(wide).hasSuffix("\n  *  nothing differs\n") && !same.rendered(wide).contains("\n* "))
        #expect(!same.isFirstWorse && same.runs() == "")
    }

    private func part(
        _ tests: [TestFindings], _ title: String, leftOut: [String] = [], ruleBreakers: [String]? = nil,
        interrupted: Int = 0
    ) -> KernelReport.Part {
        let tree = "tree-" + title.replacing(" ", with: "-")
        return KernelReport.Part(
            version: String(title.split(separator: " ").last ?? ""), directory: tree, title: title, tests: tests,
            unreadable: 0, interrupted: interrupted, leftOut: leftOut.map { ($0, "only for Linux 6.6..") },
            ruleBreakers: ruleBreakers, replay: ReplayCommand(compilerArguments: ["--kernel-tree", tree]))
    }

    @Test func theRuleIsInformationForKernelsWithoutShadowStacks() throws {
        let right = [
            try Samples.findings(
                Samples.lockAnd.replacing("lock andb $-3,(%rdi)  ", with: "nop"), profiles: names)
        ]
        let old = part(right, "Linux 6.1", leftOut: ["shadow-stack"], ruleBreakers: ["wrprotect", "fork"])
        let report = KernelReport([old], profiles: names, isEverybody: true)
        // What the sample expects on cet is that it fails; the rule adds nothing to that.
        #expect(report.status == Report.ExitStatus(of: right))
        let text = report.rendered()
        #expect(text.contains(#/\nshadow-stack +- +- +only for Linux 6\.6\.\.\n/#), "\(text)")
        #expect(text.contains("-  the scenario is not for this kernel, or not for this profile"))
        #expect(text.contains("Linux 6.1 breaks the rule in wrprotect, fork."))
        #expect(text.contains("Linux 6.6 and later can"))
        let kept = KernelReport([part(right, "Linux 6.1", ruleBreakers: [])], profiles: names, isEverybody: true)
        #expect(kept.rendered().contains("Linux 6.1 keeps the rule in these scenarios."))
        let new = part(right, "Linux 6.12")
        #expect(
            !KernelReport([new], profiles: names, isEverybody: true).rendered().contains("Shadow stacks:"))
        let both = KernelReport([old, new], profiles: names, isEverybody: true)
        #expect(both.status == .success)
        #expect(
            both.rendered(wide).contains(
                #/\n  shadow-stack rule +broken in 2 scenarios, see +part of each scenario\n +below\n/#))
        #expect(both.rendered(wide).contains(#/\n  shadow-stack +not for this kernel +could not be checked\n/#))
    }

    @Test func statusOfAComparisonIsAboutTheFirst() throws {
        let bad = try tests()
        let good = try tests().map { test in
            var test = test
            test.findings = try Samples.findings(
                Samples.lockAnd.replacing("lock andb $-3,(%rdi)  ", with: "nop"), profiles: names
            ).findings
            return test
        }
        func status(_ first: [TestFindings], _ second: [TestFindings], interrupted: Int = 0) -> Report.ExitStatus {
            KernelReport(
                [part(first, "1"), part(second, "2", interrupted: interrupted)], profiles: names, isEverybody: true
            ).status
        }
        #expect(status(bad, good) == .unexpected)
        #expect(status(good, bad) == .success)
        func failures(_ first: [TestFindings], _ second: [TestFindings]) -> Int {
            let report = KernelReport([part(first, "1"), part(second, "2")], profiles: names, isEverybody: true)
            let origin = CheckDocument.Origin(command: "", version: "", directory: "", time: "")
            return report.document.rendered(.sarif, origin).ranges(of: "\"ruleId\"").count
        }
        #expect(failures(bad, good) == 2)
        #expect(failures(good, bad) == 0)
        #expect(failures(bad, bad) == 0)
        #expect(status(bad, bad) == .success)
        #expect(status(bad, bad, interrupted: 1) == .inconclusive)
        #expect(KernelReport([part(bad, "1")], profiles: names, isEverybody: true).status == .unexpected)
        let cut = KernelReport([part([], "1", interrupted: 3)], profiles: names, isEverybody: true)
        #expect(cut.status == .inconclusive)
        #expect(cut.rendered() == "interrupted: 3 scenarios not compiled\n")
    }
}

@Suite struct CTestSummaryTests {
    @Test func whatWasAssumedAndSkipped() throws {
        var first = try Samples.findings(Samples.storeBuffering)
        first.assumptions = ["f returns 0", "only here"]
        var second = first
        second.test.name = "other"
        second.assumptions = ["f returns 0"]
        let skipped = SkippedTests(reason: "no clang", count: 2, hasSequence: false)
        let summary = Summary([first, second], skipped: [skipped])
        #expect(summary.assumptions == "assumed in SB, other: f returns 0\nassumed in SB: only here\n")
        #expect(summary.line.hasSuffix(", 2 skipped"))
        #expect(skipped.line == "2 C tests skipped: no clang")
        let json = VerdictJSON.text(first.findings[0], assumptions: first.assumptions, kernel: "6.12")
        #expect(json.contains("\"kernel\": \"6.12\", \"assumed\": [\"f returns 0\", \"only here\"]"))
        #expect(!VerdictJSON.text(first.findings[0]).contains("assumed"))
    }

    @Test func replayLinesRepeatTheCompiler() throws {
        let verdict = try Samples.findings(Samples.storeBuffering).findings[0].verdict
        let line = ReplayCommand(compilerArguments: ["--kernel-tree", "my tree"]).line(verdict)
        #expect(line?.contains(" --kernel-tree 'my tree' --witness ") == true)
    }
}
