import Diagnostics
import Litmus
import PageTable
import X86

/// Ghost state: what happened, recorded for properties and conditions and read by nothing else (machine.md, section 7).
struct GhostFields {
    /// `fault(...)` bits.
    var faults: Field
    /// By variable: its frame was written since last declared clean.
    var written: UnsafeMutablePointer<Field>
    /// By variable: `reclaim` was called; and lost then or later.
    var reclaimed: UnsafeMutablePointer<Field>
    var lost: UnsafeMutablePointer<Field>
    /// By variable: the software dirty flag.
    var pageDirty: UnsafeMutablePointer<Field>
    /// By page: violations so far of what its entries say.
    var kernelShadowStack: UnsafeMutablePointer<Field>
    var exposed: UnsafeMutablePointer<Field>
    var staleWrite: UnsafeMutablePointer<Field>
    var strayPresent: UnsafeMutablePointer<Field>
    /// By page: accesses while the TLB held two sizes; and such that differed.
    var sizeConflict: UnsafeMutablePointer<Field>
    var sizeMismatch: UnsafeMutablePointer<Field>
    /// By variable: an access after its frame was declared free; and that it was.
    var staleFrame: UnsafeMutablePointer<Field>
    var freed: UnsafeMutablePointer<Field>
    /// By table: it was declared free; and a walker or software read or wrote it since.
    var freedTable: UnsafeMutablePointer<Field>
    var staleTable: UnsafeMutablePointer<Field>
    /// By entry: hardware set A or D after P became 0.
    var stray: UnsafeMutablePointer<Field>
    /// By leaf, a bit per frame: since a flush completed, the leaf has not permitted writing that frame.
    var barred: UnsafeMutablePointer<Field>
    /// CPUs that came to a frame of which nothing is known, which ends the run.
    var wild: Field
    /// A CPU with CET is there at all.
    let someShadowStacks: Bool
    private let storage: UnsafeMutablePointer<Field>

    /// - Parameters:
    ///   - calls: the kernel services that the code calls.
    ///   - keepsWild: whether runs that end at a frame of which nothing is known are told apart.
    init(_ scenario: Scenario, _ calls: [KernelService], keepsWild: Bool, _ fields: inout FieldAllocator) {
        let watches = scenario.watches
        let pages = scenario.map.pages.count
        let leaves = pages * scenario.map.spaces.count
        let entryPages = MachinePlan.entryPages(scenario.map)
        let tables = scenario.map.tables?.tables.count ?? 0
        faults = fields.field(bits: watches.faults.count)
        someShadowStacks = scenario.cpus.contains(where: { $0.hasShadowStacks })
        let variables = scenario.map.variables.count
        storage = .allocate(capacity: max(1, variables * 6 + pages * 6 + leaves + entryPages.count + tables * 2))
        var next = storage
        func bits(_ count: Int, _ isNeeded: (Int) -> Bool) -> UnsafeMutablePointer<Field> {
            let start = next
            for number in 0..<count { (start + number).initialize(to: fields.field(bits: isNeeded(number) ? 1 : 0)) }
            next += count
            return start
        }
        func perLeaf(_ bits: Int, _ isNeeded: (Int) -> Bool) -> UnsafeMutablePointer<Field> {
            let start = next
            for leaf in 0..<leaves {
                (start + leaf).initialize(to: fields.field(bits: isNeeded(leaf % pages) ? bits : 0))
            }
            next += leaves
            return start
        }
        let lostDirty = watches[.lostDirty]
        let asked = watches[.written]
        written = bits(variables) { asked.contains($0) || lostDirty.contains($0) }
        let reclaims = calls.contains(.reclaim)
        reclaimed = bits(variables) { reclaims && lostDirty.contains($0) }
        lost = bits(variables) { reclaims && lostDirty.contains($0) }
        let asksDirty = calls.contains(.pageDirty)
        let marksDirty = calls.contains(.setPageDirty)
        pageDirty = bits(variables) { (marksDirty && lostDirty.contains($0)) || asksDirty }
        kernelShadowStack = bits(pages, watches[.kernelShadowStack].contains)
        exposed = bits(pages, watches[.shadowStackExposed].contains)
        staleWrite = bits(pages, watches[.staleWrite].contains)
        strayPresent = bits(pages, watches[.strayPresent].contains)
        sizeConflict = bits(pages, watches[.sizeConflict].contains)
        sizeMismatch = bits(pages, watches[.sizeMismatch].contains)
        wild = fields.field(bits: keepsWild ? scenario.cpus.count : 0)
        staleFrame = bits(variables, watches[.staleFrame].contains)
        freed = bits(variables, watches[.staleFrame].contains)
        freedTable = bits(tables, watches[.staleTable].contains)
        staleTable = bits(tables, watches[.staleTable].contains)
        stray = bits(entryPages.count) { entry in
            watches[.strayPresent].contains { entryPages[entry] & (1 << UInt64($0)) != 0 }
        }
        barred = perLeaf(min(variables + tables, 64), watches[.staleWrite].contains)
    }

