import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the argument parser knows of a command: the part of what `--experimental-dump-help` prints that manual pages use.
struct CommandDescription: Decodable {
    /// An argument, option or flag.
    struct Parameter: Decodable {
        /// A spelling on the command line.
        struct Name: Decodable {
            var kind: String
            var name: String

            /// With its dashes.
            var spelling: String { (kind == "long" ? "--" : "-") + name }
        }

        var kind: String
        var shouldDisplay: Bool
        var sectionTitle: String?
        var isOptional: Bool
        var isRepeating: Bool
        var names: [Name]?
        var valueName: String?
        var defaultValue: String?
        var allValues: [String]?
        var abstract: String?

        /// Whether it is an argument without a name.
        var isPositional: Bool { kind == "positional" }
        /// Whether a value follows its name.
        var takesValue: Bool { kind == "option" }
    }

    var commandName: String
    var shouldDisplay: Bool?
    var abstract: String?
    var discussion: String?
    var subcommands: [CommandDescription]?
    var arguments: [Parameter]?

    /// The parameters that are shown.
    var parameters: [Parameter] { (arguments ?? []).filter(\.shouldDisplay) }

    /// The subcommands that are shown; `help` is the parser's own and said of the whole program.
    var commands: [CommandDescription] {
        (subcommands ?? []).filter { $0.shouldDisplay ?? true && $0.commandName != "help" }
    }

    /// The command `ptero` with its subcommands.
    static func ofPtero() throws -> CommandDescription {
        struct Dump: Decodable { var command: CommandDescription }
        return try JSONDecoder().decode(Dump.self, from: Data(PteroCommand._dumpHelp().utf8)).command
    }
}
