/// A field of a profile in which CPUs differ: its name, what it means, who says so, and its value in a profile.
///
/// This is the one list of them: files of profiles, the tables of `ptero profiles` and its JSON are made from it.
public enum ProfileField: String, CaseIterable, Sendable {
    case onWriteRevoked, onNotPresent, onFrameChanged, accessedOnNotPresent, spuriousFaults, speculativeFills
    case shadowStack, storeBuffer, failedCompareStores, broadcastInvalidate, invlpgbOrdered, broadcastDrains
    case invpcidSerialises, invlpgKeepsGlobal, cr3FlushFilter, upperLevels, upperLevelsCached, invpcid, fiveLevels
    case translationCacheExtension = "tce"
    case accessedLate

    /// A field's value.
    public enum Value: Hashable, Sendable {
        case flag(Bool)
        case word(String)

        /// The value as tables show it.
        public var text: String {
            switch self {
            case .flag(let flag): flag ? "yes" : "no"
            case .word(let word): word
            }
        }
    }

    /// What it means, in one sentence.
    public var meaning: String { description.meaning }

    /// Who says so: a manual's section; "open" where no manual is known to.
    public var source: String { description.source }

    /// Whether a file has to give it; the fields that came later have the value of most CPUs where a file does not.
    public var isRequired: Bool {
        switch self {
        case .onFrameChanged, .failedCompareStores, .invlpgbOrdered, .broadcastDrains, .invpcidSerialises,
            .invlpgKeepsGlobal, .cr3FlushFilter, .upperLevels, .upperLevelsCached, .invpcid, .fiveLevels,
            .translationCacheExtension, .accessedLate:
            false
        default: true
        }
    }

    /// The words that the field can be; empty for one that is true or false.
    public var words: [String] {
        switch self {
        case .onWriteRevoked, .onNotPresent, .onFrameChanged: LateDirty.allCases.map { $0.rawValue }
        case .storeBuffer: StoreOrder.allCases.map { $0.rawValue }
        case .upperLevels: UpperLevelCaches.allCases.map { $0.rawValue }
        case .upperLevelsCached: CachedLevels.words
        default: []
        }
    }

    private var description: (meaning: String, source: String) {
        switch self {
        case .onWriteRevoked:
            ("what the Dirty update does where software has cleared R/W meanwhile", "SDM 3A 4.8, note")
        case .onNotPresent:
            (
                "what the Dirty update does where software has cleared P meanwhile",
                "APM 2 5.4.2 says never; erratum KNL4"
            )
        case .onFrameChanged:
            (
                "what the Dirty update does where software has put another frame meanwhile",
                "open: no manual says that frames are compared"
            )
        case .accessedOnNotPresent:
            ("the Accessed update can touch an entry with P=0", "APM 2 5.4.2 says never; erratum KNL4")
        case .spuriousFaults: ("a cached translation may raise a fault that memory would not", "SDM 3A 4.10.4.3")
        case .speculativeFills: ("the CPU may walk for any page at any time", "SDM 3A 4.10.2.3")
        case .shadowStack: ("the CPU has CET shadow stacks", "SDM 1, chapter 17")
        case .storeBuffer:
            ("tso: stores wait in a buffer; sc: they do not", "Owens, Sarkar, Sewell, TPHOLs 2009")
        case .failedCompareStores:
            ("a cmpxchg without lock that fails writes the old value back", "SDM 2A, CMPXCHG")
        case .broadcastInvalidate: ("invlpgb and tlbsync exist, and flush services use them", "APM 2 5.5.3")
        case .invlpgbOrdered:
            ("invlpgb waits for older stores of its CPU", "open: Linux asm/tlb.h calls it weakly ordered")
        case .broadcastDrains:
            ("a CPU that takes a broadcast has stored everything older", "open: no manual says so")
        case .invpcidSerialises: ("invpcid waits for older stores of its CPU", "SDM 3A 8.3 does not list it")
        case .invlpgKeepsGlobal:
            ("erratum: invlpg leaves global translations", "Intel, Alder Lake; Linux ce0b15d11ad8")
        case .cr3FlushFilter: ("erratum: a CR3 write drops nothing", "AMD 122; Linux bc5e8fdfc622")
        case .upperLevels:
            (
                "byPrefix: partial walks are cached; byEntry: single entries; both; none: walks end with each serialising instruction",
                "SDM 3A 4.10.3.1: may be; APM 2 5.5.3"
            )
        case .upperLevelsCached:
            (
                "the levels of which something is cached, as in \"PDE PDPTE\"; of others walks under way alone are there",
                "SDM 3A 4.10.3.1: any or all"
            )
        case .invpcid: ("invpcid exists", "CPUID.7.0:EBX.10")
        case .fiveLevels: ("tables can have five levels (Levels=5)", "CR4.LA57, SDM 3A 4.5")
        case .translationCacheExtension:
            ("EFER.TCE: invlpg drops the partial walks of its address alone", "APM 2 3.1.7; Linux 6.15 sets it")
        case .accessedLate:
            (
                "A of entries above the leaf may be set after all levels were read",
                "open: KVM 8cbc70696f14 reads Intel so"
            )
        }
    }

