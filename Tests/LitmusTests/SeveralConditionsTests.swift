import Diagnostics
import Litmus
import Testing

/// Several conditions in one file: names, what is expected of each, and what a question leaves out.
@Suite struct SeveralConditionsTests {
    @Test func eachConditionIsAQuestion() throws {
        let test = try parsed(Sample.several)
        #expect(test.conditionNames == [nil, "lost-dirty", "seen"])
        let questions = test.questions
        #expect(questions.map(\.title) == ["several", "several:lost-dirty", "several:seen"])
        #expect(questions.map(\.condition.quantifier) == [.exists, .notExists, .forall])
        #expect(questions[1].condition.proposition == .property(.lostDirty, page: "x"))
        #expect(questions.allSatisfy { $0.locations.count == 1 && $0.filter == .constant(true) })
        #expect(questions.allSatisfy { $0.furtherConditions.isEmpty && $0.questions == [$0] })
    }

    @Test func whatIsSaidOfAConditionIsItsOwn() throws {
        let questions = try parsed(Sample.several).questions
        #expect(questions.map { $0.expectation["cet"] } == [.sometimes, .never, nil])
        #expect(questions.map { $0.expectation["late"] } == [.sometimes, .sometimes, nil])
        #expect(questions.map(\.failure) == ["makes a shadow-stack entry", "loses a Dirty bit", nil])
        #expect(questions.map(\.remark) == [nil, nil, "can be seen"])
        #expect(questions[1].places.results["late"] == SourcePlace(line: 7, column: 33))
        #expect(questions[1].condition.span?.place == SourcePlace(line: 17, column: 1))
    }

    @Test func whereAllHaveNamesTheRestIsAboutAll() throws {
        let questions = try parsed(Sample.named).questions
        #expect(questions.map(\.title) == ["named:a", "named:b.2"])
        #expect(questions[0].expectation == Expectation(all: .never))
        #expect(questions[1].expectation == Expectation(all: .always, byProfile: ["late": .never]))
        #expect(questions.map(\.purpose) == ["asks twice", "asks twice"])
        #expect(questions.map(\.conditionKeys) == [["a", nil], ["b.2", nil]])
        #expect(try parsed(Sample.several).questions.map(\.conditionKeys) == [[nil], ["lost-dirty"], ["seen"]])
    }

    @Test func oneConditionMayHaveAName() throws {
        let test = try parsed(Sample.test("exists only: (x=1)"))
        #expect(test.questions.map(\.title) == ["t:only"])
        #expect(test.questions == [test])
        #expect(LitmusWriter.text(of: test).hasSuffix("\nexists only: ([x]=1)\n"))
    }

    /// `exists P0:rax=1` is herd7's, and no condition of this name.
    @Test func processorsAreNoNames() throws {
        let test = try parsed(Sample.test("exists P0:rax=1 exists Px:(x=1)"))
        #expect(test.conditionNames == [nil, "Px"])
        #expect(test.condition.proposition == (try parsed(Sample.test("exists 0:rax=1")).condition.proposition))
    }

