import Diagnostics
import Litmus
import Testing

/// What is said about holes that mean nothing.
@Suite struct HoleFaultTests {
    private static func contract(_ clauses: String) -> String { HoleTests.test("??wp {\(clauses)}") }
    private static func clause(_ clause: String) -> String {
        HoleTests.test("??wp {in rdi; scratch rax rcx; out al&64 rcx}", clause)
    }
    private static func ensures(_ clause: String) -> String { Self.clause("ensures (\(clause))") }

    @Test(arguments: [
        FaultCase(contract("in rdj"), "there is no register `rdj`", at: "rdj", remedy: "did you mean"),
        FaultCase(contract("scratch xmm0"), "there is no register `xmm0`", at: "xmm0", remedy: "such as `rax`"),
        FaultCase(contract("in edi"), "`edi` is a part of `rdi`", at: "edi", remedy: "write `rdi`"),
        FaultCase(contract("scratch rax rax"), "names `rax` twice", at: "rax", remedy: "keep one"),
        FaultCase(contract("in rdi; scratch rax %rdi"), "`rdi` has a meaning", at: "rdi", remedy: "one of the two"),
        FaultCase(contract("scratch rax; out cl"), "may not set it", at: "cl", remedy: "add `rcx` to `scratch`"),
        FaultCase(contract("in rcx; out cl&2"), "may not set it", at: "cl&2", remedy: "a register of `scratch`"),
        FaultCase(contract("scratch rax; out al&0"), "no bit of `al` is named", at: "al&0", remedy: "al&1"),
        FaultCase(contract("scratch rax; out al&"), "no bit of `al` is named", at: "al&"),
        FaultCase(contract("scratch rax; out al&256"), "`al` has 8 bits", at: "al&256", remedy: "`rax`"),
        FaultCase(contract("out axx"), "no register `axx`", at: "axx", remedy: "did you mean"),
        FaultCase(contract("scrach rax"), "no clause `scrach`", at: "scrach", remedy: "did you mean `scratch`?"),
        FaultCase(contract("colour blue"), "no clause `colour`", at: "colour", remedy: "known: `in`, `scratch`"),
        FaultCase(contract("flush maybe"), "`flush` is `yes` or `no`", at: "maybe", remedy: "`flush no`"),
        FaultCase(contract("loop"), "`loop` says nothing", at: "loop", remedy: "`loop no`"),
        FaultCase(contract("lock no; lock no"), "`lock` is given twice", at: "lock", remedy: "keep one"),
        FaultCase(contract("length 17"), "from 1 to 16", at: "17", remedy: "length 8"),
        FaultCase(contract("length 0"), "from 1 to 16", at: "0"),
        FaultCase(contract("length 2 3"), "from 1 to 16", at: "2 3"),
        FaultCase(contract("length 99999999999999999999"), "from 1 to 16", at: "99999999999999999999"),
        FaultCase(contract("only andd"), "no instruction `andd`", at: "andd", remedy: "did you mean"),
        FaultCase(contract("without zzzzzz"), "no instruction `zzzzzz`", at: "zzzzzz", remedy: "ptero isa"),
        FaultCase(contract("without lock"), "`lock` is a prefix", at: "lock", remedy: "lock no"),
        FaultCase(contract("only andb; without andb"), "in `only` and in `without`", at: "andb", remedy: "one of"),
        FaultCase(contract("é"), "no clause `é`", at: "é"),
    ])
    func contracts(_ fault: FaultCase) { fault.check() }

