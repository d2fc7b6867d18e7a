import PageTable
import Testing

/// What must hold of the transforms whatever the entry: the promises that the kernel's comments make.
@Suite struct LinuxInvariantTests {
    typealias Transform = @Sendable (PageTableEntry) -> PageTableEntry

    /// A transform of 6.6 on, by the kernel's name.
    struct Named: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var apply: Transform
    }

    static let linux = LinuxGeneration.savedDirty

    static let protections: [Named] = [
        ("PAGE_NONE", LinuxProtection.none), ("PAGE_READONLY", .readOnly), ("PAGE_SHARED", .shared),
        ("PAGE_SHARED_EXEC", .sharedExecutable), ("PAGE_READONLY_EXEC", .readOnlyExecutable),
    ].map { name, protection in Named(testDescription: "pte_modify \(name)") { linux.modified($0, to: protection) } }

    static let tracking: [Named] = [
        Named(testDescription: "pte_mkold") { linux.markedOld($0) },
        Named(testDescription: "pte_mkyoung") { linux.markedYoung($0) },
        Named(testDescription: "pte_clear_uffd_wp") { linux.userfaultfdCleared($0) },
        Named(testDescription: "pte_mksoft_dirty") { linux.markedSoftDirty($0) },
        Named(testDescription: "pte_clear_soft_dirty") { linux.softDirtyCleared($0) },
        Named(testDescription: "clear_saveddirty_shift") { linux.savedDirtyMovedToDirty($0) },
    ]

    static let rights: [Named] = [
        Named(testDescription: "pte_wrprotect") { linux.writeProtected($0) },
        Named(testDescription: "pte_mkwrite") { linux.madeWritable($0) },
        Named(testDescription: "pte_mkwrite_novma") { linux.madeWritableWithoutMapping($0) },
        Named(testDescription: "pte_mkuffd_wp") { linux.userfaultfdProtected($0) },
        Named(testDescription: "mksaveddirty_shift") { linux.dirtyMovedToSavedDirty($0) },
    ]

    static let dirtying = Named(testDescription: "pte_mkdirty") { linux.markedDirty($0) }
    static let cleaning = Named(testDescription: "pte_mkclean") { linux.markedClean($0) }

    @Test(arguments: protections + tracking + rights + [dirtying, cleaning])
    func noOrdinaryEntryBecomesAShadowStack(_ transform: Named) {
        let counterexample = counterexample { entry in
            (!entry.bit(1) && entry.bit(6)) || !transform.apply(entry).isShadowStackEncoding
        }
        #expect(counterexample == nil)
    }

    @Test(arguments: rights + [dirtying, cleaning])
    func noShadowStackSurvivesAChangeOfRightsOrDirtiness(_ transform: Named) {
        #expect(counterexample { !transform.apply($0).isShadowStackEncoding } == nil)
    }

    @Test func onlyShadowStackMappingsMakeShadowStacks() {
        #expect(counterexample { Self.linux.madeShadowStack($0).isShadowStackEncoding } == nil)
        #expect(counterexample { Self.linux.madeWritable($0, inShadowStackMapping: true).isShadowStackEncoding } == nil)
    }

    @Test(arguments: protections + tracking + rights)
    func dirtinessIsKept(_ transform: Named) {
        #expect(counterexample { Self.linux.isDirty(transform.apply($0)) == ($0.bit(6) || $0.bit(58)) } == nil)
    }

    @Test func dirtyingDirtiesAndCleaningCleans() {
        for linux in LinuxGeneration.allCases {
            #expect(counterexample { linux.isDirty(linux.markedDirty($0)) } == nil)
            #expect(counterexample { !linux.isDirty(linux.markedClean($0)) } == nil)
        }
    }

    @Test(arguments: LinuxGeneration.allCases)
    func everyTransformIsIdempotent(linux: LinuxGeneration) {
        let transforms: [(PageTableEntry) -> PageTableEntry] = [
            linux.writeProtected, linux.markedDirty, linux.markedClean, linux.markedOld, linux.markedYoung,
            linux.userfaultfdProtected, linux.userfaultfdCleared, linux.markedSoftDirty, linux.softDirtyCleared,
            linux.madeWritableWithoutMapping, linux.madeShadowStack, linux.dirtyMovedToSavedDirty,
            linux.savedDirtyMovedToDirty, { linux.madeWritable($0) },
        ]
        for transform in transforms {
            #expect(counterexample { transform(transform($0)) == transform($0) } == nil)
        }
    }

    @Test func protectingAndAllowingAgainGivesADirtyEntryBack() {
        // W=1 without SavedDirty is what every transform but pte_mkwrite_novma leaves behind.
        let ordinary = EntrySpace.all.filter { $0.bit(1) && !$0.bit(58) }
        #expect(counterexample(in: ordinary) { Self.linux.madeWritable(Self.linux.writeProtected($0)) == $0 } == nil)
    }

    @Test func before66WriteProtectionMakesAShadowStackOfEveryDirtyEntry() {
        // The problem of May 2023: facts A.5 a.
        let old = LinuxGeneration.dirtyOnly
        #expect(counterexample { old.writeProtected($0).isShadowStackEncoding == $0.bit(6) } == nil)
    }

    @Test func markingAShadowStackDirtyTakesItsRightAway() {
        // Facts A.5 b, measured: P-UAD becomes P-UA with SavedDirty, pte_write becomes 0, and a flush would be needed.
        let stack = PageTableEntry(rawValue: 0x65)
        let marked = Self.linux.markedDirty(stack)
        #expect(marked.rawValue == 0x0400_0000_0000_0825)
        #expect(Self.linux.isWritable(stack, hasShadowStacks: true))
        #expect(!Self.linux.isWritable(marked, hasShadowStacks: true))
        #expect(Self.linux.needsFlush(from: stack, to: marked))
    }

    @Test func readOnlyProtectionLeavesAShadowStackWritable() {
        // Facts A.5 d, measured: the value does not change, pte_write stays 1, and no flush is asked for.
        let stack = PageTableEntry(rawValue: 0x8000_0000_0000_0065)
        let modified = Self.linux.modified(stack, to: .readOnly)
        #expect(modified == stack)
        #expect(Self.linux.isWritable(modified, hasShadowStacks: true))
        #expect(!Self.linux.needsFlush(from: stack, to: modified))
    }
}
