// What a kernel would write to use the two modules: compiled as Embedded Swift by `.ci/embedded`, so that their generic
// code is compiled too. It is not run.
import AddressSpace
import PageTable

/// Frames one after the other from a direct map that begins at a fixed address.
struct BootFrames: FrameProvider {
    let next: AtomicPageTableEntry

    func allocate() -> Frame? { try? Frame(number: next.update { PageTableEntry(rawValue: $0.rawValue + 1) }.rawValue) }
    func release(_ frame: Frame) {}
    func words(of frame: Frame) -> UnsafeMutablePointer<UInt64>? {
        UnsafeMutablePointer(bitPattern: UInt(0xFFFF_8000_0000_0000 + frame.address))
    }
}

@_extern(c, "flush_tlb_pages") func flushPages(_ first: UInt64, _ count: Int)
@_extern(c, "flush_tlb_all") func flushAll()

struct Interrupts: Shootdown {
    func invalidate(first: UInt64, count: Int, in root: Frame) { flushPages(first, count) }
    func invalidateAll(in root: Frame) { flushAll() }
}

typealias Space = AddressSpace<BootFrames, Interrupts, TableLock>

/// A lock in a word.
struct TableLock: PageTableLock, ~Copyable {
    let word: AtomicPageTableEntry
    borrowing func lock() { while word.replace(.empty, by: PageTableEntry(rawValue: 1)) != nil {} }
    borrowing func unlock() { word.store(.empty) }
}

/// Maps, forks and does everything else once; 0 if all went well.
@_cdecl("use_address_space")
public func useAddressSpace(_ words: UnsafeMutablePointer<UInt64>) -> Int {
    let frames = BootFrames(next: AtomicPageTableEntry(words))
    do throws(AddressSpaceError) {
        let space = try Space(
            frames: frames, shootdown: Interrupts(), lock: TableLock(word: AtomicPageTableEntry(words + 1)))
        var child = try Space(
            frames: frames, shootdown: Interrupts(), lock: TableLock(word: AtomicPageTableEntry(words + 2)))
        try space.map(Leaf<PrivateMapping>(try Frame(number: 7), Rights.write.union(.user)), at: 0x7000, pages: 3)
        try space.map(Leaf<ShadowStackMapping>(try Frame(number: 10)), at: 0xA000)
        try space.fork(into: &child)
        try child.makeWritable(at: 0x7000)
        try child.breakCopyOnWrite(at: 0x8000, expecting: try child.walk(0x8000).entry, into: try Frame(number: 11))
        try space.protect(at: 0x7000, .user)
        let isDirty = try space.cleanForWriteback(at: 0x7000)
        let accessed = try space.harvestAccessed(at: 0x7000, pages: 3)
        let unused = try space.reclaim(at: 0x9000, ifUnused: true)
        if case .protected(let entry, _) = try space.writeProtectForMerge(at: 0x8000, mayMerge: { _ in true }) {
            try space.merge(at: 0x8000, expecting: entry, into: try Frame(number: 12))
        }
        try space.unmap(at: 0x7000) { _ in }
        return (isDirty ? 1 : 0) + accessed + (unused == nil ? 1 : 0)
    } catch {
        return -1
    }
}