    @Test(arguments: [
        FaultCase(HoleTests.test("?? {}"), "has no name", at: "??", remedy: "??NAME"),
        FaultCase(HoleTests.test("??1a {}"), "has no name", at: "??1a"),
        FaultCase(HoleTests.test("??wp {in rdi; loop no"), "brace of this hole is not closed", at: "{", remedy: "`}`"),
        FaultCase(
            HoleTests.test("??wp {in rdi", rest: " ??wq {} | ;\n"), "brace of this hole is not closed", at: "{"),
        FaultCase("X86_64 t\n{}\n P0 ;\n ??wp {in", "brace of this hole is not closed", at: "{"),
        FaultCase(HoleTests.test("??wp"), "nothing says what the hole `wp` may use", at: "??wp", remedy: "`{}`"),
        FaultCase(HoleTests.test("??wp {} nop"), "in a cell of its own", at: "nop", remedy: "row before or after"),
        FaultCase(HoleTests.test("nop ??wp {}"), "in a cell of its own", at: "nop"),
        FaultCase(HoleTests.test("??a {} ??b {}"), "in a cell of its own", at: "??b"),
        FaultCase(
            Sample.test(program: " P0 ;\n lock ;\n ??wp {} ;\n incl (x) ;\n"), "no instruction after it", at: "lock"),
        FaultCase(
            Sample.test(program: " P0 | P0.F ;\n nop | ??wp {} ;\n"), "a fault handler cannot have a hole",
            at: "??wp", remedy: "the column P0"),
        FaultCase(
            HoleTests.test("??wp {scratch rax}", rest: " | ??wp {scratch rcx} ;\n"), "another contract in line 5",
            at: "??wp", remedy: "leave the braces out"),
        FaultCase(
            Sample.test(program: " P0 ;\n ??a {} ;\n" + String(repeating: " ??a ;\n", count: 64)),
            "at most 64 holes", at: "??a"),
        FaultCase(
            HoleTests.test("??wp {" + String(repeating: "loop no; ", count: 500) + "}"), "at most 4096 bytes",
            at: "??wp"),
        FaultCase(Sample.test("exists (??wp {})"), "`?` has no meaning here", at: "?", remedy: "a cell of a column"),
    ])
    func holes(_ fault: FaultCase) { fault.check() }

    @Test(arguments: [
        FaultCase(
            clause("starts (d:0, d:1)"), "an entry cannot start with two values of `d`", at: "d", remedy: "`d:*`"),
        FaultCase(clause("starts (d:*, rw:1, d:1)"), "two values of `d`", at: "d"),
        FaultCase(clause("starts (d:1, d:1)"), "gives `d` twice", at: "d", remedy: "keep one"),
        FaultCase(clause("starts (rw:2)"), "`rw` has one bit", at: "2", remedy: "from 0 to 1"),
        FaultCase(clause("starts (pkey:16)"), "`pkey` has 4 bits", at: "16"),
        FaultCase(clause("starts (pkey:*)"), "`*` is for fields of one bit", at: "*", remedy: "leave `pkey` out"),
        FaultCase(clause("starts (dirty:1)"), "no field `dirty`", at: "dirty", remedy: "called `d`"),
        FaultCase(clause("starts (oa:PA(x))"), "the frame cannot be named", at: "oa", remedy: "leave `oa` out"),
        FaultCase(clause("starts d:1"), "`(` after `starts`", at: "d", remedy: "starts (rw:1, d:*)"),
        FaultCase(clause("starts (d)"), "expected `:`", at: ")", remedy: "rw:1"),
        FaultCase(clause("starts (d:1) starts (a:1)"), "`starts` is given twice", at: "starts", remedy: "one of them"),
        FaultCase(clause("start (d:1)"), "`start` has no meaning", at: "start", remedy: "did you mean `starts`?"),
        FaultCase(
            HoleTests.test("??wp {}").replacing("~exists (lost_dirty(x))", with: "exists (true) starts (d:1)"),
            "expected the end", at: "starts", remedy: "before the condition"),
        FaultCase(Sample.test("starts (d:1) exists (true)"), "the test has none", at: "starts", remedy: "??NAME"),
        FaultCase(
            Sample.test("ensures ([PTE(x)]=old) exists (true)"), "the test has none", at: "[PTE(x)]=old"),
        FaultCase(
            Sample.test(state: "x=1;", "ensures ([PTE(x)]=old) exists (true)"), "the test has none",
            at: "[PTE(x)]=old", remedy: "??NAME"),
    ])
    func startsClauses(_ fault: FaultCase) { fault.check() }

