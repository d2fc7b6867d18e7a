import AddressSpace
import PageTable

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The kernel's side: one operation a round, checked at once.
extension StressMachine {
    /// Runs rounds against the walkers until something is wrong or all are done.
    /// - Returns: the number of rounds that were run.
    func run(rounds: Int, by protection: (some WriteProtection).Type, onlyForks: Bool = false, seed: UInt64 = 7) -> Int
    {
        nonisolated(unsafe) var done = 0
        let walkers: [@Sendable () -> Void] = (0..<Self.walkers).map { number in { self.runWalker(number) } }
        runThreads(
            walkers + [
                {
                    do {
                        var random = Xorshift(seed: seed)
                        while done < rounds, !self.hasFailed.load(ordering: .acquiring) {
                            // Walkers that wait for the page lock get it now.
                            if onlyForks { Self.waitForAccesses(16) }
                            try self.round(onlyForks ? 0 : random.below(10), &random, by: protection)
                            done += 1
                        }
                        // The last word: everything written back, and nothing lost.
                        for page in self.pageIndices where !self.isShadowStack(page) { try self.clean(page) }
                    } catch { self.fail("the kernel: \(error)") }
                    self.isStopped.store(true, ordering: .releasing)
                }
            ])
        return done
    }

    private func round(_ kind: Int, _ random: inout Xorshift, by protection: (some WriteProtection).Type) throws {
        let page = random.below(Self.pages)
        switch kind {
        case 0...3:
            try prepare()
            // The first writes after this set D: the fork comes soon, or amid them.
            for _ in 0..<(random.below(2) * random.below(30)) { _ = translation(page, space) }
            // Some entries are dirty and have A=0 then.
            if random.below(4) == 0 { try space.harvestAccessed(at: Self.base, pages: Self.pages) }
            try fork(&random, by: protection)
        case 4: try clean(page)
        case 5: try reclaim(page)
        case 6: try merge(page, &random)
        case 7: try protect(page)
        case 8: try space.harvestAccessed(at: Self.base, pages: 1 + random.below(8))
        default: try unmapAll()
        }
    }

    /// Says that a page lost a Dirty bit, if it did; it must stand still.
    private func check(
        _ what: String, _ page: Int, _ content: [UInt64], isDirty: Bool, _ state: StressMachine.State
    ) throws {
        if !isDirty && content != state.backing[page] {
            throw StressFailure(
                "\(what): page \(page) lost a Dirty bit: \(content), written back \(state.backing[page])")
        }
    }

    /// Makes pages clean and writable where it can, so that hardware has D to set.
    private func prepare() throws {
        for page in 0..<Self.pages {
            try clean(page)
            try withPageLock { state in
                guard let found = translation(page, space), state.users[found.frame] == 1 else { return }
                try space.makeWritable(at: address(page), markingDirty: false)
            }
        }
    }

    private func clean(_ page: Int) throws {
        try withPageLock { state in
            guard let found = translation(page, space) else { return }
            let wasDirty = try space.cleanForWriteback(at: address(page))
            let content = try content(found.frame)
            // A CPU that sets D late makes the entry dirty again: not lost.
            let isDirty = wasDirty || translation(page, space)?.isDirty ?? false
            try check("clean", page, content, isDirty: isDirty, state)
            if wasDirty { state.backing[page] = content }
        }
    }

    private func reclaim(_ page: Int) throws {
        try withPageLock { state in
            guard translation(page, space) != nil, let old = try space.reclaim(at: address(page)) else { return }
            try writeBack("reclaim", page, old, &state)
        }
    }

    private func unmapAll() throws {
        try withPageLock { state in
            guard (0..<Self.pages).allSatisfy({ translation($0, space) != nil }) else { return }
            var old: [UnmappedPage] = []
            try space.unmap(at: Self.base, pages: Self.pages) { old.append($0) }
            for (page, unmapped) in old.enumerated() { try writeBack("unmap", page, unmapped, &state) }
        }
    }

    /// Writes a page back that is mapped no more, and drops its frame.
    private func writeBack(_ what: String, _ page: Int, _ old: UnmappedPage, _ state: inout State) throws {
        let content = try content(old.frame)
        try check(what, page, content, isDirty: old.wasDirty, state)
        state.backing[page] = content
        drop(old.frame, &state)
    }

