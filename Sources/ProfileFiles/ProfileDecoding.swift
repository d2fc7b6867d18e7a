import Machine

// Read from files of profiles.
extension CPUProfile: Decodable {
    /// Reads a profile; a field that is not required and not there has the value of most CPUs.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: FieldName.self)
        self.init(
            name: try fields.decode(String.self, forKey: FieldName("name")),
            source: try fields.decode(String.self, forKey: FieldName("source")))
        for field in ProfileField.allCases {
            let name = FieldName(field.rawValue)
            let value: ProfileField.Value? =
                field.words.isEmpty
                ? try fields.decodeIfPresent(Bool.self, forKey: name).map { .flag($0) }
                : try fields.decodeIfPresent(String.self, forKey: name).map { .word($0) }
            guard let value else {
                guard field.isRequired else { continue }
                throw DecodingError.keyNotFound(
                    name, DecodingError.Context(codingPath: fields.codingPath, debugDescription: "no value"))
            }
            guard field.set(value, in: &self) else {
                throw DecodingError.dataCorruptedError(
                    forKey: name, in: fields, debugDescription: "\(value.text) is not a value of the field")
            }
        }
    }

    /// The names of all fields, for messages about others.
    static var fieldNames: [String] { ["name", "source"] + ProfileField.allCases.map(\.rawValue) }
}

/// A field of a profile as files spell it.
private struct FieldName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
}
