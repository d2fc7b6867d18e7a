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
    static var ordersEarlierStores: Bool { true }
    func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) { body(0, false) }
    func invalidate(_ request: Invalidation) {
        if request.isEverything { flushAll() } else { flushPages(request.first, request.count) }
    }
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
        let pair: InlineArray<2, UInt64> = [0x8000, 0xA000]
        try space.unmap(batch: pair.span) { frames.release($0.frame) }
        return (isDirty ? 1 : 0) + accessed + (unused == nil ? 1 : 0)
    } catch {
        return -1
    }
}

@_extern(c, "copy_pages") func copyPages(_ from: UInt64, _ count: Int) -> UInt64

/// What the fault handler of a kernel does; 1 if the access may be tried again.
@_cdecl("use_fault_handler")
public func useFaultHandler(_ words: UnsafeMutablePointer<UInt64>, _ address: UInt64, _ code: UInt32) -> Int {
    let frames = BootFrames(next: AtomicPageTableEntry(words))
    do throws(AddressSpaceError) {
        let space = try Space(
            adopting: try Frame(address: words[1]), frames: frames, shootdown: Interrupts(),
            lock: TableLock(word: AtomicPageTableEntry(words + 2)), depth: .five, half: .lower)
        let access = FaultAccess(errorCode: code)
        let outcome = try space.handleFault(at: address, access, isUser: code & 4 != 0) {
            $0.number == words[3]
        } copy: { frame, size in
            try? Frame(number: copyPages(frame.number, size.frameCount))
        }
        space.relinquish()
        switch outcome {
        case .madeWritable, .spurious: return 1
        case .copied(let old, into: _):
            frames.release(old.frame)
            return 1
        case .notMapped, .software: return 0
        case .forbidden(let page):
            page.entry.spellColumns { serialPut($0) }
            return page.allows(.read) && page.permitsNow(.read) ? 0 : -1
        }
    } catch {
        error.name.withUTF8Buffer { for byte in $0 { serialPut(byte) } }
        return -1
    }
}

/// The kernel's half and two processes in it, with large pages and operations on ranges; 0 if all went well.
@_cdecl("use_kernel_half")
public func useKernelHalf(_ words: UnsafeMutablePointer<UInt64>) -> Int {
    let frames = BootFrames(next: AtomicPageTableEntry(words))
    do throws(AddressSpaceError) {
        let kernel = try Space(
            kernelHalfOf: frames, shootdown: Interrupts(), lock: TableLock(word: AtomicPageTableEntry(words + 1)))
        let device = Leaf<SharedMapping>(try Frame(address: 0xFEE0_0000), .write).caching(.uncached).global
        try kernel.map(device, at: 0xFFFF_9000_0000_0000)
        let space = try Space(
            sharing: kernel, frames: frames, shootdown: Interrupts(),
            lock: TableLock(word: AtomicPageTableEntry(words + 2)))
        var child = try Space(
            sharing: kernel, frames: frames, shootdown: Interrupts(),
            lock: TableLock(word: AtomicPageTableEntry(words + 3)))
        try space.map(Leaf<PrivateMapping>(try Frame(number: 512), .write.union(.user)), at: 0x4000_0000, size: .page2M)
        try space.split(at: 0x4000_0000)
        try space.collapse(at: 0x4000_0000)
        var shared = 0
        try space.fork(into: &child) { if case .page(let page) = $0 { shared += page.size.frameCount } }
        try space.writeProtect(at: 0x4000_0000, pages: 512)
        try space.clean(at: 0x4000_0000, pages: 512) { _ in }
        try space.harvestDirty(at: 0x4000_0000, pages: 512) { _ in }
        try space.reclaim(at: 0x4000_0000, pages: 512) { $0.wasDirty ? SoftwareEntry(payload: $0.frame.number) : nil }
        try space.forEachPage(at: 0, pages: 1 << 20) { _ in }
        try space.releaseEmptyTables(at: 0, pages: 1 << 20)
        try space.unmap(at: 0, pages: 1 << 20) { frames.release($0.frame) }
        let levels = try child.levels(at: 0x4000_0000)
        child.unmapAll { frames.release($0.frame) }
        return space.tearDown().pages + child.tearDown().pages + (levels[.pml4e] == nil ? 1 : 0)
    } catch {
        return -1
    }
}

