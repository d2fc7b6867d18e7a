import Machine

/// What can be said of each field of a profile: its value, what it means, and who says so.
public enum ProfileField: String, CaseIterable, Sendable {
    case onWriteRevoked, onNotPresent, onFrameChanged, accessedOnNotPresent, spuriousFaults, speculativeFills
    case shadowStack, storeBuffer, failedCompareStores, broadcastInvalidate, invlpgbOrdered, broadcastDrains
    case invpcidSerialises, invlpgKeepsGlobal, cr3FlushFilter, pagingStructureCache

    /// A field's value.
    public enum Value: Hashable, Sendable {
        case flag(Bool)
        case word(String)

        var text: String {
            switch self {
            case .flag(let flag): flag ? "yes" : "no"
            case .word(let word): word
            }
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
        case .pagingStructureCache: .flag(profile.pagingStructureCache)
        }
    }

    /// What it means, in one sentence.
    var meaning: String {
        switch self {
        case .onWriteRevoked: "what the Dirty update does where software has cleared R/W meanwhile"
        case .onNotPresent: "what the Dirty update does where software has cleared P meanwhile"
        case .onFrameChanged: "what the Dirty update does where software has put another frame meanwhile"
        case .accessedOnNotPresent: "the Accessed update can touch an entry with P=0"
        case .spuriousFaults: "a cached translation may raise a fault that memory would not"
        case .speculativeFills: "the CPU may walk for any page at any time"
        case .shadowStack: "the CPU has CET shadow stacks"
        case .storeBuffer: "tso: stores wait in a buffer; sc: they do not"
        case .failedCompareStores: "a cmpxchg without lock that fails writes the old value back"
        case .broadcastInvalidate: "invlpgb and tlbsync exist, and flush services use them"
        case .invlpgbOrdered: "invlpgb waits for older stores of its CPU"
        case .broadcastDrains: "a CPU that takes a broadcast has stored everything older"
        case .invpcidSerialises: "invpcid waits for older stores of its CPU"
        case .invlpgKeepsGlobal: "erratum: invlpg leaves global translations"
        case .cr3FlushFilter: "erratum: a CR3 write drops nothing"
        case .pagingStructureCache: "entries above the leaf are cached (no effect yet)"
        }
    }

    /// Who says so; "open" where nobody is known to.
    var source: String {
        switch self {
        case .onWriteRevoked: "SDM 3A 4.8, note"
        case .onNotPresent, .accessedOnNotPresent: "APM 2 5.4.2 says never; erratum KNL4"
        case .onFrameChanged: "open: no manual says that frames are compared"
        case .spuriousFaults: "SDM 3A 4.10.4.3"
        case .speculativeFills: "SDM 3A 4.10.2.3"
        case .shadowStack: "SDM 1, chapter 17"
        case .storeBuffer: "Owens, Sarkar, Sewell, TPHOLs 2009"
        case .failedCompareStores: "SDM 2A, CMPXCHG"
        case .broadcastInvalidate: "APM 2 5.5.3"
        case .invlpgbOrdered: "open: Linux asm/tlb.h calls it weakly ordered"
        case .broadcastDrains: "open: no manual says so"
        case .invpcidSerialises: "SDM 3A 8.3 does not list it"
        case .invlpgKeepsGlobal: "Intel, Alder Lake; Linux ce0b15d11ad8"
        case .cr3FlushFilter: "AMD 122; Linux bc5e8fdfc622"
        case .pagingStructureCache: "SDM 3A 4.10.3"
        }
    }
}

/// The tables of `ptero profiles`.
public enum ProfileTables {
    /// Where CPUs that are about to set Accessed or Dirty differ: one column for each.
    private static let updates: [(field: ProfileField, heading: String)] = [
        (.onWriteRevoked, "onWrite\nRevoked"), (.onNotPresent, "onNot\nPresent"), (.onFrameChanged, "onFrame\nChanged"),
        (.accessedOnNotPresent, "accessedOn\nNotPresent"), (.shadowStack, "shadow\nStack"),
    ]

    /// All tables, and how to read them.
    ///
    /// - Parameter onRequest: those of the profiles that are checked only where somebody names them.
    public static func text(
        _ profiles: [CPUProfile], onRequest: [CPUProfile] = [], style: Style = .plain
    ) -> String {
        var table = TextTable([.init("profile")] + updates.map { .init($0.heading) })
        for profile in profiles {
            table.append([.init(profile.name)] + updates.map { .init($0.field.value(of: profile).text) })
        }
        var fields = TextTable([
            .init("field"), .init("value"), .init("meaning", maxWidth: 27), .init("source", maxWidth: 18),
        ])
        for field in ProfileField.allCases {
            let isAbove = updates.contains { $0.field == field }
            fields.append([
                .init(field.rawValue), .init(isAbove ? "above" : values(of: field, profiles)), .init(field.meaning),
                .init(field.source),
            ])
        }
        var sources = TextTable([.init("profile"), .init("stands for", maxWidth: 66)])
        for profile in profiles { sources.append([.init(profile.name), .init(printable(profile.source))]) }
        func paragraph(_ text: String) -> String {
            TextWrap.lines(of: text, width: min(112, max(40, style.width))).map { $0 + "\n" }.joined()
        }
        let names = onRequest.map { $0.name }.joined(separator: ", ")
        let named =
            onRequest.isEmpty
            ? ""
            : "\n"
                + paragraph("Checked only where somebody names them, in --profile or in a test's CPU= line: \(names).")
        let reading =
            "onWriteRevoked, onNotPresent, onFrameChanged: what the CPU does when, about to set Dirty, it finds the entry "
            + "changed: walk again (refault), set Dirty and write, or set Dirty and fault. Where R/W is clear and the "
            + "frame is another, the stricter of the two fields holds."
        return table.rendered(style) + "\n" + sources.rendered(style) + named + "\n" + fields.rendered(style) + "\n"
            + paragraph(reading)
    }

    /// What most profiles have, and those that have something else.
    private static func values(of field: ProfileField, _ profiles: [CPUProfile]) -> String {
        let values = profiles.map { field.value(of: $0).text }
        let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
        guard let most = values.max(by: { (counts[$0] ?? 0) < (counts[$1] ?? 0) }) else { return "" }
        let others = zip(profiles, values).filter { $0.1 != most }.map { "\n\($0.0.name): \($0.1)" }
        return most + others.joined()
    }
}
