/// The profiles that come with Ptero; `ptero profiles --file` prints them as a file to start from.
extension CPUProfile {
    /// The profiles that are checked when the user asks for no others, in the order in which tables show them.
    public static let builtIn: [CPUProfile] = [
        CPUProfile(
            name: "cet",
            source:
                "CPUs with shadow stacks: Intel from Tiger Lake (SDM 3A 4.8, note); AMD from Zen 3: P=0 by APM 2 5.4.2, R/W=0 open (no manual says it; Linux c169f96ab134 relies on it)",
            shadowStack: true),
        CPUProfile(
            name: "strict",
            source:
                "the behaviour everyone hopes for, without shadow stacks; APM 2 5.4.2 promises it for P=0 only"),
        CPUProfile(
            name: "late",
            source: "Intel before CET: Dirty may be set after R/W was cleared (SDM 3A 4.8, note)",
            onWriteRevoked: .setThenWrite),
        CPUProfile(
            name: "knl",
            source: "Xeon Phi x200, erratum KNL4: Accessed and Dirty may be set in an entry with P=0",
            onWriteRevoked: .setThenWrite, onNotPresent: .setThenFault, accessedOnNotPresent: true),
        CPUProfile(
            name: "shadowed",
            source:
                "a hypervisor that shadows guest page tables in software: Dirty seen set although the store then faulted",
            onWriteRevoked: .setThenFault),
        CPUProfile(
            name: "book",
            source: "the paranoid bound: Crawford and Gelsinger, Programming the 80386, p. 477",
            onWriteRevoked: .setThenWrite, onNotPresent: .setThenWrite, onFrameChanged: .setThenWrite,
            accessedOnNotPresent: true, accessedLate: true),
    ]

    /// Profiles that are checked besides ``builtIn`` where a test names entries above the leaf; elsewhere they could do nothing
    /// that `cet` cannot.
    public static let forUpperLevels: [CPUProfile] = [
        CPUProfile(
            name: "amd",
            source:
                "cet with AMD's rules for upper levels: cached by entry, too; EFER.TCE, faults confirmed by a walk (APM 2 5.5.3, 3.1.7)",
            spuriousFaults: false, shadowStack: true, upperLevels: .both, translationCacheExtension: true),
        CPUProfile(
            name: "amd-broadcast",
            source: "amd with INVLPGB and TLBSYNC, which flush services use (APM 2 5.5.3; Linux 6.15)",
            spuriousFaults: false, shadowStack: true, broadcastInvalidate: true, upperLevels: .both,
            translationCacheExtension: true),
    ]

    /// Further profiles, checked only where the user or a test names them; ``forUpperLevels`` are among them.
    public static let onRequest: [CPUProfile] =
        forUpperLevels + [
            CPUProfile(
                name: "herd7",
                source: "strict with herd7's reading of a failing cmpxchg without lock, for comparisons with herd7",
                failedCompareStores: false),
            CPUProfile(
                name: "adl",
                source: "cet with Alder Lake's INVLPG, which leaves global translations (Linux ce0b15d11ad8)",
                shadowStack: true, invlpgKeepsGlobal: true),
            CPUProfile(
                name: "k8",
                source:
                    "strict with AMD erratum 122: the flush filter makes a CR3 write drop nothing (Linux bc5e8fdfc622)",
                cr3FlushFilter: true),
        ]

    /// All that come with Ptero.
    public static var shipped: [CPUProfile] { builtIn + onRequest }
}
