import PageTable
import Testing

/// The transforms against the compiled kernel: digests of what its own code returned for whole spaces of entries.
///
/// They were measured once, by calling the inline functions of Debian's 6.1.192 and 6.12.117 headers, compiled with
/// clang and linked into an ordinary program, for the same entries in the same order. A function that a kernel does not
/// have has no digest.
@Suite struct CompiledKernelTests {
    /// A function of one entry.
    struct Measured: Sendable, CustomTestStringConvertible {
        var function: String
        var in61: UInt64?
        var in612: UInt64
        var apply: @Sendable (LinuxGeneration, PageTableEntry) -> UInt64
        var testDescription: String { function }
    }

    /// A function of an old entry and a new one or a protection.
    struct PairMeasured: Sendable, CustomTestStringConvertible {
        var function: String
        var in61: UInt64
        var in612: UInt64
        var apply: @Sendable (LinuxGeneration, PageTableEntry, PageTableEntry) -> UInt64
        var testDescription: String { function }
    }

    /// Takes in one result after the other; the order counts, and no change of a bit cancels another.
    struct Digest {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325

        mutating func add(_ result: UInt64) {
            value = (value ^ result) &* 0x9E37_79B9_7F4A_7C15
            value ^= value >> 32
        }
    }

    static let measured: [Measured] = [
        Measured(
            function: "pte_wrprotect", in61: 0xDB8A_8446_0D10_5A74, in612: 0x50D6_4C04_9091_B159
        ) { $0.writeProtected($1).rawValue },
        Measured(
            function: "pte_mkdirty", in61: 0x4228_DBA4_90C4_4E4D, in612: 0xFCF7_ED46_95B0_F9D4
        ) { $0.markedDirty($1).rawValue },
        Measured(
            function: "pte_mkclean", in61: 0x54ED_A841_8AA9_37C7, in612: 0x3AC2_0331_2187_DF40
        ) { $0.markedClean($1).rawValue },
        Measured(
            function: "pte_mkold", in61: 0xDAF9_405C_A8BB_31A9, in612: 0xDAF9_405C_A8BB_31A9
        ) { $0.markedOld($1).rawValue },
        Measured(
            function: "pte_mkyoung", in61: 0x50FB_0BAC_A9BE_EE3C, in612: 0x50FB_0BAC_A9BE_EE3C
        ) { $0.markedYoung($1).rawValue },
        Measured(
            function: "pte_mkuffd_wp", in61: 0xEC23_899D_C774_0EC2, in612: 0x3C07_8D85_C739_40A5
        ) { $0.userfaultfdProtected($1).rawValue },
        Measured(
            function: "pte_clear_uffd_wp", in61: 0x9BBE_A2FA_34A2_F642, in612: 0x9BBE_A2FA_34A2_F642
        ) { $0.userfaultfdCleared($1).rawValue },
        Measured(
            function: "pte_mksoft_dirty", in61: 0xC995_C5CB_488F_11F1, in612: 0xC995_C5CB_488F_11F1
        ) { $0.markedSoftDirty($1).rawValue },
        Measured(
            function: "pte_clear_soft_dirty", in61: 0x2F0F_859C_F99E_187B, in612: 0x2F0F_859C_F99E_187B
        ) { $0.softDirtyCleared($1).rawValue },
        Measured(
            function: "pte_mkwrite", in61: 0xD2CE_026C_1537_A17E, in612: 0x1C7E_C2CE_3FDE_4C00
        ) { $0.madeWritable($1).rawValue },
        Measured(
            function: "pte_mkwrite_novma", in61: nil, in612: 0xD2CE_026C_1537_A17E
        ) { $0.madeWritableWithoutMapping($1).rawValue },
        Measured(
            function: "pte_mkwrite_shstk", in61: nil, in612: 0x66A8_E31C_460C_EFD1
        ) { $0.madeShadowStack($1).rawValue },
        Measured(
            function: "mksaveddirty_shift", in61: nil, in612: 0xDBF9_0462_0D2D_9D6E
        ) { $0.dirtyMovedToSavedDirty($1).rawValue },
        Measured(
            function: "clear_saveddirty_shift", in61: nil, in612: 0xC4A6_836C_2BCD_78F6
        ) { $0.savedDirtyMovedToDirty($1).rawValue },
        Measured(
            function: "pte_dirty", in61: 0x4092_A789_53A5_B8CE, in612: 0xB4FF_A777_F8FC_8D97
        ) { $0.isDirty($1) ? 1 : 0 },
        Measured(
            function: "pte_write", in61: 0x9189_8000_B823_53CA, in612: 0x9189_8000_B823_53CA
        ) { $0.isWritable($1, hasShadowStacks: false) ? 1 : 0 },
        Measured(
            function: "pte_shstk", in61: nil, in612: 0x3D7D_DB10_0E8C_53E5
        ) { $0.isShadowStack($1, hasShadowStacks: false) ? 1 : 0 },
        Measured(
            function: "pte_write, shadow stacks", in61: 0x9189_8000_B823_53CA, in612: 0x6392_B544_F2A3_1D8A
        ) { $0.isWritable($1, hasShadowStacks: true) ? 1 : 0 },
        Measured(
            function: "pte_shstk, shadow stacks", in61: nil, in612: 0x361C_7385_EAE2_0366
        ) { $0.isShadowStack($1, hasShadowStacks: true) ? 1 : 0 },
        Measured(
            function: "pte_present", in61: 0xA4DF_65FC_C604_FA9E, in612: 0xA4DF_65FC_C604_FA9E
        ) { $0.isPresent($1) ? 1 : 0 },
        Measured(
            function: "pte_none", in61: 0xEC24_45CD_7067_311E, in612: 0xEC24_45CD_7067_311E
        ) { $0.isNone($1) ? 1 : 0 },
        Measured(
            function: "pte_young", in61: 0xBE2C_7D04_C44A_73E1, in612: 0xBE2C_7D04_C44A_73E1
        ) { $0.isYoung($1) ? 1 : 0 },
        Measured(
            function: "pte_protnone", in61: 0xA06E_17D1_539C_6BC5, in612: 0xA06E_17D1_539C_6BC5
        ) { $0.isProtNone($1) ? 1 : 0 },
        Measured(
            function: "pte_devmap", in61: 0x0507_399C_B2AF_0AAF, in612: 0xCA7B_3E6A_3042_DD6E
        ) { $0.isDeviceMapped($1) ? 1 : 0 },
        Measured(
            function: "pte_pfn", in61: 0x23D6_A0EF_ED0B_E883, in612: 0x23D6_A0EF_ED0B_E883
        ) { $0.frameNumber(of: $1) },
        Measured(
            function: "pte_access_permitted, read", in61: 0xD6AB_84BC_8CB7_5E51, in612: 0xD6AB_84BC_8CB7_5E51
        ) { $0.permitsAccess($1, isWrite: false) ? 1 : 0 },
        Measured(
            function: "pte_access_permitted, write", in61: 0xFADB_FD79_68F0_090F, in612: 0xFADB_FD79_68F0_090F
        ) { $0.permitsAccess($1, isWrite: true) ? 1 : 0 },
        Measured(
            function: "pte_accessible", in61: 0x9456_87D8_AECA_C770, in612: 0x9456_87D8_AECA_C770
        ) { $0.isAccessible($1, isFlushPending: false) ? 1 : 0 },
        Measured(
            function: "pte_accessible, flush pending", in61: 0xA4DF_65FC_C604_FA9E, in612: 0xA4DF_65FC_C604_FA9E
        ) { $0.isAccessible($1, isFlushPending: true) ? 1 : 0 },
    ]

