import X86

/// What invalidations drop, each row with its section of the manual (levels.md (c)).
///
/// | operation | translations | source |
/// |---|---|---|
/// | `invlpg (x)` | the loaded tag: x; global ones of x under any tag | SDM 3A 4.10.4.1 |
/// | `invpcid` 0, 1 | one tag: x, or all; none that is global | same |
/// | `invpcid` 2, 3 | every tag: all, or all but global ones | same |
/// | `mov` to CR3, bit 63 clear | the tag that is loaded: all but global ones | same |
/// | `mov` to CR3, bit 63 set | nothing | same; CR4.PCIDE=1 |
/// | `mov` to CR4 that changes PGE | all, global ones too | SDM 3A 4.10.4.1; APM 2 5.5.3 |
/// | page fault at x | the loaded tag: x | SDM 3A 4.10.4.1; APM 2 5.5.3 |
/// | `invlpgb` | every CPU: as its operands say (``X86/BroadcastInvalidation``) | APM 3 |
/// | flush of a page or range | CPUs that run the address space: as `invlpg` for each page | SDM 3A 4.10.5; Linux flush_tlb_func |
/// | flush of an address space, or of more than 33 steps | the same CPUs: its tag, all but global ones | Linux tlb.c |
///
/// An address is covered by a translation of 2 MByte or 1 GByte for all addresses of its block: it is dropped for them all.
///
/// Where a test has several levels, partial walks go with them: of the tag all, by `invlpg` and its like too; those whose
/// prefix covers the address alone where EFER.TCE is on (of a broadcast, on the CPU that sends it), and by page faults.
///
/// The tag is the PCID; what is dropped under it is dropped whichever address space that has it made it. Each of them, wherever
/// it is carried out, also ends the walks under way on that CPU: without that no invalidation would mean anything.
extension Machine {
    /// Drops translations: of the first set of leaves those that are not global, of the second those that are.
    func invalidate(
        _ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, leaves set: UInt64, globalLeaves: UInt64, points: UInt64
    ) {
        dropWalks(state, cpu, points: points)
        var rest = set | globalLeaves
        while rest != 0 {
            let leaf = rest.trailingZeroBitCount
            rest &= rest &- 1
            let bit: UInt64 = 1 << UInt64(leaf)
            var dropped: UInt64 = 0
            if set & bit != 0 { dropped |= ~translations[leaf].globals }
            if globalLeaves & bit != 0 { dropped |= translations[leaf].globals }
            cpus[cpu].translations[leaf].remove(dropped, state)
            if walks.hasUpperLevels {
                let (region, range) = (walks.regionMates[leaf], walks.rangeMates[leaf])
                if set & bit != 0 { dropLarge(state, cpu, mates: region, range, areGlobal: false) }
                if globalLeaves & bit != 0 { dropLarge(state, cpu, mates: region, range, areGlobal: true) }
            }
        }
        endWalks(state, cpu)
    }

    /// What a record's request drops on a CPU that carries it out.
    @inline(__always)
    func invalidate(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record) {
        let keepsGlobal = record.pointee.isPageWise && traits[cpu].keepsGlobal
        invalidate(
            state, cpu, leaves: record.pointee.leaves, globalLeaves: keepsGlobal ? 0 : record.pointee.globalLeaves,
            points: points(of: record, by: cpu))
    }

    /// The points whose partial walks a record's request drops, by the rules of a CPU.
    @inline(__always)
    func points(of record: Record, by cpu: Int) -> UInt64 {
        traits[cpu].dropsPathAlone ? record.pointee.pathPoints : record.pointee.points
    }

    /// The walks under way on a CPU come to nothing.
    @inline(__always)
    func endWalks(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int) {
        cpus[cpu].pendingWalks.writeBits(0, state)
        if traits[cpu].setsAccessedLate { dropLateWalks(state, cpu) }
        if traits[cpu].uncachedPoints != 0 { dropWalks(state, cpu, points: traits[cpu].uncachedPoints) }
        changes.noteView(cpu)
    }

    /// The leaves of an address space, a bit each.
    func leafSet(ofSpace space: Int) -> UInt64 { ((1 << UInt64(pageCount)) - 1) << UInt64(space * pageCount) }

    /// The leaves of all address spaces that have the tag of one, a bit each.
    func leafSet(ofTag space: Int) -> UInt64 { map.tags.mates[space].reduce(0) { $0 | leafSet(ofSpace: $1) } }

    /// The leaves of a page in all address spaces, a bit each.
    func leafSet(ofPage page: Int) -> UInt64 {
        map.spaces.indices.reduce(0) { $0 | 1 << UInt64(leafNumber(page: page, space: $1)) }
    }

    /// All leaves, a bit each.
    var allLeaves: UInt64 { (1 << UInt64(leafCount)) - 1 }

