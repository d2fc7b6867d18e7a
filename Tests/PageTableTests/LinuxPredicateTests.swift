import PageTable
import Testing

@Suite struct LinuxPredicateTests {
    let old = LinuxGeneration.dirtyOnly
    let new = LinuxGeneration.savedDirty

    @Test func dirty() {
        #expect(counterexample { old.isDirty($0) == $0.bit(6) } == nil)
        #expect(counterexample { new.isDirty($0) == ($0.bit(6) || $0.bit(58)) } == nil)
    }

    @Test func shadowStackNeedsANewKernelAndANewCPU() {
        #expect(counterexample { new.isShadowStack($0, hasShadowStacks: true) == (!$0.bit(1) && $0.bit(6)) } == nil)
        for entry in [PageTableEntry(rawValue: 0x65), PageTableEntry(rawValue: 0x40)] {
            // P is not looked at.
            #expect(new.isShadowStack(entry, hasShadowStacks: true))
            #expect(!new.isShadowStack(entry, hasShadowStacks: false))
            #expect(!old.isShadowStack(entry, hasShadowStacks: true))
        }
    }

    @Test func writable() {
        #expect(counterexample { old.isWritable($0, hasShadowStacks: true) == $0.bit(1) } == nil)
        #expect(counterexample { new.isWritable($0, hasShadowStacks: false) == $0.bit(1) } == nil)
        #expect(counterexample { new.isWritable($0, hasShadowStacks: true) == ($0.bit(1) || $0.bit(6)) } == nil)
    }

    @Test(arguments: LinuxGeneration.allCases)
    func presence(linux: LinuxGeneration) {
        #expect(counterexample { linux.isPresent($0) == ($0.bit(0) || $0.bit(8)) } == nil)
        #expect(counterexample { linux.isProtNone($0) == (!$0.bit(0) && $0.bit(8)) } == nil)
        #expect(counterexample { linux.isYoung($0) == $0.bit(5) } == nil)
        #expect(counterexample { linux.isAccessible($0, isFlushPending: false) == $0.bit(0) } == nil)
        #expect(counterexample { linux.isAccessible($0, isFlushPending: true) == ($0.bit(0) || $0.bit(8)) } == nil)
    }

    @Test(arguments: LinuxGeneration.allCases)
    func emptyButForStrayBits(linux: LinuxGeneration) {
        let none: Set<UInt64> = [0, 0x20, 0x40, 0x60]
        #expect(counterexample { linux.isNone($0) == none.contains($0.rawValue) } == nil)
        for bit in UInt64(0)..<64 where bit != 5 && bit != 6 {
            #expect(!linux.isNone(PageTableEntry(rawValue: 1 << bit)))
        }
        // Two dead entries that only differ in a stray bit are not the same.
        #expect(!linux.isSame(PageTableEntry(rawValue: 0x40), as: .empty))
        #expect(linux.isSame(PageTableEntry(rawValue: 0x40), as: PageTableEntry(rawValue: 0x40)))
    }

    @Test func deviceMapped() {
        #expect(counterexample { old.isDeviceMapped($0) == $0.bit(58) } == nil)
        #expect(counterexample { new.isDeviceMapped($0) == $0.bit(57) } == nil)
    }

    @Test(arguments: LinuxGeneration.allCases)
    func permittedAccess(linux: LinuxGeneration) {
        #expect(counterexample { linux.permitsAccess($0, isWrite: false) == ($0.bit(0) && $0.bit(2)) } == nil)
        #expect(
            counterexample { linux.permitsAccess($0, isWrite: true) == ($0.bit(0) && $0.bit(1) && $0.bit(2)) } == nil)
        // A shadow stack may be read, not written.
        let stack = PageTableEntry(rawValue: 0x65)
        #expect(linux.permitsAccess(stack, isWrite: false))
        #expect(!linux.permitsAccess(stack, isWrite: true))
    }

    @Test(arguments: UInt8(0)...15)
    func protectionKeyForbids(key: UInt8) {
        var entry = PageTableEntry.litmusDefault
        entry.protectionKey = key
        let accessDisable = UInt32(1) << (UInt32(key) * 2)
        let writeDisable = accessDisable << 1
        for (pkru, reads, writes) in [
            (0, true, true), (accessDisable, false, false), (writeDisable, true, false),
            (accessDisable | writeDisable, false, false), (~(accessDisable | writeDisable), true, true),
        ] {
            #expect(new.permitsAccess(entry, isWrite: false, pkru: pkru) == reads)
            #expect(new.permitsAccess(entry, isWrite: true, pkru: pkru) == writes)
        }
    }
}
