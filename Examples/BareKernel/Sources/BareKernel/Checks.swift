import AddressSpace
import Boot
import PageTable

/// What the kernel does with its pages, and what it expects to find afterwards.
struct Checks {
    /// How many held.
    private(set) var passed = 0
    /// How many did not.
    private(set) var failed = 0

    /// The pages that the checks use, by number.
    private enum Page {
        static let data = 0
        static let readOnly = 1
        static let shared = 2
        static let kernel = 3
        static let code = 4
    }

    /// One expectation, on one line.
    private mutating func check(_ holds: Bool, _ what: StaticString) {
        Console.write(holds ? "ok: " : "FAILED: ")
        Console.write(what)
        Console.write("\n")
        if holds { passed += 1 } else { failed += 1 }
    }

    /// All of them, with a parent and a child.
    mutating func runAll() {
        do throws(AddressSpaceError) {
            let freeAtFirst = Memory.all.freeCount
            let parent = try Process.make()
            Process.run(parent)
            try checkMapping(parent)
            try checkAgeing(parent)
            try checkWriteback(parent)
            try checkUserMode(parent)
            let child = try Process.fork(parent)
            try checkFork(parent, child)
            try checkCopies(parent, child)
            try checkProtection(child)
            try checkUnmapping(child)
            try checkHoles(child)
            try checkLargePage(child)
            KernelHalf.load()
            let rest = child.pointee.space.unmapAll { Memory.all.release($0) }
            check(rest.pages > 0 && rest.tables > 0, "the rest of the child's pages and tables goes at once")
            check(Process.end(child).pages == 0, "nothing is left at its end")
            check(Process.end(parent).pages == 5, "the parent's end reports its pages")
            check(Memory.all.freeCount == freeAtFirst, "all frames are free again")
        } catch {
            check(false, error.name)
        }
    }

    // MARK: One process

    /// P, A and D of pages that are mapped, read and written.
    private mutating func checkMapping(_ process: UnsafeMutablePointer<Process>) throws(AddressSpaceError) {
        let data = Process.address(of: Page.data)
        check(read(data) == nil && !CPU.this.lastFault.isProtection, "a page that is not mapped faults")
        try process.pointee.mapNew(page: Page.data, .write.union(.user), filledWith: 1)
        try process.pointee.mapNew(page: Page.readOnly, .user, filledWith: 2)
        try process.pointee.mapShared(page: Page.shared, .write.union(.user), filledWith: 3)
        try process.pointee.mapNew(page: Page.kernel, .write, filledWith: 4)

        let fresh = try show("mapped: ", process, Page.data)
        check(!fresh.isAccessed && !fresh.isDirty, "a new leaf has neither A nor D")
        check(read(data) == 1, "a read finds what is in the frame")
        let used = try show("read:   ", process, Page.data)
        check(used.isAccessed && !used.isDirty, "the CPU has set A, not D")
        check(probe_write(data, 10), "a write goes through")
        let written = try show("written:", process, Page.data)
        check(written.isAccessed && written.isDirty, "the CPU has set D")
        check(word(of: Frame(of: written)) == 10, "the write is in the frame")

        check(probe_write(Process.address(of: Page.shared), 11), "so does one to a shared page")

        check(!probe_write(Process.address(of: Page.readOnly), 12), "a write without the right to write faults")
        check(CPU.this.lastFault.isProtection && CPU.this.lastFault.isWrite, "its error code says P and W")
        check(read(Process.address(of: Page.readOnly)) == 2, "it has written nothing")
    }

    /// A is cleared, and set again by the next walk.
    private mutating func checkAgeing(_ process: UnsafeMutablePointer<Process>) throws(AddressSpaceError) {
        let data = Process.address(of: Page.data)
        check(try process.pointee.space.harvestAccessed(at: data) == 1, "one page was used")
        check(!(try show("aged:   ", process, Page.data)).isAccessed, "its A is clear")
        check(try process.pointee.space.harvestAccessed(at: data) == 0, "no page was used since")
        invalidate_page(data)
        check(read(data) == 10, "it can be read after INVLPG")
        check(try entry(process, Page.data).isAccessed, "the CPU has set A again")
    }

    /// A page is declared clean; its next write is noticed.
    private mutating func checkWriteback(_ process: UnsafeMutablePointer<Process>) throws(AddressSpaceError) {
        let data = Process.address(of: Page.data)
        check(try process.pointee.space.cleanForWriteback(at: data), "the page is to be written back")
        let clean = try show("clean:  ", process, Page.data)
        check(!clean.isWritable && !clean.isDirty && !clean.isSavedDirty, "it is clean and has no W")
        check(faults { probe_write(data, 12) } == 1, "the next write to a clean page faults once")
        let dirty = try show("written:", process, Page.data)
        check(dirty.isWritable && dirty.isDirty, "the handler has made it writable and dirty")
        check(word(of: Frame(of: dirty)) == 12, "the write went through after the fault")
    }

