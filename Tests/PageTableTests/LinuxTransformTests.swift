import PageTable
import Testing

/// Each transform against a table of what becomes of (W, D, SavedDirty), over all combinations of all other bits.
@Suite struct LinuxTransformTests {
    /// One transform of one generation.
    struct Row: Sendable, CustomTestStringConvertible {
        /// The kernel's name.
        var function: String
        var linux: LinuxGeneration
        /// What W, D, SavedDirty become, in the order of inputs `---`, `--S`, `-D-`, `-DS`, `W--`, `W-S`, `WD-`, `WDS`.
        var becomes: String
        /// Other bits that are set whatever they were.
        var sets: UInt64 = 0
        /// Other bits that are cleared whatever they were.
        var clears: UInt64 = 0
        var apply: @Sendable (LinuxGeneration, PageTableEntry) -> PageTableEntry
        var testDescription: String { "\(function), \(linux)" }
    }

    static let same = "--- --S -D- -DS W-- W-S WD- WDS"
    static let writeBitOnlyCleared = "--- --S -D- -DS --- --S -D- -DS"
    static let writeBitOnlySet = "W-- W-S WD- WDS W-- W-S WD- WDS"
    static let accessed: UInt64 = 1 << 5
    static let userfaultfd: UInt64 = 1 << 10
    static let softDirty: UInt64 = 1 << 11

    static let before66: [Row] = [
        Row(function: "pte_wrprotect", linux: .dirtyOnly, becomes: writeBitOnlyCleared) { $0.writeProtected($1) },
        Row(function: "pte_mkwrite", linux: .dirtyOnly, becomes: writeBitOnlySet) { $0.madeWritable($1) },
        Row(function: "pte_mkwrite, shadow-stack argument", linux: .dirtyOnly, becomes: writeBitOnlySet) {
            $0.madeWritable($1, inShadowStackMapping: true)
        },
        Row(function: "pte_mkdirty", linux: .dirtyOnly, becomes: "-D- -DS -D- -DS WD- WDS WD- WDS", sets: softDirty) {
            $0.markedDirty($1)
        },
        Row(function: "pte_mkclean", linux: .dirtyOnly, becomes: "--- --S --- --S W-- W-S W-- W-S") {
            $0.markedClean($1)
        },
        Row(function: "pte_mkuffd_wp", linux: .dirtyOnly, becomes: same, sets: userfaultfd) {
            $0.userfaultfdProtected($1)
        },
        Row(function: "mksaveddirty_shift", linux: .dirtyOnly, becomes: same) { $0.dirtyMovedToSavedDirty($1) },
        Row(function: "clear_saveddirty_shift", linux: .dirtyOnly, becomes: same) { $0.savedDirtyMovedToDirty($1) },
    ]

    static let from66: [Row] = [
        Row(function: "mksaveddirty_shift", linux: .savedDirty, becomes: "--- --S --S --S W-- W-S WD- WDS") {
            $0.dirtyMovedToSavedDirty($1)
        },
        Row(function: "clear_saveddirty_shift", linux: .savedDirty, becomes: "--- --S -D- -DS W-- WD- WD- WD-") {
            $0.savedDirtyMovedToDirty($1)
        },
        Row(function: "pte_wrprotect", linux: .savedDirty, becomes: "--- --S --S --S --- --S --S --S") {
            $0.writeProtected($1)
        },
        Row(function: "pte_mkwrite", linux: .savedDirty, becomes: "W-- WD- WD- WD- W-- WD- WD- WD-") {
            $0.madeWritable($1)
        },
        Row(
            function: "pte_mkwrite, VM_SHADOW_STACK", linux: .savedDirty, becomes: "-D- -DS -D- -DS -D- -DS -D- -DS"
        ) { $0.madeWritable($1, inShadowStackMapping: true) },
        Row(function: "pte_mkdirty", linux: .savedDirty, becomes: "--S --S --S --S WD- WDS WD- WDS", sets: softDirty) {
            $0.markedDirty($1)
        },
        Row(function: "pte_mkclean", linux: .savedDirty, becomes: "--- --- --- --- W-- W-- W-- W--") {
            $0.markedClean($1)
        },
        Row(
            function: "pte_mkuffd_wp", linux: .savedDirty, becomes: "--- --S --S --S --- --S --S --S", sets: userfaultfd
        ) { $0.userfaultfdProtected($1) },
    ]

    static let inBoth: [Row] = LinuxGeneration.allCases.flatMap { linux in
        [
            Row(function: "pte_mkwrite_novma", linux: linux, becomes: writeBitOnlySet) {
                $0.madeWritableWithoutMapping($1)
            },
            Row(function: "pte_mkwrite_shstk", linux: linux, becomes: "-D- -DS -D- -DS -D- -DS -D- -DS") {
                $0.madeShadowStack($1)
            },
            Row(function: "pte_mkold", linux: linux, becomes: same, clears: accessed) { $0.markedOld($1) },
            Row(function: "pte_mkyoung", linux: linux, becomes: same, sets: accessed) { $0.markedYoung($1) },
            Row(function: "pte_clear_uffd_wp", linux: linux, becomes: same, clears: userfaultfd) {
                $0.userfaultfdCleared($1)
            },
            Row(function: "pte_mksoft_dirty", linux: linux, becomes: same, sets: softDirty) { $0.markedSoftDirty($1) },
            Row(function: "pte_clear_soft_dirty", linux: linux, becomes: same, clears: softDirty) {
                $0.softDirtyCleared($1)
            },
        ]
    }

    @Test(arguments: before66 + from66 + inBoth)
    func transformFollowsItsTable(_ row: Row) throws {
        let outputs = try row.becomes.split(separator: " ").map(Self.writableDirtySaved)
        try #require(outputs.count == 8)
        let counterexample = counterexample { entry in
            let others = (entry.rawValue | row.sets) & ~row.clears & ~Self.writableDirtySavedMask
            return row.apply(row.linux, entry).rawValue == others | outputs[entry.writableDirtySaved]
        }
        #expect(counterexample == nil)
    }

    static let writableDirtySavedMask: UInt64 = 1 << 1 | 1 << 6 | 1 << 58

    /// The bits of three columns `WDS`.
    static func writableDirtySaved(_ columns: Substring) throws -> UInt64 {
        try #require(columns.count == 3 && columns.allSatisfy { "WDS-".contains($0) })
        return (columns.contains("W") ? 1 << 1 : 0) | (columns.contains("D") ? 1 << 6 : 0)
            | (columns.contains("S") ? 1 << 58 : 0)
    }

    @Test func deviceMapBitMovedWhenSavedDirtyTookItsPlace() {
        #expect(LinuxGeneration.dirtyOnly.deviceMapMask == 1 << 58)
        #expect(LinuxGeneration.savedDirty.deviceMapMask == 1 << 57)
        // Before 6.6 bit 58 is not about dirtiness at all.
        #expect(LinuxGeneration.dirtyOnly.dirtyBits == 1 << 6)
        #expect(LinuxGeneration.savedDirty.dirtyBits == 1 << 6 | 1 << 58)
    }
}
