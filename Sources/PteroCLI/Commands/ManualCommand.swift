import ArgumentParser
import Diagnostics
import Report

/// `ptero manual`: for `Scripts/install` and packages, so `--help` does not list it.
struct Manual: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Prints manual pages for man(1), made from the declarations of the commands.",
        discussion: """
            EXAMPLES
              ptero manual | man -l -
              ptero manual check | man -l -
              ptero manual --output share/man/man1
            """,
        shouldDisplay: false)

    static let endings = CommandEndings.ofReference

    @Argument(help: "The command; without one the page of `ptero` itself.")
    var command: String?

    @Option(
        help: ArgumentHelp("Write the pages of all commands into this folder.", valueName: "folder"),
        completion: .directory)
    var output: String?

    func validate() throws {
        if command != nil && output != nil { throw ValidationError("--output writes all pages: name no command.") }
    }

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        let pages = try ManualPage.all()
        if let output {
            guard Files.isFolder(surroundings.resolved(output)) else {
                throw Diagnostic(withoutPlace: "\(output) is not a folder", remedy: "make it first")
            }
            for page in pages { try surroundings.write(page.text, to: "\(output)/\(page.file)") }
            return .success
        }
        let wanted = command ?? "ptero"
        guard let page = pages.first(where: { $0.command.commandName == wanted }) else {
            throw Diagnostic(
                withoutPlace: "there is no command \(printable(wanted))",
                remedy: NearName.remedy(for: wanted, among: pages.map(\.command.commandName)))
        }
        surroundings.output.write(page.text)
        return .success
    }
}
