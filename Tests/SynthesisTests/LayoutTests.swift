import Litmus
import Testing

@testable import Synthesis

/// In which order the ways of a case split stand, and what that costs.
@Suite struct LayoutTests {
    private let problem: SynthesisProblem
    private let plain: Candidate.Branch
    private let locked: Candidate.Branch
    private let predicate = Predicate(mask: 64, needsAll: true)

    init() throws {
        let problem = try Sample.problem(Sample.easy)
        func template(_ text: String) throws -> Template {
            try #require(problem.grammar.templates.first { $0.text == text }, "\(text)")
        }
        plain = .straight([try template("andq $-3,%rax"), try template("movb %al,(%rdi)")])
        locked = .straight([try template("lock andb $-3,(%rdi)")])
        self.problem = problem
    }

    private func prices(clean: Double, dirty: Double) -> CandidatePricing {
        let mix: [EntryKind: Double] = [.clean: clean, .cleanAndOld: 0, .dirty: dirty, .dirtyAndOld: 0]
        return CandidatePricing(
            pricing: Pricing(costs: .nominal, mix: mix), starts: problem.starts,
            writer: CandidateWriter(scratch: problem.grammar.scratch, pointer: problem.grammar.pointer))
    }

    /// The order that is cheaper in the mix; the way that stands last needs no jump to the end.
    @Test func theCheapWayFallsThrough() throws {
        let candidate = Candidate(shape: .split(predicate, plain, locked))
        let mostlyDirty = prices(clean: 1, dirty: 9)
        let turned = mostlyDirty.laidOut(candidate)
        #expect(turned.firstIsLast)
        #expect(
            mostlyDirty.writer.lines(turned) == [
                "movq (%rdi),%rax", "testb $64,%al", "jne Lother", "lock andb $-3,(%rdi)", "jmp Ldone", "Lother:",
                "andq $-3,%rax", "movb %al,(%rdi)", "Ldone:",
            ])
        // One predicted branch less than where it stands first.
        let (before, after) = (mostlyDirty.costs(candidate), mostlyDirty.costs(turned))
        #expect((before[.dirty] ?? 0) > (after[.dirty] ?? 0) && (before[.clean] ?? 0) < (after[.clean] ?? 0))
        let usual = prices(clean: 9, dirty: 1).laidOut(turned)
        #expect(!usual.firstIsLast && mostlyDirty.writer.lines(usual).contains("je Lother"))
        // Of layouts that cost the same the first one.
        #expect(!prices(clean: 0, dirty: 0).laidOut(turned).firstIsLast)
    }

    /// Where one way has nothing to do the other needs no jump over it.
    @Test func nothingIsJumpedOver() throws {
        let nothing = Candidate.Branch.straight([])
        let prices = prices(clean: 1, dirty: 1)
        let first = prices.laidOut(Candidate(shape: .split(predicate, nothing, locked)))
        #expect(
            prices.writer.lines(first) == [
                "movq (%rdi),%rax", "testb $64,%al", "jne Ldone", "lock andb $-3,(%rdi)", "Ldone:",
            ])
        let second = prices.laidOut(Candidate(shape: .split(predicate, locked, nothing)))
        #expect(prices.writer.lines(second)[2] == "je Ldone" && !second.firstIsLast)
        let dirty = try #require(problem.starts.first { EntryKind($0.entry) == .dirty })
        #expect(first.path(dirty.entry, prices.writer).last == .jump)
        #expect(second.path(dirty.entry, prices.writer).contains(.passed))
    }

    /// Both orders are the same program with other jumps: the machine says the same of them.
    @Test func theOrderDoesNotMatterToTheMachine() throws {
        for (first, second) in [(plain, locked), (locked, plain), (plain, plain)] {
            var candidate = Candidate(shape: .split(predicate, first, second))
            let writer = prices(clean: 1, dirty: 1).writer
            let judge = Judge(problem, .init(offered: Sample.profiles, known: Sample.profiles), limits: .init())
            let usual = try judge.rejection(of: writer.lines(candidate))
            candidate.firstIsLast = true
            #expect(try judge.rejection(of: writer.lines(candidate)) == usual)
        }
    }
}
