import PageTable

/// What an access of a software walker came to.
public enum AccessResult: Hashable, Sendable {
    /// It was done: the value read, or written.
    case done(UInt64)
    /// It raised a page fault; nothing was read or written.
    case fault(PageFault)
}

/// A page fault, as the CPU reports it (SDM volume 3A, section 4.7).
public struct PageFault: Hashable, Sendable {
    /// The address accessed: CR2.
    public let address: UInt64
    /// The error code: bit 0 if the page was present, 1 for a write, 2 in user mode, 6 for a shadow-stack access.
    public let errorCode: UInt32
}

/// One CPU's translation in software: it walks tables in memory while others change them, sets A and D with the same
/// steps as a CPU of a chosen behaviour, keeps a TLB of 128 translations, and takes shootdowns between accesses.
///
/// For one thread; each thread has its own. Data is reached through the frame provider, eight bytes at a time.
public struct SoftwareWalker<Frames: FrameProvider>: ~Copyable {
    /// What an access is.
    enum Access {
        case read, write, shadowStackRead, shadowStackWrite

        /// Whether it is one that only shadow-stack pages permit.
        var isShadowStack: Bool { self == .shadowStackRead || self == .shadowStackWrite }
        /// Whether it counts as a write; every shadow-stack access does in Linux's eyes, but not in the error code.
        var isWrite: Bool { self == .write || self == .shadowStackWrite }
    }

    /// How this CPU behaves.
    public let behaviour: CPUBehaviour
    /// Whether accesses are a user's or the kernel's.
    public var isUser = true
    /// How many loops to pass between deciding to set D and setting it: makes races likelier.
    public var updateDelay = 0

    private let port: WalkerPort
    private let frames: Frames
    private var root: Frame

    /// Makes a walker.
    /// - Parameters:
    ///   - port: where it is reached, used by no other walker.
    ///   - frames: memory.
    ///   - behaviour: what CPU it is.
    ///   - root: the root table to begin with.
    public init(port: WalkerPort, frames: Frames, behaviour: CPUBehaviour, root: Frame) {
        self.port = port
        self.frames = frames
        self.behaviour = behaviour
        self.root = root
        port.load(root: root)
    }

    /// Loads another root table, as a write to CR3: the TLB is empty then.
    public mutating func load(root: Frame) {
        self.root = root
        port.load(root: root)
    }

    /// Reads eight bytes.
    /// - Throws: `notCanonical`; `notAligned` to eight; `frameNotReachable` for a table, or for the data's frame.
    public mutating func read(at address: UInt64) throws(AddressSpaceError) -> AccessResult {
        try perform(.read, at: address, 0)
    }

    /// Writes eight bytes.
    /// - Throws: `notCanonical`; `notAligned` to eight; `frameNotReachable` for a table, or for the data's frame.
    public mutating func write(_ value: UInt64, at address: UInt64) throws(AddressSpaceError) -> AccessResult {
        try perform(.write, at: address, value)
    }

    /// Reads eight bytes of a shadow stack; on a CPU without shadow stacks, it faults.
    /// - Throws: `notCanonical`; `notAligned` to eight; `frameNotReachable` for a table, or for the data's frame.
    public mutating func readShadowStack(at address: UInt64) throws(AddressSpaceError) -> AccessResult {
        try perform(.shadowStackRead, at: address, 0)
    }

    /// Writes eight bytes to a shadow stack, as `call` and `wrss` do; on a CPU without shadow stacks, it faults.
    /// - Throws: `notCanonical`; `notAligned` to eight; `frameNotReachable` for a table, or for the data's frame.
    public mutating func writeShadowStack(_ value: UInt64, at address: UInt64) throws(AddressSpaceError)
        -> AccessResult
    {
        try perform(.shadowStackWrite, at: address, value)
    }

    /// One access, from an instruction boundary to the next.
    private mutating func perform(_ access: Access, at address: UInt64, _ value: UInt64) throws(AddressSpaceError)
        -> AccessResult
    {
        try PageRange.checkCanonical(address)
        guard address % 8 == 0 else { throw .notAligned(address: address, to: 8) }
        port.beginAccess()
        defer { port.endAccess() }
        switch try translate(access, address) {
        case .fault(let isPresent):
            port.invalidate(address & ~(Frame.byteCount - 1))
            return .fault(PageFault(address: address, errorCode: errorCode(of: access, isPresent: isPresent)))
        case .frame(let frame):
            guard let words = frames.words(of: frame) else { throw .frameNotReachable(frame) }
            // Data words are read and written by several CPUs as well; a view of an entry is an atomic word.
            let word = AtomicPageTableEntry(words + Int(truncatingIfNeeded: (address >> 3) & 511))
            guard access.isWrite else { return .done(word.load().rawValue) }
            word.store(PageTableEntry(rawValue: value))
            return .done(value)
        }
    }

    private func errorCode(of access: Access, isPresent: Bool) -> UInt32 {
        (isPresent ? 1 : 0) | (access.isWrite ? 2 : 0) | (isUser ? 4 : 0) | (access.isShadowStack ? 1 << 6 : 0)
    }

