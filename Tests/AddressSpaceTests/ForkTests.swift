import AddressSpace
import PageTable
import Testing

private let base: UInt64 = 0x7000_0000_0000

@Suite struct ForkTests {
    private let memory: Memory
    private let shootdowns = RecordedShootdowns()

    init() throws { memory = try Memory(frames: 64) }

    private func space() throws -> AddressSpace<Memory, RecordedShootdowns, CheckedLock> {
        try AddressSpace(frames: memory, shootdown: shootdowns, lock: CheckedLock())
    }

    @Test func privatePagesAreWriteProtectedInBoth() throws {
        let parent = try space()
        var child = try space()
        let leaf = try memory.page().dirty.accessed
        try parent.map(leaf, at: base)
        try parent.fork(into: &child)
        let (one, other) = (try parent.walk(base), try child.walk(base))
        for found in [one, other] {
            #expect(found.frame == leaf.frame && found.rights == [.write, .user])
            #expect(!found.isWritable && found.isDirty && !found.entry.isDirty && found.entry.isSavedDirty)
        }
        #expect(one.entry.isAccessed && !other.entry.isAccessed)
        #expect(shootdowns.take() == [.everything])
    }

    @Test func sharedPagesStay() throws {
        let parent = try space()
        var child = try space()
        let leaf = try memory.shared().dirty.accessed
        try parent.map(leaf, at: base)
        try parent.fork(into: &child)
        #expect(try parent.walk(base).entry == leaf.entry)
        let copy = try child.walk(base)
        #expect(copy.isWritable && !copy.isDirty && !copy.entry.isAccessed && copy.frame == leaf.frame)
        #expect(copy.kind == .shared)
        #expect(shootdowns.take() == [], "nothing was write-protected")
    }

    @Test func shadowStacksLoseTheirRightInBoth() throws {
        let parent = try space()
        var child = try space()
        try parent.map(Leaf<ShadowStackMapping>(try memory.frame()), at: base)
        #expect(try parent.walk(base).isWritable)
        try parent.fork(into: &child)
        for found in [try parent.walk(base), try child.walk(base)] {
            #expect(!found.isWritable && found.isDirty && found.kind == .shadowStack && !found.entry.isDirty)
        }
        try parent.makeWritable(at: base)
        #expect(try parent.walk(base).entry.isShadowStackEncoding)
        #expect(try !child.walk(base).isWritable)
        let copy = try memory.frame()
        try child.breakCopyOnWrite(at: base, expecting: try child.walk(base).entry, into: copy)
        #expect(try child.walk(base).entry.isShadowStackEncoding)
        #expect(try child.walk(base).frame == copy)
    }

    @Test func readOnlyPagesNeedNoFlush() throws {
        let parent = try space()
        var child = try space()
        try parent.map(try memory.page([.user, .execute]).dirty, at: base)
        try parent.map(try memory.page().writeProtected, at: base + 4096)
        try parent.fork(into: &child)
        #expect(shootdowns.take() == [])
        #expect(try child.walk(base).entry == parent.walk(base).entry)
        #expect(try child.walk(base + 4096).rights == [.write, .user])
    }

    @Test func everyPageOfEveryTableIsCopied() throws {
        let parent = try space()
        var child = try space()
        let addresses: [UInt64] = [0, 511 * 4096, 512 * 4096, 1 << 30, 1 << 39, 0xFFFF_FFFF_FFFF_F000]
        for (number, address) in addresses.enumerated() {
            try parent.map(Leaf<PrivateMapping>(try Frame(number: UInt64(number)), [.write]), at: address)
        }
        try parent.fork(into: &child)
        var grandchild = try space()
        try child.fork(into: &grandchild)
        for (number, address) in addresses.enumerated() {
            #expect(try child.walk(address).frame.number == UInt64(number))
            #expect(try grandchild.walk(address).frame.number == UInt64(number))
        }
        #expect(shootdowns.take() == [.everything], "the child had nothing left to protect")
    }

    @Test func lockedAndBreaksTheRuleAndTheOthersDoNot() throws {
        try check(StoreOrLoop.self, breaksRule: false)
        try check(CompareAndExchange.self, breaksRule: false)
        try check(ExchangeDance.self, breaksRule: false)
        try check(LockedAnd.self, breaksRule: true)
    }

    private func check(_ protection: (some WriteProtection).Type, breaksRule: Bool) throws {
        let parent = try space()
        var child = try space()
        // One that was never used, and one that leaves hardware nothing to set.
        try parent.map(try memory.page().dirty, at: base)
        try parent.map(try memory.page().dirty.accessed, at: base + 4096)
        try parent.fork(into: &child, by: protection)
        for address in [base, base + 4096] {
            #expect(try parent.walk(address).entry.isShadowStackEncoding == breaksRule)
            #expect(try !child.walk(address).entry.isShadowStackEncoding)
            #expect(try parent.walk(address).isDirty && child.walk(address).isDirty)
        }
    }

    @Test func whatOldCPUsLeftBehindIsTidiedUp() throws {
        // W=0, D=1 in an ordinary mapping, as hardware can leave it: here by the variant that does so too.
        let parent = try space()
        var child = try space()
        var second = try space()
        try parent.map(try memory.page().dirty, at: base)
        try parent.fork(into: &child, by: LockedAnd.self)
        #expect(try parent.walk(base).entry.isShadowStackEncoding)
        try parent.fork(into: &second)
        let entry = try parent.walk(base).entry
        #expect(!entry.isShadowStackEncoding && entry.isSavedDirty)
    }
}
