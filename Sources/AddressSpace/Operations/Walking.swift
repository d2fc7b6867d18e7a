import PageTable

/// Looking at what is mapped.
extension AddressSpace where Lock: ~Copyable {
    /// Translates an address as software, with the lock held: without setting A or D, and without a TLB.
    /// - Throws: ``AddressSpaceError/notCanonical(address:)``, `wrongHalf`, or ``AddressSpaceError/notMapped(address:)``, also
    ///   for a page without access.
    @inlinable
    public func walk(_ address: UInt64) throws(AddressSpaceError) -> Translation {
        guard case .page(let translation) = try content(at: address) else { throw .notMapped(address: address) }
        return translation
    }

    /// What is at an address, with the lock held.
    /// - Throws: ``AddressSpaceError/notCanonical(address:)``, `wrongHalf`.
    @inlinable
    public func content(at address: UInt64) throws(AddressSpaceError) -> PageContent {
        try requireAddress(address)
        lock.lock()
        defer { lock.unlock() }
        let slot = slot(for: address)
        return PageContent(of: slot.live.load(), at: address, slot.size)
    }

    /// Translates an address without the lock, for callers that may see what was, or nothing for a moment.
    ///
    /// Tables may be given back meanwhile: the frame provider has to wait with the reuse of a frame until no such walk is
    /// under way (in Linux: RCU), or nobody may unmap whole tables.
    /// - Returns: ``Glimpse/nothing`` also for an address that is not canonical.
    @inlinable
    public func glimpse(_ address: UInt64) -> Glimpse {
        guard depth.isCanonical(address) else { return .nothing }
        var table = rootTable
        var level = depth.root
        while true {
            // Each entry is read once: what it is may change between two looks.
            let entry = table[address, level].load()
            if level == .leaf || !entry.leadsToTable {
                guard entry.isPresent, let size = PageSize(of: level) else { return .nothing }
                return .page(Translation(address: address, entry: entry, size: size))
            }
            guard let next = Table(below: entry, in: frames) else { return .nothing }
            table = next
            level = level.below
        }
    }

    /// Walks from the root and keeps every entry on the way, with the lock held.
    /// - Throws: ``AddressSpaceError/notCanonical(address:)``, `wrongHalf`.
    public func levels(at address: UInt64) throws(AddressSpaceError) -> Walk {
        try requireAddress(address)
        lock.lock()
        defer { lock.unlock() }
        var walk = Walk()
        var table = rootTable
        var level = depth.rootLevel
        while true {
            let index = level.index(of: address)
            let entry = table[index].load()
            walk.note(Walk.Step(level: level, table: table.frame, index: index, entry: entry))
            guard let below = level.below, let next = Table(below: entry, in: frames) else {
                if let size = PageSize(rawValue: level.rawValue) {
                    walk.content = PageContent(of: entry, at: address, size)
                }
                return walk
            }
            table = next
            level = below
        }
    }

    /// Reports every page of a range in order, with access or without, and what the caller put in the place of pages.
    ///
    /// Both closures are called with the lock held: they must not use this address space.
    /// - Parameters:
    ///   - address: the address of the first page of 4 KByte.
    ///   - count: the number of pages of 4 KByte.
    ///   - body: gets each page; ``Rights/noAccess`` is among the rights of a page without access.
    ///   - software: gets the address and the value of each entry that ``SoftwareEntry`` stands for.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`, `pastTheTop`, `wrongHalf`; `insideLargePage`.
    @inlinable
    public func forEachPage(
        at address: UInt64, pages count: Int, _ body: (Translation) -> Void,
        software: (UInt64, SoftwareEntry) -> Void = { _, _ in }
    ) throws(AddressSpaceError) {
        let range = try range(address, count)
        lock.lock()
        defer { lock.unlock() }
        try requireWholePages(range)
        forEachSlot(in: range) { address, slot in
            let entry = slot.live.load()
            if entry.hasPage {
                body(Translation(address: address, entry: entry, size: slot.size))
            } else if let entry = SoftwareEntry(of: entry) {
                software(address, entry)
            }
        }
    }

    /// Checks an address that need not be the start of a page.
    @inlinable @inline(__always)
    func requireAddress(_ address: UInt64) throws(AddressSpaceError) {
        try depth.checkCanonical(address)
        guard half.contains(address) else { throw .wrongHalf(address: address) }
    }
}
