import Checker
import CompiledTests
import Litmus
import Machine
import Report
import TestSupport
import Testing

/// The proof: our own functions, compiled by the release optimiser, in the scenarios of `Corpus/swift`.
///
/// Compiling them all takes most of a minute, so `.ci/run test` runs this, and `swift test` does not; the verdicts are
/// checked in `.ci/run swift` as well.
@Suite(.enabled(if: Volume.isFull, "compiles the whole of Corpus/swift; PTERO_ALL_TESTS=1 runs it"))
struct LibraryProofTests {
    /// A question of the compiled corpus and its verdicts by profile.
    struct Proven: Sendable {
        var name: String
        var test: LitmusTest
        var compiled: CompiledTest
        var verdicts: [String: Observation]
        var instructions: [String]
    }

    /// Compiled and explored once for all tests of this suite.
    private static let proofs = Task<[Proven], any Error> {
        let compiler = try SwiftSample.shared.get()
        var proofs: [Proven] = []
        for (name, bytes) in try SwiftSample.corpus() {
            let source = try SwiftTest.parse(bytes: bytes, file: name)
            let compiled = try await compiler.compile(source, file: name)
            let program = compiled.test.threads.first?.program.instructions ?? []
            for question in compiled.test.questions {
                let checker = try TestChecker(question, file: name)
                var verdicts: [String: Observation] = [:]
                for (label, cpus) in try checker.assignments(among: CPUProfile.builtIn, known: CPUProfile.shipped) {
                    verdicts[label] = try checker.check(label: label, profiles: cpus).observation
                }
                proofs.append(
                    Proven(
                        name: question.title, test: question, compiled: compiled, verdicts: verdicts,
                        instructions: program.map(\.text)))
            }
        }
        return proofs
    }

    private static var everybody: Set<String> { Set(CPUProfile.builtIn.map(\.name)) }

    @Test func everyVerdictIsTheOneInTheFile() async throws {
        let proofs = try await Self.proofs.value
        #expect(proofs.count == 133)
        for proof in proofs {
            let expectation = proof.test.expectation
            for (profile, observation) in proof.verdicts {
                let expected = try #require(expectation.byProfile[profile] ?? expectation.all)
                #expect(observation == expected, "\(proof.name) on \(profile)")
            }
        }
    }

    /// The profiles on which some `Failure=` of a sequence happens, over all profiles that were asked about.
    private static func failures(_ sequence: String) async throws -> [String: Set<String>] {
        let proofs = try await proofs.value.filter { $0.test.sequence == sequence }
        try #require(!proofs.isEmpty, "there is no test of \(sequence)")
        var failures: [String: Set<String>] = [:]
        for proof in proofs {
            guard let failure = proof.test.failure else { continue }
            failures[failure, default: []].formUnion(proof.verdicts.filter { $0.value != .never }.keys)
        }
        return failures.filter { !$0.value.isEmpty }
    }

    @Test(arguments: [
        "setWriteProtected()", "setWriteProtectedByExchange(flush:)", "setWriteProtectedAndClean()",
        "setAccessFlags(_:)", "testAndClearAccessed()", "clear(flush:)", "invalidate(), flush, clear()",
        "establish(_:) without W", "forkLeaf by CompareAndExchange",
        "setWriteProtectedByStoreOrLoop()", "forkLeaf by StoreOrLoop",
        "writeProtectForMerge, one leaf", "merge and breakCopyOnWrite, one leaf",
    ])
    func whatClaimsToWorkForEverybodyDoes(_ sequence: String) async throws {
        #expect(try await Self.failures(sequence).isEmpty)
        let asked = try await Self.proofs.value.filter { $0.test.sequence == sequence }.map(\.verdicts.keys)
        #expect(asked.contains { Set($0) == Self.everybody })
    }

    /// What the comments of the alternatives say, and nothing else.
    private static let documented: [(sequence: String, failures: [String: Set<String>])] = [
        (
            "setWriteProtectedByLockedAnd()",
            [
                "makes a shadow-stack entry": everybody, "exposes a shadow stack": ["cet"],
                "a shadow-stack store writes an ordinary page": ["cet"],
                "a shadow stack keeps its right to write": ["cet"],
            ]
        ),
        (
            "forkLeaf by LockedAnd",
            ["makes a shadow-stack entry": everybody, "exposes a shadow stack": ["cet"]]
        ),
        ("setWriteProtectedByExchange()", ["loses a Dirty bit": ["book"]]),
        ("forkLeaf by ExchangeDance", ["loses a Dirty bit": ["book"]]),
        ("clear(), then the flush", ["loses a Dirty bit": ["book"]]),
        ("establish(_:) of another frame", ["loses a Dirty bit": ["book"]]),
        ("setAccessFlagsByPlainStore, dirty entry", [:]),
        ("setAccessFlagsByPlainStore, clean entry", ["loses a Dirty bit": everybody]),
        ("planted: load, then store", ["loses a Dirty bit": everybody]),
        ("planted: store where used, dirty or not", ["loses a Dirty bit": everybody]),
        ("planted: store where dirty, used or not", ["loses an Accessed bit": everybody]),
        ("planted: store or loop without the lock", ["loses what other software wrote": everybody]),
        ("planted: store or loop without the fence", ["the page changes after the shootdown": everybody]),
    ]

