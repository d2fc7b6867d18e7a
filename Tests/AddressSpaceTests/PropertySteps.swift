import AddressSpace
import PageTable

/// The operations on pages that are there, each with what the model makes of it.
extension PropertyRunner {
    /// Does something that the model says is refused, or is not.
    private func predict(_ isRefused: Bool, _ body: () throws(AddressSpaceError) -> Void) throws(AddressSpaceError) {
        do throws(AddressSpaceError) { try body() } catch {
            expect(isRefused, "\(error)")
            throw error
        }
        expect(!isRefused, "was not refused")
    }

    private func pages(_ first: UInt64, _ count: Int, where isWanted: (ModelPage) -> Bool) -> [UInt64] {
        model.starts(first, count).filter { model.page($0).map(isWanted) ?? false }
    }

    func changeRange(_ operation: PropertyOperation) throws(AddressSpaceError) {
        let (first, count) = range()
        let rights = rights()
        let hasShadowStack = !pages(first, count) { $0.kind == .shadowStack }.isEmpty
        let forOrdinary = operation != .harvestDirty && operation != .harvestAccessed
        var reported: [UInt64] = []
        try predict(model.cutsPage(first, count) || forOrdinary && hasShadowStack) { () throws(AddressSpaceError) in
            switch operation {
            case .protect: try space.protect(at: first, pages: count, rights)
            case .writeProtect: try space.writeProtect(at: first, pages: count)
            case .clean: try space.clean(at: first, pages: count) { reported.append($0.address) }
            case .harvestDirty: try space.harvestDirty(at: first, pages: count) { reported.append($0.address) }
            default: try space.harvestAccessed(at: first, pages: count) { reported.append($0) }
            }
        }
        switch operation {
        case .protect: model.protect(first, count, rights)
        case .writeProtect: model.change(first, count) { if $0.hasAccess { $0.isWritable = false } }
        case .clean, .harvestDirty:
            expect(reported == pages(first, count) { $0.hasAccess && $0.isDirty }, "the report of dirty pages")
            if operation == .clean { return model.clean(first, count) }
            model.change(first, count) { if $0.hasAccess && $0.kind != .shadowStack { $0.isDirty = false } }
        default:
            expect(reported == pages(first, count) { $0.hasAccess && $0.isAccessed }, "the report of accessed pages")
            model.change(first, count) { if $0.hasAccess { $0.isAccessed = false } }
        }
    }

    /// An operation on one page, which must be there.
    func changeOne(_ operation: PropertyOperation, _ address: UInt64) throws(AddressSpaceError) {
        if operation == .fault { return try fault(address) }
        guard let page = model.page(address), page.hasAccess, let start = model.start(address) else {
            return try predict(true) { () throws(AddressSpaceError) in try space.makeWritable(at: address) }
        }
        let isSmall = page.size == .page4K
        switch operation {
        case .makeWritable:
            let isDirty = random.below(2) == 0
            try predict(!page.rights.contains(.write)) { () throws(AddressSpaceError) in
                try space.makeWritable(at: address, markingDirty: isDirty)
            }
            model.makeWritable(start, isDirty: isDirty)
        case .cleanOne:
            try predict(!isSmall || page.kind == .shadowStack) { () throws(AddressSpaceError) in
                let wasDirty = try space.cleanForWriteback(at: address)
                expect(wasDirty == page.isDirty, "whether it was dirty")
            }
            model.clean(start, 1)
        case .reclaimOne:
            let ifUnused = random.below(2) == 0
            try predict(!isSmall) { () throws(AddressSpaceError) in
                let old = try space.reclaim(at: address, ifUnused: ifUnused)
                let isLeft = ifUnused && page.isAccessed
                expect(old?.frame.number == (isLeft ? nil : page.frame), "which was reclaimed")
                expect(old?.wasDirty == (isLeft ? nil : page.isDirty), "whether it was dirty")
            }
            if !(ifUnused && page.isAccessed) { model.entries[start] = nil }
        default: try merge(address, start, page)
        }
    }

    private func merge(_ address: UInt64, _ start: UInt64, _ page: ModelPage) throws(AddressSpaceError) {
        let mayMerge = random.below(3) > 0
        let twin = newFrame(page.size)
        try predict(page.kind != .private) { () throws(AddressSpaceError) in
            let result = try space.writeProtectForMerge(at: address) { frame in
                expect(frame.number == page.frame, "the frame to merge")
                return mayMerge
            }
            guard case .protected(let entry, let wasDirty) = result else { return expect(!mayMerge, "refused") }
            expect(mayMerge && wasDirty == page.isDirty, "whether it was dirty")
            let old = try space.merge(at: address, expecting: entry, into: try Frame(number: twin))
            expect(old.frame.number == page.frame && old.address == start, "what was merged")
        }
        if mayMerge { model.change(start) { ($0.frame, $0.isWritable, $0.isDirty) = (twin, false, false) } }
    }

    // MARK: Faults