    @Test(arguments: [
        FaultCase(
            ensures("[PTE(x)] = old with (rw:0, rw:1)"), "`rw` would have to be 0 and 1", at: "rw", remedy: "keep one"),
        FaultCase(ensures("[PTE(x)] = old with (rw:0, rw:old.d)"), "gives `rw` twice", at: "rw"),
        FaultCase(ensures("[PTE(x)] = old with (rw:2)"), "the field `rw` is never 2", at: "2", remedy: "0 or 1"),
        FaultCase(ensures("[PTE(x)] = old with (pkey:16)"), "`pkey` is never 16", at: "16", remedy: "0 to 15"),
        FaultCase(ensures("[PTE(x)] = old with (w:0)"), "no field `w`", at: "w", remedy: "called `rw`"),
        FaultCase(ensures("[PTE(x)] = old with (rw:old.x)"), "no field `x`", at: "x"),
        FaultCase(ensures("[PTE(x)] = old with (oa:PA(x))"), "the frame cannot be named", at: "oa"),
        FaultCase(ensures("[PTE(x)] = old with (rw:d)"), "expected a value", at: "d", remedy: "old.d"),
        FaultCase(ensures("[PTE(x)] = old with rw:0"), "`(` after `with`", at: "rw", remedy: "old with (rw:0)"),
        FaultCase(ensures("[PTE(x)] = 0"), "expected `old` or an entry", at: "0", remedy: "(p:0)"),
        FaultCase(ensures("[PTE(x)] old"), "expected `=`", at: "old", remedy: "old with"),
        FaultCase(ensures("[PTE(x)].d = 0"), "whole entries", at: ".", remedy: "old with (d:0)"),
        FaultCase(ensures("[x] = 1"), "about entries and registers", at: "x", remedy: "old with"),
        FaultCase(ensures("[PTE(y)] = old"), "no entry `PTE(y)`", at: "[PTE(y)] = old"),
        FaultCase(
            ensures("[PTE(child:x)] = old"), "no entry `PTE(child:x)`", at: "[PTE(child:x)] = old", remedy: "0:rdi"),
        FaultCase(
            ensures("[PTE(x)] = old with (rw:0) /\\ pte_x = (p:0)"), "ensured twice", at: "pte_x = (p:0)",
            remedy: "one `old with (...)`"),
        FaultCase(ensures("al&0 = old.d"), "no bit of `al` is named", at: "al&0"),
        FaultCase(ensures("al&64 = 2"), "al&64 is never 2", at: "2", remedy: "0 or 1"),
        FaultCase(ensures("axl = 1"), "no register `axl`", at: "axl", remedy: "did you mean"),
        FaultCase(ensures("0:rax = 1"), "without a processor", at: "0", remedy: "write `al`"),
        FaultCase(
            ensures("al&32 = old.d"), "no hole outputs `al&32`", at: "al&32 = old.d", remedy: "outputs `al&64`"),
        FaultCase(ensures("dl = old.d"), "no hole outputs `dl`", at: "dl = old.d", remedy: "`out dl`"),
        FaultCase(ensures("rcx = 0 /\\ cl = 1"), "bits of `cl` are ensured twice", at: "cl = 1"),
        FaultCase(ensures("rcx = 0 \\/ al&64 = 1"), "expected a value", at: "al", remedy: "old.d"),
        FaultCase(ensures("[PTE(x)] = old \\/ al&64 = 1"), "hold all", at: "\\/", remedy: "join them with `/\\`"),
        FaultCase(ensures("rcx = " + String(repeating: "~", count: 70) + "0"), "at most 64 operands", at: "~"),
        FaultCase(clause("ensures [PTE(x)] = old"), "`(` after `ensures`", at: "["),
        FaultCase(clause("ensure ([PTE(x)] = old)"), "no meaning here", at: "ensure", remedy: "`ensures`"),
    ])
    func ensuresClauses(_ fault: FaultCase) { fault.check() }

