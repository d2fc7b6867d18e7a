import Machine

/// The tables of `ptero profiles`.
package enum ProfileTables {
    /// Where CPUs that are about to set Accessed or Dirty differ: one column for each.
    private static let updates: [(field: ProfileField, heading: String)] = [
        (.onWriteRevoked, "onWrite\nRevoked"), (.onNotPresent, "onNot\nPresent"), (.onFrameChanged, "onFrame\nChanged"),
        (.accessedOnNotPresent, "accessedOn\nNotPresent"), (.shadowStack, "shadow\nStack"),
    ]

    /// All tables, and how to read them.
    ///
    /// - Parameter onRequest: those of the profiles that are checked only where somebody names them.
    package static func text(
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
        let levelled = onRequest.filter(CPUProfile.forUpperLevels.contains).map { $0.name }
        let besides =
            levelled.isEmpty
            ? "" : " \(levelled.joined(separator: " and ")): also for tests that name entries above the leaf."
        let named =
            onRequest.isEmpty
            ? ""
            : "\n"
                + paragraph(
                    "Checked only where somebody names them, in --profile or in a test's CPU= line: \(names)." + besides
                )
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
        func count(_ value: String) -> Int { values.count { $0 == value } }
        guard let most = values.max(by: { count($0) < count($1) }) else { return "" }
        let others = zip(profiles, values).filter { $0.1 != most }.map { "\n\($0.0.name): \($0.1)" }
        return most + others.joined()
    }
}