    /// What user mode may do, and what it may not.
    private mutating func checkUserMode(_ process: UnsafeMutablePointer<Process>) throws(AddressSpaceError) {
        let code = Process.address(of: Page.code)
        try process.pointee.mapNew(page: Page.code, .user.union(.execute), filledWith: 0)
        let frame = Frame(of: try entry(process, Page.code))
        if let words = DirectMappedFrames().words(of: frame),
            let program = UnsafeRawPointer(bitPattern: UInt(place_of_user_program()))
        {
            let byteCount = Int(place_of_user_program_end() - place_of_user_program())
            UnsafeMutableRawPointer(words).copyMemory(from: program, byteCount: byteCount)
        }
        check(run_user(code, Process.address(of: Page.data), 13), "user mode writes a page of the user's")
        check(read(Process.address(of: Page.data)) == 13, "the kernel reads what it wrote")
        check(probe_write(Process.address(of: Page.kernel), 14), "the kernel writes a page of its own")
        check(!run_user(code, Process.address(of: Page.kernel), 15), "user mode does not")
        check(CPU.this.lastFault.isUser && CPU.this.lastFault.isProtection, "the error code says P and U")
        check(!run_user(Process.address(of: Page.data), 0, 0), "user mode executes no page without that right")
        check(CPU.this.lastFault.code & 16 != 0, "the error code says that it was a fetch")
    }

    // MARK: Two processes

    /// What a fork does to the leaves of both.
    private mutating func checkFork(_ parent: UnsafeMutablePointer<Process>, _ child: UnsafeMutablePointer<Process>)
        throws(AddressSpaceError)
    {
        let old = try show("parent: ", parent, Page.data)
        let new = try show("child:  ", child, Page.data)
        check(!old.isWritable && !old.isDirty && old.isSavedDirty, "the parent's W is gone, its D is SavedDirty")
        check(!new.isWritable && new.isSavedDirty && !new.isAccessed, "the child's leaf is the same, with A clear")
        check(old.frameNumber == new.frameNumber, "both have one frame")
        let shared = try entry(child, Page.shared)
        check(shared.isWritable && !shared.isDirty, "the child can write the shared page, which is clean there")
        check(try entry(parent, Page.shared).isDirty, "the parent's leaf of it is as it was")
    }

    /// Parent and child write, and each sees what is its own.
    private mutating func checkCopies(_ parent: UnsafeMutablePointer<Process>, _ child: UnsafeMutablePointer<Process>)
        throws(AddressSpaceError)
    {
        let data = Process.address(of: Page.data)
        let shared = Process.address(of: Page.shared)
        let common = try entry(parent, Page.data).frameNumber
        check(faults { probe_write(data, 20) } == 1, "the parent's write after the fork faults once")
        let copied = try show("parent: ", parent, Page.data)
        check(copied.frameNumber != common && copied.isWritable && copied.isDirty, "it got a copy that it can write")
        check(faults { probe_write(shared, 21) } == 0, "its write to the shared page does not fault")
        check(read(data) == 20, "the parent sees its own write")

        Process.run(child)
        check(read(data) == 13, "the child sees the page as it was")
        check(read(shared) == 21, "the child sees the parent's write to the shared page")
        check(faults { probe_write(data, 30) } == 1, "the child's write faults once")
        let kept = try show("child:  ", child, Page.data)
        check(kept.frameNumber == common && kept.isWritable, "it keeps the frame, which is now its alone")

        Process.run(parent)
        check(read(data) == 20, "the parent does not see the child's write")
        Process.run(child)
        check(read(data) == 30, "the child does")
    }

    /// The right to write is taken and given back.
    private mutating func checkProtection(_ process: UnsafeMutablePointer<Process>) throws(AddressSpaceError) {
        let data = Process.address(of: Page.data)
        try process.pointee.space.protect(at: data, .user)
        let still = try show("protect:", process, Page.data)
        check(!still.isWritable && still.isSavedDirty, "without the right to write W is gone, D is SavedDirty")
        check(!probe_write(data, 31) && read(data) == 30, "a write faults and changes nothing")
        try process.pointee.space.protect(at: data, .write.union(.user))
        check(faults { probe_write(data, 32) } == 1 && read(data) == 32, "with the right again it goes through")
    }

    /// Pages are taken out; what was written says so.
    private mutating func checkUnmapping(_ process: UnsafeMutablePointer<Process>) throws(AddressSpaceError) {
        let data = Process.address(of: Page.data)
        var dirty = [2 of Bool](repeating: false)
        var count = 0
        check(read(Process.address(of: Page.readOnly)) == 2, "the read-only page is in the TLB")
        try process.pointee.space.unmap(at: data, pages: 2) { page in
            dirty[count & 1] = page.wasDirty
            count += 1
            Memory.all.release(page)
        }
        check(count == 2 && dirty[0] && !dirty[1], "the written page was dirty, the read-only one was not")
        check(read(data) == nil && !probe_write(data, 33), "no access reaches a page that was unmapped")
        check(read(Process.address(of: Page.readOnly)) == nil, "nor the other one")
    }

