import PteroCLI

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The executable: the command line of ``CommandLineInterface`` in the surroundings of this process.
@main
enum Main {
    static func main() {
        // A closed pipe is an error to tell: the other outputs are still written.
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        exit(CommandLineInterface.run(arguments, in: .ofProcess).rawValue)
    }
}
