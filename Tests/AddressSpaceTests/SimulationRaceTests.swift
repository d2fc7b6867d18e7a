import AddressSpace
import PageTable
import Testing

/// Changes an entry at a chosen step, as another CPU would: between what the walker saw and what it does next.
private struct Meddler: WalkerObserver {
    let isStep: (WalkerStep) -> Bool
    let live: AtomicPageTableEntry
    let entry: PageTableEntry
    private(set) var isDone = false

    init(at live: AtomicPageTableEntry, storing entry: PageTableEntry, when isStep: @escaping (WalkerStep) -> Bool) {
        (self.isStep, self.live, self.entry) = (isStep, live, entry)
    }

    mutating func observe(_ step: WalkerStep) {
        guard !isDone, isStep(step) else { return }
        isDone = true
        live.store(entry)
    }
}

/// Races, each at a place of the test's choice; what must happen is from the description of ``CPUBehaviour``.
@Suite struct SimulationRaceTests {
    private typealias T = HandMadeTables
    private let address = HandMadeTables.address
    private static let behaviours: [CPUBehaviour] = [.cet, .strict, .late, .knl, .shadowed, .book]

    /// What a write finds when the leaf becomes something else at a step, and the leaf after it.
    private func write(
        _ behaviour: CPUBehaviour, to bits: UInt64, frame: Frame? = nil, when isStep: @escaping (WalkerStep) -> Bool
    ) throws -> (AccessResult, UInt64) {
        let tables = try T()
        let data = try tables.memory.frame()
        let chain = try tables.chain([T.open, T.open, T.open, T.open], to: data)
        let live = try tables.word(4, of: chain[3])
        let changed = PageTableEntry(rawValue: (bits == 0 ? 0 : (frame ?? data).address) | bits)
        var cpu = SoftwareWalker(
            port: tables.port, frames: tables.memory, behaviour: behaviour, root: tables.root,
            observer: Meddler(at: live, storing: changed, when: isStep))
        let result = try cpu.write(1, at: address)
        #expect(cpu.observer.isDone)
        return (result, live.load().rawValue)
    }

    private static func isLeafRead(_ step: WalkerStep) -> Bool {
        if case .read(_, .pte, _) = step { true } else { false }
    }

    private static func isLeafAccessed(_ step: WalkerStep) -> Bool {
        if case .setAccessed(_, .pte, _) = step { true } else { false }
    }

    @Test(arguments: behaviours) func presentIsLostBeforeAccessedIsSet(behaviour: CPUBehaviour) throws {
        let (result, leaf) = try write(behaviour, to: 0, when: Self.isLeafRead)
        #expect(result.errorCode == 0b110)
        #expect(leaf == (behaviour.setsAccessedOnNotPresent ? T.accessed : 0))
    }

    @Test(arguments: behaviours) func writableIsLostBeforeDirtyIsSet(behaviour: CPUBehaviour) throws {
        let bits = T.present | T.user | T.accessed
        let (result, leaf) = try write(behaviour, to: bits, when: Self.isLeafAccessed)
        let isDirty = leaf & T.dirty != 0
        switch behaviour.onWriteRevoked {
        case .refault: #expect(result.errorCode == 0b111 && !isDirty)
        case .setThenWrite: #expect(result == .done(1) && isDirty)
        case .setThenFault: #expect(result.errorCode == 0b111 && isDirty)
        }
    }

    @Test(arguments: behaviours) func presentIsLostBeforeDirtyIsSet(behaviour: CPUBehaviour) throws {
        let (result, leaf) = try write(behaviour, to: 0, when: Self.isLeafAccessed)
        switch behaviour.onNotPresent {
        case .refault: #expect(result.errorCode == 0b110 && leaf == 0)
        case .setThenWrite: #expect(result == .done(1) && leaf == T.dirty)
        case .setThenFault: #expect(result.errorCode == 0b110 && leaf == T.dirty | T.accessed)
        }
    }

    @Test(arguments: behaviours) func anotherFrameIsWalkedTo(behaviour: CPUBehaviour) throws {
        let frame = try Frame(number: 20)
        let (result, leaf) = try write(behaviour, to: T.open, frame: frame, when: Self.isLeafAccessed)
        #expect(result == .done(1))
        #expect(leaf == frame.address | T.open | T.accessed | T.dirty)
    }

    /// The page is split, and its table lies where its first frame was: what D would be set in is no leaf any more.
    @Test(arguments: behaviours) func aSplitPageGetsNoDirtyInItsUpperEntry(behaviour: CPUBehaviour) throws {
        let tables = try T(frames: 1100)
        let chain = try tables.chain([T.open, T.open, T.open | T.large], to: try Frame(number: 512))
        try tables.word(4, of: try Frame(number: 512)).store(.empty)
        let live = try tables.word(3, of: chain[2])
        let table = PageTableEntry(rawValue: 512 << 12 | T.open)
        var cpu = SoftwareWalker(
            port: tables.port, frames: tables.memory, behaviour: behaviour, root: tables.root,
            observer: Meddler(at: live, storing: table) { step in
                if case .setAccessed(_, .pde, _) = step { true } else { false }
            })
        #expect(try cpu.write(1, at: address).errorCode == 0b110)
        #expect(live.load().rawValue == 512 << 12 | T.open | T.accessed)
    }

    /// An upper entry that becomes a large page with a reserved bit, before A is set in it.
    @Test func aReservedBitThatComesMeanwhileIsSeen() throws {
        let tables = try T()
        let chain = try tables.chain([T.open, T.open, T.open, T.open], to: try tables.memory.frame())
        let live = try tables.word(3, of: chain[2])
        let reserved = PageTableEntry(rawValue: T.open | T.large | 1 << 13)
        var cpu = SoftwareWalker(
            port: tables.port, frames: tables.memory, behaviour: .cet, root: tables.root,
            observer: Meddler(at: live, storing: reserved) { if case .read(_, .pde, _) = $0 { true } else { false } })
        #expect(try cpu.write(1, at: address).errorCode == 0b1111)
        #expect(live.load() == reserved)
    }
}
