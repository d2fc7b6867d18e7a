import Diagnostics

/// An input that gave no verdict, and why.
package struct InputFault: Sendable, Hashable {
    /// What kept it from being checked.
    package enum Kind: Sendable, Hashable {
        /// It cannot be used.
        case input
        /// Ctrl-C came before it.
        case interrupted

        /// The word for it in JSON.
        var name: String {
            switch self {
            case .input: "input"
            case .interrupted: "interrupted"
            }
        }
    }

    /// The input as the user named it; nil for what is about the command line.
    package var file: String?
    /// What is wrong, in reading order, each with its own file.
    package var diagnostics: [Diagnostic]
    /// Why there is no verdict.
    package var kind: Kind

    /// Takes note of what is wrong with an input.
    package init(file: String?, _ diagnostic: Diagnostic, kind: Kind = .input) {
        self.file = file
        self.kind = kind
        diagnostics = diagnostic.all.map { $0.inFile($0.file ?? file) }
    }

    /// What it is called where a test has a name.
    var name: String { file ?? "ptero" }

    /// A JSON object for each thing that is wrong, each on a line, among records of a kind.
    package func json(_ schema: RecordSchema) -> String {
        diagnostics.map { diagnostic in
            var members: [JSONText.Member] = [
                schema.member,
                .init("error", .string(kind.name)),
                .init("file", .optional(diagnostic.file)),
                .init("line", diagnostic.place.map { .integer($0.line) } ?? .null),
                .init("column", diagnostic.place.map { .integer($0.column) } ?? .null),
                .init("message", .string(diagnostic.message)),
                .init("remedy", .optional(diagnostic.remedy)),
            ]
            if !diagnostic.notes.isEmpty {
                members.append(.init("notes", .array(diagnostic.notes.map(JSONText.string))))
            }
            return JSONText.object(members).text + "\n"
        }.joined()
    }
}

extension Diagnostic {
    /// What is wrong and what to do, in a sentence or two.
    var sentences: String {
        ([message] + notes + (remedy.map { ["remedy: \($0)"] } ?? [])).map { printable($0) }.joined(separator: "; ")
    }
}
