import Generator
import Machine
import Oracle
import TestSupport

/// The CPUs that tests are run on, besides those that ship.
enum TestedProfiles {
    /// `cet` with `invlpgb`, `tlbsync`, and flush services that use them.
    static let broadcast = changed(named: "cet", to: TestGenerator.broadcastProfile) { $0.broadcastInvalidate = true }

    /// The same where taking a broadcast leaves the stores of a CPU in its buffer.
    static let undrained = changed(named: "cet", to: "undrained") {
        $0.broadcastInvalidate = true
        $0.broadcastDrains = false
    }

    /// All that a test may name.
    static let known = CPUProfile.shipped + [broadcast, undrained]

    private static func changed(
        named base: String, to name: String, _ change: (inout CPUProfile) -> Void
    ) -> CPUProfile {
        guard var profile = CPUProfile.shipped.first(where: { $0.name == base }) else {
            fatalError("there is no profile \(base)")
        }
        profile.name = name
        change(&profile)
        return profile
    }

    /// The profiles on which a test is worth running: the built-in ones, those of the others in which a difference from them
    /// can show, and a variant that belongs to the test.
    static func profiles(
        for test: RandomTest, levels: TableTestGenerator.Generation? = nil, _ numbers: inout SeededNumbers
    ) -> [CPUProfile] {
        let text = test.text
        func has(_ part: String) -> Bool { text.contains(part) }
        let broadcasts = has("invlpgb")
        let flushes = broadcasts || ["flush_tlb_page", "flush_tlb_mm", "flush_tlb_range"].contains(where: has)
        var names: Set<String> = []
        if has("cmpxchg") { names.insert("herd7") }
        if has("invlpg ") || has("flush_tlb") { names.insert("adl") }
        if has(",%cr3") { names.insert("k8") }
        if flushes { names.formUnion([broadcast.name, undrained.name]) }
        let extra = known.filter { names.contains($0.name) }
        var variant = variant(&numbers, broadcasts: broadcasts)
        guard let levels else { return CPUProfile.builtIn + extra + [variant] }
        if numbers.chance(50) { variant.upperLevels = .none }
        if numbers.chance(40) { variant.translationCacheExtension = true }
        if numbers.chance(40) { variant.spuriousFaults = false }
        if numbers.chance(10) { variant.speculativeFills = false }
        if levels != .tables { changeNewFields(of: &variant, &numbers) }
        return CPUProfile.builtIn + CPUProfile.forUpperLevels + extra + [variant]
    }

    /// A built-in CPU with some of its rarer fields changed.
    private static func variant(_ numbers: inout SeededNumbers, broadcasts: Bool) -> CPUProfile {
        var profile = numbers.pick(CPUProfile.builtIn)
        profile.name = "variant"
        if numbers.chance(40) { profile.onFrameChanged = numbers.pick(LateDirty.allCases) }
        if numbers.chance(15) { profile.failedCompareStores = false }
        if numbers.chance(broadcasts ? 90 : 40) { profile.broadcastInvalidate = true }
        if numbers.chance(30) { profile.invlpgbOrdered = true }
        if numbers.chance(40) { profile.broadcastDrains = false }
        if numbers.chance(30) { profile.invpcidSerialises = true }
        if numbers.chance(30) { profile.invlpgKeepsGlobal = true }
        if numbers.chance(15) { profile.cr3FlushFilter = true }
        return profile
    }

    /// Fields that there were not always, by name: what was drawn before them stays what it was.
    private static func changeNewFields(of profile: inout CPUProfile, _ numbers: inout SeededNumbers) {
        func set(_ name: String, _ value: ProfileField.Value, _ percent: Int) {
            guard numbers.chance(percent), let field = ProfileField(rawValue: name) else { return }
            _ = field.set(value, in: &profile)
        }
        set("upperLevels", .word("byEntry"), 35)
        set("upperLevelsCached", .word(numbers.pick(["PDE", "PDPTE", "PDE PML4E", "PDPTE PML4E PML5E"])), 25)
        set("accessedLate", .flag(true), 15)
        set("invpcid", .flag(false), 5)
    }

