import ArgumentParser
import Diagnostics
import Report

/// A subcommand that runs in given surroundings.
protocol PteroSubcommand: ParsableCommand {
    /// The exit statuses that it can have.
    static var endings: CommandEndings { get }

    /// Does its work and says how it ended.
    ///
    /// - Throws: `Diagnostic` for what the user can mend.
    func execute(in surroundings: Surroundings) throws -> ExitStatus
}

extension PteroSubcommand {
    /// The command with these arguments, or nil if they are wrong or ask for help.
    fileprivate static func parsed(_ arguments: ArraySlice<String>) -> Self? {
        (try? parseAsRoot(Array(arguments))) as? Self
    }
}

/// The command `ptero`.
package struct PteroCommand: ParsableCommand {
    /// The name, the help text, and the subcommands.
    package static let configuration = CommandConfiguration(
        commandName: "ptero",
        abstract: "Finds out what x86 CPUs can do to a page-table entry while somebody changes it.",
        discussion: """
            Reads litmus tests, explores everything that the CPUs of each class can do, and says whether the condition can \
            hold: Never, Sometimes or Always.

            EXAMPLES
              ptero check                    the corpus: which sequence works where
              ptero new mytest               a test to start from: mytest.litmus
              ptero check mytest.litmus      that test on all classes of CPUs
              ptero check -v Corpus/tso      herd7's blocks for all tests of a folder
              ptero why mytest.litmus        which steps of a test carry its verdict
              ptero explore mytest.litmus    a page to take it step by step in a browser
              ptero synth Corpus/synth/zap   the cheapest sequence that is right everywhere
              ptero kernel my-linux          the helpers of a kernel, from its headers
              ptero measure                  what page-table updates cost on this machine
              ptero profiles                 the classes of CPUs
              ptero isa                      the instructions that tests can use
              ptero explain lost_dirty       what a name means

            EXIT STATUS
            \(statuses)
            """,
        version: PteroVersion.current,
        subcommands: ownSubcommands)

    /// The numbers of all ends, a line each.
    private static let statuses = CommandEndings.ofProgram.list.map { status, meaning in
        let number = String(status.rawValue)
        return "  \(number)\(String(repeating: " ", count: 4 - number.count))\(meaning)"
    }.joined(separator: "\n")

    /// The exit statuses of the command of this name; of the whole program where there is none.
    static func endings(ofCommand name: String) -> CommandEndings {
        ownSubcommands.first { $0.configuration.commandName == name }?.endings ?? .ofProgram
    }

    fileprivate static let ownSubcommands: [any PteroSubcommand.Type] = [
        Check.self, Why.self, Synth.self, Kernel.self, Measure.self, Replay.self, Explore.self, Show.self, Asm.self,
        Profiles.self,
        Properties.self, ISA.self, Limits.self, Explain.self, New.self, Manual.self,
    ]

    /// Made by the argument parser.
    package init() {}
}

/// The version of this build.
package enum PteroVersion {
    /// As `ptero --version` prints it.
    package static let current = "0.1.0"
    /// The day that manual pages carry: that of the last change of what they say, so that two builds make the same pages.
    package static let day = "2026-11-30"
}

/// The command line as a library.
package enum CommandLineInterface {
    /// Runs `ptero` with these arguments (without its own name).
    package static func run(_ arguments: [String], in surroundings: Surroundings) -> ExitStatus {
        var surroundings = surroundings
        surroundings.arguments = arguments
        let status = ending(of: surroundings) { () throws in
            let list = try ArgumentList(arguments, surroundings)
            var listed = surroundings
            listed.arguments = list.arguments
            listed.origins = list.origins
            return perform(list.arguments, listed)
        }
        guard surroundings.output.hasFailed else { return status }
        surroundings.report(
            Diagnostic(withoutPlace: "the output could not be written", remedy: "is the disk full, or its reader gone?")
        )
        return status == .success ? .badInput : status
    }

    /// The subcommand that the first argument names, with the arguments after it; nil if they do not parse as its own.
    ///
    /// To parse them as the whole command's would give the same, but the tree of commands takes longer to build than many a
    /// search takes. It is left to help, versions, completions and errors, whose text says where in the tree they arose.
    private static func namedFirst(_ arguments: [String]) -> (any PteroSubcommand)? {
        guard let name = arguments.first,
            let type = PteroCommand.ownSubcommands.first(where: { $0.configuration.commandName == name })
        else { return nil }
        return type.parsed(arguments.dropFirst())
    }

    /// How work ends; what it throws is reported.
    static func ending(of surroundings: Surroundings, _ work: () throws -> ExitStatus) -> ExitStatus {
        do { return try work() } catch let error as Diagnostic {
            var error = error
            error.notes += surroundings.origins.note(on: error.message).map { [$0] } ?? []
            surroundings.report(error)
            return .badInput
        } catch {
            let message = PteroCommand.fullMessage(for: error)
            switch PteroCommand.exitCode(for: error) {
            case .success:
                surroundings.output.write(message + "\n")
                return .success
            case .validationFailure:
                let note = surroundings.origins.note(on: message).map { $0 + "\n" } ?? ""
                surroundings.errors.write(message + "\n" + note)
                return .badInput
            default:
                surroundings.errors.write(message + "\nThis is a defect of Ptero; please report it.\n")
                return .defect
            }
        }
    }

    private static func perform(_ arguments: [String], _ surroundings: Surroundings) -> ExitStatus {
        ending(of: surroundings) {
            if let command = namedFirst(arguments) { return try command.execute(in: surroundings) }
            var command = try PteroCommand.parseAsRoot(arguments)
            if let command = command as? any PteroSubcommand { return try command.execute(in: surroundings) }
            try command.run()
            return .success
        }
    }
}
