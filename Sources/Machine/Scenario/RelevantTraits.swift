import Litmus
import PageTable
import X86

/// Which ways in which CPUs differ can make a difference in a scenario.
///
/// A field of a profile is left out only where the machine cannot come to a place that reads it, or where all its values do
/// the same there. Two CPUs whose ``profile(ofCPU:)`` is equal then take the same steps, number for number, and their states
/// are laid out alike. This is read off code and entries, never off a profile's name; what is not known counts.
///
/// Code says what it writes where the address does not depend on a register that some instruction of the thread writes.
/// A bit of an entry that no such instruction may change has its initial value for ever: hardware sets A and D and nothing
/// else, and an unlocked update writes back a bit as it was read.
struct RelevantTraits {
    private let scenario: Scenario
    private let needs: [CPUNeeds]
    private let code: [CodeTraits]
    /// By page, the bits of its entries, in any address space, that software may change.
    private let changeable: [UInt64]
    /// By page, whether some entry of it may have G=1.
    private let global: [Bool]

    init(_ scenario: Scenario) {
        self.scenario = scenario
        needs = scenario.cpus.map { CPUNeeds($0, scenario) }
        let code = scenario.cpus.map { CodeTraits($0, scenario.map) }
        self.code = code
        let map = scenario.map
        let changeable = map.pages.indices.map { page in
            map.spaces.indices.reduce(0) { bits, space in
                code.reduce(bits) { $0 | $1.bits(ofLeaf: map.leafWord(page: page, space: space)) }
            }
        }
        self.changeable = changeable
        global = map.pages.indices.map { page in
            changeable[page] & PageTableEntry.globalMask != 0
                || map.spaces.indices.contains { space in
                    (scenario.contents[map.leafWord(page: page, space: space)] ?? 0) & PageTableEntry.globalMask != 0
                }
        }
    }

    /// The profile of a CPU, with fields that make no difference set to the same value in all profiles.
    ///
    /// `profiles` are those of all CPUs, in place of the scenario's: what code can do depends on none.
    func profile(ofCPU cpu: Int, among profiles: [CPUProfile]) -> CPUProfile {
        var profile = profiles[cpu]
        (profile.name, profile.source) = ("", "")
        // What follows knows entries that are leaves for ever.
        if scenario.map.tables != nil { return profile }
        profile.upperLevels = .byPrefix
        profile.upperLevelsCached = .all
        profile.fiveLevels = true
        profile.accessedLate = false
        if !needs[cpu].readsDescriptors { profile.invpcid = true }
        profile.translationCacheExtension = false
        relaxTranslation(&profile)
        relaxLateDirty(&profile, cpu)
        // Asked of shadow-stack stores, of CR4, of writes through W=0 with CR0.WP=0 (`DirtyUpdate.swift`), and by
        // `shadow_stack_exposed`. Code that asks by itself finds another bit in its private memory.
        let code = code[cpu]
        if !code.storesShadowStack, !code.usesCR4, scenario.cpus[cpu].writeProtect,
            scenario.watches[.shadowStackExposed].isEmpty
        {
            profile.shadowStack = false
        }
        // Asked of the second half of such an instruction alone.
        if !code.comparesWithoutLock { profile.failedCompareStores = false }
        relaxInvalidation(&profile, cpu, among: profiles)
        return profile
    }

    /// The walker and the TLB have nothing to do where no page is translated.
    ///
    /// Where one is, `accessedOnNotPresent` and `speculativeFills` also decide how states are laid out: they always count.
    private func relaxTranslation(_ profile: inout CPUProfile) {
        guard scenario.map.pages.isEmpty else { return }
        profile.accessedOnNotPresent = false
        profile.spuriousFaults = false
        profile.speculativeFills = false
    }

    /// The Dirty update compares an entry with the translation that the access was decided on; each of the three fields is for
    /// one way in which they differ.
    ///
    /// It takes place in writes by this CPU to a page that has some entry with D=0. The translation is an earlier content of
    /// the same entry, or, if it is global, of the page's entry in another address space, which may differ in anything.
    private func relaxLateDirty(_ profile: inout CPUProfile, _ cpu: Int) {
        let map = scenario.map
        var differences: UInt64 = 0
        for page in map.pages.indices where code[cpu].writtenPages & (1 << UInt64(page)) != 0 {
            let canBeClean =
                changeable[page] & PageTableEntry.dirtyMask != 0
                || map.spaces.indices.contains { space in
                    (scenario.contents[map.leafWord(page: page, space: space)] ?? 0) & PageTableEntry.dirtyMask == 0
                }
            guard canBeClean else { continue }
            differences |= map.spaces.count > 1 && global[page] ? .max : changeable[page]
        }
        if differences & PageTableEntry.writableMask == 0 { profile.onWriteRevoked = .refault }
        if differences & PageTableEntry.presentMask == 0 { profile.onNotPresent = .refault }
        if differences & PageTableEntry.frameMask == 0 { profile.onFrameChanged = .refault }
    }