    /// The field's value in a profile.
    public func value(of profile: CPUProfile) -> Value {
        switch self {
        case .onWriteRevoked: .word(profile.onWriteRevoked.rawValue)
        case .onNotPresent: .word(profile.onNotPresent.rawValue)
        case .onFrameChanged: .word(profile.onFrameChanged.rawValue)
        case .accessedOnNotPresent: .flag(profile.accessedOnNotPresent)
        case .spuriousFaults: .flag(profile.spuriousFaults)
        case .speculativeFills: .flag(profile.speculativeFills)
        case .shadowStack: .flag(profile.shadowStack)
        case .storeBuffer: .word(profile.storeBuffer.rawValue)
        case .failedCompareStores: .flag(profile.failedCompareStores)
        case .broadcastInvalidate: .flag(profile.broadcastInvalidate)
        case .invlpgbOrdered: .flag(profile.invlpgbOrdered)
        case .broadcastDrains: .flag(profile.broadcastDrains)
        case .invpcidSerialises: .flag(profile.invpcidSerialises)
        case .invlpgKeepsGlobal: .flag(profile.invlpgKeepsGlobal)
        case .cr3FlushFilter: .flag(profile.cr3FlushFilter)
        case .upperLevels: .word(profile.upperLevels.rawValue)
        case .upperLevelsCached: .word(profile.upperLevelsCached.text)
        case .invpcid: .flag(profile.invpcid)
        case .fiveLevels: .flag(profile.fiveLevels)
        case .translationCacheExtension: .flag(profile.translationCacheExtension)
        case .accessedLate: .flag(profile.accessedLate)
        }
    }

    /// Gives the field a value in a profile; a value of the wrong kind changes nothing and is answered by false.
    public func set(_ value: Value, in profile: inout CPUProfile) -> Bool {
        switch value {
        case .flag(let flag): set(flag, in: &profile)
        case .word(let word): set(word, in: &profile)
        }
    }

    private func set(_ word: String, in profile: inout CPUProfile) -> Bool {
        if self == .storeBuffer {
            guard let order = StoreOrder(rawValue: word) else { return false }
            profile.storeBuffer = order
            return true
        }
        if self == .upperLevels {
            guard let caches = UpperLevelCaches(rawValue: word) else { return false }
            profile.upperLevels = caches
            return true
        }
        if self == .upperLevelsCached {
            guard let levels = CachedLevels(text: word) else { return false }
            profile.upperLevelsCached = levels
            return true
        }
        guard let behaviour = LateDirty(rawValue: word) else { return false }
        switch self {
        case .onWriteRevoked: profile.onWriteRevoked = behaviour
        case .onNotPresent: profile.onNotPresent = behaviour
        case .onFrameChanged: profile.onFrameChanged = behaviour
        default: return false
        }
        return true
    }

    private func set(_ flag: Bool, in profile: inout CPUProfile) -> Bool {
        switch self {
        case .onWriteRevoked, .onNotPresent, .onFrameChanged, .storeBuffer, .upperLevels, .upperLevelsCached:
            return false
        case .accessedOnNotPresent: profile.accessedOnNotPresent = flag
        case .spuriousFaults: profile.spuriousFaults = flag
        case .speculativeFills: profile.speculativeFills = flag
        case .shadowStack: profile.shadowStack = flag
        case .failedCompareStores: profile.failedCompareStores = flag
        case .broadcastInvalidate: profile.broadcastInvalidate = flag
        case .invlpgbOrdered: profile.invlpgbOrdered = flag
        case .broadcastDrains: profile.broadcastDrains = flag
        case .invpcidSerialises: profile.invpcidSerialises = flag
        case .invlpgKeepsGlobal: profile.invlpgKeepsGlobal = flag
        case .cr3FlushFilter: profile.cr3FlushFilter = flag
        case .invpcid: profile.invpcid = flag
        case .fiveLevels: profile.fiveLevels = flag
        case .translationCacheExtension: profile.translationCacheExtension = flag
        case .accessedLate: profile.accessedLate = flag
        }
        return true
    }
}
