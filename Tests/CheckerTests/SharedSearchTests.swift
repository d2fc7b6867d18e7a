import Generator
import Litmus
import TestSupport
import Testing

@testable import Checker
@testable import Machine

/// A verdict from another profile's search must be what a search of its own would give, to the last number.
@Suite struct SharedSearchTests {
    private typealias Assignment = (label: String, profiles: [CPUProfile])

    /// Compares what is shared with what is not; how many verdicts that were.
    @discardableResult
    private static func compare(
        _ checker: TestChecker, _ assignments: [Assignment], _ text: String, _ options: CheckOptions = CheckOptions()
    ) -> Int {
        var count = 0
        for group in checker.sharedSearches(assignments) where group.count > 1 {
            func verdict(_ position: Int) -> Result<Verdict, any Error> {
                let (label, profiles) = assignments[position]
                return Result { try checker.check(label: label, profiles: profiles, options: options) }
            }
            let first = verdict(group[0])
            for position in group.dropFirst() {
                let (label, profiles) = assignments[position]
                count += 1
                switch (first, verdict(position)) {
                case (.success(let first), .success(let own)):
                    #expect(first.sharedWith == nil)
                    let shared = checker.shared(first, label: label, profiles: profiles)
                    #expect(shared.sharedWith == first.profile)
                    expectSame(shared, own, "\(label), shared with \(first.profile)\n\(text)")
                case (.failure(let first), .failure(let own)):
                    #expect("\(first)" == "\(own)", "\(label)\n\(text)")
                default: Issue.record("\(label) has no verdict, or another has none\n\(text)")
                }
            }
        }
        return count
    }

    private static func expectSame(_ shared: Verdict, _ own: Verdict, _ what: String) {
        #expect(shared.profile == own.profile)
        #expect(shared.expected == own.expected, "\(what)")
        #expect(shared.observation == own.observation, "\(what)")
        #expect(Array(shared.states) == Array(own.states), "\(what)")
        #expect((shared.positive, shared.negative) == (own.positive, own.negative), "\(what)")
        #expect("\(shared.notes)" == "\(own.notes)", "\(what)")
        #expect(shared.replay == own.replay, "\(what)")
        #expect("\(shared.replayEnd) \(shared.end)" == "\(own.replayEnd) \(own.end)", "\(what)")
        #expect(shared.reason == own.reason, "\(what)")
        #expect("\(shared.witness as Any)" == "\(own.witness as Any)", "\(what)")
        #expect(shared.reachedInstructions == own.reachedInstructions, "\(what)")
        var (figures, ownFigures) = (shared.statistics, own.statistics)
        (figures.seconds, ownFigures.seconds) = (0, 0)
        #expect("\(figures)" == "\(ownFigures)", "\(what)")
    }

    /// Profiles that each differ in one field from one that ships, or from one with broadcasts.
    private static let variants: [CPUProfile] = {
        let changes: [(inout CPUProfile) -> Void] = [
            { $0.source = "elsewhere" }, { $0.onWriteRevoked = .setThenWrite }, { $0.onWriteRevoked = .setThenFault },
            { $0.onNotPresent = .setThenWrite }, { $0.onNotPresent = .setThenFault },
            { $0.onFrameChanged = .setThenWrite }, { $0.onFrameChanged = .setThenFault },
            { $0.accessedOnNotPresent = true }, { $0.spuriousFaults = false }, { $0.speculativeFills = false },
            { $0.shadowStack = false }, { $0.storeBuffer = .sc }, { $0.failedCompareStores = false },
            { $0.broadcastInvalidate = true }, { $0.invlpgbOrdered = true }, { $0.broadcastDrains = false },
            { $0.invpcidSerialises = true }, { $0.invlpgKeepsGlobal = true }, { $0.cr3FlushFilter = true },
            { $0.upperLevels = .none },
        ]
        var profiles = [CPUProfile.builtIn[0]]
        for (number, change) in changes.enumerated() {
            var profile = CPUProfile.builtIn[0]
            profile.name = "variant-\(number)"
            change(&profile)
            profiles.append(profile)
        }
        return profiles + broadcasting + CPUProfile.builtIn + CPUProfile.onRequest
    }()

    /// Profiles with broadcasts: `amd`, and two that each differ from it in what broadcasts do.
    private static let broadcasting: [CPUProfile] = {
        var amd = CPUProfile.builtIn[1]
        amd.name = "amd"
        amd.broadcastInvalidate = true
        var (ordered, lazy) = (amd, amd)
        (ordered.name, ordered.invlpgbOrdered) = ("ordered", true)
        (lazy.name, lazy.broadcastDrains) = ("lazy", false)
        return [amd, ordered, lazy]
    }()

