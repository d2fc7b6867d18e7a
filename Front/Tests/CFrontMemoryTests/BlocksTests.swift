import CFrontMemory
import Testing

/// Blocks of memory, beside the C library's own; one test at a time, as the blocks are for one thread.
@Suite(.serialized) struct BlocksTests {
    /// Random blocks, given back in random order: each keeps its bytes, is aligned to 16, and none lies in another.
    @Test func blocksKeepApart() throws {
        var random = Generator(state: 20_261_127)
        var blocks: [(place: UnsafeMutableRawPointer, length: Int, mark: UInt8)] = []
        for round in 0..<20_000 {
            if blocks.count > 200 || (!blocks.isEmpty && random.next() % 3 == 0) {
                let block = blocks.remove(at: Int(random.next() % UInt64(blocks.count)))
                let bytes = UnsafeRawBufferPointer(start: block.place, count: block.length)
                try #require(bytes.allSatisfy { $0 == block.mark }, "a block of \(block.length) bytes changed")
                front_release(block.place)
            } else {
                let length = Int(random.next() % (round % 50 == 0 ? 3_000_000 : 700))
                let place = try #require(front_allocate(length))
                try #require(UInt(bitPattern: place) % 16 == 0)
                let mark = UInt8(truncatingIfNeeded: round)
                front_fill(place, Int32(mark), length)
                blocks.append((place, length, mark))
            }
        }
        for block in blocks { front_release(block.place) }
    }

    /// On both sides of every edge between size classes a block has all the room that was asked for.
    @Test func edgesOfClasses() throws {
        let edges = Array(1...33).map { $0 * 16 } + (4...33).map { $0 * 128 } + (9...24).map { 1 << $0 }
        for length in edges.flatMap({ [$0 - 1, $0, $0 + 1] }) {
            let first = try #require(front_allocate(length))
            let second = try #require(front_allocate(length))
            front_fill(first, 0xaa, length)
            front_fill(second, 0x55, length)
            #expect(UnsafeRawBufferPointer(start: first, count: length).allSatisfy { $0 == 0xaa })
            front_release(first)
            front_release(second)
        }
    }

    /// What was given back is what the next block of that size gets.
    @Test func blocksAreUsedAgain() throws {
        let first = try #require(front_allocate(100))
        front_release(first)
        #expect(front_allocate(110) == first)
    }

    /// More memory than there is, and none at all.
    @Test func oddRequests() throws {
        #expect(front_allocate(Int.max) == nil)
        #expect(front_allocate(1 << 33) == nil)
        front_release(nil)
        let nothing = try #require(front_allocate(0))
        front_release(nothing)
    }
}
