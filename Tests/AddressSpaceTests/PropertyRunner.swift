import AddressSpace
import PageTable

enum PropertyOperation: CaseIterable {
    case map, mapLarge, mapReplacing, protect, writeProtect, clean, cleanOne, harvestDirty, harvestAccessed
    case makeWritable, fault, merge, reclaim, reclaimOne, unmap, unmapAll, releaseTables, split, collapse, fork, access
}

/// The pool, and a page of scratch memory in the place of all frames of data.
final class PropertyFrames: FrameProvider {
    let memory: Memory
    private let scratch = UnsafeMutablePointer<UInt64>.allocate(capacity: 512)
    init(_ memory: Memory) {
        self.memory = memory
        scratch.initialize(repeating: 0, count: 512)
    }
    deinit { scratch.deallocate() }
    func allocate() -> Frame? { memory.allocate() }
    func release(_ frame: Frame) { memory.release(frame) }
    func words(of frame: Frame) -> UnsafeMutablePointer<UInt64>? { memory.words(of: frame) ?? scratch }
}

/// An address space and its model side by side.
final class PropertyRunner {
    typealias Space = AddressSpace<PropertyFrames, RecordedShootdowns, CheckedLock>

    let memory: Memory
    let frames: PropertyFrames
    let shootdowns = RecordedShootdowns()
    let lock = CheckedLock()
    let port: WalkerPort
    let space: Space
    let depth: PagingDepth
    let freeAtFirst: Int
    var model = Model()
    var random: Xorshift
    var nextFrame: UInt64 = 1 << 20
    /// The range that the last operation was about.
    var touched: (UInt64, Int) = (0, 1)
    private var stepCount = 0
    var nextSlot: UInt64 = 0
    /// How often each operation was not refused.
    private(set) var succeeded: [PropertyOperation: Int] = [:]
    /// The first difference.
    private(set) var mistake: String?

    init(_ depth: PagingDepth, seed: UInt64) throws {
        memory = try Memory(frames: 256)
        frames = PropertyFrames(memory)
        port = try WalkerPort(in: frames)
        freeAtFirst = memory.pool.freeCount
        space = try Space(frames: frames, shootdown: shootdowns, lock: lock, depth: depth)
        self.depth = depth
        random = Xorshift(seed: seed)
    }

    /// The regions: 1024 pages in each half, at the borders of tables of every level.
    var regions: [UInt64] {
        let far: UInt64 = depth == .four ? 1 << 46 : 1 << 55
        return [far - PageSize.page2M.byteCount, ~0 << depth.signBit]
    }

    // MARK: Choices

    func address() -> UInt64 {
        let offsets: [UInt64] = [0, 0, 1, 2, 3, 511, 512, 512, 513, 1023]
        touched = (regions[random.below(2)] + offsets[random.below(offsets.count)] * 4096, 1)
        return touched.0
    }

    /// How many pages of 4 KByte there are from an address to the end of its region.
    func pagesLeft(_ first: UInt64) -> Int {
        regions.map { first &- $0 }.filter { $0 < 1 << 22 }.map { 1024 - Int($0 >> 12) }.first ?? 1
    }

    /// A range in one region.
    func range() -> (UInt64, Int) {
        let first = address()
        touched = (first, min(pagesLeft(first), [1, 2, 4, random.oneIn(3) ? 1024 : 8][random.below(4)]))
        return touched
    }

    /// Mostly a block of 2 MByte for which the operation works.
    private func blockForReshaping(_ operation: PropertyOperation) -> UInt64 {
        let blocks = regions.flatMap { [$0, $0 + PageSize.page2M.byteCount] }
        let fit = blocks.filter { block in
            operation == .split ? model.page(block)?.size == .page2M : model.collapsed(block) != nil
        }
        guard !fit.isEmpty, random.below(4) > 0 else { return address() }
        touched = (fit[random.below(fit.count)], 1)
        return touched.0
    }

    func newFrame(_ size: PageSize = .page4K) -> UInt64 {
        let count = UInt64(size.frameCount)
        let first = (nextFrame + count - 1) / count * count
        nextFrame = first + count
        return first
    }

    func rights(_ withoutAccess: Bool = true) -> Rights {
        let all: [Rights] = [
            [], .user, [.write, .user], [.write, .user], [.write, .user, .execute], [.noAccess, .user],
        ]
        return all[random.below(withoutAccess ? 6 : 5)]
    }

    // MARK: Steps

    func step() throws -> PropertyOperation {
        let operation = PropertyOperation.allCases[random.below(PropertyOperation.allCases.count)]
        let locks = lock.count
        let before = model
        let error = addressSpaceError { () throws(AddressSpaceError) in try perform(operation) }
        if error == nil { succeeded[operation, default: 0] += 1 }
        if let error, model != before { note("changed the model, but threw \(error)") }
        if lock.isHeld || lock.mistakes > 0 || lock.count == locks && operation != .access { note("the lock") }
        _ = shootdowns.take()
        try compare()
        return operation
    }

    func note(_ what: String) { if mistake == nil { mistake = what } }
    func expect(_ isRight: Bool, _ what: String) { if !isRight { note(what) } }

