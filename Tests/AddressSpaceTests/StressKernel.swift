import AddressSpace
import PageTable
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a thread of the kernel does in a round: one operation, checked at once.
enum StressRound: CaseIterable {
    case fork, forkSoon
    case prepare, cleanPage, merge, reclaimPage, protectPage, writeProtectPage, harvestAccessed, walk
    case cleanRange, reclaimRange, protectRange, harvestDirty, unmapRange, unmapAll, releaseEmptyTables, enumerate
    case split, collapse, cleanLargePage, protectLargePage
    /// The mistake that ``StressPlantTests`` has: not among those that are drawn.
    case giveBackTableBeforeShootdown

    /// Those of a right kernel, forks and what is cheap more often.
    static let right: [StressRound] =
        allCases.filter { $0 != .giveBackTableBeforeShootdown } + [
            .fork, .forkSoon, .prepare, .cleanPage, .merge, .reclaimPage, .protectPage, .harvestAccessed, .walk,
        ]
}

/// The kernel's side: two threads that take rounds from one count.
extension StressMachine {
    /// Runs rounds against the walkers until something is wrong or all are done.
    /// - Parameters:
    ///   - kinds: what rounds are drawn from.
    ///   - pause: how many accesses walkers get before each round; those that wait for a page lock get it then.
    ///   - others: threads that run until the machine stops.
    /// - Returns: the number of rounds that were run.
    @discardableResult
    func run(
        rounds: Int, by protection: (some WriteProtection).Type, _ kinds: [StressRound] = StressRound.right,
        pause: UInt64 = 0, seed: UInt64 = 7, others: [@Sendable () -> Void] = []
    ) -> Int {
        let walkers: [@Sendable () -> Void] = (0..<Self.walkers).map { number in { self.runWalker(number) } }
        let left = Atomic<Int>(Self.kernelThreads)
        let kernel: [@Sendable () -> Void] = (0..<Self.kernelThreads).map { thread in
            {
                self.runKernel(thread, rounds, protection, kinds, pause, Xorshift(seed: seed + UInt64(thread)))
                if left.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
                    self.isStopped.store(true, ordering: .releasing)
                }
            }
        }
        runThreads(walkers + kernel + others)
        if !hasFailed.load(ordering: .acquiring) { finish() }
        return roundsDone.load(ordering: .relaxed)
    }

    private func runKernel(
        _ thread: Int, _ rounds: Int, _ protection: (some WriteProtection).Type, _ kinds: [StressRound],
        _ pause: UInt64, _ random: Xorshift
    ) {
        var random = random
        while !hasFailed.load(ordering: .acquiring) {
            guard roundsBegun.wrappingAdd(1, ordering: .relaxed).oldValue < rounds else { return }
            if pause > 0 { Self.waitForAccesses(pause) } else { Self.yieldForAccesses(4) }
            let round = kinds[random.below(kinds.count)]
            do { try self.round(round, thread, &random, by: protection) } catch { fail("kernel, \(round): \(error)") }
            roundsDone.wrappingAdd(1, ordering: .relaxed)
        }
    }

    private func round(
        _ round: StressRound, _ thread: Int, _ random: inout Xorshift, by protection: (some WriteProtection).Type
    ) throws {
        let page = random.below(Self.privatePages.count)
        switch round {
        case .fork: try fork(thread, &random, by: protection)
        case .forkSoon:
            try prepare()
            // The first writes after this set D: the fork comes soon, or amid them.
            for _ in 0..<(random.below(2) * random.below(30)) { _ = try translation(page, space) }
            // Some entries are dirty and have A=0 then.
            if random.oneIn(4) { try space.harvestAccessed(at: Self.base, pages: 4) }
            try fork(thread, &random, by: protection)
        case .prepare: try prepare()
        case .cleanPage: try clean(page)
        case .merge: try merge(page, &random)
        case .reclaimPage: try reclaim(Self.offsets[page], 1, &random)
        case .protectPage: try protect(Self.offsets[page], 1, &random)
        case .writeProtectPage: try space.writeProtect(at: address(page))
        case .harvestAccessed: try space.harvestAccessed(at: Self.base, pages: 1 + random.below(8))
        case .walk: try walk(page)
        case .cleanRange: try cleanRange(&random)
        case .reclaimRange: try reclaim(0, random.oneIn(8) ? 600 : 4, &random)
        case .protectRange: try protect(0, random.oneIn(8) ? 518 : 4, &random)
        case .harvestDirty: try harvestDirty(&random)
        case .unmapRange: try unmap(&random)
        case .unmapAll: if random.oneIn(4) { try unmapAll() }
        case .releaseEmptyTables: try space.releaseEmptyTables(at: Self.base, pages: random.oneIn(2) ? 1 : 1536)
        case .enumerate: try enumerate()
        case .split, .collapse: try reshapeLargePage(round)
        case .cleanLargePage: try clean(in: Self.largeRange)
        case .protectLargePage: try protect(Self.largeRange.lowerBound, Self.largeRange.count, &random)
        case .giveBackTableBeforeShootdown: try giveBackTableBeforeShootdown()
        }
    }

    // MARK: Checks, under the page lock

    /// Does something that another thread of the kernel can forestall; nil if it did.
    func unlessForestalled<Result>(_ body: () throws -> Result) throws -> Result? {
        do { return try body() } catch let error as AddressSpaceError {
            switch error {
            case .notMapped, .notWritable, .entryChanged, .notLarge, .cannotCollapse: return nil
            default: throw error
            }
        }
    }

    /// Says that a page lost a Dirty bit, if it did, or is not where it should be.
    func check(_ what: String, _ page: Int) throws {
        guard let frame = pages[page].frame else { return }
        // The content first: a CPU sets D before it writes.
        let content = try content(frame)
        guard let found = try translation(page, space), try self.frame(found) == frame else {
            throw StressFailure("\(what): page \(page) is gone")
        }
        try check(what, page, content, isDirty: found.isDirty)
    }

    func check(_ what: String, _ page: Int, _ content: [UInt64], isDirty: Bool) throws {
        if !isDirty && content != pages[page].backing {
            throw StressFailure(
                "\(what): page \(page) lost a Dirty bit: \(content), written back \(pages[page].backing)")
        }
    }

    /// Writes a page back that is mapped no more.
    func writeBack(_ what: String, _ page: Int, _ old: UnmappedPage) throws {
        guard let frame = pages[page].frame else { throw StressFailure("\(what): page \(page) was away already") }
        let content = try content(frame)
        try check(what, page, content, isDirty: old.wasDirty)
        pages[page].backing = content
    }

    // MARK: Rounds on single pages

    /// Makes pages clean and writable where it can, so that hardware has D to set.
    private func prepare() throws {
        for page in Self.privatePages {
            try clean(page)
            try withPage(page) { state in
                guard let frame = state.frame, counts.isExclusive(frame) else { return }
                _ = try unlessForestalled { try space.makeWritable(at: address(page), markingDirty: false) }
            }
        }
    }

    private func clean(_ page: Int) throws {
        try withPage(page) { state in
            guard let frame = state.frame,
                let wasDirty = try unlessForestalled({ try space.cleanForWriteback(at: address(page)) })
            else { return }
            let content = try content(frame)
            if wasDirty { state.backing = content }
            try check("clean", page)
            if try self.content(frame) != content { throw StressFailure("clean: page \(page) did not stand still") }
        }
    }

    private func merge(_ page: Int, _ random: inout Xorshift) throws {
        let mayMerge = random.below(3) > 0
        try withPage(page) { state in
            guard let frame = state.frame else { return }
            let result = try unlessForestalled {
                try space.writeProtectForMerge(at: address(page)) { mayMerge && counts.isExclusive($0) }
            }
            guard case .protected(let entry, let wasDirty)? = result else { return }
            let content = try content(frame)
            try check("merge", page, content, isDirty: wasDirty)
            state.backing = content
            let twin = try counts.newFrame(content)
            guard
                let old = try unlessForestalled({ try space.merge(at: address(page), expecting: entry, into: twin) })
            else { return counts.drop(twin) }
            if try self.content(old.frame) != content { throw StressFailure("merge: page \(page) did not stand still") }
            state.place = .frame(twin)
            counts.drop(old.frame)
        }
    }

    /// A page that is mapped all the time is never said not to be: the lock is there for that.
    private func walk(_ page: Int) throws {
        try withPage(page) { state in
            let content = try space.content(at: address(page))
            switch (state.place, content) {
            case (.away, .empty): break
            case (.frame(let frame), .page(let found)), (.frame(let frame), .inaccessible(let found)):
                if found.frame != frame { throw StressFailure("page \(page) has another frame") }
            case (.swapped(let slot), .software(let found)) where slot == found: break
            default: throw StressFailure("page \(page) is in \(state.place), but \(content) was found")
            }
        }
    }

    /// Takes rights from pages for a moment, without their locks: others find them without.
    private func protect(_ offset: Int, _ count: Int, _ random: inout Xorshift) throws {
        let address = Self.address(offset: offset)
        let rights: [Rights] = [.user, [.noAccess, .write, .user], [.noAccess]]
        try space.protect(at: address, pages: count, rights[random.below(rights.count)])
        if random.oneIn(2) { sched_yield() }
        try space.protect(at: address, pages: count, [.user, .write])
    }
}