    static let pairMeasured: [PairMeasured] = [
        PairMeasured(
            function: "pte_modify", in61: 0x2D5B_2318_5A8C_47D3, in612: 0x1283_5672_4D7C_2FD4
        ) { $0.modified($1, to: LinuxProtection(rawValue: $2.rawValue)).rawValue },
        PairMeasured(
            function: "pte_modify, no NX or G", in61: 0xD139_AF67_3CE8_DFB8, in612: 0x170A_E66E_9CC2_F2FE
        ) { $0.modified($1, to: LinuxProtection(rawValue: $2.rawValue), supported: ~(1 << 63 | 1 << 8)).rawValue },
        PairMeasured(
            function: "pte_needs_flush", in61: 0x91FD_0671_8560_7AFA, in612: 0x91FD_0671_8560_7AFA
        ) { $0.needsFlush(from: $1, to: $2) ? 1 : 0 },
        PairMeasured(
            function: "pte_flags_need_flush", in61: 0x46CD_0942_6319_8CA7, in612: 0x46CD_0942_6319_8CA7
        ) { $0.flagsNeedFlush(from: $1.rawValue, to: $2.rawValue, ignoringAccessed: false) ? 1 : 0 },
    ]

    @Test(arguments: measured)
    func entryForEntry(_ row: Measured) {
        for (linux, expected) in [(LinuxGeneration.dirtyOnly, row.in61), (.savedDirty, row.in612)] {
            guard let expected else { continue }
            var digest = Digest()
            for entry in EntrySpace.all { digest.add(row.apply(linux, entry)) }
            #expect(digest.value == expected, "\(row.function), \(linux)")
        }
    }

    @Test(arguments: pairMeasured)
    func pairForPair(_ row: PairMeasured) {
        for (linux, expected) in [(LinuxGeneration.dirtyOnly, row.in61), (.savedDirty, row.in612)] {
            var digest = Digest()
            for old in EntrySpace.old {
                for new in EntrySpace.new { digest.add(row.apply(linux, old, new)) }
            }
            #expect(digest.value == expected, "\(row.function), \(linux)")
        }
    }

    @Test(arguments: LinuxGeneration.allCases)
    func entriesMadeOfFrameAndProtection(linux: LinuxGeneration) {
        var digest = Digest()
        for frame: UInt64 in [0, 1, 0x12345, 0xFF_FFFF_FFFF, 0x100_0000_0001] {
            for protection in EntrySpace.combinations(of: EntrySpace.newBits) {
                let made = linux.entry(frameNumber: frame, protection: LinuxProtection(rawValue: protection))
                digest.add(made.rawValue)
            }
        }
        #expect(digest.value == 0xD67E_96DB_6B99_3019)
    }
}
