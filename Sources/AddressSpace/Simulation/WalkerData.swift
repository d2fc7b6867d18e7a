import PageTable

/// The data side of an access: bytes in frames.
extension SoftwareWalker {
    /// One access, from an instruction boundary to the next.
    mutating func perform(
        _ access: FaultAccess, at address: UInt64, byteCount: UInt64, _ value: UInt64 = 0
    ) throws(AddressSpaceError) -> AccessResult {
        let last = address &+ (byteCount - 1)
        try depth.checkCanonical(address)
        try depth.checkCanonical(last)
        leaveLazy()
        let request = port.beginAccess()
        defer { port.endAccess() }
        answer(request)
        let secondPage = TableLevel.pte.start(of: last)
        let isSplit = secondPage != TableLevel.pte.start(of: address)
        let frame: Frame
        var second: Frame?
        switch try translate(access, address) {
        case .fault(let fault): return .fault(fault)
        case .frame(let found): frame = found
        }
        if isSplit {
            switch try translate(access, secondPage) {
            case .fault(let fault): return .fault(fault)
            case .frame(let found): second = found
            }
        }
        let page = try data(in: frame)
        let nextPage = if let second { try data(in: second) } else { page }
        let inFirst = isSplit ? secondPage &- address : byteCount
        reportData(access, at: address, in: frame, byteCount: inFirst)
        if let second { reportData(access, at: secondPage, in: second, byteCount: byteCount - inFirst) }
        return .done(transfer(access, DataSpan(page, nextPage, address & 4095, byteCount), value))
    }

    /// Takes an interrupt: forgets what was asked for.
    private mutating func answer(_ request: WalkerPort.Request) {
        switch request {
        case .none: break
        case .everything:
            port.tlb.removeAll()
            report(.dropped(address: nil, .shootdown))
        case .page(let page):
            port.tlb.remove(page)
            report(.dropped(address: page, .shootdown))
        }
    }

    private func data(in frame: Frame) throws(AddressSpaceError) -> UnsafeMutablePointer<UInt64> {
        guard let words = frames.words(of: frame) else { throw .frameNotReachable(frame) }
        return words
    }

    /// Tells the observer of bytes in one page, and the pool if they are not in a frame for data.
    private mutating func reportData(_ access: FaultAccess, at address: UInt64, in frame: Frame, byteCount: UInt64) {
        report(.accessed(access, address: address, physical: frame.address | address & 4095, byteCount: Int(byteCount)))
        guard let pool else { return }
        let misuse: FramePool.Misuse
        switch pool.owner(of: frame) {
        case .data, .outside, .pool: return
        case .table: misuse = FramePool.Misuse(.dataInTable, frame)
        case .free: misuse = FramePool.Misuse(.dataInFreeFrame, frame)
        }
        pool.note(misuse)
        report(.misused(misuse))
    }

    /// Reads or writes bytes, one aligned word after the other, each in one step.
    /// - Returns: the value read or written.
    private func transfer(_ access: FaultAccess, _ bytes: DataSpan, _ value: UInt64) -> UInt64 {
        var read: UInt64 = 0
        var done: UInt64 = 0
        while done < bytes.count {
            // Data words are read and written by several CPUs as well; a view of an entry is an atomic word.
            let word = bytes.word(at: done)
            let lowest = (bytes.offset + done) & 7
            let count = min(8 - lowest, bytes.count - done)
            let mask = (UInt64.max >> (64 - 8 * count)) << (8 * lowest)
            if !access.isWrite {
                read |= ((word.load().rawValue & mask) >> (8 * lowest)) << (8 * done)
            } else {
                let new = ((value >> (8 * done)) << (8 * lowest)) & mask
                if count == 8 {
                    word.store(PageTableEntry(rawValue: new))
                } else {
                    word.update { $0.clearing(mask).setting(new) }
                }
            }
            done += count
        }
        return access.isWrite ? value : read
    }
}

/// Bytes in one page, or in two.
private struct DataSpan {
    private let first: UnsafeMutablePointer<UInt64>
    private let second: UnsafeMutablePointer<UInt64>
    /// Where the first byte lies in the first page.
    let offset: UInt64
    /// The number of bytes, 1 to 8.
    let count: UInt64

    init(
        _ first: UnsafeMutablePointer<UInt64>, _ second: UnsafeMutablePointer<UInt64>, _ offset: UInt64, _ count: UInt64
    ) {
        (self.first, self.second, self.offset, self.count) = (first, second, offset, count)
    }

    /// The aligned word that a byte lies in.
    func word(at byte: UInt64) -> AtomicPageTableEntry {
        let position = offset + byte
        let page = position < 4096 ? first : second
        return AtomicPageTableEntry(page + Int(truncatingIfNeeded: position >> 3 & 511))
    }
}
