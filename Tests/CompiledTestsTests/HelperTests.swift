import CompiledTests
import PageTable
import TestSupport
import Testing

/// Which helpers a test is about.
enum HelperSource: String, CaseIterable, Sendable {
    case standIns61 = "stand-ins of 6.1"
    case standIns612 = "stand-ins of 6.12"
    case linux61 = "Linux 6.1"
    case linux612 = "Linux 6.12"

    static var available: [HelperSource] {
        allCases.filter {
            switch $0 {
            case .standIns61, .standIns612: true
            case .linux61: Sample.headers("6.1") != nil
            case .linux612: Sample.headers("6.12") != nil
            }
        }
    }

    var generation: LinuxGeneration { self == .standIns61 || self == .linux61 ? .dirtyOnly : .savedDirty }

    var tree: KernelTree? {
        switch self {
        case .standIns61, .standIns612: nil
        case .linux61: Sample.headers("6.1")
        case .linux612: Sample.headers("6.12")
        }
    }

    /// The compiled helpers; compiled once for all tests.
    func harness() async throws -> HelperHarness {
        guard let harness = Self.harnesses[self] else { throw CancellationError() }
        return try await harness.value
    }

    private static let harnesses = Dictionary(
        uniqueKeysWithValues: available.map { source in
            (
                source,
                Task {
                    try await HelperHarness(
                        tree: source.tree, standIn: source.generation == .savedDirty ? "6.12" : "6.1")
                }
            )
        })
}

@Suite struct HelperTests {
    /// What PageTable's Swift says of a helper; nil for one that it has no function for.
    private func expected(
        _ name: String, _ linux: LinuxGeneration, _ a: UInt64, _ b: UInt64, hasShadowStacks: Bool
    ) -> UInt64? {
        let entry = PageTableEntry(rawValue: a)
        let other = PageTableEntry(rawValue: b)
        func number(_ value: Bool) -> UInt64 { value ? 1 : 0 }
        switch name {
        case "wrprotect": return linux.writeProtected(entry).rawValue
        case "mkdirty": return linux.markedDirty(entry).rawValue
        case "mkclean": return linux.markedClean(entry).rawValue
        case "mkold": return linux.markedOld(entry).rawValue
        case "mkyoung": return linux.markedYoung(entry).rawValue
        case "modify": return linux.modified(entry, to: LinuxProtection(rawValue: b)).rawValue
        case "mkuffd_wp": return linux.userfaultfdProtected(entry).rawValue
        case "clear_uffd_wp": return linux.userfaultfdCleared(entry).rawValue
        case "mksoft_dirty": return linux.markedSoftDirty(entry).rawValue
        case "clear_soft_dirty": return linux.softDirtyCleared(entry).rawValue
        case "mkwrite": return linux.madeWritable(entry).rawValue
        case "mkwrite_novma": return linux.madeWritableWithoutMapping(entry).rawValue
        case "mkwrite_shstk": return linux.madeShadowStack(entry).rawValue
        case "mkwrite_shstk_vma": return linux.madeWritable(entry, inShadowStackMapping: true).rawValue
        case "dirty": return number(linux.isDirty(entry))
        case "write": return number(linux.isWritable(entry, hasShadowStacks: hasShadowStacks))
        case "young": return number(linux.isYoung(entry))
        case "present": return number(linux.isPresent(entry))
        case "none": return number(linux.isNone(entry))
        case "same": return number(linux.isSame(entry, as: other))
        case "pfn": return linux.frameNumber(of: entry)
        case "accessible": return number(linux.isAccessible(entry, isFlushPending: false))
        case "needs_flush": return number(linux.needsFlush(from: entry, to: other))
        case "shstk": return number(linux.isShadowStack(entry, hasShadowStacks: hasShadowStacks))
        default: return nil
        }
    }

    /// The bits that the transforms read or write: P, W, U, A, D, PROT_NONE, uffd, soft-dirty, SavedDirty, NX.
    private static let bits: [UInt64] = [0, 1, 2, 5, 6, 8, 10, 11, 58, 63]

    /// The combinations of so many bits; a sample has each bit set and clear, since its step is odd.
    private static func combinations(of count: Int) -> [UInt64] {
        Volume.sample(Array(0..<UInt64(1 << count)), every: 7)
    }

    private static func spread(_ number: UInt64, over bits: [UInt64]) -> UInt64 {
        var value: UInt64 = 0x1234_5000
        for (position, bit) in bits.enumerated() where number >> UInt64(position) & 1 != 0 { value |= 1 << bit }
        return value
    }

