/// The kinds of JSON records that commands write; `Documentation/ptero-NAME.schema.json` has the keys of each.
package enum RecordSchema: String, Sendable, Hashable, CaseIterable {
    /// Verdicts, of `ptero check` and of `ptero kernel`.
    case check
    case why
    case synth
    case measure
    case profiles
    /// The finished work of `ptero synth`.
    case checkpoint

    /// Another number where a key goes away or means something else.
    private var version: Int { 1 }

    /// What the key `schema` says: `ptero-check/1`.
    package var name: String { "ptero-\(rawValue)/\(version)" }

    /// The first member of every record.
    package var member: JSONText.Member { .init("schema", .string(name)) }
}
