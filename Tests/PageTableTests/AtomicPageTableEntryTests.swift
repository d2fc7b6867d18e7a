import PageTable
import Testing

/// A word of memory for a live entry.
private final class Word {
    private let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    var live: AtomicPageTableEntry { AtomicPageTableEntry(memory) }
    init(_ entry: PageTableEntry = .empty) { memory.initialize(to: entry.rawValue) }
    deinit { memory.deallocate() }
}

/// All combinations of P, W, U, A, D and SavedDirty, with a frame and a bit that nothing touches.
private let entries: [PageTableEntry] = (0..<64).map { bits in
    var entry = PageTableEntry(rawValue: 1 << 9)
    entry.frameNumber = 0x12345
    entry.isPresent = bits & 1 != 0
    entry.isWritable = bits & 2 != 0
    entry.isUser = bits & 4 != 0
    entry.isAccessed = bits & 8 != 0
    entry.isDirty = bits & 16 != 0
    entry.isSavedDirty = bits & 32 != 0
    return entry
}

@Suite struct AtomicPageTableEntryTests {
    private let linux = LinuxGeneration.savedDirty

    @Test func storesAndLoads() {
        let word = Word()
        for entry in entries {
            word.live.store(entry)
            #expect(word.live.load() == entry)
        }
    }

    @Test func exchangesAndReturnsTheOldValue() {
        for entry in entries {
            let word = Word(entry)
            #expect(word.live.exchange(entries[3]) == entry)
            #expect(word.live.establish(entry) == entries[3])
            #expect(word.live.clear() == entry)
            #expect(word.live.load() == .empty)
        }
    }

    @Test func replacesOnlyWhatIsExpected() {
        let word = Word(entries[1])
        #expect(word.live.replace(entries[2], by: entries[3]) == entries[1])
        #expect(word.live.load() == entries[1])
        #expect(word.live.replace(entries[1], by: entries[3]) == nil)
        #expect(word.live.load() == entries[3])
    }

    @Test func writeProtectionIsLinux612s() {
        for entry in entries {
            let word = Word(entry)
            #expect(word.live.setWriteProtected() == entry)
            #expect(word.live.load() == linux.writeProtected(entry))
            #expect(!word.live.load().isShadowStackEncoding)
            #expect(linux.isDirty(word.live.load()) == linux.isDirty(entry))
        }
    }

    @Test func theStoreAndTheLoopWriteTheSame() {
        for entry in entries {
            let word = Word(entry)
            #expect(word.live.setWriteProtectedByStoreOrLoop() == entry)
            AtomicPageTableEntry.fenceBeforeShootdown()
            #expect(word.live.load() == linux.writeProtected(entry))
        }
    }

    @Test func writeProtectionByLockedAndClearsOneBit() {
        for entry in entries {
            let word = Word(entry)
            word.live.setWriteProtectedByLockedAnd()
            #expect(word.live.load() == LinuxGeneration.dirtyOnly.writeProtected(entry))
            #expect(word.live.load().isShadowStackEncoding == entry.isDirty)
        }
    }

    @Test func writeProtectionAndCleaningKeepTheRest() {
        for entry in entries {
            let word = Word(entry)
            #expect(word.live.setWriteProtectedAndClean() == entry)
            let rest = ~(PageTableEntry.writableMask | linux.dirtyBits)
            #expect(word.live.load().rawValue == entry.rawValue & rest)
        }
    }

    @Test func theDanceEndsAsTheCompareAndExchange() {
        for entry in entries {
            let word = Word(entry)
            #expect(word.live.setWriteProtectedByExchange() == entry)
            #expect(word.live.load() == linux.writeProtected(entry))
            let other = Word(entry)
            #expect(other.live.setWriteProtectedByExchange {} == entry)
            #expect(other.live.load() == linux.writeProtected(entry))
        }
    }

    @Test func theDanceKeepsWhatHardwareSetsWhileTheEntryIsAway() {
        let entry = PageTableEntry(rawValue: PageTableEntry.presentMask | PageTableEntry.writableMask)
        let word = Word(entry)
        let old = word.live.setWriteProtectedByExchange {
            #expect(word.live.load() == .empty)
            word.live.update { $0.setting(PageTableEntry.dirtyMask | PageTableEntry.accessedMask) }
        }
        #expect(old.isDirty && old.isAccessed && old.isWritable)
        let now = word.live.load()
        #expect(now.isSavedDirty && now.isAccessed && !now.isDirty && !now.isWritable)
    }

    @Test func clearingFlushesPresentEntriesOnly() {
        for entry in entries {
            let word = Word(entry)
            var flushes = 0
            #expect(word.live.clear { flushes += 1 } == entry)
            #expect(flushes == (entry.isPresent ? 1 : 0))
            #expect(word.live.load() == .empty)
        }
    }

    @Test func invalidatingClearsP() {
        for entry in entries {
            let word = Word(entry)
            word.live.invalidate()
            #expect(word.live.load() == entry.clearing(PageTableEntry.presentMask))
        }
    }

    @Test func accessedIsTestedAndCleared() {
        for entry in entries {
            let word = Word(entry)
            #expect(word.live.testAndClearAccessed() == entry.isAccessed)
            #expect(word.live.load() == linux.markedOld(entry))
            #expect(!word.live.testAndClearAccessed())
        }
    }

    @Test func accessFlagsAreSetAndTheRuleHolds() {
        for entry in entries {
            for bits: AccessFlags in [[], .accessed, .dirty, .writable, [.accessed, .dirty, .writable]] {
                let word = Word(entry)
                let changed = word.live.setAccessFlags(bits)
                let now = word.live.load()
                #expect(changed == (now != entry))
                #expect(!now.isShadowStackEncoding)
                #expect(!(now.isWritable && now.isSavedDirty))
                #expect(now.isWritable == (entry.isWritable || bits.contains(.writable)))
                #expect(now.isAccessed == (entry.isAccessed || bits.contains(.accessed)))
                #expect(linux.isDirty(now) == (linux.isDirty(entry) || bits.contains(.dirty)))
                let touched = PageTableEntry.writableMask | PageTableEntry.accessedMask | linux.dirtyBits
                #expect((now.rawValue ^ entry.rawValue) & ~touched == 0)
                #expect(!word.live.setAccessFlags(bits))
            }
        }
    }

    @Test func unknownAccessFlagsMeanNothing() {
        let word = Word(entries[7])
        let before = word.live.load()
        word.live.setAccessFlags(AccessFlags(rawValue: ~0 & ~0x62))
        #expect(word.live.load() == linux.dirtyMovedToSavedDirty(linux.savedDirtyMovedToDirty(before)))
    }

    @Test func shadowStackFlagsMakeAShadowStack() {
        for entry in entries {
            let word = Word(entry)
            word.live.setShadowStackAccessFlags()
            let now = word.live.load()
            #expect(now.isShadowStackEncoding && now.isAccessed && !now.isSavedDirty)
            #expect(!word.live.setShadowStackAccessFlags())
        }
    }

    @Test func plainAccessFlagsAreLinuxs() {
        let word = Word(entries[1])
        #expect(!word.live.setAccessFlagsByPlainStore(entries[1], isDirty: true))
        #expect(word.live.setAccessFlagsByPlainStore(entries[3], isDirty: false))
        #expect(word.live.load() == entries[1])
        #expect(word.live.setAccessFlagsByPlainStore(entries[3], isDirty: true))
        #expect(word.live.load() == entries[3])
    }
}
