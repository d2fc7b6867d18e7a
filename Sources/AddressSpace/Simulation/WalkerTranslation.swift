import PageTable

/// The translation side of an access: TLB, walk, A and D.
extension SoftwareWalker {
    /// What a translation came to.
    enum Outcome {
        case frame(Frame)
        case fault(PageFault)
    }

    /// A live leaf, and what it was when the walk read it.
    private struct FoundLeaf {
        var leaf: WalkedLeaf
        let live: AtomicPageTableEntry
    }

    private enum Walk {
        case found(FoundLeaf)
        case failed(PageFault.Reason)
    }

    /// Translates through the TLB or the tables; sets A, and for a write D.
    mutating func translate(_ access: FaultAccess, _ address: UInt64) throws(AddressSpaceError) -> Outcome {
        var usesTLB = true
        while true {
            var found: FoundLeaf
            if usesTLB, let cached = port.tlb.find(address), permits(access, cached) {
                report(.hit(address: address, cached.frame(of: address)))
                guard access == .write && !cached.entry.isDirty else { return .frame(cached.frame(of: address)) }
                // A clean translation: D has to be set in memory, wherever the leaf is by now.
                guard let live = try findLeaf(address, at: cached.level) else {
                    usesTLB = false
                    continue
                }
                found = FoundLeaf(leaf: cached, live: live)
            } else {
                switch try walk(address) {
                case .failed(let reason): return fault(access, address, reason)
                case .found(let walked): found = walked
                }
                guard permits(access, found.leaf) else { return fault(access, address, .notPermitted) }
            }
            if access == .write && !found.leaf.entry.isDirty {
                for _ in 0..<max(0, updateDelay) { _ = found.live.load() }
                switch updateDirty(found.live, decidedOn: found.leaf, address) {
                case .done: found.leaf.entry.isDirty = true
                case .written: return .frame(found.leaf.frame(of: address))
                case .faulted(let reason): return fault(access, address, reason)
                case .again:
                    usesTLB = false
                    continue
                }
            }
            let frame = found.leaf.frame(of: address)
            port.tlb.insert(found.leaf, of: address)
            report(.filled(address: address, found.leaf.level, frame))
            return .frame(frame)
        }
    }

    /// Raises a fault, which drops what is cached of the address (SDM volume 3A, section 4.10.4.1).
    private mutating func fault(_ access: FaultAccess, _ address: UInt64, _ reason: PageFault.Reason) -> Outcome {
        if port.tlb.remove(address) { report(.dropped(address: address, .fault)) }
        let fault = PageFault(access, at: address, isUser: isUser, reason)
        report(.faulted(fault))
        return .fault(fault)
    }

    /// Whether a translation permits an access (SDM volume 3A, section 4.6).
    private func permits(_ access: FaultAccess, _ leaf: WalkedLeaf) -> Bool {
        if isUser && !leaf.isUser { return false }
        switch access {
        case .read: return true
        case .write: return leaf.isWritable
        case .fetch: return !leaf.isNoExecute
        case .shadowStackRead, .shadowStackWrite:
            return behaviour.hasShadowStacks && leaf.isShadowStack && leaf.isUser == isUser
        }
    }

    // MARK: Walks

    /// Walks the tables, setting A on the way.
    private mutating func walk(_ address: UInt64) throws(AddressSpaceError) -> Walk {
        walking: while true {
            var table = root
            var level = depth.rootLevel
            var upper = WalkedLeaf.allRights
            while true {
                let live = try entry(of: address, in: table, level)
                let visited: PageTableEntry
                switch visit(live, level, address) {
                case .reserved: return .failed(.reservedBit)
                case .absent:
                    // P was lost between the look and the update: from the start. Otherwise there is no translation.
                    if live.load().isPresent { continue walking }
                    return .failed(.notPresent)
                case .present(let entry): visited = entry
                }
                guard let below = level.below, !visited.isLargePage else {
                    return .found(
                        FoundLeaf(leaf: WalkedLeaf(entry: visited, level: level, upper: upper), live: live))
                }
                upper = WalkedLeaf.combine(upper, visited)
                table = Frame(of: visited)
                level = below
            }
        }
    }