    @Test func theDigestIsThatOfTheQuestion() throws {
        let questions = try parsed(Sample.test("exists a: (x=1) exists b: (x=2)")).questions
        #expect(
            try questions.map(\.testHash)
                == ["(x=1)", "(x=2)"].map { try parsed(Sample.test("exists \($0)")).testHash })
        #expect(try parsed(Sample.several).testHash != parsed(Sample.several.replacing("rw=0", with: "rw=1")).testHash)
    }

    @Test func sameLooksAtEachCondition() throws {
        let test = try parsed(Sample.several)
        for (old, new) in [
            ("seen :", "seem :"), ("forall", "exists"),
            ("Result lost-dirty: cet=Never", "Result lost-dirty: cet=Always"),
        ] {
            let text = Sample.several.replacing(old, with: new).replacing("Remark seen", with: "Remark lost-dirty")
            #expect(try !parsed(text).isSame(as: test), "\(old)")
        }
    }

    /// A question that is written as a test of its own keeps what the other conditions name.
    @Test func aQuestionIsWrittenWithTheOthers() throws {
        let questions = try parsed(Sample.several).questions
        let text = LitmusWriter.text(of: questions[1].withOthers)
        #expect(text.contains("\n(* Result lost-dirty: cet=Never late=Sometimes *)\n"))
        #expect(
            text.hasSuffix(
                "\n~exists lost-dirty: (lost_dirty(x))\nexists first: (kernel_shadow_stack(x))\n"
                    + "forall seen: ([PTE(x)].rw=0 \\/ [PTE(child:y)].d=1)\n"))
        let again = try parsed(text).questions
        #expect(again.map(\.title) == ["several:lost-dirty", "several:first", "several:seen"])
        #expect(again[0].condition == questions[1].condition && again[1].expectation == Expectation())
        #expect(
            try parsed(LitmusWriter.text(of: questions[0].withOthers)).conditionNames == [nil, "lost-dirty", "seen"])
    }

    @Test(arguments: [
        FaultCase(
            Sample.test("exists a: (x=1) exists a: (x=2)"), "in line 7 is also called `a`", at: "a", remedy: "own"),
        FaultCase(
            Sample.test("exists (x=1)\nforall (x=2)"), "after the first needs a name", at: "f",
            remedy: "forall NAME: (...)"),
        FaultCase(
            Sample.test("exists (x=1)\n~exists (x=2)"), "after the first needs a name", at: "~",
            remedy: "~exists NAME: (...)"),
        FaultCase(Sample.test("exists a: x=1 b: x=2"), "expected the end", at: "b"),
        FaultCase(Sample.test("exists a: (x=1) not forall b: (x=2)"), "expected the end", at: "not"),
        FaultCase(Sample.test("exists a: (x=1) filter x=1"), "expected the end", at: "filter"),
        FaultCase(Sample.test("exists a:"), "expected a variable", at: ":"),
        FaultCase(
            Sample.test(head: "(* Result lost: Never *)", "exists loss: (x=1)"), "no condition `lost`", at: "lost",
            remedy: "did you mean `loss`?"),
        FaultCase(
            Sample.test(head: "(* Result lost: Never *)", "exists (x=1)"), "no condition `lost`", at: "lost",
            remedy: "write `exists lost: (...)`"),
        FaultCase(
            Sample.test(head: "Failure lost=is lost", "exists a: (x=1)"), "no condition `lost`", at: "lost",
            remedy: "`a`"),
        FaultCase(
            Sample.test(head: "CPU a=cet", "exists a: (x=1)"), "`CPU=` is about the whole test", at: "CPU a=cet",
            remedy: "CPU=cet"),
        FaultCase(
            Sample.test(head: "Failure a=x\nFailure a=y", "exists a: (x=1)"), "`Failure a=` is given twice",
            at: "Failure a=y"),
        FaultCase(
            Sample.test(head: "(* Result a: *)", "exists a: (x=1)"), "`Result a:` names no verdict", at: "Result a: "),
        FaultCase(
            Sample.test(head: "(* Result a: Never Always *)", "exists a: (x=1)"), "was Never before", at: "Always"),
        FaultCase(Sample.test("exists a: (x=1) exists b: (y=)"), "expected a value", at: ")"),
    ])
    func faults(_ fault: FaultCase) { fault.check() }

    @Test func aTestHasAtMost64Conditions() throws {
        func conditions(_ count: Int) -> String {
            (0..<count).map { "exists c\($0): (x=\($0))" }.joined(separator: "\n")
        }
        #expect(try parsed(Sample.test(conditions(64))).questions.count == 64)
        #expect(fault(in: Sample.test(conditions(65)))?.message == "a test has at most 64 conditions")
        #expect(fault(in: Sample.test(conditions(65)))?.place == SourcePlace(line: 71, column: 8))
    }

    /// All slips of one file in one go, in the order of the text.
    @Test func severalSlipsAreToldTogether() throws {
        let found = try #require(
            fault(
                in: Sample.test(
                    head: "(* Result none: Never *)", "exists (x=1)\nexists (x=2)\nexists b: (x=3)\nexists b: (x=4)")))
        #expect(found.all.map(\.place?.line) == [8, 10])
    }

    @Test func testsInCAndSwiftHaveThem() throws {
        let closing = "exists lost: (lost_dirty(x))\n~exists rule: (kernel_shadow_stack(x))"
        let c = try CTest.parse(
            bytes: Array(
                "C t\n(* Result rule: Never *)\n{ [PTE(x)] = (oa:PA(x)); }\nP0(int *x) { WRITE_ONCE(*x, 1); }\n\(closing)\n"
                    .utf8))
        let swift = try SwiftTest.parse(
            bytes: Array(
                "/* Swift t\n(* Result rule: Never *)\n{ [PTE(x)] = (oa:PA(x)); }\n\(closing) */\n@_cdecl(\"P0\") func f(x: UnsafeMutablePointer<Int32>) {}\n"
                    .utf8))
        for test in [c.test, swift.test] {
            #expect(test.questions.map(\.title) == ["t:lost", "t:rule"])
            #expect(test.questions.map(\.expectation.all) == [nil, .never])
        }
    }
}
