import Litmus
import Machine
import PageTable
import Testing

@testable import Checker

/// A run says why each step was possible and which earlier steps it rests on, and what TLBs and buffers hold after it.
@Suite struct RunStructureTests {
    private static let twoStep = "Corpus/wrprotect/two-step+write+lost-dirty.litmus"

    private func run(_ path: String, on profile: String, isLiteral: Bool = false) throws -> Run {
        let prepared = try Prepared(path: path)
        let profiles = try #require(prepared.assignments.first { $0.label == profile }?.profiles)
        var options = CheckOptions()
        options.usesReference = isLiteral
        let verdict = try prepared.checker.check(label: profile, profiles: profiles, options: options)
        return try #require(verdict.witness)
    }

    /// P, W and D of a translation of the page x, as `CachedTranslation` keeps them.
    private func rights(_ held: CPUState.Translation) -> [Bool] {
        let entry = PageTableEntry(rawValue: held.translation.bits)
        return [entry.isPresent, entry.isWritable, entry.isDirty]
    }

    @Test func theReducedSearchLosesALateDirtyBit() throws {
        let run = try run(Self.twoStep, on: "late")
        #expect(
            run.steps.map(\.report.kind) == [
                .instruction, .instruction, .instruction, .setDirty, .drain, .flush, .acknowledge,
            ])
        let clean = try #require(run.start.cpus[1].translations.first).translation.bits
        #expect(
            run.steps.map(\.cause) == [
                .emptyBuffer, .next, .next, .dirtyUpdate(.writeRevoked, .setThenWrite), .oldestStore, .emptyBuffer,
                .request(initiator: 0),
            ])
        #expect(run.steps[3].report.entry == clean)
        // The load reads what the locked AND wrote, the store holds what the load read, the flush waits for the store; what
        // answers it lets P1's store reach memory.
        #expect(run.steps.map(\.because) == [[], [0], [1], [0], [2], [4], [3, 5]])
        #expect(run.steps.map(\.writtenBy) == [nil, 0, nil, nil, nil, nil, nil])
        #expect(run.steps[1].report.readSource == .memory)
        #expect(run.ending.harms == [.property(.lostDirty, "x")])
        #expect(run.ending.because == [4, 6])
        #expect(run.stepsThatMatter == [0, 1, 2, 3, 4, 5, 6])
        #expect(run.steps[5].after.cpus[0].awaits == [1])
        #expect(run.steps[6].after.cpus[0].awaits.isEmpty)
    }

    /// Filling the TLB and deciding are steps there.
    @Test func theLiteralMachineDoesTheSame() throws {
        let run = try run(Self.twoStep, on: "late", isLiteral: true)
        #expect(run.isLiteral)
        #expect(
            run.steps.map(\.report.kind) == [
                .walk, .instruction, .instruction, .instruction, .beginDirty, .setDirty, .drain, .flush, .acknowledge,
            ])
        #expect(run.steps.map(\.because) == [[], [], [1], [2], [0], [1, 4], [3], [6], [5, 7]])
        #expect(run.steps[0].cause == .demandWalk)
        #expect(run.start.cpus[1].translations.isEmpty)
        let held = try #require(run.steps[0].after.cpus[1].translations.first)
        #expect(run.steps[4].cause == .clean(bits: held.translation.bits))
        #expect(run.steps[4].filledBy == 0 && run.steps[5].filledBy == 0)
        #expect(rights(held) == [true, true, false] && held.filledBy == 0)
        #expect(run.staleness(of: held.translation, in: run.steps[0].after).isEmpty)
        #expect(run.staleness(of: held.translation, in: run.steps[1].after) == [.writable])
        #expect(run.steps[4].after.cpus[1].translations == run.steps[0].after.cpus[1].translations)
        // With its last instruction the thread has ended, and its TLB is forgotten.
        #expect(run.steps[5].after.cpus[1].isEnded && run.steps[5].after.cpus[1].translations.isEmpty)
    }

    @Test func storesWaitInABufferAndTheirCPUReadsThemThere() throws {
        let test = try LitmusParser.parse(
            """
            X86_64 forward
            { int x = 3; int y; }
             P0            ;
             movl $1,(x)   ;
             movl (x),%eax ;
             movb $2,(x)   ;
             movl (x),%ebx ;
             movl (y),%ecx ;
            exists (0:ebx=2)
            """)
        let checker = try TestChecker(test)
        let profiles = [try #require(CPUProfile.builtIn.first)]
        // Where a store can drain, that is step 0 and the instruction step 1.
        let scenario = checker.lowered.scenario(on: profiles, isEager: false)
        let run = try #require(checker.run([0, 1, 1, 1, 1, 0, 0], on: scenario))
        let stored = run.steps.prefix(5).map { $0.after.cpus[0].stores.map(\.storedBy) }
        #expect(stored == [[0], [0], [0, 2], [0, 2], [0, 2]])
        #expect(run.steps.prefix(5).map(\.report.readSource) == [nil, .ownBuffer, nil, .ownBuffer, .memory])
        #expect(run.steps[1].writtenBy == 0 && run.steps[3].because == [0, 2])
        #expect(run.steps[4].writtenBy == nil && run.steps[4].because == [3])
        #expect(run.steps.suffix(2).map(\.because) == [[0], [2]])
        #expect(run.steps.last?.after.cpus[0].stores.isEmpty == true)
    }

    @Test func aBranchCarriesWhatWasReadToWhatComesAfterIt() throws {
        let test = try LitmusParser.parse(
            """
            X86_64 branch
            { int x = 1; int y; }
             P0            ;
             movl (x),%eax ;
             movl (y),%ecx ;
             testl %eax,%eax ;
             je L          ;
             movl $1,(y)   ;
             L:            ;
            exists (y=1)
            """)
        let checker = try TestChecker(test)
        let verdict = try checker.check(label: "cet", profiles: [try #require(CPUProfile.builtIn.first)])
        let run = try #require(verdict.witness)
        #expect(run.steps.map(\.because) == [[], [0], [0], [2]])
    }

    /// Every step rests on earlier ones, and what is held was put there by an earlier one; for every test of the corpus.
    static func expectOrder(of run: Run, on profiles: [CPUProfile]) {
        for (number, step) in run.steps.enumerated() {
            #expect(step.because.allSatisfy { $0 < number } && step.because == step.because.sorted())
            #expect(step.writtenBy.map(step.because.contains) ?? true)
            #expect(step.filledBy.map { $0 < number } ?? true)
            for cpu in step.after.cpus {
                #expect(cpu.stores.allSatisfy { $0.storedBy.map { $0 <= number } ?? false })
                #expect(cpu.translations.allSatisfy { $0.filledBy.map { $0 <= number } ?? true })
            }
            if step.report.kind == .drain { #expect(!step.because.isEmpty) }
            if case .dirtyUpdate(let finding, let response) = step.cause, finding != .unchanged {
                let profile = profiles[step.cpu]
                let fields = [profile.onWriteRevoked, profile.onNotPresent, profile.onFrameChanged]
                #expect(fields.contains(response))
                #expect(!finding.profileFields.isEmpty)
            }
        }
        #expect(run.ending.because.allSatisfy(run.steps.indices.contains))
    }

    @Test(
        arguments: [
            ("wrprotect/two-step+write+lost-dirty.litmus", "late", DirtyFinding.writeRevoked),
            ("wrprotect/lock-and+write+exposed.litmus", "cet", .unchanged),
            ("levels/pte-write-protect+dirty-later.litmus", "late", .writeRevoked),
        ])
    func whatADirtyUpdateFinds(_ path: String, _ profile: String, _ finding: DirtyFinding) throws {
        let found = try run("Corpus/" + path, on: profile).steps.compactMap { step in
            if case .dirtyUpdate(let finding, _) = step.cause { finding } else { nil }
        }
        #expect(found == [finding])
    }
}