    @Test func severalInOneGo() {
        let source = HoleTests.test(
            "??wp {in rdj; scratch rax; flush maybe; lnegth 3}",
            "starts (rw:2, dirty:1)\nensures ([PTE(x)] = old with (d:3, rw:old.dd) /\\ axl = 0)\nlocations [0:raxx;]")
        let all = fault(in: source)?.all ?? []
        #expect(all.map { $0.place?.line } == [5, 5, 5, 7, 7, 8, 8, 8, 9], "\(all.map(\.message))")
        #expect(all.allSatisfy { $0.remedy != nil })
    }

    @Test func whatFollowsAFaultyClauseIsRead() {
        let source = HoleTests.test("??wp {}", "starts rw:1\nensures (old)\n").replacing(
            "lost_dirty", with: "lost_drity")
        let lines = (fault(in: source)?.all ?? []).map { $0.place?.line }
        #expect(lines == [7, 8, 10])
    }

    @Test func aClauseWhoseFirstSignMeansNothingEndsTheReading() {
        // The word that begins the clause is not what reading goes on with.
        for clause in ["starts", "ensures"] {
            let source = HoleTests.test("??wp {}", "\(clause) §")
            #expect(fault(in: source)?.message == "`§` has no meaning here")
        }
    }

    // MARK: Other languages

    private func said(c text: String) -> [String] {
        do throws(Diagnostic) { _ = try CTest.parse(bytes: Array(text.utf8), file: "t.litmus") } catch {
            return error.all.map { "\($0.place?.line ?? 0):\($0.place?.column ?? 0) \($0.message)" }
        }
        return []
    }

    @Test func holesAreForColumns() {
        let test = { (body: String, clauses: String) in
            "C t\n{ [PTE(x)]=(d:0); }\nP0(int *x) { \(body) }\n\(clauses)\nexists (x=0)\n"
        }
        #expect(said(c: test("??wp {in rdi}", "")) == ["3:14 holes are for columns, and this is C"])
        #expect(said(c: test("*x = *x ? 1 : 2; /* ??wp {} */", "")) == [])
        #expect(said(c: test("", "starts (d:1)")) == ["4:1 `starts` is about a hole, and the test has none"])
        #expect(
            said(c: test("", "ensures ([PTE(x)] = old)")).first?.hasPrefix("4:10 `ensures` is about a hole") == true)
        #expect(said(c: test("", "void starts(int *x) { }")) == [])
    }

    @Test func swiftHasADoubleQuestionMarkOfItsOwn() {
        let said = { (code: String) -> [String] in
            let text =
                "/* Swift t\n{ x=0; }\nexists (x=0) */\n@c(P0) func f(x: UnsafeMutablePointer<Int32>) {\n\(code)\n}\n"
            do throws(Diagnostic) { _ = try SwiftTest.parse(bytes: Array(text.utf8), file: "t.swift") } catch {
                return error.all.map { "\($0.place?.line ?? 0):\($0.place?.column ?? 0) \($0.message)" }
            }
            return []
        }
        #expect(said(" ??wp {in rdi}") == ["5:2 holes are for columns, and this is Swift"])
        #expect(said("let a: Int? = nil; x.pointee = Int32(a ?? 1); _ = a??b") == [])
    }

    // MARK: Unfilled

    @Test func anUnfilledHoleIsNoTest() throws {
        let test = try parsed(HoleTests.test("??wp {}", rest: " L: ??late {} | ??wp ;\n"))
        let all = try #require(throws: Diagnostic.self) { try test.checkFilled(file: "t.litmus") }.all
        #expect(all.map(\.message) == ["wp", "late", "wp"].map { "the hole `\($0)` has no instructions yet" })
        #expect(all.map { $0.place?.column } == [2, 5, 17])
        #expect(all[0].remedy == "`ptero synth t.litmus` looks for them; or write instructions in its place")
        try test.filled("wp", with: []).filled("late", with: []).checkFilled(file: nil)
    }
}
