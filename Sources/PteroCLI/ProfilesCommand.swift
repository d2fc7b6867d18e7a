import ArgumentParser
import Machine
import Report

/// `ptero profiles`.
struct Profiles: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "profiles",
        abstract: "Lists the classes of CPUs.",
        discussion: """
            A profile says how a class of CPUs behaves where CPUs differ. To make your own, save what --file prints, change it, \
            and give the file to `ptero check --profile`.

            EXAMPLES
              ptero profiles
              ptero profiles --file > mycpu.json5
              ptero profiles mycpu.json5
            """)

    @Argument(
        help: "Files of profiles, or names; the built-in ones when missing.", completion: .file(extensions: ["json5"]))
    var files: [String] = []

    @Flag(help: "Print the file that the built-in profiles come from.")
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
        let profiles = try ProfileSelection(files, surroundings).selected
        if profiles.isEmpty {
            surroundings.errors.write(UsageError("the built-in profiles cannot be read").rendered())
            return .defect
        }
        surroundings.output.write(json ? Self.json(profiles) : Self.table(profiles))
        return .success
    }

    static func table(_ profiles: [CPUProfile]) -> String {
        var table = TextTable([
            .init("profile"), .init("onWriteRevoked"), .init("onNotPresent"), .init("accessedOn\nNotPresent"),
            .init("spurious\nFaults"), .init("speculative\nFills"), .init("shadow\nStack"), .init("store\nBuffer"),
            .init("broadcast\nInvalidate"), .init("paging\nCache"),
        ])
        func word(_ flag: Bool) -> TextTable.Cell { .init(flag ? "yes" : "no") }
        for profile in profiles {
            table.append([
                .init(profile.name), .init(profile.onWriteRevoked.rawValue), .init(profile.onNotPresent.rawValue),
                word(profile.accessedOnNotPresent), word(profile.spuriousFaults), word(profile.speculativeFills),
                word(profile.shadowStack), .init(profile.storeBuffer.rawValue), word(profile.broadcastInvalidate),
                word(profile.pagingStructureCache),
            ])
        }
        var sources = TextTable([.init("profile"), .init("stands for", maxWidth: 100)])
        for profile in profiles { sources.append([.init(profile.name), .init(printable(profile.source))]) }
        return table.rendered() + "\n" + sources.rendered() + """

            onWriteRevoked, onNotPresent: what the CPU does when, about to set Dirty, it finds that software has cleared R/W
            or P meanwhile: walk again (refault), set Dirty and write, or set Dirty and fault.

            """
    }

    static func json(_ profiles: [CPUProfile]) -> String {
        profiles.map { profile in
            JSONText.object([
                .init("name", .string(profile.name)),
                .init("source", .string(profile.source)),
                .init("onWriteRevoked", .string(profile.onWriteRevoked.rawValue)),
                .init("onNotPresent", .string(profile.onNotPresent.rawValue)),
                .init("accessedOnNotPresent", .bool(profile.accessedOnNotPresent)),
                .init("spuriousFaults", .bool(profile.spuriousFaults)),
                .init("speculativeFills", .bool(profile.speculativeFills)),
                .init("shadowStack", .bool(profile.shadowStack)),
                .init("storeBuffer", .string(profile.storeBuffer.rawValue)),
                .init("broadcastInvalidate", .bool(profile.broadcastInvalidate)),
                .init("pagingStructureCache", .bool(profile.pagingStructureCache)),
            ]).text + "\n"
        }.joined()
    }
}