    /// `invpcid`: what its descriptor names is dropped.
    func invalidateContext(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        if traits[cpu].serialisesContexts && !isDrained(state, cpu) { return }
        var (leaves, globalLeaves) = (record.pointee.leaves, record.pointee.globalLeaves)
        var points = points(of: record, by: cpu)
        // Descriptors in private memory were read already.
        let word = Int(record.pointee.word)
        if word >= 0 {
            keep(word)
            keep(word + 1)
            guard
                let named = namedByDescriptor(
                    tag: value(view(state, cpu, word: word)), address: value(view(state, cpu, word: word + 1)),
                    type: record.pointee.operand)
            else {
                fail(
                    .invalid(
                        place: place(of: record, cpu, thread), message: Self.reservedBits,
                        remedy: Self.reservedBitsRemedy))
                return
            }
            (leaves, globalLeaves) = (named.leaves, 0)
            points = traits[cpu].dropsPathAlone ? named.pathPoints : named.points
        }
        emit(.instruction, state, cpu) { next in
            invalidate(next, cpu, leaves: leaves, globalLeaves: globalLeaves, points: points)
            if word >= 0 {
                noteRead(next, cpu, record, word: word)
                noteRead(next, cpu, record, word: word + 1)
            }
            advance(next, cpu, thread)
        }
    }

    /// What a descriptor of `invpcid` 0 or 1 names; nil where reserved bits are set (#GP).
    func namedByDescriptor(tag: UInt64, address: UInt64, type: UInt64) -> NamedTranslations? {
        guard tag >> 12 == 0 else { return nil }
        guard let space = map.spaces(ofTag: tag).first else { return NamedTranslations() }
        let points = walks.pointsOfTags[space]
        if type == 1 { return NamedTranslations(leaves: leafSet(ofTag: space), points: points, pathPoints: points) }
        guard case .page(let page, _) = map.place(at: address) else { return NamedTranslations(points: points) }
        return named(page: page, space: space)
    }

    /// What `invpcid` 0 drops of a page.
    func named(page: Int, space: Int) -> NamedTranslations {
        let leaf = leafNumber(page: page, space: space)
        return NamedTranslations(
            leaves: walks.leafMates[leaf], points: walks.pointsOfTags[space], pathPoints: walks.path(ofLeaf: leaf))
    }

    /// Leaves whose translations are named, and points of partial walks without and with EFER.TCE, a bit each.
    struct NamedTranslations {
        var leaves: UInt64 = 0
        var points: UInt64 = 0
        var pathPoints: UInt64 = 0
    }

    static var reservedBits: String { "the descriptor of invpcid has reserved bits set (12 to 63 of its first word)" }
    static var reservedBitsRemedy: String {
        "the first word is a PCID: 0 for mm, then 1, 2, ... in the order of the address spaces' names"
    }
}

extension ThreadTable {
    /// Instructions that drop translations: what they drop, as far as registers tell.
    func invalidation(
        _ request: Request, _ state: ThreadState, _ record: inout ThreadRecord, _ machine: Machine
    ) throws(RequestRefusal) {
        let current = Int(state.space)
        record.endsWalks = true
        switch request {
        case .invalidatePage(let address):
            record.kind = .invalidate
            record.points = machine.walks.pointsOfTags[current]
            try checkAddress(address)
            if case .page(let page, _) = map.place(at: address) {
                record.page = Int32(page)
                cover(page, current, &record, machine)
            }
        case .invalidateContext(let type, let descriptor):
            try context(type, descriptor, state, &record, machine)
        case .broadcastInvalidate(let operands):
            if operands.hasAddress { try checkAddress(operands.address) }
            broadcast(operands, &record, machine)
        case .broadcastSynchronize: record.kind = .broadcastSync
        case .writeCR3(let value):
            record.kind = .invalidate
            guard let space = space(ofRoot: value) else {
                throw RequestRefusal(
                    message: "CR3 is loaded with a value that is not an address space",
                    remedy: processor.isCompiled
                        ? "load the table of an mm's `pgd`; a PCID has to be the one of `Pcid=`, as in Pcid=mm:1 init:2"
                        : "set the register to an address space's name, as in 1:rax = child")
            }
            let keeps = value & AddressMap.keepTranslations != 0 || processor.profile.cr3FlushFilter
            if !keeps {
                record.leaves = machine.leafSet(ofTag: space)
                record.dropsWalks(ofTag: space, machine)
            }
        case .writeCR4(let value):
            record.kind = .invalidate
            let changes = value ^ processor.controlRegister4(hasGlobalPages: state.hasGlobalPages)
            guard changes & ~Processor.globalPagesEnabled == 0 else {
                throw RequestRefusal(
                    message: "CR4 is loaded with other bits than it has; only PGE (bit 7) can change",
                    remedy: "read it with movq %cr4,%rax and change bit 7, as in xorq $128,%rax")
            }
            if changes != 0 {
                (record.leaves, record.globalLeaves) = (machine.allLeaves, machine.allLeaves)
                record.dropsAllWalks(machine)
            }
        default: break
        }
    }

