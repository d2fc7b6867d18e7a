import AddressSpace
import CTables
import PageTable

/// Operations on one page at a time, for the 512 pages of one table.
struct SinglePages {
    private let bench: Bench
    private let inC: UnsafeMutablePointer<c_space>

    init() throws {
        bench = try Bench()
        inC = bench.inC
        try bench.makeTables(512)
    }

    var operations: [Operation] {
        let (first, pages) = (Bench.base, UInt64(512))
        return [
            operation("walk", Bench.dirty, walk) { c_walk(inC, first, pages) },
            operation("glimpse (without the lock)", Bench.dirty, glimpse) { c_glimpse(inC, first, pages) },
            operation("map and unmap, with report", 0, mapAndUnmap) { c_map_unmap(inC, first, pages, Bench.clean) },
            operation("protect", Bench.dirty, protect) { c_protect_each(inC, first, pages, 4) },
            operation("handleFault, spurious", Bench.dirty, fault) { c_write_fault(inC, first, pages, .max) },
            operation("handleFault, made writable", Bench.protected, fault) { c_write_fault(inC, first, pages, .max) },
            operation("breakCopyOnWrite", Bench.protected, breakCopyOnWrite) {
                c_break_cow(inC, first, pages, Bench.protected, Self.copies)
            },
            operation("cleanForWriteback", Bench.dirty, clean) { c_clean_each(inC, first, pages) },
            operation("harvestAccessed", Bench.dirty, harvest) { c_harvest_accessed_each(inC, first, pages) },
        ]
    }

    /// The first frame of the copies.
    private static let copies: UInt64 = 1 << 30

    private func operation(
        _ name: String, _ leaf: UInt64, _ swift: @escaping () throws -> UInt64, c: @escaping () -> UInt64
    ) -> Operation {
        Operation(
            name: name, pages: 512, goal: 3, prepare: { bench.fill(512, leaf, leaf) }, swift: swift, c: c,
            fingerprint: { c_fingerprint(inC) })
    }

    /// Adds up what a closure gives for each page's address.
    @inline(__always)
    private func each(_ body: (borrowing Space, UInt64) throws -> UInt64) rethrows -> UInt64 {
        try each(in: bench.space, body)
    }

    // An address space is borrowed once: of a class's property Swift makes a copy for each call.
    @inline(__always)
    private func each(in space: borrowing Space, _ body: (borrowing Space, UInt64) throws -> UInt64) rethrows -> UInt64
    {
        var sum: UInt64 = 0
        for page in 0..<UInt64(512) { sum &+= try body(space, Bench.base + page * 4096) }
        return sum
    }

    private func walk() throws -> UInt64 { try each { space, address in try space.walk(address).physicalAddress } }

    private func glimpse() -> UInt64 {
        each { space, address in
            guard case .page(let page) = space.glimpse(address) else { return .max }
            return page.physicalAddress
        }
    }

    private func mapAndUnmap() throws -> UInt64 {
        let leaf = Bench.leaf
        return try each { space, address in
            try space.map(leaf, at: address)
            var sum: UInt64 = 0
            let summary = try space.unmap(at: address) { sum &+= sumOfPage($0.address, $0.entry) }
            return sum &+ summary.sum
        }
    }

    private func protect() throws -> UInt64 { try each { space, address in try space.protect(at: address, .user).sum } }

    private func fault() throws -> UInt64 {
        try each { space, address in
            let outcome = try space.handleFault(at: address, .write) { _ in
                true
            } copy: { _, _ in
                nil
            }
            return switch outcome {
            case .spurious: 1
            case .madeWritable: 2
            default: 3
            }
        }
    }

    private func breakCopyOnWrite() throws -> UInt64 {
        var expected = PageTableEntry(rawValue: Bench.protected)
        var copy = PageTableEntry(rawValue: Self.copies << 12)
        return try each { space, address in
            let old = try space.breakCopyOnWrite(at: address, expecting: expected, into: Frame(of: copy))
            expected.rawValue += 4096
            copy.rawValue += 4096
            return sumOfPage(old.address, old.entry)
        }
    }

    private func clean() throws -> UInt64 {
        try each { space, address in try space.cleanForWriteback(at: address) ? 1 : 0 }
    }

    private func harvest() throws -> UInt64 {
        try each { space, address in
            var sum: UInt64 = 0
            try space.harvestAccessed(at: address) { sum &+= $0 + 1 }
            return sum
        }
    }
}
