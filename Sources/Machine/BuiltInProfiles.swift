/// The profiles of `Profiles/profiles.json5` again, so that Ptero starts without reading it; a test compares the two.
extension CPUProfile {
    /// The profiles that come with Ptero, in the order in which tables show them.
    public static let builtIn: [CPUProfile] = [
        CPUProfile(
            name: "cet",
            source: "CPUs with shadow stacks: Intel from Tiger Lake (SDM 3A 4.8, note), AMD from Zen 3 (APM 2 5.4.2)",
            onWriteRevoked: .refault, onNotPresent: .refault, accessedOnNotPresent: false, spuriousFaults: true,
            speculativeFills: true, shadowStack: true, storeBuffer: .tso, broadcastInvalidate: false,
            pagingStructureCache: true),
        CPUProfile(
            name: "strict",
            source: "the behaviour everyone hopes for, without shadow stacks (APM 2 5.4.2)",
            onWriteRevoked: .refault, onNotPresent: .refault, accessedOnNotPresent: false, spuriousFaults: true,
            speculativeFills: true, shadowStack: false, storeBuffer: .tso, broadcastInvalidate: false,
            pagingStructureCache: true),
        CPUProfile(
            name: "late",
            source: "Intel before CET: Dirty may be set after R/W was cleared (SDM 3A 4.8, note)",
            onWriteRevoked: .setThenWrite, onNotPresent: .refault, accessedOnNotPresent: false, spuriousFaults: true,
            speculativeFills: true, shadowStack: false, storeBuffer: .tso, broadcastInvalidate: false,
            pagingStructureCache: true),
        CPUProfile(
            name: "knl",
            source: "Xeon Phi x200, erratum KNL4: Accessed and Dirty may be set in an entry with P=0",
            onWriteRevoked: .setThenWrite, onNotPresent: .setThenFault, accessedOnNotPresent: true,
            spuriousFaults: true,
            speculativeFills: true, shadowStack: false, storeBuffer: .tso, broadcastInvalidate: false,
            pagingStructureCache: true),
        CPUProfile(
            name: "shadowed",
            source:
                "a hypervisor that shadows guest page tables in software: Dirty seen set although the store then faulted",
            onWriteRevoked: .setThenFault, onNotPresent: .refault, accessedOnNotPresent: false, spuriousFaults: true,
            speculativeFills: true, shadowStack: false, storeBuffer: .tso, broadcastInvalidate: false,
            pagingStructureCache: true),
        CPUProfile(
            name: "book",
            source: "the paranoid bound: Crawford and Gelsinger, Programming the 80386, p. 477",
            onWriteRevoked: .setThenWrite, onNotPresent: .setThenWrite, accessedOnNotPresent: true,
            spuriousFaults: true,
            speculativeFills: true, shadowStack: false, storeBuffer: .tso, broadcastInvalidate: false,
            pagingStructureCache: true),
    ]
}