    // MARK: Translation

    private enum Outcome {
        case frame(Frame)
        case fault(isPresent: Bool)
    }

    /// Translates through the TLB or the tables; sets A, and for a write D.
    private func translate(_ access: Access, _ address: UInt64) throws(AddressSpaceError) -> Outcome {
        let page = address & ~(Frame.byteCount - 1)
        var usesTLB = true
        while true {
            var entry: PageTableEntry
            let leaf: AtomicPageTableEntry
            if usesTLB, let cached = port.cached(page), permits(access, cached) {
                guard access == .write && !cached.isDirty else { return .frame(Frame(of: cached)) }
                // A clean translation: D has to be set in memory, wherever the leaf is by now.
                guard let found = try findLeaf(address) else {
                    usesTLB = false
                    continue
                }
                (entry, leaf) = (cached, found)
            } else {
                guard let walked = try walk(address) else { return .fault(isPresent: false) }
                (entry, leaf) = walked
                guard permits(access, entry) else { return .fault(isPresent: true) }
            }
            guard access == .write && !entry.isDirty else {
                port.fill(page, entry)
                return .frame(Frame(of: entry))
            }
            for _ in 0..<max(0, updateDelay) { _ = leaf.load() }
            switch updateDirty(leaf, decidedOn: entry) {
            case .done:
                entry.isDirty = true
                port.fill(page, entry)
                return .frame(Frame(of: entry))
            case .written: return .frame(Frame(of: entry))
            case .faulted(let isPresent): return .fault(isPresent: isPresent)
            case .again: usesTLB = false
            }
        }
    }

    /// Whether a translation permits an access (SDM volume 3A, section 4.6).
    private func permits(_ access: Access, _ entry: PageTableEntry) -> Bool {
        if isUser && !entry.isUser { return false }
        switch access {
        case .read: return true
        case .write: return entry.isWritable
        case .shadowStackRead, .shadowStackWrite:
            return behaviour.hasShadowStacks && entry.isShadowStackEncoding && entry.isUser == isUser
        }
    }

    /// Walks the tables, setting A on the way; nil where P=0.
    ///
    /// The entry has W and U as all levels allow them.
    private func walk(_ address: UInt64) throws(AddressSpaceError) -> (PageTableEntry, AtomicPageTableEntry)? {
        walking: while true {
            var table = try rootTable()
            var rights = PageTableEntry.userMask
            var level = PagingLevel.root
            while true {
                let live = table[address, level]
                guard let entry = setAccessed(live) else {
                    // P was lost between the look and the update: from the start. Otherwise there is no translation.
                    if live.load().isPresent { continue walking }
                    return nil
                }
                if level == .leaf {
                    let isUser = rights & entry.rawValue
                    return (entry.clearing(PageTableEntry.userMask).setting(isUser), live)
                }
                rights &= entry.rawValue
                guard let next = Table(below: entry, in: frames) else { throw .frameNotReachable(Frame(of: entry)) }
                table = next
                level = level.below
            }
        }
    }

    /// Finds the leaf of an address without setting anything; nil if a table is missing.
    private func findLeaf(_ address: UInt64) throws(AddressSpaceError) -> AtomicPageTableEntry? {
        var table = try rootTable()
        var level = PagingLevel.root
        while level != .leaf {
            guard let next = Table(below: table[address, level].load(), in: frames) else { return nil }
            table = next
            level = level.below
        }
        return table[address, .leaf]
    }

    private func rootTable() throws(AddressSpaceError) -> Table {
        guard let words = frames.words(of: root) else { throw .frameNotReachable(root) }
        return Table(frame: root, words: words)
    }

    // MARK: Updates

    /// Sets A by a locked read-check-write; nil if P=0.
    private func setAccessed(_ live: AtomicPageTableEntry) -> PageTableEntry? {
        var entry = live.load()
        guard entry.isPresent else { return nil }
        while !entry.isAccessed {
            guard entry.isPresent || behaviour.setsAccessedOnNotPresent else { return nil }
            let new = entry.setting(PageTableEntry.accessedMask)
            guard let seen = live.replace(entry, by: new) else {
                entry = new
                break
            }
            entry = seen
        }
        return entry.isPresent ? entry : nil
    }

    private enum DirtyUpdate {
        /// D is set, and the translation can be cached.
        case done
        /// The store goes on although the entry does not permit it any more.
        case written
        case faulted(isPresent: Bool)
        case again
    }

    /// Sets D by a locked read-check-write; what it finds may have changed since the decision.
    private func updateDirty(_ live: AtomicPageTableEntry, decidedOn decided: PageTableEntry) -> DirtyUpdate {
        var entry = live.load()
        while true {
            let outcome: CPUBehaviour.Outcome?
            if !entry.isPresent {
                outcome = behaviour.onNotPresent
            } else if entry.frameNumber != decided.frameNumber {
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
            switch outcome {
            case .setThenFault: return .faulted(isPresent: entry.isPresent)
            case .setThenWrite: return .written
            case .refault, nil: return .done
            }
        }
    }
}