    func deallocate() { storage.deallocate() }
}

extension Machine {
    // MARK: Properties

    /// P=1, W=0, D=1.
    static func isShadowStack(_ entry: UInt64) -> Bool {
        let entry = PageTableEntry(rawValue: entry)
        return entry.isPresent && entry.isShadowStackEncoding
    }

    /// `shadow-stack-exposed`: on a CPU with CET a shadow-stack access to an ordinary page could succeed.
    ///
    /// A TLB can hold such a translation only if memory or a store buffer held the entry, and buffered entries reach
    /// memory, so looking at memory after each of its changes is enough.
    func noteExposure(_ state: UnsafeMutablePointer<UInt64>, leaf: Int) {
        let page = leaves[leaf].page
        guard asksForExposure(ofPage: page) else { return }
        if Self.isShadowStack(value(inMemory(state, leaves[leaf].word))) { ghost.exposed[page].write(1, state) }
    }

    /// Whether it is asked if a page is exposed, which is not of a shadow-stack mapping, and some CPU has shadow stacks.
    @inline(__always)
    private func asksForExposure(ofPage page: Int) -> Bool {
        ghost.exposed[page].isPresent && ghost.someShadowStacks && plan.shadowStackPages & (1 << UInt64(page)) == 0
    }

    func noteRights(_ state: UnsafeMutablePointer<UInt64>, leaf: Int, _ content: Int) {
        guard ghost.barred[leaf].isPresent else { return }
        noteRights(state, leaf: leaf, translations[leaf][translation(ofValue: content, leaf: leaf)])
    }

    private func noteRights(_ state: UnsafeMutablePointer<UInt64>, leaf: Int, _ entry: Translation) {
        if entry.isPresent && entry.isWritable { ghost.barred[leaf].remove(barredBit(ofFrame: entry.frame), state) }
    }

    /// What a frame holds, as a bit of those that a page's translations may not write: variables, then tables.
    private func barredBit(ofFrame frame: Int32) -> UInt64 {
        if let table = TableFrame.table(frame) { return 1 << UInt64(map.variables.count + table) }
        return frame >= 0 ? 1 << UInt64(frame) : 0
    }

    /// A flush that covers these leaves has completed on all CPUs.
    func noteFlushed(_ state: UnsafeMutablePointer<UInt64>, leaves set: UInt64) {
        var rest = set
        while rest != 0 {
            let leaf = rest.trailingZeroBitCount
            rest &= rest - 1
            guard ghost.barred[leaf].isPresent else { continue }
            let entry = translations[leaf][outcomeInMemory(UnsafePointer(state), leaf: leaf)]
            var frames = ghost.barred[leaf].mask
            if entry.isPresent && entry.isWritable { frames &= ~barredBit(ofFrame: entry.frame) }
            ghost.barred[leaf].insert(frames, state)
        }
    }

    /// The number of what memory says of a page.
    func outcomeInMemory(_ state: UnsafePointer<UInt64>, leaf: Int) -> Int {
        walks.hasUpperLevels
            ? outcomeFromRoot(state, leaf: leaf)
            : translation(ofValue: inMemory(state, leaves[leaf].word), leaf: leaf)
    }

