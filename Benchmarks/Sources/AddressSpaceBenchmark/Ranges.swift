import AddressSpace
import CTables
import PageTable

/// Operations on a range, in one call.
struct Ranges {
    private let bench: Bench
    private let inC: UnsafeMutablePointer<c_space>
    private static let pages = 4096

    init() throws {
        bench = try Bench()
        inC = bench.inC
        try bench.makeTables(Self.pages)
    }

    var operations: [Operation] {
        let (first, all, dirty) = (Bench.base, UInt64(Self.pages), Bench.dirty)
        // All but the first and the last page of a table, which stays.
        let inside = UInt64(510)
        return [
            operation("map 512 pages", 512, 0) {
                try map(512)
            } c: {
                c_map(inC, first, 512, Bench.clean)
            },
            operation("map 4096 pages", 4096, 0) {
                try map(4096)
            } c: {
                c_map(inC, first, all, Bench.clean)
            },
            Operation(
                name: "map 4096 pages, with their tables", pages: 4096, goal: 2,
                prepare: { try bench.space.unmap(at: first, pages: Self.pages) }, swift: { try map(4096) },
                c: { c_map(inC, first, all, Bench.clean) }, fingerprint: { c_fingerprint(inC) }),
            operation("unmap 510 pages, with report", 510, dirty) {
                try unmap(first + 4096, 510)
            } c: {
                c_unmap(inC, first + 4096, inside)
            },
            Operation(
                name: "unmap 4096 pages and their tables, with report", pages: 4096, goal: 2,
                prepare: prepareTables, swift: { try unmap(first, 4096) }, c: { c_unmap(inC, first, all) },
                fingerprint: { c_fingerprint(inC) }),
            operation("protect 4096 pages", 4096, dirty) {
                try protect()
            } c: {
                c_protect(inC, first, all, 4)
            },
            operation("writeProtect 4096 pages, half of them dirty", 4096, dirty, Bench.clean) {
                try bench.space.writeProtect(at: first, pages: 4096).sum
            } c: {
                c_write_protect(inC, first, all)
            },
            operation("clean 4096 pages, half of them dirty", 4096, dirty, Bench.clean) {
                try clean()
            } c: {
                c_clean(inC, first, all)
            },
            operation("harvestAccessed 4096 pages", 4096, dirty) {
                try harvestAccessed()
            } c: {
                c_harvest_accessed(inC, first, all)
            },
            operation("harvestDirty 4096 pages, half of them dirty", 4096, dirty, Bench.clean) {
                try harvestDirty()
            } c: {
                c_harvest_dirty(inC, first, all)
            },
            operation("forEachPage, 4096 pages", 4096, dirty) {
                try forEachPage()
            } c: {
                c_for_each_page(inC, first, all)
            },
        ]
    }

    private func operation(
        _ name: String, _ pages: Int, _ even: UInt64, _ odd: UInt64? = nil, swift: @escaping () throws -> UInt64,
        c: @escaping () -> UInt64
    ) -> Operation {
        Operation(
            name: name, pages: pages, goal: 2,
            prepare: {
                // An operation before may have taken tables away.
                if c_has_tables(inC, Bench.base, UInt64(Self.pages)) == 0 { try bench.makeTables(Self.pages) }
                bench.fill(Self.pages, even, odd ?? even)
            }, swift: swift, c: c, fingerprint: { c_fingerprint(inC) })
    }

    private func prepareTables() throws {
        try bench.makeTables(Self.pages)
        bench.fill(Self.pages, Bench.dirty, Bench.dirty)
    }

    private func map(_ pages: Int) throws -> UInt64 {
        try bench.space.map(Bench.leaf, at: Bench.base, pages: pages)
        return UInt64(pages)
    }

    private func unmap(_ address: UInt64, _ pages: Int) throws -> UInt64 {
        var sum: UInt64 = 0
        let summary = try bench.space.unmap(at: address, pages: pages) { sum &+= sumOfPage($0.address, $0.entry) }
        return sum &+ summary.sum
    }

    private func protect() throws -> UInt64 {
        try bench.space.protect(at: Bench.base, pages: Self.pages, .user).sum
    }

    private func clean() throws -> UInt64 {
        var sum: UInt64 = 0
        let summary = try bench.space.clean(at: Bench.base, pages: Self.pages) {
            sum &+= sumOfPage($0.address, $0.entry)
        }
        return sum &+ summary.sum
    }

    private func harvestAccessed() throws -> UInt64 {
        var sum: UInt64 = 0
        try bench.space.harvestAccessed(at: Bench.base, pages: Self.pages) { sum &+= $0 + 1 }
        return sum
    }

    private func harvestDirty() throws -> UInt64 {
        var sum: UInt64 = 0
        let summary = try bench.space.harvestDirty(at: Bench.base, pages: Self.pages) {
            sum &+= sumOfPage($0.address, $0.entry)
        }
        return sum &+ summary.sum
    }

    private func forEachPage() throws -> UInt64 {
        var sum: UInt64 = 0
        try bench.space.forEachPage(at: Bench.base, pages: Self.pages) {
            sum &+= sumOfPage($0.address, $0.entry)
        } software: {
            sum &+= $1.payload
        }
        return sum
    }
}