    @Test(arguments: Volume.sample(Checkout.corpus, every: 12).map { "Corpus/" + $0 })
    func theCorpusGivesTheSameSharedOrNot(_ path: String) throws {
        for prepared in try Prepared.questions(path: path) {
            Self.compare(prepared.checker, prepared.assignments, path)
        }
    }

    @Test(arguments: Volume.sample(Array(0..<60), every: 4))
    func randomTestsOnProfilesThatDifferInOneFieldEach(_ number: Int) throws {
        let random =
            number % 5 == 4
            ? PlainTestGenerator.test(seed: 12, index: number, size: .init(fragments: 4))
            : TestGenerator.test(seed: 12, index: number, size: .init(cpus: 2, fragments: 3))
        // Tests that name a profile are about that one.
        let text = random.text.split(separator: "\n").filter { !$0.hasPrefix("CPU=") }.joined(separator: "\n") + "\n"
        let checker = try TestChecker(LitmusParser.parse(text))
        var options = CheckOptions()
        options.limits.maxStates = 4000
        let count = checker.lowered.cpuCount
        let uniform: [Assignment] = Self.variants.map { profile in
            (profile.name, [CPUProfile](repeating: profile, count: count))
        }
        // The first CPU alone differs.
        let mixed: [Assignment] = Self.variants.map { profile in
            let others = [CPUProfile](repeating: CPUProfile.builtIn[1], count: count - 1)
            return ("P0:\(profile.name)", [profile] + others)
        }
        Self.compare(checker, uniform, text, options)
        Self.compare(checker, mixed, text, options)
        if number % 6 == 0 {
            options.usesReference = true
            Self.compare(checker, uniform, text, options)
        }
    }

    // MARK: What makes profiles differ

    /// The groups of profiles, by name, that share a search.
    private func groups(_ text: String, among profiles: [CPUProfile] = CPUProfile.builtIn) throws -> [String] {
        let checker = try TestChecker(LitmusParser.parse(text))
        let assignments = try checker.assignments(among: profiles, known: profiles)
        return checker.sharedSearches(assignments).map { group in
            group.map { assignments[$0].label }.joined(separator: " ")
        }
    }

    private func groups(
        code: String, state: String = "[PTE(x)] = (oa:PA(x), d:0);", among profiles: [CPUProfile] = CPUProfile.builtIn,
        condition: String = "exists (written(x))"
    ) throws -> [String] {
        try groups("X86_64 t\n{ \(state) }\n P0 | P1 ;\n\(code)\n\(condition)\n", among: profiles)
    }

    private static let everybody = "cet strict late knl shadowed book"