    /// Finds the entry of a level without setting anything; nil if there is no table of that level any more.
    ///
    /// Whether it still is a leaf is looked at when D is set.
    private func findLeaf(_ address: UInt64, at wanted: TableLevel) throws(AddressSpaceError) -> AtomicPageTableEntry? {
        var table = root
        var level = depth.rootLevel
        while true {
            let live = try entry(of: address, in: table, level)
            if level == wanted { return live }
            let entry = live.load()
            guard entry.isPresent, !entry.isLargePage, let below = level.below else { return nil }
            table = Frame(of: entry)
            level = below
        }
    }

    private func entry(of address: UInt64, in table: Frame, _ level: TableLevel) throws(AddressSpaceError)
        -> AtomicPageTableEntry
    {
        guard let words = frames.words(of: table) else { throw .frameNotReachable(table) }
        return AtomicPageTableEntry(words + level.index(of: address))
    }

    private enum Visit {
        /// The entry, with A set.
        case present(PageTableEntry)
        case absent
        case reserved
    }

    /// Reads an entry and sets A by a locked read-check-write.
    private mutating func visit(_ live: AtomicPageTableEntry, _ level: TableLevel, _ address: UInt64) -> Visit {
        var entry = live.load()
        report(.read(address: address, level, entry))
        guard entry.isPresent else { return .absent }
        while true {
            if entry.isPresent && Self.hasReservedBits(entry, level) { return .reserved }
            if entry.isAccessed { return entry.isPresent ? .present(entry) : .absent }
            guard entry.isPresent || behaviour.setsAccessedOnNotPresent else { return .absent }
            let new = entry.setting(PageTableEntry.accessedMask)
            if let seen = live.replace(entry, by: new) {
                entry = seen
                continue
            }
            report(.setAccessed(address: address, level, entry))
            return entry.isPresent ? .present(new) : .absent
        }
    }

    /// Whether bits are set that must be 0: PS above level 3; in a large leaf, those between PAT and frame.
    private static func hasReservedBits(_ entry: PageTableEntry, _ level: TableLevel) -> Bool {
        guard entry.isLargePage, level != .pte else { return false }
        guard level == .pde || level == .pdpte else { return true }
        return entry.containsAny(of: (level.byteCount - 1) & ~0x1FFF)
    }

    // MARK: Dirty

    private enum DirtyUpdate {
        /// D is set, and the translation can be cached.
        case done
        /// The store goes on although the entry does not permit it any more.
        case written
        case faulted(PageFault.Reason)
        case again
    }

    /// Sets D by a locked read-check-write; what it finds may have changed since the decision.
    private mutating func updateDirty(
        _ live: AtomicPageTableEntry, decidedOn decided: WalkedLeaf, _ address: UInt64
    ) -> DirtyUpdate {
        var entry = live.load()
        while true {
            let outcome: CPUBehaviour.Outcome?
            if !entry.isPresent {
                outcome = behaviour.onNotPresent
            } else if entry.frameNumber != decided.entry.frameNumber || isTable(entry, decided.level) {
                outcome = .refault
            } else {
                outcome = entry.isWritable ? nil : behaviour.onWriteRevoked
            }
            if outcome == .refault { return .again }
            var new = entry.setting(PageTableEntry.dirtyMask)
            if !entry.isPresent && outcome == .setThenFault { new = new.setting(PageTableEntry.accessedMask) }
            if let seen = live.replace(entry, by: new) {
                entry = seen
                continue
            }
            report(.setDirty(address: address, decided.level, entry))
            switch outcome {
            case .setThenFault: return .faulted(entry.isPresent ? .notPermitted : .notPresent)
            case .setThenWrite: return .written
            case .refault, nil: return .done
            }
        }
    }

    /// Whether an entry that mapped a page points to a table now.
    private func isTable(_ entry: PageTableEntry, _ level: TableLevel) -> Bool { level != .pte && !entry.isLargePage }
}
