import AddressSpace
import PageTable

/// Tables that a test writes down entry by entry, so that nothing but the walker is tested.
struct HandMadeTables {
    static let present: UInt64 = 1
    static let writable: UInt64 = 2
    static let user: UInt64 = 4
    static let accessed: UInt64 = 0x20
    static let dirty: UInt64 = 0x40
    static let large: UInt64 = 0x80
    static let noExecute: UInt64 = 1 << 63
    /// P, W and U.
    static let open: UInt64 = 7

    let memory: Memory
    let port: WalkerPort
    let root: Frame

    init(frames: Int = 64) throws {
        // Pages lie in frames that nobody allocated; tests read zeros there.
        memory = try Memory(frames: frames, content: 0)
        port = try WalkerPort(in: memory.pool)
        root = try Self.table(in: memory)
    }

    private static func table(in memory: Memory) throws -> Frame {
        guard let frame = memory.pool.allocate() else { throw Missing() }
        return frame
    }

    /// A new table, all of it empty.
    func table() throws -> Frame { try Self.table(in: memory) }

    /// Puts an entry into a table.
    func put(_ frame: Frame, _ bits: UInt64, at index: Int, of table: Frame) throws {
        try word(index, of: table).store(PageTableEntry(rawValue: frame.address | bits))
    }

    func word(_ index: Int, of table: Frame) throws -> AtomicPageTableEntry {
        guard let words = memory.pool.words(of: table) else { throw Missing() }
        return AtomicPageTableEntry(words + index)
    }

    func entry(_ index: Int, of table: Frame) throws -> PageTableEntry { try word(index, of: table).load() }

    /// Tables for an address, entry by entry from the root: the bits of each, the last of them a leaf's.
    ///
    /// The indices are 1, 2, 3, ... from the root on.
    /// - Returns: the tables, from the root.
    func chain(_ bits: [UInt64], to frame: Frame) throws -> [Frame] {
        var tables = [root]
        for (position, flags) in bits.enumerated() {
            let next = position == bits.count - 1 ? frame : try table()
            try put(next, flags, at: position + 1, of: tables[position])
            if position < bits.count - 1 { tables.append(next) }
        }
        return tables
    }

    /// The address with the indices 1, 2, 3, 4 in four levels.
    static let address: UInt64 = 1 << 39 | 2 << 30 | 3 << 21 | 4 << 12

    func walker(_ behaviour: CPUBehaviour = .strict, depth: PagingDepth = .four)
        -> SoftwareWalker<Memory, Recorder>
    {
        SoftwareWalker(
            port: port, frames: memory, behaviour: behaviour, root: root, depth: depth, observer: Recorder())
    }
}

/// Keeps all steps.
struct Recorder: WalkerObserver {
    private(set) var steps: [WalkerStep] = []
    mutating func observe(_ step: WalkerStep) { steps.append(step) }
    /// The lines since the last time.
    mutating func take() -> [String] {
        defer { steps = [] }
        return steps.map(\.description)
    }
}

extension AccessResult {
    /// The error code; nil if there was no fault.
    var errorCode: UInt32? {
        if case .fault(let fault) = self { fault.errorCode } else { nil }
    }
}