    /// Operations on all pages of a process at once, most of which are not there.
    private mutating func checkHoles(_ process: UnsafeMutablePointer<Process>) throws(AddressSpaceError) {
        try process.pointee.mapNew(page: 6, .write.union(.user), filledWith: 6)
        try process.pointee.mapNew(page: 9, .write.union(.user), filledWith: 9)
        try process.pointee.mapNew(page: 15, .write.union(.user), filledWith: 15)
        let (six, fifteen) = (Process.address(of: 6), Process.address(of: 15))
        check(probe_write(six, 40) && probe_write(fifteen, 41), "two of three pages are written")
        var shootdowns = CPU.this.shootdownCount
        var cleaned = 0
        let clean = try process.pointee.space.clean(at: six, pages: 10) { _ in cleaned += 1 }
        check(clean.pages == 3 && cleaned == 2, "a write-back over holes reports the two")
        check(CPU.this.shootdownCount == shootdowns + 1, "it has one shootdown")
        check(faults { probe_write(fifteen, 42) } == 1, "the next write to one of them faults once")
        shootdowns = CPU.this.shootdownCount
        var dirty = 0
        let batch: InlineArray<4, UInt64> = [fifteen, Process.address(of: 7), six, Process.address(of: 9)]
        let gone = try process.pointee.space.unmap(batch: batch.span) { page in
            if page.wasDirty { dirty += 1 }
            Memory.all.release(page)
        }
        check(gone.pages == 3 && dirty == 1, "a batch of unmappings reports what was written since")
        check(CPU.this.shootdownCount == shootdowns + 1, "it has one shootdown, too")
        check(read(fifteen) == nil && read(six) == nil, "its pages cannot be reached")
    }

    /// A page of 2 MByte is written, split, and written again.
    private mutating func checkLargePage(_ process: UnsafeMutablePointer<Process>) throws(AddressSpaceError) {
        let start: UInt64 = 0x4000_0000
        guard let frame = Memory.all.allocateLarge() else { throw .outOfFrames }
        try process.pointee.space.map(Leaf<PrivateMapping>(frame, .write.union(.user)), at: start, size: .page2M)
        check(probe_write(start + 5 * Frame.byteCount, 50), "a write to a page of 2 MByte goes through")
        let large = try process.pointee.space.walk(start)
        check(large.size == .page2M && large.isDirty, "the CPU has set D in its entry")
        try process.pointee.space.split(at: start)
        let piece = try process.pointee.space.walk(start + 5 * Frame.byteCount)
        check(piece.size == .page4K && piece.isDirty, "a piece of it is a dirty page of 4 KByte")
        check(piece.frame.number == frame.number + 5, "with the frame of its place")
        check(read(piece.pageAddress) == 50, "the CPU reads there what was written before")
        let first = try process.pointee.space.harvestDirty(at: start, pages: 512)
        check(first.dirtyPages == 512, "all pieces count as written")
        check(faults { probe_write(piece.pageAddress, 51) } == 0, "a write to one piece does not fault")
        var written: UInt64 = 0
        let second = try process.pointee.space.harvestDirty(at: start, pages: 512) { written = $0.address }
        check(second.dirtyPages == 1 && written == piece.pageAddress, "the CPU has set D in that one alone")
    }

    // MARK: Pages and leaves

    /// Reads eight bytes as the CPU does; nil if that faults for good.
    private func read(_ address: UInt64) -> UInt64? {
        var value: UInt64 = 0
        return probe_read(address, &value) ? value : nil
    }

    /// How many page faults an access needs until it goes through; -1 if it does not.
    private func faults(_ access: () -> Bool) -> Int {
        let before = CPU.this.faultCount
        return access() ? CPU.this.faultCount - before : -1
    }

    /// The first word of a frame, by the direct map.
    private func word(of frame: Frame) -> UInt64? { DirectMappedFrames().words(of: frame)?.pointee }

    /// The leaf of a page.
    private func entry(_ process: UnsafeMutablePointer<Process>, _ page: Int) throws(AddressSpaceError)
        -> PageTableEntry
    {
        try process.pointee.space.walk(Process.address(of: page)).entry
    }

    /// The leaf of a page, which is also printed.
    private func show(_ when: StaticString, _ process: UnsafeMutablePointer<Process>, _ page: Int)
        throws(AddressSpaceError) -> PageTableEntry
    {
        let entry = try entry(process, page)
        Console.write("    ")
        Console.write(when)
        Console.write(" ")
        Console.write(entry)
        Console.write("\n")
        return entry
    }
}
