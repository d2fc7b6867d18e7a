import Litmus
import PageTable
import X86

/// Which parts of a packed state a CPU's code can need, read off the code once.
///
/// What depends on addresses is a guess, made with the registers of the start: a part that was left out and turns out to
/// be needed makes the machine be built again with it (``FieldWidths``).
struct CPUNeeds {
    /// It flushes, or broadcasts invalidations.
    var flushes = false
    var broadcasts = false
    /// It can broadcast invalidations of translations without partial walks.
    var broadcastsFinal = false
    /// It reads descriptors of `invpcid`.
    var readsDescriptors = false
    /// Its walker can be about to set Accessed although nothing asked for it.
    var hasPendingWalks: Bool
    /// It calls a service that waits for memory.
    var waits = false
    /// The kernel services it calls.
    var services: [KernelService] = []
    /// Address spaces that the CPU can have loaded.
    var spaces: Set<Int>
    /// Guess: pages it accesses through their translations, a bit each.
    var pages: UInt64 = 0
    /// Guess: words that it reads, and words that it or its walker changes.
    var readWords: Set<Int> = []
    var changedWords: Set<Int> = []
    /// Guess: words that its stores go to, through the store buffer.
    var storedWords: Set<Int> = []
    /// An instruction can be in the middle of a walk, waits for acknowledgements, or for the page-table lock.
    var hasPhases: Bool
    /// A phase is about a translation.
    var hasPhaseOperands: Bool
    /// Bits that the numbers of the thread's local states are likely to fit.
    var threadBits: Int

    init(_ processor: Processor, _ scenario: Scenario) {
        let map = scenario.map
        let programs = processor.programs
        let count = programs.reduce(0) { $0 + $1.instructions.count }
        let profile = processor.profile
        let walksInSteps = scenario.isEager || !profile.speculativeFills || profile.accessedOnNotPresent
        spaces = [processor.space]
        // With several levels the literal walk keeps there what it is about to do.
        hasPendingWalks =
            !map.pages.isEmpty
            && (map.tables == nil
                ? profile.speculativeFills && profile.accessedOnNotPresent : walksInSteps)
        hasPhaseOperands = !map.pages.isEmpty && (walksInSteps || processor.onFault == .retry)
        hasPhases = hasPhaseOperands
        threadBits = min(7, Int.bitWidth - (2 * (count + 1)).leadingZeroBitCount)
        for program in programs {
            for index in program.instructions.indices {
                note(program.instructions[index].request(processor.registers), map)
            }
        }
        if flushes { hasPhases = true }
        noteWalks(scenario, processor.space)
    }

    private mutating func note(_ request: Request, _ map: AddressMap) {
        switch request {
        case .load(let access): note(access, map, isRead: true, isWritten: false)
        case .store(let access), .shadowStackStore(let access): noteStore(access, map)
        case .update(let access, let isLocked):
            note(access, map, isRead: true, isWritten: true)
            if !isLocked { noteStore(access, map) }
        case .copy(let from, let to):
            note(from, map, isRead: true, isWritten: false)
            noteStore(to, map)
        case .writeCR3: spaces = Set(map.spaces.indices)
        case .broadcastInvalidate: (broadcasts, broadcastsFinal) = (true, true)
        case .broadcastSynchronize: broadcasts = true
        case .invalidateContext: readsDescriptors = true
        case .service(let service, let arguments): note(service, arguments, map)
        default: break
        }
    }

    private mutating func note(_ access: MemoryAccess, _ map: AddressMap, isRead: Bool, isWritten: Bool) {
        guard let word = word(access, map) else { return }
        if case .page(let page, _)? = map.place(at: access.address) { pages |= 1 << UInt64(page) }
        if isRead { readWords.insert(word) }
        if isWritten { changedWords.insert(word) }
    }

    private mutating func noteStore(_ access: MemoryAccess, _ map: AddressMap) {
        note(access, map, isRead: false, isWritten: true)
        if let word = word(access, map) { storedWords.insert(word) }
    }

    private mutating func note(_ service: KernelService, _ arguments: [String], _ map: AddressMap) {
        if !services.contains(service) { services.append(service) }
        if service.waits { waits = true }
        if service.flushes || service.awaitsCPUs { flushes = true }
        if service == .broadcastInvalidate {
            broadcasts = true
            if ServiceRequest.namesFinal(arguments) { broadcastsFinal = true }
        } else if service.subject == .tag {
            readsDescriptors = true
        }
        // A lazy CPU can be made to load the kernel's own.
        if service.changesMode { spaces = Set(map.spaces.indices) }
        guard let variable = arguments.first.flatMap(map.variable(named:)) else { return }
        let word = map.dataWord(ofVariable: variable)
        switch service {
        case .lock:
            readWords.insert(word)
            changedWords.insert(word)
        case .waitFor: readWords.insert(word)
        case .unlock:
            changedWords.insert(word)
            storedWords.insert(word)
        default: break
        }
    }

    /// The word that an access reaches; through the page's own frame where it is translated.
    private func word(_ access: MemoryAccess, _ map: AddressMap) -> Int? {
        switch map.place(at: access.address) {
        case .physical(let word, _)?: return word
        case .page(let page, let byte)?:
            let variable = map.pages[page]
            return byte / 8 < map.variables[variable].words ? map.dataWord(ofVariable: variable) + byte / 8 : nil
        case nil: return nil
        }
    }

    /// The walker changes entries that lack A, and those that lack D of pages that are written.
    private mutating func noteWalks(_ scenario: Scenario, _ space: Int) {
        for page in scenario.map.pages.indices where pages & (1 << UInt64(page)) != 0 {
            let leaf = scenario.map.leafWord(page: page, space: space)
            let entry = PageTableEntry(rawValue: scenario.contents[leaf] ?? 0)
            let isWritten = changedWords.contains(scenario.map.dataWord(ofVariable: scenario.map.pages[page]))
            guard entry.isPresent else { continue }
            if !entry.isAccessed || (isWritten && !entry.isDirty) { changedWords.insert(leaf) }
        }
    }
}
