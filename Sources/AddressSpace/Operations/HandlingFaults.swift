import PageTable

/// What an access does: of a CPU that faulted, or of a software walker.
public enum FaultAccess: UInt8, CaseIterable, Hashable, Sendable {
    /// An ordinary read.
    case read
    /// An ordinary write.
    case write
    /// An instruction fetch.
    case fetch
    /// A read of a shadow stack, as by `ret`.
    case shadowStackRead
    /// A write to a shadow stack, as by `call`.
    case shadowStackWrite

    /// The access of a page fault's error code (SDM volume 3A, section 4.7): bit 1 a write, 4 a fetch, 6 a shadow stack.
    @inlinable
    public init(errorCode: UInt32) {
        let isWrite = errorCode & 2 != 0
        if errorCode & 1 << 6 != 0 {
            self = isWrite ? .shadowStackWrite : .shadowStackRead
        } else {
            self = isWrite ? .write : errorCode & 1 << 4 != 0 ? .fetch : .read
        }
    }

    /// Whether it is one that only shadow stacks permit.
    @inlinable @inline(__always)
    public var isShadowStack: Bool { self == .shadowStackRead || self == .shadowStackWrite }
    /// Whether it writes.
    @inlinable @inline(__always) public var isWrite: Bool { self == .write || self == .shadowStackWrite }
}

/// What a fault came to.
public enum FaultOutcome: Hashable, Sendable {
    /// The page can be written now: nobody else used its frame.
    case madeWritable(Translation)
    /// The page has a copy of its own now; what was there before is the caller's to count.
    case copied(UnmappedPage, into: Frame)
    /// The access is allowed by now, or was all the time: another CPU was faster, or the translation was an old one.
    case spurious
    /// No page is there: the caller maps one, or ends the process.
    case notMapped
    /// The caller put something in the place of the page, for example where it lies in a swap file.
    case software(SoftwareEntry)
    /// The mapping does not allow it.
    case forbidden(Translation)
}

/// The page-fault handler.
extension AddressSpace where Lock: ~Copyable {
    /// Decides about a page fault and does what it asks for, with the lock held throughout.
    ///
    /// A page that another thread takes away for a moment is never taken for one that is not mapped. Copy-on-write: if the
    /// caller says that nobody else uses the frame, the page becomes writable, else the caller copies it. A page that was
    /// write-protected for write-back or tracking becomes writable and dirty.
    /// - Parameters:
    ///   - address: the address accessed, CR2; any byte of the page.
    ///   - access: what the access wanted.
    ///   - isUser: whether it was a user's.
    ///   - isExclusive: whether nobody else uses the frame of a private page: the caller's reference count.
    ///   - copy: makes a copy of the page and gives its first frame; nil if there is no memory. The page stands still, since no
    ///     CPU may write it. Both closures are called with the lock held: they must not use this address space.
    /// - Throws: `notCanonical`, `wrongHalf`; `outOfFrames` if `copy` gave nil; `frameNotAligned`. Nothing has changed then.
    @inlinable
    public func handleFault(
        at address: UInt64, _ access: FaultAccess, isUser: Bool = true, isExclusive: (Frame) -> Bool,
        copy: (Frame, PageSize) -> Frame?
    ) throws(AddressSpaceError) -> FaultOutcome {
        try requireAddress(address)
        lock.lock()
        defer { lock.unlock() }
        let slot = slot(for: address)
        let entry = slot.live.load()
        let found = Translation(address: address, entry: entry, size: slot.size)
        guard entry.isPresent else {
            if entry.isInaccessible { return .forbidden(found) }
            return SoftwareEntry(of: entry).map { .software($0) } ?? .notMapped
        }
        guard found.allows(access, isUser: isUser) else { return .forbidden(found) }
        guard !found.permitsNow(access, isUser: isUser) else { return .spurious }
        if found.kind == .shared || isExclusive(found.frame) {
            giveWrite(slot.live, found.kind, isDirty: true)
            return .madeWritable(found)
        }
        guard let frame = copy(found.frame, slot.size) else { throw .outOfFrames }
        try frame.requireStart(of: slot.size)
        let new = Self.copied(entry, slot.size, into: frame)
        return .copied(replace(slot.live, at: address, slot.size, by: new), into: frame)
    }
}
