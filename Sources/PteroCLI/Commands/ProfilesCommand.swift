import ArgumentParser
import Machine
import ProfileFiles
import Report

/// `ptero profiles`.
struct Profiles: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "profiles",
        abstract: "Lists the classes of CPUs.",
        discussion: """
            A profile says how a class of CPUs behaves where CPUs differ. To make your own, save what --file prints, change it, \
            and give the file to `ptero check --profile`.

            A few profiles are checked only on request: name them in --profile or in a test's CPU= line.

            EXAMPLES
              ptero profiles
              ptero profiles herd7
              ptero profiles --file > mycpu.json5
              ptero profiles mycpu.json5
            """)

    static let endings = CommandEndings.ofReference

    @Argument(
        help: "Files of profiles, or names; the built-in ones when missing.", completion: .file(extensions: ["json5"]))
    var files: [String] = []

    @Flag(help: "Print the built-in profiles as a file to start from.")
    var file = false

    @Flag(help: "Print one JSON object for each profile.")
    var json = false

    func validate() throws {
        if file && json { throw ValidationError("--file and --json exclude each other.") }
        if file && !files.isEmpty { throw ValidationError("--file prints the built-in file and takes no other.") }
    }

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        if file {
            surroundings.output.write(ProfileFile.builtInText)
            return .success
        }
        return try surroundings.recording(json ? .profiles : nil) { surroundings in
            let selection = try ProfileSelection(files, surroundings)
            let profiles = selection.selected + selection.onRequest
            surroundings.output.write(
                json
                    ? Self.json(profiles)
                    : ProfileTables.text(profiles, onRequest: selection.onRequest, style: surroundings.plainStyle))
            return .success
        }
    }

    static func json(_ profiles: [CPUProfile]) -> String {
        profiles.map { profile in
            var members: [JSONText.Member] = [
                RecordSchema.profiles.member, .init("name", .string(profile.name)),
                .init("source", .string(profile.source)),
            ]
            for field in ProfileField.allCases {
                switch field.value(of: profile) {
                case .flag(let flag): members.append(.init(field.rawValue, .bool(flag)))
                case .word(let word): members.append(.init(field.rawValue, .string(word)))
                }
            }
            return JSONText.object(members).text + "\n"
        }.joined()
    }
}