    /// Refuses an address that only a large page covers.
    private func checkAddress(_ address: UInt64) throws(RequestRefusal) {
        guard let page = map.neighbour(ofAddress: address) else { return }
        throw RequestRefusal(
            message:
                "an address of the region of \(map.name(ofPage: page)) is invalidated at which the test has no page",
            remedy: "name a page, or list one at that place, as in Region=\(map.name(ofPage: page)) y")
    }

    /// As `invlpg`: the page under the tag, and global translations of it under any.
    func cover(_ page: Int, _ space: Int, _ record: inout ThreadRecord, _ machine: Machine) {
        let named = machine.named(page: page, space: space)
        record.leaves |= named.leaves
        record.globalLeaves |= machine.leafSet(ofPage: page)
        record.isPageWise = true
        record.points |= named.points
        record.pathPoints |= named.pathPoints
    }

    private func context(
        _ type: UInt64, _ descriptor: UInt64, _ state: ThreadState, _ record: inout ThreadRecord, _ machine: Machine
    ) throws(RequestRefusal) {
        record.kind = .invalidateContext
        record.operand = type
        switch type {
        case 0, 1:
            let first = MemoryAccess(address: descriptor, width: .quad)
            let second = MemoryAccess(address: descriptor &+ 8, width: .quad)
            if state.memory.contains(first) && state.memory.contains(second) {
                let (tag, address) = (state.memory.read(first), state.memory.read(second))
                if type == 0 { try checkAddress(address) }
                guard let named = machine.namedByDescriptor(tag: tag, address: address, type: type) else {
                    throw RequestRefusal(message: Machine.reservedBits, remedy: Machine.reservedBitsRemedy)
                }
                record.leaves = named.leaves
                (record.points, record.pathPoints) = (named.points, named.pathPoints)
            } else if case .physical(let word, byte: 0)? = map.place(at: descriptor),
                case .physical(word + 1, byte: 0)? = map.place(at: descriptor &+ 8)
            {
                record.word = Int32(word)
                record.reach(8, from: 0)
            } else {
                throw RequestRefusal(
                    message: "the descriptor of invpcid is not two 64-bit words of a variable that is not translated",
                    remedy: "declare it as in uint64_t d[2] = {0, x}: a PCID and an address")
            }
        case 2:
            (record.leaves, record.globalLeaves) = (machine.allLeaves, machine.allLeaves)
            record.dropsAllWalks(machine)
        case 3:
            record.leaves = machine.allLeaves
            record.dropsAllWalks(machine)
        default: throw RequestRefusal(message: "there is no type \(type) of invpcid", remedy: "types are 0, 1, 2 and 3")
        }
    }

    func broadcast(_ operands: BroadcastInvalidation, _ record: inout ThreadRecord, _ machine: Machine) {
        record.kind = .broadcast
        let spaces = operands.hasTag ? map.spaces(ofTag: operands.tag) : Array(map.spaces.indices)
        // With an address partial walks go as by `invlpg`; where the final translation alone is named, none (bit 4).
        if !operands.isFinalOnly { for space in spaces { record.points |= machine.walks.pointsOfSpaces[space] } }
        for page in map.pages.indices where operands.covers(pageAt: map.address(ofVariable: map.pages[page])) {
            for space in spaces {
                let leaf = machine.leafNumber(page: page, space: space)
                record.leaves |= 1 << UInt64(leaf)
                if !operands.isFinalOnly { record.pathPoints |= machine.walks.path(ofLeaf: leaf) }
            }
            if operands.includesGlobal { record.globalLeaves |= machine.leafSet(ofPage: page) }
        }
    }
}

extension ThreadRecord {
    /// Partial walks under the tag of an address space are dropped, all of them.
    mutating func dropsWalks(ofTag space: Int, _ machine: Machine) {
        points |= machine.walks.pointsOfTags[space]
        pathPoints |= machine.walks.pointsOfTags[space]
    }

    /// Partial walks of every tag are dropped.
    mutating func dropsAllWalks(_ machine: Machine) {
        points = machine.walks.allPoints
        pathPoints = machine.walks.allPoints
    }
}

extension Processor {
    /// CR4.PAE, PGE, PCIDE and CET (SDM 3A 2.5).
    private static let physicalAddressExtension: UInt64 = 1 << 5
    static let globalPagesEnabled: UInt64 = 1 << 7
    private static let processContextsEnabled: UInt64 = 1 << 17
    private static let controlFlowEnforcement: UInt64 = 1 << 23

    /// What CR4 reads as: PAE, PCIDE, PGE as it stands, and CET where it is on (SDM 3A 2.5).
    func controlRegister4(hasGlobalPages: Bool) -> UInt64 {
        Self.physicalAddressExtension | Self.processContextsEnabled | (hasGlobalPages ? Self.globalPagesEnabled : 0)
            | (hasShadowStacks ? Self.controlFlowEnforcement : 0)
    }
}
