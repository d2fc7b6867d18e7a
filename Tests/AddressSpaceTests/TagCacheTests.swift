import AddressSpace
import Testing

/// Tags of address spaces, and when what is cached under them has to go.
@Suite struct TagCacheTests {
    @Test func anAddressSpaceKeepsItsTag() {
        var cache = TagCache()
        #expect(cache.tag(for: 7, at: 1) == TagCache.Assignment(tag: 1, needsFlush: true))
        #expect(cache.tag(for: 8, at: 1) == TagCache.Assignment(tag: 2, needsFlush: true))
        #expect(cache.tag(for: 7, at: 1) == TagCache.Assignment(tag: 1, needsFlush: false))
    }

    @Test func whatWasInvalidatedMeanwhileGoes() {
        let generation = SpaceGeneration()
        var cache = TagCache()
        _ = cache.tag(for: 7, at: generation.current)
        #expect(generation.advance() == 2)
        #expect(cache.tag(for: 7, at: generation.current) == TagCache.Assignment(tag: 1, needsFlush: true))
        #expect(cache.tag(for: 7, at: generation.current) == TagCache.Assignment(tag: 1, needsFlush: false))
        // One that it took itself does not count.
        cache.noteInvalidation(of: 7, upTo: generation.advance())
        #expect(!cache.tag(for: 7, at: generation.current).needsFlush)
        // An older generation, read by a CPU that was slow, makes nothing old again.
        #expect(!cache.tag(for: 7, at: 1).needsFlush)
        cache.noteInvalidation(of: 9, upTo: 50)
        #expect(!cache.tag(for: 7, at: generation.current).needsFlush)
    }

    @Test func tagsTakeTurns() {
        var cache = TagCache()
        for space in 1...UInt64(TagCache.tagCount) { #expect(cache.tag(for: space, at: 1).tag == UInt16(space)) }
        // The first one's tag is another's now, with nothing of the first.
        #expect(cache.tag(for: 100, at: 1) == TagCache.Assignment(tag: 1, needsFlush: true))
        #expect(cache.tag(for: 1, at: 1) == TagCache.Assignment(tag: 2, needsFlush: true))
        #expect(!cache.tag(for: 100, at: 1).needsFlush)
    }

    @Test func everythingCanBeForgotten() {
        var cache = TagCache()
        _ = cache.tag(for: 7, at: 1)
        cache.forgetAll()
        #expect(cache.tag(for: 7, at: 1).needsFlush)
    }

    /// A CPU that comes back, and one that invalidates: one of them sees the other, however they are interleaved.
    @Test func oneOfTheTwoSeesTheOther() {
        // 0: entry changed, 1: generation advanced, 2: CPUs looked at | 3: announced, 4: generation read.
        for order in [
            [0, 1, 2, 3, 4], [0, 1, 3, 2, 4], [0, 1, 3, 4, 2], [0, 3, 1, 2, 4], [3, 4, 0, 1, 2], [3, 0, 4, 1, 2],
        ] {
            let generation = SpaceGeneration()
            var cache = TagCache()
            _ = cache.tag(for: 7, at: generation.current)
            var (isAnnounced, isAsked, isFlushed) = (false, false, false)
            for step in order {
                switch step {
                case 1: generation.advance()
                case 2: isAsked = isAnnounced
                case 3: isAnnounced = true
                case 4: isFlushed = cache.tag(for: 7, at: generation.current).needsFlush
                default: break
                }
            }
            #expect(isAsked || isFlushed, "\(order)")
        }
    }
}
