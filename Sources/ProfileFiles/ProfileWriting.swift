import Machine

extension ProfileFile {
    /// The profiles that come with Ptero as a file, each field explained: a start for a user's own.
    package static var builtInText: String {
        ProfileFile(profiles: CPUProfile.builtIn, onRequest: CPUProfile.onRequest).text
    }

    /// The profiles as JSON5, in front of them what each field means and who says so; ``read(_:name:)`` reads it back.
    package var text: String {
        let onRequest = onRequest.map { Self.list("onRequest", $0) } ?? ""
        return Self.explanation + "{\n" + Self.list("profiles", profiles) + onRequest + "}\n"
    }

    private static var explanation: String {
        let width = (ProfileField.allCases.map { $0.rawValue.count }.max() ?? 0) + 4
        let fields = ProfileField.allCases.map { field in
            let name = field.rawValue + (field.isRequired ? " *" : "")
            let values = field.words.isEmpty ? "true | false" : field.words.joined(separator: " | ")
            let blanks = String(repeating: " ", count: width)
            return "// " + name + blanks.dropFirst(name.count) + field.meaning + "\n"
                + "// " + blanks + "\(values) (\(field.source))\n"
        }
        return """
            // CPU classes for Ptero. Copy this file, change it, and give it to `ptero check --profile FILE`.
            //
            // `profiles` are checked when the command names no others, `onRequest` only where it names them. A profile of your
            // own must have the fields with a star; what it leaves out of the others is as in most profiles here.
            //

            """ + fields.joined()
    }

    private static func list(_ name: String, _ profiles: [CPUProfile]) -> String {
        "  \(name): [\n" + profiles.map(entry).joined() + "  ],\n"
    }

    private static func entry(_ profile: CPUProfile) -> String {
        let fields = ProfileField.allCases.map { field in
            switch field.value(of: profile) {
            case .flag(let flag): (field.rawValue, "\(flag)")
            case .word(let word): (field.rawValue, JSON5Text.quoted(word))
            }
        }
        let members = [("name", JSON5Text.quoted(profile.name)), ("source", JSON5Text.quoted(profile.source))] + fields
        return "    {\n" + members.map { "      \($0.0): \($0.1),\n" }.joined() + "    },\n"
    }
}
