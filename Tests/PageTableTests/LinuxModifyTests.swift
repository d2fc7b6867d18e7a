import PageTable
import Testing

@Suite struct LinuxModifyTests {
    @Test func keptBitsAreThoseOfTheCompiledKernel() {
        #expect(LinuxGeneration.dirtyOnly.keptByModify == 0x040F_FFFF_FFFF_FEF8)
        #expect(LinuxGeneration.savedDirty.keptByModify == 0x060F_FFFF_FFFF_FEF8)
    }

    @Test func protectionsAreThoseOfTheKernel() {
        #expect(LinuxProtection.none.rawValue == 0x120)
        #expect(LinuxProtection.readOnly.rawValue == 0x8000_0000_0000_0025)
        #expect(LinuxProtection.readOnlyExecutable.rawValue == 0x25)
        #expect(LinuxProtection.shared.rawValue == 0x8000_0000_0000_0027)
        #expect(LinuxProtection.sharedExecutable.rawValue == 0x27)
    }

    @Test(arguments: LinuxGeneration.allCases)
    func rightsComeFromTheProtection(linux: LinuxGeneration) {
        let rights: UInt64 = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 8 | 0xF << 59 | 1 << 63
        let counterexample = counterexample { entry, wanted in
            let result = linux.modified(entry, to: LinuxProtection(rawValue: wanted.rawValue))
            return result.rawValue & rights == wanted.rawValue & rights
        }
        #expect(counterexample == nil)
    }

    @Test(arguments: LinuxGeneration.allCases)
    func whatSoftwareAndHardwareNotedStays(linux: LinuxGeneration) {
        // PWT, PCD, A, PAT, special, userfaultfd, soft-dirty and Devmap.
        let noted: UInt64 = 1 << 3 | 1 << 4 | 1 << 5 | 1 << 7 | 7 << 9 | linux.deviceMapMask
        let old = EntrySpace.entries([0, 1, 3, 4, 5, 7, 9, 10, 11], frames: [0x12345])
        let wanted = EntrySpace.entries([0, 1, 3, 5, 7, 9, 11], frames: [0x777])
        let counterexample = counterexample(old: old, new: wanted) { entry, wanted in
            let result = linux.modified(entry, to: LinuxProtection(rawValue: wanted.rawValue))
            return result.rawValue & noted == entry.rawValue & noted
        }
        #expect(counterexample == nil)
    }

    @Test func dirtinessMovesWithTheRightToWrite() {
        let linux = LinuxGeneration.savedDirty
        let counterexample = counterexample { entry, wanted in
            let result = linux.modified(entry, to: LinuxProtection(rawValue: wanted.rawValue))
            let wasDirty = entry.bit(6) || entry.bit(58)
            switch (entry.bit(1), wanted.bit(1)) {
            case (true, true), (false, false):
                // Unchanged, in particular a shadow stack stays one.
                return result.bit(6) == entry.bit(6) && result.bit(58) == entry.bit(58)
            case (true, false): return !result.bit(6) && result.bit(58) == wasDirty
            case (false, true): return result.bit(6) == wasDirty && !result.bit(58)
            }
        }
        #expect(counterexample == nil)
    }

    @Test func before66DirtyAndBit58StayWhereTheyAre() {
        let kept: UInt64 = 1 << 6 | 1 << 58
        let counterexample = counterexample { entry, wanted in
            let result = LinuxGeneration.dirtyOnly.modified(entry, to: LinuxProtection(rawValue: wanted.rawValue))
            return result.rawValue & kept == entry.rawValue & kept
        }
        #expect(counterexample == nil)
    }

    @Test func unsupportedBitsAreTakenOutOfPresentProtectionsOnly() {
        let linux = LinuxGeneration.savedDirty
        let withoutXD = ~(UInt64(1) << 63)
        let entry = PageTableEntry(rawValue: 0x1_2067)
        #expect(linux.modified(entry, to: .readOnly, supported: withoutXD).rawValue == 0x0400_0000_0001_2025)
        let notPresent = LinuxProtection(rawValue: 1 << 63 | 0x120)
        #expect(linux.modified(entry, to: notPresent, supported: withoutXD).isNoExecute)
    }

    // MARK: The inverted frame

    @Test func frameIsStoredInvertedWithoutP() {
        for linux in LinuxGeneration.allCases {
            #expect(counterexample { linux.storesFrameInverted($0) == (!$0.bit(0) && $0.rawValue != 0) } == nil)
        }
    }

    @Test func protectionNoneAndBack() {
        let linux = LinuxGeneration.savedDirty
        let entry = PageTableEntry(rawValue: 0x8000_0000_1234_5067)
        let none = linux.modified(entry, to: .none)
        // 0x12345 inverted in 40 bits; D moved to bit 58; A kept; P, W, U, XD gone; PROT_NONE set.
        #expect(none.rawValue == 0x040F_FFFF_EDCB_A120)
        #expect(none.frameNumber == 0xFF_FFFE_DCBA)
        #expect(linux.frameNumber(of: none) == 0x12345)
        #expect(linux.modified(none, to: .shared) == entry)
    }

    @Test(arguments: LinuxGeneration.allCases)
    func frameThatLinuxReadsIsKept(linux: LinuxGeneration) {
        let old = EntrySpace.entries(EntrySpace.oldBits, frames: [0, 0x12345, 0xFF_FFFF_FFFF])
            .filter { linux.frameNumber(of: $0) != 0xFF_FFFF_FFFF }
        let counterexample = counterexample(old: old) { entry, wanted in
            let result = linux.modified(entry, to: LinuxProtection(rawValue: wanted.rawValue))
            return linux.frameNumber(of: result) == linux.frameNumber(of: entry)
        }
        #expect(counterexample == nil)
    }

    @Test func highestFrameIsLostInTheEmptyEntry() {
        // Inverted it is 0, and with no other bit left the entry is empty: there is nothing to tell it from frame 0.
        let linux = LinuxGeneration.savedDirty
        let entry = PageTableEntry(rawValue: 0x000F_FFFF_FFFF_F001)
        #expect(linux.frameNumber(of: entry) == 0xFF_FFFF_FFFF)
        #expect(linux.modified(entry, to: LinuxProtection(rawValue: 0)) == .empty)
    }

    @Test func entriesAreMadeOfFrameAndProtection() {
        let linux = LinuxGeneration.savedDirty
        #expect(linux.entry(frameNumber: 0x12345, protection: .shared).rawValue == 0x8000_0000_1234_5027)
        #expect(linux.entry(frameNumber: 0x12345, protection: .none).rawValue == 0x000F_FFFF_EDCB_A120)
        let without = linux.entry(frameNumber: 1, protection: .shared, supported: ~(1 << 63))
        #expect(without.rawValue == 0x1027)
        #expect(linux.entry(frameNumber: 1 << 40 | 3, protection: .readOnlyExecutable).rawValue == 0x3025)
        for frame in EntrySpace.frames {
            for protection in [LinuxProtection.none, .readOnly, .shared] {
                #expect(linux.frameNumber(of: linux.entry(frameNumber: frame, protection: protection)) == frame)
            }
        }
    }
}
