import PageTable

/// The kernel's half, which all address spaces share.
///
/// The tables below the root's upper 256 entries belong to one address space, the kernel's; every other one has the same 256
/// entries in its own root. They never change: the kernel's address space makes all 256 tables at once (1 MByte of frames), so
/// that a page that is mapped in one address space is mapped in all. `fork()` copies the lower half alone.
extension AddressSpace where Lock: ~Copyable {
    /// Makes the address space of the kernel's half: empty, with all the tables that others share.
    ///
    /// It must outlive those that share it. Its shootdowns are for all CPUs (``Invalidation/isGlobal``).
    /// - Throws: ``AddressSpaceError/outOfFrames`` or ``AddressSpaceError/frameNotReachable(_:)``; 257 frames are needed.
    public init(kernelHalfOf frames: Frames, shootdown: Flushes, lock: consuming Lock, depth: PagingDepth = .four)
        throws(AddressSpaceError)
    {
        let shared = AddressHalf.upper.rootEntries
        var reserve = FrameReserve()
        do throws(AddressSpaceError) {
            for _ in 0...shared.count { try reserve.add(from: frames) }
        } catch {
            reserve.release(to: frames)
            throw error
        }
        guard let root = reserve.take(from: frames) else { throw .outOfFrames }
        for index in shared {
            guard let table = reserve.take(from: frames) else { break }
            root[index].store(table.upperEntry)
        }
        self.init(root, .upper, frames, shootdown, lock, depth)
    }

    /// Makes an empty address space for the lower half, in whose upper half the kernel is.
    /// - Parameters:
    ///   - kernel: made by ``init(kernelHalfOf:shootdown:lock:depth:)``, or adopted with all its tables.
    ///   - frames: gives frames for tables, and takes them back.
    ///   - shootdown: how the caches of CPUs are invalidated.
    ///   - lock: the page-table lock.
    /// - Throws: ``AddressSpaceError/outOfFrames`` or ``AddressSpaceError/frameNotReachable(_:)`` for the root table.
    public init(sharing kernel: borrowing AddressSpace, frames: Frames, shootdown: Flushes, lock: consuming Lock)
        throws(AddressSpaceError)
    {
        var reserve = FrameReserve()
        try reserve.add(from: frames)
        guard let root = reserve.take(from: frames) else { throw .outOfFrames }
        // The tables of the kernel's half stay where they are; that A is set in them meanwhile does not matter.
        for index in AddressHalf.upper.rootEntries { root[index].store(kernel.rootTable[index].load()) }
        self.init(root, .lower, frames, shootdown, lock, kernel.depth)
    }
}
