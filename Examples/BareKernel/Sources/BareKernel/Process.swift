import AddressSpace
import Boot
import PageTable

/// What an address space asks of a kernel: frames, invalidations, and a lock.
typealias Space = AddressSpace<DirectMappedFrames, OneCPU, NoLock>

/// Frames for tables, from RAM.
struct DirectMappedFrames: FrameProvider {
    func allocate() -> Frame? { Memory.all.allocate().flatMap { try? Frame(number: $0) } }
    func release(_ frame: Frame) { Memory.all.release(frame.number) }
    func words(of frame: Frame) -> UnsafeMutablePointer<UInt64>? { Memory.inDirectMap(frame.address, as: UInt64.self) }
}

/// Invalidations where there is one CPU: it asks itself.
struct OneCPU: Shootdown {
    /// INVLPG and a load of CR3 are serialising (SDM volume 3A, "Serializing Instructions"), and nobody else walks.
    static var ordersEarlierStores: Bool { true }

    func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {
        if CPU.this.root == root { body(0, false) }
    }

    func invalidate(_ request: Invalidation) {
        CPU.this.shootdownCount += 1
        #if BREAK_SHOOTDOWN
            return
        #else
            // Another space's translations went when CR3 was loaded: there is no PCID, and CR4.PGE is 0.
            guard let root = CPU.this.root, request.concerns(cpuWith: root, isLazy: false) else { return }
            let count = UInt64(request.count) * Frame.byteCount / request.stride
            if request.isEverything || count > 32 { return load_root(root.address) }
            // Each INVLPG drops partial walks of all addresses, too (SDM volume 3A, section 4.10.4.1).
            for page in 0..<count { invalidate_page(request.first &+ page &* request.stride) }
        #endif
    }
}

/// One CPU and no interrupts: nobody to keep out.
struct NoLock: PageTableLock, ~Copyable {
    borrowing func lock() {}
    borrowing func unlock() {}
}

/// The kernel's half of all address spaces.
enum KernelHalf {
    /// The address space that has it; nil until ``make()``.
    nonisolated(unsafe) static var space: UnsafeMutablePointer<Space>?

    /// Makes tables in place of those of boot.S, and loads them.
    ///
    /// The direct map is that of the first GByte, as there, but not executable. The kernel lies in the first 32 MByte.
    static func make() throws(AddressSpaceError) {
        let space = try Space(kernelHalfOf: DirectMappedFrames(), shootdown: OneCPU(), lock: NoLock())
        let start = try Frame(number: 0)
        try space.map(Leaf<SharedMapping>(start, .write), at: Memory.directMap, pages: 512, size: .page2M)
        let image = Leaf<SharedMapping>(start, .write.union(.execute))
        try space.map(image, at: Memory.kernelOffset, pages: 16, size: .page2M)
        Self.space = try Memory.place(space)
        load()
    }

    /// Loads the kernel's own tables, which map no process.
    static func load() {
        guard let space else { return }
        CPU.this.load(nil, space.pointee.root)
    }
}

/// An address space with the kernel in its upper half, and the pages that the process has in the lower.
struct Process: ~Copyable {
    /// The pages of the process.
    var space: Space

    /// Where a process has its pages, and how many of 4 KByte it has at most there.
    static var base: UInt64 { 0x40_0000 }
    static var pageCount: Int { 16 }

    /// A process without pages, in the first bytes of a frame of its own.
    static func make() throws(AddressSpaceError) -> UnsafeMutablePointer<Process> {
        guard let kernel = KernelHalf.space else { throw .outOfFrames }
        let space = try Space(
            sharing: kernel.pointee, frames: DirectMappedFrames(), shootdown: OneCPU(), lock: NoLock())
        return try Memory.place(Process(space: space))
    }

    /// Gives back all that a process has; its tables must not be loaded.
    /// - Returns: what there was.
    static func end(_ process: UnsafeMutablePointer<Process>) -> RangeSummary {
        let space = process.move().takeSpace()
        Memory.release(at: process)
        return space.tearDown { Memory.all.release($0) }
    }

    /// The address space, which outlives the process.
    private consuming func takeSpace() -> Space { space }

    /// The address of a page by its number.
    static func address(of page: Int) -> UInt64 { base + UInt64(page) * Frame.byteCount }

    /// Loads the tables of a process.
    static func run(_ process: UnsafeMutablePointer<Process>) { CPU.this.load(process, process.pointee.space.root) }

    /// Maps a new page, filled with a value.
    func mapNew(page: Int, _ rights: Rights, filledWith value: UInt64) throws(AddressSpaceError) {
        try space.map(Leaf<PrivateMapping>(Memory.newFrame(filledWith: value), rights), at: Self.address(of: page))
    }

    /// Maps a new page that is the same after a fork.
    func mapShared(page: Int, _ rights: Rights, filledWith value: UInt64) throws(AddressSpaceError) {
        try space.map(Leaf<SharedMapping>(Memory.newFrame(filledWith: value), rights), at: Self.address(of: page))
    }

    /// A copy of a process; each of its frames has one more user.
    static func fork(_ parent: UnsafeMutablePointer<Process>) throws(AddressSpaceError) -> UnsafeMutablePointer<Process>
    {
        let child = try make()
        try parent.pointee.space.fork(into: &child.pointee.space) {
            if case .page(let page) = $0 { Memory.all.share(page) }
        }
        return child
    }

    /// Lets a write through that has to copy its page first, or was only to be noticed.
    /// - Returns: false if the access was wrong.
    func resolve(_ fault: PageFault) -> Bool {
        do throws(AddressSpaceError) {
            let access = FaultAccess(errorCode: UInt32(truncatingIfNeeded: fault.code))
            let outcome = try space.handleFault(at: fault.address, access, isUser: fault.isUser) {
                Memory.all.userCount(of: $0.number) == 1
            } copy: { frame, size in
                size == .page4K ? Memory.copy(frame) : nil
            }
            switch outcome {
            case .madeWritable, .spurious: return true
            case .copied(let old, into: _):
                Memory.all.release(old)
                return true
            case .notMapped, .software, .forbidden: return false
            }
        } catch {
            return false
        }
    }
}