    /// What a fault comes to, by the rules alone.
    private func fault(_ address: UInt64) throws(AddressSpaceError) {
        let access = FaultAccess.allCases[random.below(5)]
        let (isExclusive, isUser) = (random.below(2) == 0, random.below(4) > 0)
        let (page, start) = (model.page(address), model.start(address))
        let copy = newFrame(page?.size ?? .page4K)
        let outcome = try space.handleFault(at: address + 17, access, isUser: isUser) { _ in
            isExclusive
        } copy: { _, _ in
            try? Frame(number: copy)
        }
        guard let page, let start else {
            if case .software(let slot) = model.entries[address] {
                return expect(outcome == .software(slot), "\(outcome)")
            }
            return expect(outcome == .notMapped, "\(outcome)")
        }
        switch outcome {
        case .forbidden: expect(!isAllowed(access, page, isUser: isUser), "forbidden")
        case .spurious:
            let changes = access.isWrite || access.isShadowStack
            expect(isAllowed(access, page, isUser: isUser) && (!changes || page.isWritable), "spurious")
        case .madeWritable:
            expect(page.kind == .shared || isExclusive, "made writable")
            expect(isAllowed(access, page, isUser: isUser) && !page.isWritable, "made writable")
            model.makeWritable(start, isDirty: true)
        case .copied(let old, let new):
            expect(page.kind != .shared && !isExclusive && !page.isWritable && new.number == copy, "copied")
            expect(old.frame.number == page.frame && old.address == start && old.size == page.size, "what was copied")
            model.change(start) { $0.frame = copy }
            model.makeWritable(start, isDirty: true)
        case .notMapped, .software: note("\(outcome) for a page")
        }
    }

    private func isAllowed(_ access: FaultAccess, _ page: ModelPage, isUser: Bool) -> Bool {
        guard page.hasAccess, page.rights.contains(.user) || !isUser else { return false }
        return switch access {
        case .read: true
        case .write: page.kind != .shadowStack && page.rights.contains(.write)
        case .fetch: page.rights.contains(.execute)
        case .shadowStackRead, .shadowStackWrite: page.kind == .shadowStack && page.rights.contains(.user) == isUser
        }
    }

    /// A user's access by a walker with an empty TLB.
    func access(_ address: UInt64) {
        let isWrite = random.below(2) == 0
        var cpu = SoftwareWalker(port: port, frames: frames, behaviour: .cet, root: space.root, depth: depth)
        let result = try? isWrite ? cpu.write(1, at: address + 8) : cpu.read(at: address + 8)
        let page = model.page(address)
        let isOpen = page.map { $0.hasAccess && $0.rights.contains(.user) } ?? false
        let isWritten = page.map { $0.isWritable && $0.kind != .shadowStack } ?? false
        let isDone = if case .done? = result { true } else { false }
        expect(isDone == (isOpen && (!isWrite || isWritten)), "an access")
        if let start = model.start(address) { model.access(start, isWrite: isWrite) }
    }

    // MARK: Taking away

    func reclaim() throws(AddressSpaceError) {
        let (first, count) = range()
        let ifUnused = random.below(2) == 0
        var taken: [UInt64] = []
        var changed = model
        try predict(model.cutsPage(first, count)) { () throws(AddressSpaceError) in
            try space.reclaim(at: first, pages: count, ifUnused: ifUnused) { old in
                taken.append(old.address)
                expect(model.page(old.address)?.isDirty == old.wasDirty, "whether it was dirty")
                // No software entry in the place of a large page: it could be taken out only.
                guard old.size == .page4K, random.below(3) > 0 else {
                    changed.entries[old.address] = nil
                    return nil
                }
                nextSlot += 1
                changed.entries[old.address] = .software(SoftwareEntry(payload: nextSlot))
                return SoftwareEntry(payload: nextSlot)
            }
        }
        expect(taken == pages(first, count) { !(ifUnused && $0.isAccessed) }, "which were reclaimed")
        model = changed
    }

    func unmap() throws(AddressSpaceError) {
        let (first, count) = range()
        var (old, gone): ([UInt64], [UInt64]) = ([], [])
        try predict(model.cutsPage(first, count)) { () throws(AddressSpaceError) in
            try space.unmap(at: first, pages: count) { page in
                old.append(page.address)
                expect(model.page(page.address)?.isDirty == page.wasDirty, "whether it was dirty")
                expect(model.page(page.address)?.frame == page.frame.number, "the frame")
            } reportSoftware: { address, slot in
                gone.append(address)
                expect(model.entries[address] == .software(slot), "the software entry")
            }
        }
        let all = model.starts(first, count)
        expect(
            old == all.filter { model.page($0) != nil } && gone == all.filter { model.page($0) == nil }, "the report")
        for start in all { model.entries[start] = nil }
    }

    // MARK: Large pages and forks

    func reshape(_ operation: PropertyOperation, _ address: UInt64) throws(AddressSpaceError) {
        if operation == .split {
            try predict(model.page(address)?.size != .page2M) { () throws(AddressSpaceError) in
                try space.split(at: address + 5)
            }
            if let start = model.start(address) { model.split(start) }
            return
        }
        let start = address & ~(PageSize.page2M.byteCount - 1)
        let whole = model.collapsed(start)
        try predict(whole == nil) { () throws(AddressSpaceError) in try space.collapse(at: start) }
        for index in 0..<UInt64(512) { model.entries[start + index * 4096] = nil }
        if let whole { model.entries[start] = .page(whole) }
    }

    /// Forks, compares the child, and ends it.
    func fork() throws(AddressSpaceError) {
        var child = try Space(frames: frames, shootdown: shootdowns, lock: CheckedLock(), depth: depth)
        var shared = 0
        try space.fork(into: &child) { _ in shared += 1 }
        let copy = model.fork()
        expect(shared == model.entries.count, "how many are shared")
        var found = 0
        for region in regions {
            try child.forEachPage(at: region, pages: 1024) { page in
                found += 1
                expect(copy.entries[page.address] == .page(ModelPage(page)), "the child's \(page)")
            } software: { address, slot in
                found += 1
                expect(copy.entries[address] == .software(slot), "the child's \(slot)")
            }
        }
        let summary = child.tearDown()
        expect(found == shared && summary.pages + summary.softwareEntries == shared, "the child's pages")
    }

    /// Takes everything out, tables too.
    func finish() {
        let summary = space.unmapAll()
        expect(summary.pages + summary.softwareEntries == model.entries.count, "the count at the end")
    }
}
