import PageTable
import Testing

@Suite struct LinuxFlushNeedTests {
    /// What a change of one flag needs: flush when cleared, flush when set.
    static let flags: [(bit: UInt64, cleared: Bool, set: Bool)] = [
        (0, true, false),  // P
        (1, true, true),  // W
        (2, true, true),  // U
        (3, true, true),  // PWT
        (4, true, true),  // PCD
        (5, true, false),  // A, unless ignored
        (6, true, false),  // D
        (7, true, true),  // PS, PAT
        (8, true, true),  // G
        (9, false, false), (10, false, false), (11, false, false),  // software
        (12, true, true),  // PAT of a large page
        (57, false, false), (58, false, false),  // software
        (59, true, true), (60, true, true), (61, true, true), (62, true, true),  // protection key
        (63, true, true),  // XD
    ]

    @Test(arguments: LinuxGeneration.allCases)
    func singleFlags(linux: LinuxGeneration) {
        for flag in Self.flags {
            let mask = UInt64(1) << flag.bit
            for others in [UInt64.min, 0x67, .max] {
                let set = others | mask
                let clear = others & ~mask
                #expect(linux.flagsNeedFlush(from: set, to: clear, ignoringAccessed: false) == flag.cleared)
                #expect(linux.flagsNeedFlush(from: clear, to: set, ignoringAccessed: false) == flag.set)
                let ignoring = linux.flagsNeedFlush(from: set, to: clear, ignoringAccessed: true)
                #expect(ignoring == (flag.cleared && flag.bit != 5))
            }
        }
    }

    @Test func severalFlagsNeedAFlushIfOneDoes() {
        let linux = LinuxGeneration.savedDirty
        let counterexample = counterexample { old, new in
            let anyOne = Self.flags.contains { flag in
                old.bit(flag.bit) != new.bit(flag.bit) && (old.bit(flag.bit) ? flag.cleared : flag.set)
            }
            return linux.flagsNeedFlush(from: old.rawValue, to: new.rawValue, ignoringAccessed: false) == anyOne
        }
        #expect(counterexample == nil)
    }

    @Test(arguments: LinuxGeneration.allCases)
    func entries(linux: LinuxGeneration) {
        let counterexample = counterexample { old, new in
            let needsFlush = linux.needsFlush(from: old, to: new)
            if !old.bit(0) { return !needsFlush }
            // Old has P=1, so a new entry with P=0 needs a flush whatever its frame is.
            if !new.bit(0) || old.frameNumber != new.frameNumber { return needsFlush }
            let flags = Self.flags.filter { $0.bit != 5 && $0.bit != 12 }
            return needsFlush
                == flags.contains { flag in
                    old.bit(flag.bit) != new.bit(flag.bit) && (old.bit(flag.bit) ? flag.cleared : flag.set)
                }
        }
        #expect(counterexample == nil)
    }

    @Test func everyFrameBitCounts() {
        let old = PageTableEntry.litmusDefault
        for bit in UInt64(12)..<52 {
            let moved = PageTableEntry(rawValue: old.rawValue | 1 << bit)
            #expect(LinuxGeneration.savedDirty.needsFlush(from: old, to: moved))
        }
    }

    @Test func ageingNeedsNoFlush() {
        for linux in LinuxGeneration.allCases {
            #expect(counterexample { !linux.needsFlush(from: $0, to: linux.markedOld($0)) } == nil)
            #expect(counterexample { !linux.needsFlush(from: $0, to: linux.markedYoung($0)) } == nil)
        }
    }

    @Test func writeProtectingALiveWritableEntryNeedsOne() {
        for linux in LinuxGeneration.allCases {
            let live = EntrySpace.all.filter { $0.bit(0) && $0.bit(1) }
            #expect(counterexample(in: live) { linux.needsFlush(from: $0, to: linux.writeProtected($0)) } == nil)
        }
    }
}