    @Test(arguments: HelperSource.available)
    func swiftAgreesOnEveryCombinationOfBits(_ source: HelperSource) async throws {
        let harness = try await source.harness()
        let program = try await harness.linked()
        // Pairs for those that take two entries or an entry and a protection: the bits that decide there.
        let pairBits: [UInt64] = [0, 1, 5, 6, 8, 58]
        var compared: Set<String> = []
        for hasShadowStacks in [false, true] {
            var calls: [(helper: Int, call: HelperHarness.Call)] = []
            var answers: [UInt64] = []
            for (index, helper) in harness.helpers.enumerated()
            where helper.name == "write" || helper.name == "shstk" || hasShadowStacks {
                let takesTwo = ["modify", "needs_flush", "same"].contains(helper.name)
                let cases: [(UInt64, UInt64)] =
                    takesTwo
                    ? Self.combinations(of: 2 * pairBits.count).map {
                        (Self.spread($0, over: pairBits), Self.spread($0 >> UInt64(pairBits.count), over: pairBits))
                    } : Self.combinations(of: Self.bits.count).map { (Self.spread($0, over: Self.bits), 0) }
                for (a, b) in cases {
                    guard let swift = expected(helper.name, source.generation, a, b, hasShadowStacks: hasShadowStacks)
                    else { break }
                    calls.append((index, HelperHarness.Call(numbers: [a, b, 0], entries: [0, 0])))
                    answers.append(swift)
                    compared.insert(helper.name)
                }
            }
            // The compiled kernel's answer, once from the processor and once from the interpreter.
            let native = try program.run(calls, hasShadowStacks: hasShadowStacks)
            for (position, (index, call)) in calls.enumerated() {
                let helper = harness.helpers[index]
                let interpreted = try harness.interpret(helper, call, hasShadowStacks: hasShadowStacks).value
                let given = call.numbers.map { String($0, radix: 16) }
                try #require(
                    interpreted == answers[position],
                    "\(helper.name)\(given): \(String(interpreted, radix: 16)), Swift says \(String(answers[position], radix: 16))"
                )
                try #require(
                    native[position].value == answers[position],
                    "\(helper.name)\(given) natively: \(String(native[position].value, radix: 16)), Swift says \(String(answers[position], radix: 16))"
                )
            }
        }
        #expect(compared.count >= (source.generation == .savedDirty ? 24 : 20))
    }

    @Test(arguments: HelperSource.available)
    func interpreterAndProcessorAgree(_ source: HelperSource) async throws {
        let harness = try await source.harness()
        let program = try await harness.linked()
        #expect(harness.helpers.count >= 31)
        for hasShadowStacks in [true, false] {
            var numbers = SeededNumbers(seed: hasShadowStacks ? 1 : 2)
            // On both kinds of CPU together 10,000 for each helper.
            var calls: [(helper: Int, call: HelperHarness.Call)] = []
            for helper in harness.helpers.indices {
                for _ in 0..<Self.callsPerHelper / 2 {
                    let entry = numbers.entry()
                    let related = entry ^ (1 << (numbers.next() % 64))
                    let other = numbers.next() % 2 == 0 ? related : numbers.entry()
                    let memory = numbers.next() % 2 == 0 ? entry : numbers.entry()
                    let call = HelperHarness.Call(
                        numbers: [entry, other, numbers.entry()], entries: [memory, numbers.entry()])
                    calls.append((helper, call))
                }
            }
            let native = try program.run(calls, hasShadowStacks: hasShadowStacks)
            for ((helper, call), result) in zip(calls, native) {
                let interpreted = try harness.interpret(harness.helpers[helper], call, hasShadowStacks: hasShadowStacks)
                try #require(interpreted == result, "\(harness.helpers[helper].name) \(call)")
            }
        }
    }

    /// Every inline function about entries in the tree's pgtable.h is among those compared, or in the list of those that are
    /// not, with the reason.
    @Test(arguments: HelperSource.available) func noHelperIsForgotten(_ source: HelperSource) async throws {
        guard let tree = source.tree else { return }
        let isNew = source.generation == .savedDirty
        let compared = HelperList.names(isNew: isNew)
        let wrapped = Set(
            try await source.harness().helpers.map(\.name).filter { $0.hasPrefix("k_") }.map { $0.dropFirst(2) })
        #expect(wrapped == Set(compared.map { $0[...] }))
        let defined = try HelperList.inlineFunctions(ofSource: tree.source)
        #expect(defined.count > 150)
        #expect(defined.subtracting(compared).subtracting(HelperList.leftOut.keys) == [])
        #expect(compared.intersection(HelperList.leftOut.keys) == [])
    }

    /// 10,000 seeded random arguments for each helper where everything is wanted: a debug build interprets slowly.
    private static let callsPerHelper = Volume.isFull ? 10_000 : 300
}
