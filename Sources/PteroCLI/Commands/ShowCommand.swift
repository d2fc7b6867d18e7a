import ArgumentParser
import Litmus
import Report

/// `ptero show`.
struct Show: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Prints tests as Ptero understands them.",
        discussion: """
            What is printed is a test again, in one spelling and layout; comments other than the expected verdict are left out. \
            A test in C or Swift is printed as it is written; `ptero asm` prints what it is compiled to.

            EXAMPLES
              ptero show Corpus/tso/SB.litmus
            """)

    static let endings = CommandEndings(success: "every test was printed")

    @Argument(help: "Tests, folders of tests, or - for standard input.", completion: .file(extensions: ["litmus"]))
    var files: [String]

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        var status = ExitStatus.success
        let sources = TestFinder(surroundings: surroundings).sources(files)
        var isFirst = true
        for source in sources {
            guard let text = source.shown(surroundings) else {
                status = .badInput
                continue
            }
            surroundings.output.write((isFirst ? "" : "\n") + text)
            isFirst = false
        }
        return status
    }
}