    private func relaxInvalidation(_ profile: inout CPUProfile, _ cpu: Int, among profiles: [CPUProfile]) {
        // Who broadcasts: by instruction, which ends the thread on a CPU without, or to flush (`Shootdown.swift`).
        func canBroadcast(_ cpu: Int) -> Bool { needs[cpu].broadcasts || needs[cpu].flushes }
        if !canBroadcast(cpu) { profile.broadcastInvalidate = false }
        if !needs[cpu].broadcasts { profile.invlpgbOrdered = false }
        // Asked of every CPU that takes what somebody broadcasts.
        let isReached = scenario.cpus.indices.contains {
            profiles[$0].broadcastInvalidate && canBroadcast($0)
        }
        if !isReached { profile.broadcastDrains = false }
        if !needs[cpu].readsDescriptors { profile.invpcidSerialises = false }
        // What is dropped or kept are global translations.
        if !global.contains(true) { profile.invlpgKeepsGlobal = false }
        if !code[cpu].writesCR3 { profile.cr3FlushFilter = false }
    }
}

/// What a thread's code can do, as far as profiles are concerned: a superset.
private struct CodeTraits {
    /// Pages that it may write through their translations, a bit each.
    private(set) var writtenPages: UInt64 = 0
    /// `wrss`.
    private(set) var storesShadowStack = false
    /// It reads or writes CR4, which has a bit for shadow stacks.
    private(set) var usesCR4 = false
    private(set) var writesCR3 = false
    /// A `cmpxchg` without `lock`.
    private(set) var comparesWithoutLock = false
    /// By word of an entry, the bits that it may change.
    private var entryBits: [Int: UInt64] = [:]
    /// It may write any entry.
    private var writesAnyEntry = false

    init(_ processor: Processor, _ map: AddressMap) {
        let instructions = processor.programs.flatMap { $0.instructions }
        // An address is known when it is the same whatever is in the registers that the thread writes.
        var others = processor.registers
        for instruction in instructions {
            for register in Self.registersWritten(by: instruction) {
                others[register] = processor.registers[register] &+ 0x1234_5678_9abc &+ UInt64(register.rawValue) << 20
            }
        }
        for instruction in instructions {
            let request = instruction.request(processor.registers)
            let isKnown = request == instruction.request(others)
            note(isKnown ? request : instruction.request(others), instruction, isKnown: isKnown, map)
            // A repeated string instruction asks for nothing while RCX is 0.
            if !isKnown { note(request, instruction, isKnown: false, map) }
            // What its arguments point to nobody knows before it runs.
            if processor.isCompiled, case .service = request { writesAnyEntry = true }
        }
    }

    /// The bits of an entry that the thread may change.
    func bits(ofLeaf word: Int) -> UInt64 { writesAnyEntry ? .max : entryBits[word] ?? 0 }

    private static func registersWritten(by instruction: Instruction) -> Set<Register> {
        // `page_dirty` answers as a function would.
        if case .service = instruction.request(RegisterFile()) { return [.rax] }
        return instruction.effects.writes
    }

    private mutating func note(_ request: Request, _ instruction: Instruction, isKnown: Bool, _ map: AddressMap) {
        switch request {
        case .store(let place), .copy(_, let place):
            noteWrite(place, bits: instruction.changeableBits, isKnown: isKnown, map)
        case .update(let place, let isLocked):
            noteWrite(place, bits: instruction.changeableBits, isKnown: isKnown, map)
            if !isLocked && instruction.comparesAndExchanges { comparesWithoutLock = true }
        case .shadowStackStore(let place):
            storesShadowStack = true
            noteWrite(place, bits: .max, isKnown: isKnown, map)
        case .readCR4, .writeCR4: usesCR4 = true
        case .writeCR3, .service(.switchSpace, _): writesCR3 = true
        default: break
        }
    }

    private mutating func noteWrite(_ access: MemoryAccess, bits: UInt64, isKnown: Bool, _ map: AddressMap) {
        guard isKnown else {
            writtenPages = .max
            writesAnyEntry = true
            return
        }
        switch map.place(at: access.address) {
        case .page(let page, _)?: writtenPages |= 1 << UInt64(page)
        case .physical(let word, let byte)? where map.leaf(ofWord: word) != nil:
            entryBits[word, default: 0] |= (bits & access.width.mask) << UInt64(byte * 8)
        case .physical?, nil: break
        }
    }
}