    @Test(arguments: documented)
    func alternativesFailAsTheirCommentsSay(_ sequence: String, _ failures: [String: Set<String>]) async throws {
        #expect(try await Self.failures(sequence) == failures)
    }

    /// What has to be in the code, and how nothing in it begins; `*` is a register of the compiler's choice.
    private static let steps: [(name: String, steps: [String], others: [String])] = [
        ("write-protect+write:lost-dirty", ["lock cmpxchgq"], ["xchgq %"]),
        ("locked-and+write:lost-dirty", ["lock andq $-3,(%rdi)"], ["cmpxchg"]),
        ("exchange+write:lost-dirty", ["xchgq"], ["lock"]),
        ("test-and-clear+write:lost-dirty", ["lock btrq $5,(%rdi)"], ["cmpxchg"]),
        ("fork+write:lost-dirty", ["lock cmpxchgq", "movabsq"], ["xchgq %"]),
        ("store-or-loop+late-arrival", ["lock cmpxchgq", "movq %*,(%rdi)", "lock orl $0,(%rsp)"], ["xchgq %"]),
        ("plain-store+write:lost-dirty", ["(%rdi)"], ["lock", "xchg"]),
    ]

    @Test(arguments: steps)
    func theCodeIsTheOptimisersWithTheStepsOfTheSource(
        _ name: String, _ steps: [String], _ others: [String]
    ) async throws {
        let proof = try #require(try await Self.proofs.value.first { $0.name == name })
        for step in steps {
            let parts = step.split(separator: "*")
            #expect(
                proof.instructions.contains { $0.contains(parts[0]) && (parts.count == 1 || $0.hasSuffix(parts[1])) },
                "\(step) in \(proof.instructions)")
        }
        for other in others {
            #expect(!proof.instructions.contains { $0.hasPrefix(other) }, "\(proof.instructions)")
        }
        // Nothing of the library is called: it is all in the test's own function.
        #expect(
            proof.compiled.reached.first?.contains { $0.contains("PageTable") && !$0.contains("PteroTest") } == false)
    }

    @Test func pteroShowsWhyThePlantedPlainStoreLosesADirtyBit() async throws {
        let proof = try #require(try await Self.proofs.value.first { $0.name == "plain-store+write:lost-dirty" })
        for profile in CPUProfile.builtIn {
            let verdict = try Sample.verdict(of: proof.test, profile: profile.name)
            let witness = try #require(verdict.witness)
            let steps = witness.sentences.steps
            let load = try #require(steps.firstIndex { $0.contains("movq (%rdi)") }, "\(steps)")
            let dirty = try #require(steps.firstIndex { $0.contains("walker sets D in PTE(x)") }, "\(steps)")
            let store = try #require(steps.firstIndex { $0.contains("store reaches memory") }, "\(steps)")
            #expect(load < dirty && dirty < store, "\(profile.name): \(steps)")
        }
    }

    @Test(arguments: ["write-protect+write:lost-dirty", "locked-and+write:exposed", "fork+write:makes-shadow-stack"])
    func embeddedSwiftGivesTheSameVerdicts(_ name: String) async throws {
        let compiler = try SwiftSample.compiler(flags: ["-enable-experimental-feature", "Embedded"])
        let file = String(name.prefix { $0 != ":" })
        let bytes = try #require(try SwiftSample.corpus().first { $0.name == file }).bytes
        let compiled = try await compiler.compile(try SwiftTest.parse(bytes: bytes, file: name), file: name)
        let question = try #require(compiled.test.questions.first { $0.title == name })
        let proof = try #require(try await Self.proofs.value.first { $0.name == name })
        for (profile, observation) in proof.verdicts {
            #expect(try Sample.verdict(of: question, profile: profile).observation == observation)
        }
    }

    @Test func bothSearchesAgreeOnTheCodeOfTheLibrary() async throws {
        for proof in try await Self.proofs.value where proof.name.hasPrefix("fork") || proof.name.hasPrefix("clear") {
            for profile in proof.verdicts.keys {
                let fast = try Sample.verdict(of: proof.test, profile: profile)
                let reference = try Sample.verdict(of: proof.test, profile: profile, reference: true)
                #expect(fast.states == reference.states, "\(proof.name) on \(profile)")
            }
        }
    }
}
