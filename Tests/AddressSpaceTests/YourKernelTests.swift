import AddressSpace
import Foundation
import PageTable
import TestSupport
import Testing

/// The programs of `Documentation/your-kernel.md`: what stands between the marks is the same text.
@Suite struct YourKernelTests {
    @Test func lifeOfAProcess() throws {
        var seen: [String] = []
        func print(_ values: Any...) { seen.append(values.map { "\($0)" }.joined(separator: " ")) }

        // BEGIN PROGRAM 1
        func lifeOfAProcess() throws {
            let memory = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 64 * 512)
            defer { memory.deallocate() }
            let pool = try FramePool(memory)
            let freeAtFirst = pool.freeCount
            var users: [Frame: Int] = [:]
            func drop(_ page: UnmappedPage) {
                users[page.frame, default: 0] -= 1
                if users[page.frame] == 0 { pool.release(page.frame) }
            }
            let nobody = WalkerInterrupts([WalkerPort]())
            let parent = try AddressSpace(frames: pool, shootdown: nobody, lock: SpinLock())
            for page: UInt64 in 0..<3 {
                guard let frame = pool.allocateData() else { throw AddressSpaceError.outOfFrames }
                try parent.map(Leaf<PrivateMapping>(frame, [.write, .user]), at: 0x40_0000 + page * 4096)
                users[frame] = 1
            }
            var child = try AddressSpace(frames: pool, shootdown: nobody, lock: SpinLock())
            try parent.fork(into: &child) { if case .page(let page) = $0 { users[page.frame, default: 0] += 1 } }
            print("frames with two users:", users.values.filter { $0 == 2 }.count)
            let exit = parent.tearDown(report: drop)
            print("exit:", exit.pages, "pages; still used:", users.values.filter { $0 == 1 }.count)
            child.tearDown(report: drop)
            print("all frames are free:", pool.freeCount == freeAtFirst)
        }
        try lifeOfAProcess()
        // END PROGRAM 1