    @Test func plainMemoryCodeIsTheSameOnAllCPUs() throws {
        let code = " movl $1,(x) | movl (x),%eax ;\n movl (y),%eax | xchgl %eax,(y) ;"
        let condition = "exists (0:rax=0)"
        #expect(try groups(code: code, state: "", condition: condition) == [Self.everybody])
        #expect(
            try groups(code: code, state: "", among: CPUProfile.shipped, condition: condition)
                == [Self.everybody + " amd amd-broadcast herd7 adl k8"])
        #expect(
            try groups(
                code: " cmpxchgl %ecx,(x) | movl $1,(x) ;", state: "", among: CPUProfile.shipped, condition: condition)
                == [Self.everybody + " amd amd-broadcast adl k8", "herd7"])
        #expect(
            try groups(
                code: " lock cmpxchgl %ecx,(x) | movl $1,(x) ;", state: "", among: CPUProfile.shipped,
                condition: condition)
                == [Self.everybody + " amd amd-broadcast herd7 adl k8"])
    }

    @Test func theDirtyUpdateIsTheSameWhileNobodyChangesWhatItCompares() throws {
        // Hardware alone writes the entry.
        #expect(
            try groups(code: " movl $1,(x) | movl (x),%eax ;") == ["cet strict late shadowed", "knl book"])
        // W is cleared, P and the frame never.
        #expect(
            try groups(code: " movl $1,(x) | lock andq $-3,(PTE(x)) ;")
                == ["cet strict", "late", "knl book", "shadowed"])
        #expect(
            try groups(code: " movl $1,(x) | lock btrq $1,(PTE(x)) ;")
                == ["cet strict", "late", "knl book", "shadowed"])
        #expect(
            try groups(code: " movl $1,(x) | movq $0,(PTE(x)) ;") == ["cet strict", "late", "knl", "shadowed", "book"])
        // Only the frame changes: from x's to y's.
        var other = CPUProfile.builtIn[0]
        other.name = "other"
        other.onFrameChanged = .setThenWrite
        let pair = [CPUProfile.builtIn[0], other]
        #expect(try groups(code: " movl $1,(x) | lock xorq $12288,(PTE(x)) ;", among: pair) == ["cet", "other"])
        #expect(try groups(code: " movl $1,(x) | lock xorq $3,(PTE(x)) ;", among: pair) == ["cet other"])
        // Nobody writes through the page.
        #expect(
            try groups(code: " movl (x),%eax | movq $0,(PTE(x)) ;") == ["cet strict late shadowed", "knl book"])
        // The entry has D=1 for ever.
        #expect(
            try groups(code: " movl $1,(x) | lock andq $-3,(PTE(x)) ;", state: "[PTE(x)] = (oa:PA(x), d:1);")
                == ["cet strict late shadowed", "knl book"])
    }

    @Test func anAddressThatIsNotKnownMayBeAny() throws {
        let state = "[PTE(x)] = (oa:PA(x), d:0); 1:rdi = PTE(x);"
        #expect(
            try groups(code: " movl $1,(x) | lock andb $-3,(%rdi) ;", state: state)
                == ["cet strict", "late", "knl book", "shadowed"])
        #expect(
            try groups(code: " movl $1,(x) | movq (y),%rdi ;\n | lock andb $-3,(%rdi) ;", state: state)
                == ["cet strict", "late", "knl", "shadowed", "book"])
    }

    @Test func aGlobalTranslationMayComeFromAnotherAddressSpace() throws {
        func state(_ global: String) -> String {
            "[PTE(x)] = (oa:PA(x), d:0\(global)); [PTE(child:x)] = (oa:PA(y), d:0\(global)); 0:rax = child;"
        }
        let code = " movq %rax,%cr3 | movl (x),%ebx ;\n movl $1,(x) | ;"
        #expect(try groups(code: code, state: state("")) == ["cet strict late shadowed", "knl book"])
        #expect(
            try groups(code: code, state: state(", g:1")) == ["cet strict", "late", "knl", "shadowed", "book"])
        #expect(
            try groups(code: code, state: state(""), among: CPUProfile.shipped)
                == ["cet strict late shadowed herd7 adl", "knl book", "amd amd-broadcast", "k8"])
    }

    @Test func shadowStacksMatterWhereSomethingAsksForThem() throws {
        let code = " movl $1,(x) | movl (x),%eax ;"
        #expect(
            try groups(code: code, condition: "exists (shadow_stack_exposed(x))")
                == ["cet", "strict late shadowed", "knl book"])
        #expect(
            try groups(code: code, state: "[PTE(x)] = (oa:PA(x), d:0); 0:cr0.wp = 0;")
                == ["cet", "strict late shadowed", "knl book"])
        #expect(
            try groups(code: " movq %cr4,%rax | movl (x),%eax ;") == ["cet", "strict late shadowed", "knl book"])
        #expect(
            try groups(code: " movq $1,%rax | movl (x),%eax ;\n wrssq %rax,(x) | ;")
                == ["cet", "strict late shadowed", "knl book"])
    }

    @Test func howBroadcastsWorkMattersWhereACPUBroadcasts() throws {
        let state = "[PTE(x)] = (oa:PA(x), d:0); 0:rax = x; 0:rcx = 0; 0:rdx = 0;"
        let profiles = Self.broadcasting + [CPUProfile.builtIn[1]]
        #expect(
            try groups(code: " invlpgb | movl $1,(x) ;\n tlbsync | ;", state: state, among: profiles)
                == ["amd", "ordered", "lazy", "strict"])
        #expect(
            try groups(code: " call flush_tlb_page(x) | movl $1,(x) ;", state: state, among: profiles)
                == ["amd ordered", "lazy", "strict"])
        #expect(
            try groups(code: " invlpg (x) | movl $1,(x) ;", state: state, among: profiles)
                == ["amd ordered lazy strict"])
    }

    @Test func cpusWithDifferentProfilesAreNotInterchangeable() throws {
        let code = " movl $1,(x) | movl $1,(x) ;"
        let text = "X86_64 t\n{ }\n P0 | P1 ;\n\(code)\nexists (x=1)\n"
        let checker = try TestChecker(LitmusParser.parse(text))
        let (cet, late) = (CPUProfile.builtIn[0], CPUProfile.builtIn[2])
        #expect(
            checker.sharedSearches([("a", [cet, cet]), ("b", [cet, late]), ("c", [late, late]), ("d", [late, cet])])
                == [[0, 2], [1, 3]])
    }
}