    private func merge(_ page: Int, _ random: inout Xorshift) throws {
        try withPageLock { state in
            guard let found = translation(page, space) else { return }
            let mayMerge = random.below(3) > 0
            let result = try space.writeProtectForMerge(at: address(page)) { frame in
                mayMerge && state.users[frame] == 1
            }
            guard case .protected(let entry, let wasDirty) = result else { return }
            let content = try content(found.frame)
            try check("merge", page, content, isDirty: wasDirty, state)
            state.backing[page] = content
            let twin = try newFrame(content, &state)
            let old = try space.merge(at: address(page), expecting: entry, into: twin)
            if try self.content(old.frame) != content { throw StressFailure("merge: page \(page) did not stand still") }
            drop(old.frame, &state)
        }
    }

    private func protect(_ page: Int) throws {
        try withPageLock { state in
            guard let found = translation(page, space) else { return }
            try space.protect(at: address(page), .user)
            let isDirty = translation(page, space)?.isDirty ?? false
            try check("protect", page, try content(found.frame), isDirty: isDirty, state)
            try space.protect(at: address(page), [.user, .write])
        }
    }

    // MARK: Fork

    private func fork(_ random: inout Xorshift, by protection: (some WriteProtection).Type) throws {
        var child = try memory.space([childPort])
        let snapshot = try withPageLock { state in
            try space.fork(into: &child, by: protection)
            return try pageIndices.map { page in try checkForked(page, child, &state) }
        }
        var cpu = SoftwareWalker(port: childPort, frames: memory, behaviour: behaviour, root: child.root)
        let written = random.below(pageIndices.count)
        try checkChild(&cpu, snapshot, except: nil)
        if snapshot[written] != nil { try writeAsChild(&cpu, written, child) }
        try checkChild(&cpu, snapshot, except: written)
        withPageLock { state in
            for page in pageIndices {
                if let found = translation(page, child) { drop(found.frame, &state) }
            }
        }
    }

    /// Checks the entries of parent and child right after the fork, when pages stand still; returns the content.
    private func checkForked(_ page: Int, _ child: borrowing Space, _ state: inout State) throws -> [UInt64]? {
        guard let found = translation(page, space) else { return nil }
        guard let copy = translation(page, child), copy.frame == found.frame else {
            throw StressFailure("fork: page \(page) is missing in the child")
        }
        let content = try content(found.frame)
        if !isShadowStack(page) { try check("fork", page, content, isDirty: found.isDirty, state) }
        if found.isWritable || copy.isWritable { throw StressFailure("fork: page \(page) can still be written") }
        let canHardwareBreakTheRule = behaviour.onWriteRevoked != .refault
        if copy.entry.isShadowStackEncoding || found.entry.isShadowStackEncoding && !canHardwareBreakTheRule {
            throw StressFailure("fork: page \(page) is W=0, D=1")
        }
        state.users[found.frame, default: 0] += 1
        return content
    }

    /// Reads all pages in the child: nothing that the parent has written since.
    private func checkChild(
        _ cpu: inout SoftwareWalker<Memory>, _ snapshot: [[UInt64]?], except written: Int?
    ) throws {
        for page in pageIndices {
            guard let content = snapshot[page] else { continue }
            for word in 0..<Self.walkers {
                guard case .done(let value) = try cpu.read(at: address(page, word)), value == content[word] else {
                    throw StressFailure("fork: the child's page \(page) changed under it")
                }
            }
            let own = try cpu.read(at: address(page, Self.childWord))
            if own != .done(page == written ? 1 : 0) { throw StressFailure("fork: the child reads \(own) of its own") }
        }
    }

    private func writeAsChild(_ cpu: inout SoftwareWalker<Memory>, _ page: Int, _ child: borrowing Space) throws {
        let address = address(page, Self.childWord)
        while true {
            let result = isShadowStack(page) ? try cpu.writeShadowStack(1, at: address) : try cpu.write(1, at: address)
            if case .done = result { return }
            try handleFault(page, in: child, marksDirty: true)
        }
    }
}

/// Something that must not be.
struct StressFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
