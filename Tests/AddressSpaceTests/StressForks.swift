import AddressSpace
import PageTable

/// Forks of a machine under stress: the child is looked at by a walker that comes and goes, then torn down.
extension StressMachine {
    func fork(_ thread: Int, _ random: inout Xorshift, by protection: (some WriteProtection).Type) throws {
        var child = try newSpace(childPorts[thread])
        var shared: [ForkedPage] = []
        let snapshot = try withAllPages {
            try space.fork(into: &child, by: protection) { page in
                if countsForks { counts.share(page) }
                shared.append(page)
            }
            try checkShared(shared)
            return try pages.indices.map { page in try checkForked(page, child) }
        }
        let written = pageIndices[random.below(pageIndices.count)]
        try runChild(thread, snapshot, writing: snapshot[written] == nil || isLarge(written) ? nil : written, child)
        try tearDown(child, shared.count)
    }

    /// What the fork reported: every page and every place in the swap file, in order.
    private func checkShared(_ shared: [ForkedPage]) throws {
        var frames: [Frame] = []
        var slots: [SoftwareEntry] = []
        for page in shared {
            switch page {
            case .page(let page): if page.kind != .shared { frames.append(page.frame) }
            case .software(_, let slot): slots.append(slot)
            }
        }
        let small = pages[..<Self.largePages.lowerBound]
        guard frames == small.compactMap(\.frame), slots == small.compactMap(\.slot) else {
            throw StressFailure("fork: \(frames.count) pages and \(slots.count) others were shared")
        }
    }

    /// Checks the entries of parent and child right after the fork, when private pages stand still.
    /// - Returns: what the child has there; nil for nothing.
    private func checkForked(_ page: Int, _ child: borrowing Space) throws -> [UInt64]? {
        if let slot = pages[page].slot { return try counts.content(slot) }
        guard let frame = pages[page].frame else { return nil }
        let content = try content(frame)
        guard let found = try translation(page, space), let copy = try translation(page, child),
            try self.frame(found) == frame, try self.frame(copy) == frame
        else { throw StressFailure("fork: page \(page) is missing") }
        try check("fork", page, content, isDirty: found.isDirty)
        if isLarge(page) { return content }
        if found.isWritable || copy.isWritable { throw StressFailure("fork: page \(page) can still be written") }
        let canHardwareBreakTheRule = behaviour.onWriteRevoked != .refault || behaviour.onNotPresent != .refault
        if copy.entry.isShadowStackEncoding && !canHardwareBreakTheRule
            || found.entry.isShadowStackEncoding && !canHardwareBreakTheRule
        {
            throw StressFailure("fork: page \(page) is W=0, D=1")
        }
        if try self.content(frame) != content { throw StressFailure("fork: page \(page) did not stand still") }
        return content
    }

    // MARK: The child

    /// Reads all pages in the child, twice, and writes one: nothing that the parent has written since is there.
    private func runChild(_ thread: Int, _ snapshot: [[UInt64]?], writing written: Int?, _ child: borrowing Space)
        throws
    {
        // The fork may have come while a thread had taken rights away.
        try child.protect(at: Self.base, pages: 518, [.user, .write])
        try child.protect(at: Self.address(offset: Self.largeRange.lowerBound), pages: 512, [.user, .write])
        var cpu = newWalker(childPorts[thread], root: child.root)
        try checkChild(&cpu, snapshot, except: nil, child)
        if let written { _ = try access(&cpu, written, Self.childWord, writing: 1, child) }
        cpu.enterLazy()
        try checkChild(&cpu, snapshot, except: written, child)
        cpu.detach()
    }

    private func checkChild(
        _ cpu: inout Walker, _ snapshot: [[UInt64]?], except written: Int?, _ child: borrowing Space
    ) throws {
        for page in pageIndices {
            guard let content = snapshot[page] else { continue }
            // The large page is the same in both: the parent's walkers go on writing it.
            for word in 0..<Self.walkers {
                let value = try access(&cpu, page, word, writing: nil, child)
                if isLarge(page) ? value < content[word] : value != content[word] {
                    throw StressFailure("fork: the child's page \(page) changed under it")
                }
            }
            let own = try access(&cpu, page, Self.childWord, writing: nil, child)
            if own != (page == written ? 1 : 0) { throw StressFailure("fork: the child reads \(own) of its own") }
        }
    }

    private func access(
        _ cpu: inout Walker, _ page: Int, _ word: Int, writing value: UInt64?, _ child: borrowing Space
    ) throws -> UInt64 {
        while true {
            let result = try perform(&cpu, page, word, writing: value)
            let fault: PageFault
            switch result {
            case .done(let value): return value
            case .fault(let found): fault = found
            }
            switch try handle(page, FaultAccess(errorCode: fault.errorCode), child) {
            case .software(let slot): _ = try bringBack(page, slot, in: child)
            case .notMapped, .forbidden: throw StressFailure("fork: the child's page \(page) cannot be reached")
            case .madeWritable, .copied, .spurious: break
            }
        }
    }

    /// Ends the child: as much is reported as the fork shared.
    private func tearDown(_ child: consuming Space, _ expected: Int) throws {
        var reported = 0
        child.tearDown { old in
            reported += 1
            if old.kind != .shared { counts.drop(old.frame) }
        } reportSoftware: { _, slot in
            reported += 1
            counts.drop(slot)
        }
        if reported != expected { throw StressFailure("fork: \(reported) of \(expected) pages came to the end") }
    }
}