    // MARK: Tables

    /// An entry of a test with several levels has changed: any page may be mapped in another way.
    func noteTables(_ state: UnsafeMutablePointer<UInt64>) {
        for leaf in 0..<leafCount {
            let isAsked = ghost.barred[leaf].isPresent || ghost.exposed[leaves[leaf].page].isPresent
            guard isAsked else { continue }
            let entry = translations[leaf][outcomeFromRoot(UnsafePointer(state), leaf: leaf)]
            if ghost.barred[leaf].isPresent { noteRights(state, leaf: leaf, entry) }
            if isExposed(by: entry, leaf: leaf) { ghost.exposed[leaves[leaf].page].write(1, state) }
        }
    }

    /// A CPU's walker can come to a translation, whether memory shows it or not.
    @inline(__always)
    func noteReachable(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, leaf: Int, _ number: Int) {
        if isExposed(by: translations[leaf][number], leaf: leaf, to: cpu) {
            ghost.exposed[leaves[leaf].page].write(1, state)
        }
    }

    /// Whether a translation exposes its page as a shadow stack to a CPU that has them.
    @inline(__always)
    func isExposed(by entry: Translation, leaf: Int, to cpu: Int) -> Bool {
        traits[cpu].hasShadowStacks && isExposed(by: entry, leaf: leaf)
    }

    private func isExposed(by entry: Translation, leaf: Int) -> Bool {
        asksForExposure(ofPage: leaves[leaf].page) && entry.isPresent && entry.isShadowStack
    }

    /// Whether a table was freed, and nobody has read or written it since; asked of tables that the question is about.
    @inline(__always)
    func isFreedUnread(_ state: UnsafePointer<UInt64>, table: Int) -> Bool {
        ghost.freedTable[table].isPresent && ghost.freedTable[table].read(state) != 0
            && ghost.staleTable[table].read(state) == 0
    }

    /// A table is read or written.
    @inline(__always)
    func noteUse(_ state: UnsafeMutablePointer<UInt64>, ofTable table: Int) {
        if isFreedUnread(UnsafePointer(state), table: table) { noteStale(state, table: table) }
    }

    /// A CPU comes to a frame that holds nothing of the test: the run ends, if anybody asks for such runs.
    func noteWild(
        _ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record? = nil, _ thread: Int = 0,
        _ message: () -> String
    ) {
        if ghost.wild.isPresent {
            ghost.wild.insert(1 << UInt64(cpu), state)
        } else if !scenario.watches[.staleTable].isEmpty {
            fail(.outgrown(.wildRuns))
        } else {
            if record != nil { noteFailure(at: tables.threads[cpu].states[thread], cpu, number: thread) }
            fail(
                .invalid(
                    place: record.flatMap { place(of: $0, cpu, thread) }, message: message(),
                    remedy:
                        "map the frame of a variable, as in (oa:PA(x)), and point to tables, as in (table:PT(x)); or ask "
                        + "for runs that end there: \(ThreadProperty.wild.name)(P\(cpu))"))
        }
    }

    /// A freed table is read or written; walkers go on in it from now on.
    func noteStale(_ state: UnsafeMutablePointer<UInt64>, table: Int) {
        ghost.staleTable[table].write(1, state)
        // Every CPU can walk further than before, as if the table had changed.
        changes.noteWrite(entry: walks.firstEntries[table])
    }

    /// Data of a page changes in memory; a translated store counts as a write of the page.
    ///
    /// A stale write goes through a translation that permits writing; one without W is a shadow-stack store, or was made
    /// with CR0.WP=0.
    func noteWrite(_ state: UnsafeMutablePointer<UInt64>, frame: Int, origin: StoreOrigin) {
        let leaf = origin.leaf
        if ghost.freed[frame].read(state) != 0 { ghost.staleFrame[frame].write(1, state) }
        guard leaf >= 0 else { return }
        ghost.written[frame].write(1, state)
        if ghost.reclaimed[frame].read(state) != 0 { ghost.lost[frame].write(1, state) }
        noteStaleWrite(state, frame: Int32(frame), origin: origin)
    }

