import AddressSpace
import PageTable

/// Rounds on ranges with holes in them.
extension StressMachine {
    /// Pages of ours in a range.
    private func pages(in range: Range<Int>) -> [Int] { pages.indices.filter { range.contains(pages[$0].offset) } }

    /// A range that cuts no large page in two: mostly a few pages, sometimes whole tables, sometimes everything.
    private func someRange(_ random: inout Xorshift) -> Range<Int> {
        switch random.below(8) {
        case 0: return 0..<512
        case 1: return 512..<1024
        case 2: return Self.largeRange
        case 3: return 0..<1536
        case 4:
            let first = random.below(1024)
            return first..<(first + 1 + random.below(1024 - first))
        default:
            let first = Self.offsets[random.below(Self.shadowStack)]
            return first..<min(1024, first + 1 + random.below(12))
        }
    }

    // MARK: Dirtiness

    func cleanRange(_ random: inout Xorshift) throws {
        try clean(in: random.oneIn(8) ? 0..<521 : 0..<(1 + random.below(8)))
    }

    /// Cleans a range of ordinary pages, and writes back what was dirty.
    func clean(in range: Range<Int>) throws {
        try withAllPages {
            var dirty: [Translation] = []
            try space.clean(at: Self.address(offset: range.lowerBound), pages: range.count) { dirty.append($0) }
            try writeBack("clean", range, dirty)
        }
    }

    /// Dirty logging: what is reported is copied after the return; what is not has not been written, or is dirty by now.
    func harvestDirty(_ random: inout Xorshift) throws {
        let range = someRange(&random)
        try withAllPages {
            var dirty: [Translation] = []
            try space.harvestDirty(at: Self.address(offset: range.lowerBound), pages: range.count) {
                dirty.append($0)
            }
            try writeBack("log", range, dirty)
        }
    }

    /// Writes pages back that are mapped, and were said to be dirty; the others must have what was written back.
    private func writeBack(_ what: String, _ range: Range<Int>, _ dirty: [Translation]) throws {
        for page in pages(in: range) {
            guard let frame = pages[page].frame else { continue }
            // The large page is named once, or by its pieces.
            if dirty.contains(where: { address(page) &- $0.pageAddress < $0.size.byteCount }) {
                pages[page].backing = try content(frame)
            } else {
                try check(what, page)
            }
        }
    }

    // MARK: Taking away

    /// Takes pages of a range out, and puts them into the swap file or nowhere.
    func reclaim(_ offset: Int, _ count: Int, _ random: inout Xorshift) throws {
        let (ifUnused, keeps) = (random.oneIn(4), random.below(4) > 0)
        let range = offset..<(offset + count)
        try withAllPages {
            var failure: Error?
            try space.reclaim(at: Self.address(offset: offset), pages: count, ifUnused: ifUnused) { old in
                do {
                    let page = try self.page(at: old, in: range)
                    try writeBack("reclaim", page, old)
                    counts.drop(old.frame)
                    let slot = keeps ? counts.swapOut(pages[page].backing) : nil
                    pages[page].place = slot.map { .swapped($0) } ?? .away
                    return slot
                } catch { failure = error }
                return nil
            }
            if let failure { throw failure }
        }
    }

    /// The page of ours that was reported.
    private func page(at old: UnmappedPage, in range: Range<Int>) throws -> Int {
        guard let page = pages(in: range).first(where: { address($0) == old.address }),
            pages[page].frame == old.frame
        else { throw StressFailure("\(old) is no page of ours") }
        return page
    }

    func unmap(_ random: inout Xorshift) throws {
        let range = someRange(&random)
        try withAllPages {
            var (old, gone): ([UnmappedPage], [SoftwareEntry]) = ([], [])
            try space.unmap(at: Self.address(offset: range.lowerBound), pages: range.count) {
                old.append($0)
            } reportSoftware: {
                gone.append($1)
            }
            try forget(old, gone, in: range)
        }
    }

