import AddressSpace
import Foundation
import PageTable
import TestSupport
import Testing

/// The landing pages of `AddressSpace` and `PageTable`: what stands between the marks is the same text as there.
@Suite struct ExampleTests {
    @Test func buildForkAndReadBoth() throws {
        var seen: [String] = []
        func print(_ values: Any...) { seen.append(values.map { "\($0)" }.joined(separator: " ")) }

        // BEGIN EXAMPLE
        // Memory for 64 frames, and one CPU that walks the tables in it.
        let memory = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 64 * 512)
        defer { memory.deallocate() }
        let pool = try FramePool(memory)
        let port = try WalkerPort(in: pool)
        let interrupts = WalkerInterrupts([port])

        // Two address spaces; the parent has a page.
        let parent = try AddressSpace(frames: pool, shootdown: interrupts, lock: SpinLock())
        var child = try AddressSpace(frames: pool, shootdown: interrupts, lock: SpinLock())
        guard let frame = pool.allocateData() else { throw AddressSpaceError.outOfFrames }
        try parent.map(Leaf<PrivateMapping>(frame, [.write, .user]), at: 0x7000)

        // The CPU writes the page, which sets A and D in the entry.
        var cpu = SoftwareWalker(port: port, frames: pool, behaviour: .cet, root: parent.root)
        _ = try cpu.write(42, at: 0x7008)
        print("before:", try parent.walk(0x7008).entry)

        // Fork: both have the page, neither may write it, and the dirtiness has moved from D to SavedDirty.
        try parent.fork(into: &child)
        print("parent:", try parent.walk(0x7008).entry)
        print("child: ", try child.walk(0x7008).entry)

        // The child reads what the parent wrote. A write of its own faults: the handler copies the page, and it tries again.
        cpu.load(root: child.root)
        print(try cpu.read(at: 0x7008))
        if case .fault(let fault) = try cpu.write(43, at: 0x7008) {
            let access = FaultAccess(errorCode: fault.errorCode)
            let outcome = try child.handleFault(at: fault.address, access, isExclusive: { _ in false }) { old, _ in
                guard let copy = pool.allocateData(), let from = pool.words(of: old) else { return nil }
                pool.words(of: copy)?.update(from: from, count: 512)
                return copy
            }
            if case .copied = outcome { print(try cpu.write(43, at: 0x7008)) }
        }
        cpu.load(root: parent.root)
        print(try cpu.read(at: 0x7008))
        // END EXAMPLE

        #expect(
            seen == [
                "before: PWUAD-", "parent: P-UA-S", "child:  P-U--S", "done(42)", "done(43)", "done(42)",
            ])
    }

    @Test func anEntryInMemory() {
        var seen: [String] = []
        func print(_ values: Any...) { seen.append(values.map { "\($0)" }.joined(separator: " ")) }

        // BEGIN ENTRY
        // Eight bytes of a table: a page that may be written, and was.
        let word = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
        word.initialize(to: PageTableEntry(columns: "PWUAD-")?.rawValue ?? 0)
        defer { word.deallocate() }
        let live = AtomicPageTableEntry(word)

        // One locked instruction takes the right to write away; dirtiness moves from D to SavedDirty.
        print("before:", live.setWriteProtected())
        print("after: ", live.load())

        // The value of before, as two generations of Linux write-protect it.
        let dirty = PageTableEntry.litmusDefault
        print("up to 6.5:", LinuxGeneration.dirtyOnly.writeProtected(dirty))
        print("from 6.6: ", LinuxGeneration.savedDirty.writeProtected(dirty))
        // END ENTRY

        #expect(seen == ["before: PWUAD-", "after:  P-UA-S", "up to 6.5: P-UAD-", "from 6.6:  P-UA-S"])
    }

    @Test(arguments: [("EXAMPLE", "AddressSpace"), ("ENTRY", "PageTable")])
    func documentationShowsThisVeryText(mark: String, module: String) throws {
        let source = try Checkout.text("Tests/AddressSpaceTests/ExampleTests.swift")
        let article = try Checkout.text("Sources/\(module)/\(module).docc/\(module).md")
        let begin = try #require(source.range(of: "// BEGIN \(mark)\n")?.upperBound)
        let end = try #require(source.range(of: "        // END \(mark)\n")?.lowerBound)
        let example = source[begin..<end].split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("        ") ? $0.dropFirst(8) : $0 }.joined(separator: "\n")
        #expect(article.contains("```swift\nimport \(module)\n\n" + example + "```"))
    }

    @Test(arguments: ["AddressSpace", "PageTable"]) func topicsListEveryPublicName(module: String) throws {
        let article = try Checkout.text("Sources/\(module)/\(module).docc/\(module).md")
        let folder = Checkout.file("Sources/\(module)")
        let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        var names: Set<String> = []
        for file in files where file.hasSuffix(".swift") {
            let text = try Checkout.text("Sources/\(module)/\(file)")
            // What begins a line is not part of another type.
            for line in text.split(separator: "\n") where line.hasPrefix("public ") {
                let words = line.split { !$0.isLetter && !$0.isNumber }
                let kinds: Set<Substring> = ["struct", "enum", "protocol", "class", "func", "typealias"]
                let name = words.drop { !kinds.contains($0) }.dropFirst().first
                if let name { names.insert(String(name)) }
            }
        }
        #expect(names.count > 5)
        for name in names {
            let isListed = ["- ``\(name)``", "- ``\(name)(", "/\(name)``"].contains { article.contains($0) }
            #expect(isListed, "\(name)")
        }
    }
}