        #expect(seen == ["frames with two users: 3", "exit: 3 pages; still used: 3", "all frames are free: true"])
    }

    @Test func faultHandler() throws {
        var seen: [String] = []
        func print(_ values: Any...) { seen.append(values.map { "\($0)" }.joined(separator: " ")) }

        // BEGIN PROGRAM 2
        func writeAndHandleFaults(_ users: [UInt64: Int]) throws {
            let memory = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 64 * 512)
            defer { memory.deallocate() }
            let pool = try FramePool(memory)
            let port = try WalkerPort(in: pool)
            let space = try AddressSpace(frames: pool, shootdown: WalkerInterrupts([port]), lock: SpinLock())
            var cpu = SoftwareWalker(port: port, frames: pool, behaviour: .cet, root: space.root)
            for (address, count) in users where count > 0 {
                guard let frame = pool.allocateData() else { throw AddressSpaceError.outOfFrames }
                try space.map(Leaf<PrivateMapping>(frame, [.write, .user]).writeProtected, at: address)
            }
            for address in users.keys.sorted() {
                guard case .fault(let fault) = try cpu.write(42, at: address) else { continue }
                let access = FaultAccess(errorCode: fault.errorCode)
                let isAlone = users[address] == 1
                let outcome = try space.handleFault(at: address, access, isExclusive: { _ in isAlone }) { old, _ in
                    guard let new = pool.allocateData(), let from = pool.words(of: old) else { return nil }
                    pool.words(of: new)?.update(from: from, count: 512)
                    return new
                }
                if case .notMapped = outcome { print("end the process, or map a page") }
                if case .madeWritable = outcome { print("nobody else uses it:", try cpu.write(42, at: address)) }
                if case .copied = outcome { print("a copy of its own:", try cpu.write(42, at: address)) }
            }
        }
        try writeAndHandleFaults([0x1000: 1, 0x2000: 2, 0x3000: 0])
        // END PROGRAM 2

        #expect(
            seen == [
                "nobody else uses it: done(42)", "a copy of its own: done(42)", "end the process, or map a page",
            ])
    }

    @Test func holes() throws {
        var seen: [String] = []
        func print(_ values: Any...) { seen.append(values.map { "\($0)" }.joined(separator: " ")) }

        // BEGIN PROGRAM 3
        func writeBackAndUnmap() throws {
            let memory = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 64 * 512)
            defer { memory.deallocate() }
            let pool = try FramePool(memory)
            let port = try WalkerPort(in: pool)
            let space = try AddressSpace(frames: pool, shootdown: WalkerInterrupts([port]), lock: SpinLock())
            var cpu = SoftwareWalker(port: port, frames: pool, behaviour: .cet, root: space.root)
            let start: UInt64 = 0x40_0000
            for page: UInt64 in [0, 2, 600] {
                guard let frame = pool.allocateData() else { throw AddressSpaceError.outOfFrames }
                try space.map(Leaf<SharedMapping>(frame, [.write, .user]), at: start + page * 4096)
            }
            _ = try cpu.write(1, at: start)
            _ = try cpu.write(2, at: start + 600 * 4096)
            let clean = try space.clean(at: start, pages: 1024) { print("write back", ($0.address - start) / 4096) }
            print("msync:", clean.pages, "pages,", clean.dirtyPages, "dirty")
            if case .fault = try cpu.write(3, at: start) { try space.makeWritable(at: start) }
            _ = try cpu.write(3, at: start)
            let gone = try space.unmap(at: start, pages: 1024) { page in
                if page.wasDirty { print("munmap: page", (page.address - start) / 4096, "was written since") }
                pool.release(page.frame)
            }
            print("munmap:", gone.pages, "pages,", gone.tables, "tables")
        }
        try writeBackAndUnmap()
        // END PROGRAM 3

        #expect(
            seen == [
                "write back 0", "write back 600", "msync: 3 pages, 2 dirty",
                "munmap: page 0 was written since", "munmap: 3 pages, 2 tables",
            ])
    }

    @Test func kernelHalf() throws {
        var seen: [String] = []
        func print(_ values: Any...) { seen.append(values.map { "\($0)" }.joined(separator: " ")) }

        // BEGIN PROGRAM 4
        func shareTheKernel() throws {
            let memory = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 512 * 512)
            defer { memory.deallocate() }
            let pool = try FramePool(memory)
            let port = try WalkerPort(in: pool)
            let interrupts = WalkerInterrupts([port])
            let kernel = try AddressSpace(kernelHalfOf: pool, shootdown: interrupts, lock: SpinLock())
            let one = try AddressSpace(sharing: kernel, frames: pool, shootdown: interrupts, lock: SpinLock())
            let two = try AddressSpace(sharing: kernel, frames: pool, shootdown: interrupts, lock: SpinLock())
            // Mapped after the processes were made; both have it.
            guard let frame = pool.allocateData() else { throw AddressSpaceError.outOfFrames }
            try kernel.map(Leaf<SharedMapping>(frame, .write).global, at: 0xFFFF_8000_0000_0000)
            let registers = Leaf<SharedMapping>(try Frame(address: 0xFEE0_0000), .write).caching(.uncached).global
            try kernel.map(registers, at: 0xFFFF_9000_0000_0000)
            var cpu = SoftwareWalker(port: port, frames: pool, behaviour: .cet, root: one.root)
            cpu.isUser = false
            _ = try cpu.write(42, at: 0xFFFF_8000_0000_0008)
            cpu.load(root: two.root)
            print("the other process:", try cpu.read(at: 0xFFFF_8000_0000_0008))
            cpu.isUser = true
            if case .fault = try cpu.read(at: 0xFFFF_8000_0000_0008) { print("user mode: a fault") }
            let mapped = try kernel.walk(0xFFFF_9000_0000_0020)
            print("registers at", mapped.physicalAddress, CachePolicy(of: mapped.entry) == .uncached)
        }
        try shareTheKernel()
        // END PROGRAM 4

        #expect(seen == ["the other process: done(42)", "user mode: a fault", "registers at 4276092960 true"])
    }

    @Test func batch() throws {
        var seen: [String] = []
        func print(_ values: Any...) { seen.append(values.map { "\($0)" }.joined(separator: " ")) }

        // BEGIN PROGRAM 5
        final class CountedShootdown: Shootdown {
            let cpus: WalkerInterrupts<[WalkerPort]>
            var count = 0
            static var ordersEarlierStores: Bool { WalkerInterrupts<[WalkerPort]>.ordersEarlierStores }
            init(_ ports: [WalkerPort]) { cpus = WalkerInterrupts(ports) }
            func forEachCPU(running root: Frame, _ use: (Int, Bool) -> Void) { cpus.forEachCPU(running: root, use) }
            func invalidate(_ request: Invalidation) {
                count += 1
                cpus.invalidate(request)
            }
        }
        func unmapAThousand() throws {
            let memory = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 1100 * 512)
            defer { memory.deallocate() }
            let pool = try FramePool(memory)
            let shootdown = CountedShootdown([try WalkerPort(in: pool)])
            let space = try AddressSpace(frames: pool, shootdown: shootdown, lock: SpinLock())
            let addresses = (1...1000).map { UInt64($0) * 7 * 4096 }
            for address in addresses {
                guard let frame = pool.allocateData() else { throw AddressSpaceError.outOfFrames }
                try space.map(Leaf<PrivateMapping>(frame, [.write, .user]), at: address)
            }
            let gone = try space.unmap(batch: addresses.span) { pool.release($0.frame) }
            print(gone.pages, "pages,", shootdown.count, "shootdown")
        }
        try unmapAThousand()
        // END PROGRAM 5

        #expect(seen == ["1000 pages, 1 shootdown"])
    }

    @Test(arguments: 1...5) func theArticleShowsThisVeryText(number: Int) throws {
        let source = try Checkout.text("Tests/AddressSpaceTests/YourKernelTests.swift")
        let article = try Checkout.text("Documentation/your-kernel.md")
        let marks = ["// BEGIN " + "PROGRAM \(number)\n", "        // END " + "PROGRAM \(number)\n"]
        let begin = try #require(source.range(of: marks[0])?.upperBound)
        let end = try #require(source.range(of: marks[1])?.lowerBound)
        let lines = source[begin..<end].split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("        ") ? $0.dropFirst(8) : $0 }
        let program = "import AddressSpace\nimport PageTable\n\n" + lines.joined(separator: "\n")
        #expect(program.split(separator: "\n").count < 30)
        #expect(article.contains("```swift\n" + program + "```\n"))
    }
}
