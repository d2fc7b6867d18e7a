import Checker
import CompiledTests
import Diagnostics
import Litmus
import Machine
import Testing
import X86

/// What is said of compiled code: warnings, lines that no run gets to, locals that nobody stores.
@Suite(.enabled(if: (try? Clang()) != nil, "no clang")) struct CodeNoteTests {
    private static func notes(_ text: String, function: String? = nil) async throws -> [EmptyNote] {
        var test = try await Sample.compile(text).test
        if let function {
            test.headers.append(
                Header(key: "Function", value: function, place: SourcePlace(line: 1, column: 1)))
        }
        let profile = try #require(CPUProfile.builtIn.first { $0.name == "cet" })
        let checker = try TestChecker(test)
        return try checker.check(label: "cet", profiles: [CPUProfile](repeating: profile, count: test.threads.count))
            .notes
    }

    private static func text(_ body: String, before: String = "", condition: String = "exists (lost_dirty(x))")
        -> String
    {
        """
        C notes
        Include=linux/pgtable-6.12.h
        Stub=lookup forget
        { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
        int lookup(int *x);
        void forget(int *x);
        \(before)
        P0(pte_t *pte_x, int *x)
        {
            \(body)
            ptep_set_wrprotect(&init_mm, 0, pte_x);
        }
        P1(int *x) { WRITE_ONCE(*x, 1); }
        \(condition)
        """
    }

    @Test func warningsAreToldWithTheirLine() async throws {
        let notes = try await Self.notes(Self.text("WARN_ON(1);"))
        guard case .warning(cpu: 0, let line?)? = notes.first, notes.count == 1 else {
            Issue.record("\(notes)")
            return
        }
        #expect(line.place == "sample.litmus:10")
    }

    @Test(arguments: ["", "WARN_ON(*x == 7);", "if (lookup(x)) WARN_ON(1);"])
    func warningsThatNoRunGetsTo(body: String) async throws {
        #expect(try await Self.notes(Self.text(body)) == [])
    }

    @Test func warningsThatAreAskedFor() async throws {
        let text = Self.text("WARN_ON(1);", condition: "exists (0:warned=0)")
        #expect(try await Self.notes(text) == [])
    }

    @Test func theWrongParameterIsTold() async throws {
        let text = Self.text("").replacing("P0(pte_t *pte_x, int *x)", with: "P0(pte_t *ptep, int *x)")
            .replacing("0, pte_x", with: "0, ptep")
        #expect(try await Self.notes(text) == [.entryNotWritten(property: .lostDirty, page: "x")])
    }

    @Test func localsAreStoredAtTheEnd() async throws {
        let body = "int r = READ_ONCE(*x);"
        #expect(try await Self.notes(Self.text(body, condition: "exists (0:r=2)")) == [])
        // A thread that ends before stores none.
        let never = Self.text("int r = READ_ONCE(*x); BUG_ON(1);", condition: "exists (0:r=2)")
        #expect(try await Self.notes(never).contains(.notWritten(name: "0:r", state: "0:r=0")))
    }

    @Test func linesBehindAStubAreToldWithIt() async throws {
        let before = """
            __attribute__((noinline)) int work(int *x)
            {
                if (!lookup(x))
                    return 3;
                WRITE_ONCE(*x, 2);
                return 0;
            }
            """
        let notes = try await Self.notes(Self.text("int r = work(x);", before: before), function: "work")
        guard case .notReached(cpu: 0, function: "work", let gap)? = notes.first, notes.count == 1 else {
            Issue.record("\(notes)")
            return
        }
        #expect(gap.stub?.name == "lookup")
        #expect(gap.stub?.chain.first?.place == "sample.litmus:9")
        #expect(gap.lines.contains { $0.line == 11 }, "\(gap)")
        #expect(notes[0].isDoubt)
    }

    /// The branch after a stub's call is another's.
    @Test(arguments: ["forget(x);", "lookup(x);"])
    func stubsWhoseResultDecidesNothingAreNotBlamed(call: String) async throws {
        let before = """
            int flag;
            __attribute__((noinline)) int work(int *x)
            {
                int was = READ_ONCE(flag);
                \(call)
                if (!was)
                    return 3;
                WRITE_ONCE(*x, 2);
                return 0;
            }
            """
        let notes = try await Self.notes(Self.text("int r = work(x);", before: before), function: "work")
        guard case .notReached(cpu: 0, function: "work", let gap)? = notes.first, notes.count == 1 else {
            Issue.record("\(notes)")
            return
        }
        #expect(gap.stub == nil)
        #expect(!notes[0].isDoubt)
    }

    @Test func functionsThatRunWholeAreNotTold() async throws {
        let before = """
            __attribute__((noinline)) int work(int *x)
            {
                WRITE_ONCE(*x, 2);
                return 0;
            }
            """
        #expect(try await Self.notes(Self.text("int r = work(x);", before: before), function: "work") == [])
    }
}