    /// Compares what was touched, and now and then everything.
    private func compare() throws {
        stepCount += 1
        if stepCount % 16 == 0 {
            let found = try regions.map { try compare($0, 1024) }.reduce(0, +)
            expect(found == model.entries.count, "\(found) entries, not \(model.entries.count)")
        } else {
            var (first, count) = touched
            if model.cutsPage(first, count) {
                let last = (first + UInt64(count) * 4096 - 1) | (PageSize.page2M.byteCount - 1)
                first &= ~(PageSize.page2M.byteCount - 1)
                count = Int((last - first) >> 12) + 1
            }
            let found = try compare(first, count)
            let expected = model.starts(first, count).count
            expect(found == expected, "\(found) entries in the range, not \(expected)")
        }
        let address = touched.0 + 9
        let walked = addressSpaceError { () throws(AddressSpaceError) in
            let page = try space.walk(address)
            expect(model.page(address) == ModelPage(page), "the walk to \(page)")
        }
        let isThere = model.page(address)?.hasAccess ?? false
        expect(walked == (isThere ? nil : .notMapped(address: address)), "the walk: \(String(describing: walked))")
    }

    /// Compares a range; returns how much is there.
    private func compare(_ first: UInt64, _ count: Int) throws -> Int {
        var found = 0
        try space.forEachPage(at: first, pages: count) { page in
            found += 1
            expect(model.entries[page.address] == .page(ModelPage(page)), "\(page) is not as in the model")
        } software: { address, slot in
            found += 1
            expect(model.entries[address] == .software(slot), "\(slot) is not as in the model")
        }
        return found
    }

    /// Throws what the address space does; the model changes only if it did not.
    private func perform(_ operation: PropertyOperation) throws(AddressSpaceError) {
        switch operation {
        case .map, .mapLarge: try map(operation == .map ? .page4K : .page2M)
        case .mapReplacing: try mapReplacing()
        case .protect, .writeProtect, .clean, .harvestDirty, .harvestAccessed: try changeRange(operation)
        case .cleanOne, .makeWritable, .merge, .fault, .reclaimOne: try changeOne(operation, address())
        case .reclaim: try reclaim()
        case .unmap: try unmap()
        case .unmapAll:
            let summary = space.unmapAll()
            expect(summary.pages + summary.softwareEntries == model.entries.count, "the count of all")
            model = Model()
        case .releaseTables:
            let (first, count) = range()
            try space.releaseEmptyTables(at: first, pages: count)
        case .split, .collapse: try reshape(operation, blockForReshaping(operation))
        case .fork: try fork()
        case .access: access(address())
        }
    }

    private func map(_ size: PageSize) throws(AddressSpaceError) {
        let first = address() & ~(size.byteCount - 1)
        let count = size == .page4K ? min(pagesLeft(first), [1, 1, 3, random.oneIn(8) ? 512 : 2][random.below(4)]) : 1
        let pages = count * size.frameCount
        touched = (first, pages)
        let frame = newFrame(random.below(2) == 0 ? .page2M : size)
        let kind = size == .page4K ? MappingKind.allCases[random.below(3)] : random.below(2) == 0 ? .shared : .private
        var page = ModelPage(kind, frame, size, rights(false), isWritable: true, isDirty: random.below(2) == 0)
        switch kind {
        case .private: try store(&page, Leaf<PrivateMapping>(try Frame(number: frame), page.rights), first, count)
        case .shared: try store(&page, Leaf<SharedMapping>(try Frame(number: frame), page.rights), first, count)
        case .shadowStack:
            (page.rights, page.isDirty) = ([.write, .user], true)
            try space.map(Leaf<ShadowStackMapping>(try Frame(number: frame)), at: first, pages: count, size: size)
        }
        expect(model.isEmpty(first, pages), "a page was mapped over another")
        for index in 0..<UInt64(count) {
            model.entries[first + index * size.byteCount] = .page(page)
            page.frame += UInt64(size.frameCount)
        }
    }

    private func store<Kind: OrdinaryMapping>(
        _ page: inout ModelPage, _ leaf: Leaf<Kind>, _ first: UInt64, _ count: Int
    ) throws(AddressSpaceError) {
        var leaf = page.isDirty ? leaf.dirty : leaf
        page.isWritable = page.rights.contains(.write)
        if random.below(3) == 0 { (leaf, page.isWritable) = (leaf.writeProtected, false) }
        if random.below(2) == 0 { (leaf, page.isAccessed) = (leaf.accessed, true) }
        try space.map(leaf, at: first, pages: count, size: page.size)
    }

    private func mapReplacing() throws(AddressSpaceError) {
        let slots = model.entries.filter { if case .software = $0.value { true } else { false } }.keys.sorted()
        let start = slots.isEmpty ? address() : slots[random.below(slots.count)]
        let frame = newFrame()
        let leaf = Leaf<PrivateMapping>(try Frame(number: frame), [.write, .user])
        guard case .software(let slot) = model.entries[start] else {
            return try space.map(leaf, at: start, replacing: SoftwareEntry(payload: 1))
        }
        try space.map(leaf, at: start, replacing: slot)
        model.entries[start] = .page(
            ModelPage(.private, frame, .page4K, [.write, .user], isWritable: true, isDirty: false))
    }
}
