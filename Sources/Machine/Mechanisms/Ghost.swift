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
    /// By variable: an access after its frame was declared free; and that it was.
    var staleFrame: UnsafeMutablePointer<Field>
    var freed: UnsafeMutablePointer<Field>
    /// By leaf: hardware set A or D after P became 0.
    var stray: UnsafeMutablePointer<Field>
    /// By leaf, a bit per frame: since a flush completed, the leaf has not permitted writing that frame.
    var barred: UnsafeMutablePointer<Field>
    /// A CPU with CET is there at all.
    let someShadowStacks: Bool
    private let storage: UnsafeMutablePointer<Field>

    /// - Parameter calls: the kernel services that the code calls.
    init(_ scenario: Scenario, _ calls: Set<KernelService>, _ fields: inout FieldAllocator) {
        let watches = scenario.watches
        let pages = scenario.map.pages.count
        let leaves = pages * scenario.map.spaces.count
        faults = fields.field(bits: watches.faults.count)
        someShadowStacks = scenario.cpus.contains(where: { $0.hasShadowStacks })
        let variables = scenario.map.variables.count
        storage = .allocate(capacity: max(1, variables * 6 + pages * 4 + leaves * 2))
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
        staleFrame = bits(variables, watches[.staleFrame].contains)
        freed = bits(variables, watches[.staleFrame].contains)
        stray = perLeaf(1, watches[.strayPresent].contains)
        barred = perLeaf(min(variables, 64), watches[.staleWrite].contains)
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
        guard ghost.exposed[page].isPresent, ghost.someShadowStacks, plan.shadowStackPages & (1 << UInt64(page)) == 0
        else {
            return
        }
        if Self.isShadowStack(value(inMemory(state, leaves[leaf].word))) { ghost.exposed[page].write(1, state) }
    }

    func noteRights(_ state: UnsafeMutablePointer<UInt64>, leaf: Int, _ content: Int) {
        guard ghost.barred[leaf].isPresent else { return }
        let entry = translations[leaf][translation(ofValue: content, leaf: leaf)]
        if entry.isPresent && entry.isWritable && entry.frame >= 0 {
            ghost.barred[leaf].remove(1 << UInt64(entry.frame), state)
        }
    }

    /// A flush that covers these leaves has completed on all CPUs.
    func noteFlushed(_ state: UnsafeMutablePointer<UInt64>, leaves set: UInt64) {
        var rest = set
        while rest != 0 {
            let leaf = rest.trailingZeroBitCount
            rest &= rest - 1
            guard ghost.barred[leaf].isPresent else { continue }
            let content = inMemory(state, leaves[leaf].word)
            let entry = translations[leaf][translation(ofValue: content, leaf: leaf)]
            var frames = ghost.barred[leaf].mask
            if entry.isPresent && entry.isWritable && entry.frame >= 0 { frames &= ~(1 << UInt64(entry.frame)) }
            ghost.barred[leaf].insert(frames, state)
        }
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
        if origin.isWritable, ghost.barred[leaf].readBits(state) & (1 << UInt64(frame)) != 0 {
            ghost.staleWrite[leaves[leaf].page].write(1, state)
        }
    }

    /// Software reads a word.
    @inline(__always)
    func noteRead(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record, word: Int) {
        let info = words[word]
        if !info.isKept { fail(.outgrown(.reading(word))) }
        if info.frame >= 0 {
            if ghost.freed[Int(info.frame)].read(state) != 0 { ghost.staleFrame[Int(info.frame)].write(1, state) }
        } else if ghost.stray[Int(info.leaf)].read(state) != 0, record.pointee.mask & 1 != 0,
            !isPresent(inMemory(state, word)), readsMemory(state, cpu, word: word, mask: 1)
        {
            ghost.strayPresent[leaves[Int(info.leaf)].page].write(1, state)
        }
    }

    /// `reclaim(x)`: the page is taken for clean; what was written before or is written later is lost.
    func noteReclaim(_ state: UnsafeMutablePointer<UInt64>, frame: Int) {
        ghost.reclaimed[frame].write(1, state)
        if ghost.written[frame].read(state) != 0 { ghost.lost[frame].write(1, state) }
    }

    /// `lost-dirty`, in a state in which no thread can step any more.
    func isDirtyLost(_ state: UnsafePointer<UInt64>, frame: Int) -> Bool {
        if ghost.reclaimed[frame].read(state) != 0 { return ghost.lost[frame].read(state) != 0 }
        guard ghost.written[frame].read(state) != 0, ghost.pageDirty[frame].read(state) == 0 else { return false }
        let number = map.frameNumber(ofVariable: frame)
        for leaf in 0..<leafCount {
            let entry = PageTableEntry(rawValue: value(inMemory(state, leaves[leaf].word)))
            let isMapping = entry.isPresent && entry.frameNumber == number
            if isMapping && (entry.isDirty || entry.isSavedDirty) { return false }
        }
        return true
    }
}