    /// A CPU that nobody builds: every field at random.
    static func invented(_ numbers: inout SeededNumbers, isNew: Bool = false) -> CPUProfile {
        var profile = invented(&numbers)
        if isNew { changeNewFields(of: &profile, &numbers) }
        return profile
    }

    private static func invented(_ numbers: inout SeededNumbers) -> CPUProfile {
        CPUProfile(
            name: "invented", source: "random", onWriteRevoked: numbers.pick(LateDirty.allCases),
            onNotPresent: numbers.pick(LateDirty.allCases), onFrameChanged: numbers.pick(LateDirty.allCases),
            accessedOnNotPresent: numbers.chance(40), spuriousFaults: numbers.chance(60),
            speculativeFills: numbers.chance(50), shadowStack: numbers.chance(50),
            storeBuffer: numbers.chance(70) ? .tso : .sc, failedCompareStores: numbers.chance(75),
            broadcastInvalidate: numbers.chance(40), invlpgbOrdered: numbers.chance(40),
            broadcastDrains: numbers.chance(60), invpcidSerialises: numbers.chance(40),
            invlpgKeepsGlobal: numbers.chance(25), cr3FlushFilter: numbers.chance(20),
            upperLevels: numbers.chance(70) ? .byPrefix : .none, translationCacheExtension: numbers.chance(40))
    }

    /// A profile for a report: its name, and its fields where the name says nothing.
    static func description(_ profile: CPUProfile) -> String {
        if CPUProfile.shipped.contains(where: { $0.name == profile.name }) { return profile.name }
        let values = ProfileField.allCases.map { "\($0.rawValue) \($0.value(of: profile).text)" }
        return "\(profile.name) (" + values.joined(separator: ", ") + ")"
    }

    /// A profile as the oracle spells it: one that ships by its name, typed independently, others field by field.
    static func forOracle(_ profile: CPUProfile) -> OracleProfile {
        let typed = OracleProfile.builtIn + OracleProfile.onRequest
        if let known = typed.first(where: { $0.name == profile.name }) { return known }
        let fields = Dictionary(
            uniqueKeysWithValues: ProfileField.allCases.map { ($0.rawValue, $0.value(of: profile).text) })
        let levels = ["PDE": 2, "PDPTE": 3, "PML4E": 4, "PML5E": 5]
        let cached = (fields["upperLevelsCached"] ?? "").split(separator: " ").compactMap { levels[String($0)] }
        func rule(_ value: LateDirty) -> OracleUpdateRule { OracleUpdateRule(rawValue: value.rawValue) ?? .refault }
        return OracleProfile(
            name: profile.name, onWriteRevoked: rule(profile.onWriteRevoked), onNotPresent: rule(profile.onNotPresent),
            shadowStack: profile.shadowStack, onFrameChanged: rule(profile.onFrameChanged),
            accessedOnNotPresent: profile.accessedOnNotPresent, spuriousFaults: profile.spuriousFaults,
            speculativeFills: profile.speculativeFills, storeBuffer: profile.storeBuffer == .tso ? .tso : .sc,
            failedCompareStores: profile.failedCompareStores, broadcastInvalidate: profile.broadcastInvalidate,
            invlpgbOrdered: profile.invlpgbOrdered, broadcastDrains: profile.broadcastDrains,
            invpcidSerialises: profile.invpcidSerialises, invlpgKeepsGlobal: profile.invlpgKeepsGlobal,
            cr3FlushFilter: profile.cr3FlushFilter,
            upperLevels: OracleUpperLevels(rawValue: fields["upperLevels"] ?? "") ?? .byPrefix,
            upperLevelsCached: cached.isEmpty ? [2, 3, 4, 5] : Set(cached), tce: profile.translationCacheExtension,
            accessedLate: fields["accessedLate"] == "yes", invpcid: fields["invpcid"] != "no")
    }
}