    func unmapAll() throws {
        try withAllPages {
            var (old, gone): ([UnmappedPage], [SoftwareEntry]) = ([], [])
            space.unmapAll {
                old.append($0)
            } reportSoftware: {
                gone.append($1)
            }
            try forget(old, gone, in: 0..<Self.largeRange.upperBound)
        }
    }

    /// Checks what was taken out of a range: all of ours, in order, and nothing else.
    private func forget(_ old: [UnmappedPage], _ gone: [SoftwareEntry], in range: Range<Int>) throws {
        let pages = pages(in: range)
        let small = old.filter { $0.kind != .shared }
        guard small.map(\.frame) == pages.filter({ !isLarge($0) }).compactMap({ self.pages[$0].frame }),
            gone == pages.compactMap({ self.pages[$0].slot })
        else { throw StressFailure("unmap: \(old.count) pages and \(gone.count) others were reported") }
        for old in small {
            let page = try page(at: old, in: range)
            try writeBack("unmap", page, old)
            counts.drop(old.frame)
        }
        for slot in gone { counts.drop(slot) }
        try forgetLargePage(old.filter { $0.kind == .shared }, pages.contains(Self.largePages.lowerBound))
        for page in pages { self.pages[page].place = .away }
    }

    private func forgetLargePage(_ old: [UnmappedPage], _ isInRange: Bool) throws {
        guard isInRange, pages[Self.largePages.lowerBound].place != .away else {
            guard old.isEmpty else { throw StressFailure("unmap: a large page was reported that is away") }
            return
        }
        guard old.count == 1 && old[0].size == .page2M || old.count == 512 else {
            throw StressFailure("unmap: \(old.count) pieces of the large page were reported")
        }
        for page in Self.largePages {
            let index = old.count == 1 ? 0 : pages[page].offset - Self.largeRange.lowerBound
            try writeBack("unmap", page, old[index])
        }
    }

    // MARK: Looking

    /// All pages, in order: those that we have, and no others.
    func enumerate() throws {
        try withAllPages {
            var found: [Frame] = []
            var slots: [SoftwareEntry] = []
            var large = 0
            try space.forEachPage(at: Self.base, pages: Self.largeRange.upperBound) { page in
                if page.kind == .shared { large += page.size.frameCount } else { found.append(page.frame) }
            } software: {
                slots.append($1)
            }
            let small = pages[..<Self.largePages.lowerBound]
            let isLargeMapped = pages[Self.largePages.lowerBound].place != .away
            guard found == small.compactMap(\.frame), slots == small.compactMap(\.slot),
                large == (isLargeMapped ? 512 : 0)
            else { throw StressFailure("\(found.count) pages and \(slots.count) others were enumerated") }
            for page in pageIndices { try check("enumerate", page) }
        }
    }

    // MARK: The large page

    /// Splits or collapses the large page, with walkers and the other thread on it.
    func reshapeLargePage(_ round: StressRound) throws {
        let start = Self.address(offset: Self.largeRange.lowerBound)
        _ = try unlessForestalled {
            if round == .split { return try space.split(at: start + 7) }
            // All pieces alike.
            try space.protect(at: start, pages: 512, [.user, .write])
            try space.collapse(at: start)
        }
    }

    // MARK: The end

    /// Takes everything out, and counts every frame.
    func finish() {
        do {
            try enumerate()
            try unmapAll()
            guard counts.inUse == (0, 0) else { throw StressFailure("\(counts.inUse) are in use at the end") }
            // The root, and the ports.
            let used = 1 + ports.count + childPorts.count
            let own = 1
            let free = StressFrames.poolFrames - own - used
            guard frames.pool.freeCount == free else {
                throw StressFailure("\(frames.pool.freeCount) of \(free) frames are free at the end")
            }
            frames.checkFreeFrames()
        } catch { fail("the end: \(error)") }
        if let misuse = frames.pool.firstMisuse { fail("\(misuse)") }
        if let frame = frames.spoiledFrame { fail("frame \(frame) was written while nobody had it") }
    }
}
