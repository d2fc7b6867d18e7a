import AddressSpace
import Foundation
import TestSupport
import Testing

/// The example of the documentation, `AddressSpace.docc/AddressSpace.md`: what stands between the marks is the same text.
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
        guard let frame = pool.allocate() else { throw AddressSpaceError.outOfFrames }
        try parent.map(Leaf<PrivateMapping>(frame, [.write, .user]), at: 0x7000)

        // The CPU writes the page, which sets A and D in the entry.
        var cpu = SoftwareWalker(port: port, frames: pool, behaviour: .cet, root: parent.root)
        _ = try cpu.write(42, at: 0x7008)
        print("before:", try parent.walk(0x7008).entry)

        // Fork: both have the page, neither may write it, and the dirtiness has moved from D to SavedDirty.
        try parent.fork(into: &child)
        print("parent:", try parent.walk(0x7008).entry)
        print("child: ", try child.walk(0x7008).entry)

        // The child reads what the parent wrote. A write of its own faults: copy, and try again.
        cpu.load(root: child.root)
        print(try cpu.read(at: 0x7008))
        if case .fault = try cpu.write(43, at: 0x7008), let copy = pool.allocate() {
            try child.breakCopyOnWrite(at: 0x7000, expecting: try child.walk(0x7000).entry, into: copy)
            print(try cpu.write(43, at: 0x7008))
        }
        cpu.load(root: parent.root)
        print(try cpu.read(at: 0x7008))
        // END EXAMPLE

        #expect(
            seen == [
                "before: PWUAD-", "parent: P-UA-S", "child:  P-U--S", "done(42)", "done(43)", "done(42)",
            ])
    }

    @Test func documentationShowsThisVeryText() throws {
        let source = try Checkout.text("Tests/AddressSpaceTests/ExampleTests.swift")
        let article = try Checkout.text("Sources/AddressSpace/AddressSpace.docc/AddressSpace.md")
        let marks = ["// BEGIN " + "EXAMPLE\n", "        // END " + "EXAMPLE"]
        let begin = try #require(source.range(of: marks[0])?.upperBound)
        let end = try #require(source.range(of: marks[1])?.lowerBound)
        let example = source[begin..<end].split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("        ") ? $0.dropFirst(8) : $0 }.joined(separator: "\n")
        #expect(article.contains("```swift\nimport AddressSpace\n\n" + example + "```"))
    }
}