@_extern(c, "serial_put") func serialPut(_ byte: UInt8)

/// Prints each step of a simulated CPU, a line each.
struct SerialObserver: WalkerObserver {
    func observe(_ step: WalkerStep) {
        step.spell { serialPut($0) }
        serialPut(10)
    }
}

/// Simulates a machine in memory of the kernel's: 64 frames, then two ports; 0 if all went well.
@_cdecl("use_simulation")
public func useSimulation(_ words: UnsafeMutablePointer<UInt64>) -> Int {
    do throws(AddressSpaceError) {
        let pool = try FramePool(UnsafeMutableBufferPointer(start: words, count: 64 * 512))
        let ports = WalkerPorts(UnsafeMutableBufferPointer(start: words + 64 * 512, count: 2 * WalkerPort.wordCount))
        let interrupts = WalkerInterrupts(ports)
        let space = try AddressSpace(frames: pool, shootdown: interrupts, lock: SpinLock())
        guard let frame = pool.allocateData(), let port = ports.claim() else { return -1 }
        try space.map(Leaf<PrivateMapping>(frame, Rights.write.union(.user)), at: 0x7000)
        var cpu = SoftwareWalker(
            port: port, frames: pool, behaviour: .cet, root: space.root, observer: SerialObserver())
        cpu.pool = pool
        guard case .done = try cpu.write(42 as UInt8, at: 0x7003) else { return -1 }
        guard case .done(42) = try cpu.read(UInt8.self, at: 0x7003) else { return -1 }
        _ = try cpu.fetch(at: 0x7003)
        cpu.enterLazy()
        cpu.leaveLazy()
        cpu.detach()
        guard let other = ports.claim() else { return -1 }
        var silent = SoftwareWalker(port: other, frames: pool, behaviour: .late, root: space.root, depth: .four)
        guard case .done(42) = try silent.read(UInt64.self, at: 0x7003) else { return -1 }
        return pool.firstMisuse == nil ? pool.misuseCount : -1
    } catch {
        return -1
    }
}

/// Shootdowns by the directory of CPUs.
struct DirectoryInterrupts: Shootdown {
    let directory: CPUDirectory
    static var ordersEarlierStores: Bool { false }
    func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {
        directory.forEachCPU(running: root, body)
    }
    func invalidate(_ request: Invalidation) {
        directory.forEachCPU(concernedBy: request) { sendInterrupt($0, request.first, request.count) }
    }
}

@_extern(c, "send_interrupt") func sendInterrupt(_ cpu: Int, _ first: UInt64, _ count: Int)
@_extern(c, "load_cr3") func loadCR3(_ root: UInt64)

/// A CPU runs an address space, then an idle thread, then something else; 0 if all went well.
@_cdecl("use_directory")
public func useDirectory(_ words: UnsafeMutablePointer<UInt64>, _ first: UInt64, _ second: UInt64) -> Int {
    let directory = CPUDirectory(UnsafeMutableBufferPointer(start: words, count: 8))
    do throws(CPUDirectory.NoSuchCPU) {
        guard let a = try? Frame(number: first), let b = try? Frame(number: second) else { return -1 }
        try directory.enter(3, a)
        loadCR3(a.address)
        try directory.enterLazy(3)
        try directory.enter(3, b) { loadCR3(b.address) }
        DirectoryInterrupts(directory: directory).invalidate(.everything(in: b))
        try directory.leave(3)
        return 0
    } catch {
        return -1
    }
}