    /// A store reaches a frame, through a translation that permits writing, after a flush that took the right away.
    func noteStaleWrite(_ state: UnsafeMutablePointer<UInt64>, frame: Int32, origin: StoreOrigin) {
        guard origin.leaf >= 0, origin.isWritable else { return }
        if ghost.barred[origin.leaf].readBits(state) & barredBit(ofFrame: frame) != 0 {
            ghost.staleWrite[leaves[origin.leaf].page].write(1, state)
        }
    }

    /// Software reads a word.
    @inline(__always)
    func noteRead(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record, word: Int) {
        let info = words[word]
        if !info.isKept { fail(.outgrown(.reading(word))) }
        if info.frame >= 0 {
            if ghost.freed[Int(info.frame)].read(state) != 0 { ghost.staleFrame[Int(info.frame)].write(1, state) }
            return
        }
        let entry = Int(info.entry)
        if walks.hasUpperLevels { noteUse(state, ofTable: walks.tablesOfEntries[entry]) }
        if ghost.stray[entry].read(state) != 0, record.pointee.mask & 1 != 0,
            !isPresent(inMemory(state, word)), readsMemory(state, cpu, word: word, mask: 1)
        {
            var pages = plan.entryPages[entry]
            while pages != 0 {
                ghost.strayPresent[pages.trailingZeroBitCount].write(1, state)
                pages &= pages &- 1
            }
        }
    }

    /// `reclaim(x)`: the page is taken for clean; what was written before or is written later is lost.
    func noteReclaim(_ state: UnsafeMutablePointer<UInt64>, frame: Int) {
        ghost.reclaimed[frame].write(1, state)
        if ghost.written[frame].read(state) != 0 { ghost.lost[frame].write(1, state) }
    }

    /// Whether a leaf that says that a frame is dirty can be reached from the root of some address space, at any address.
    private func isDirty(_ state: UnsafePointer<UInt64>, frame number: UInt64, below table: Int) -> Bool {
        let count = map.tables?.slots[walks.levels[table] - 1].count ?? 0
        let first = walks.firstEntry + walks.firstEntries[table]
        let start = ReachedTable(table: table, isWritable: true, isUser: true)
        return (first..<first + count).contains { word in
            let content = inMemory(state, word)
            let level = walks.levels[table]
            guard isPresent(content), !hasReservedBit(content, level: level) else { return false }
            if isLeaf(content, level: level) { return Self.saysDirty(value(content), frame: number, level: level) }
            return nextTable(content, from: start).map { isDirty(state, frame: number, below: $0.table) } ?? false
        }
    }

    /// Whether an entry without a reserved bit maps a frame and says that it was written.
    private static func saysDirty(_ entry: UInt64, frame number: UInt64, level: Int = 1) -> Bool {
        let (bits, entry) = (UpperEntry.translationBits(entry, level: level), PageTableEntry(rawValue: entry))
        let first = PageTableEntry(rawValue: bits).frameNumber
        return entry.isPresent && number >= first && number - first < AddressMap.framesOfBlock(level)
            && (entry.isDirty || entry.isSavedDirty)
    }

    /// `lost-dirty`, in a state in which no thread can step any more.
    func isDirtyLost(_ state: UnsafePointer<UInt64>, frame: Int) -> Bool {
        if ghost.reclaimed[frame].read(state) != 0 { return ghost.lost[frame].read(state) != 0 }
        guard ghost.written[frame].read(state) != 0, ghost.pageDirty[frame].read(state) == 0 else { return false }
        let number = map.frameNumber(ofVariable: frame)
        if walks.hasUpperLevels {
            return !(0..<walks.tableCount).contains { table in
                walks.levels[table] == walks.rootLevel && isDirty(state, frame: number, below: table)
            }
        }
        return !(0..<leafCount).contains { leaf in
            Self.saysDirty(value(inMemory(state, leaves[leaf].word)), frame: number)
        }
    }
}
