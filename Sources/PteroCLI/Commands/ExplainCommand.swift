import ArgumentParser
import Diagnostics
import Report
import X86

/// `ptero explain`.
struct Explain: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explains a name that a test or a verdict has.",
        discussion: """
            Knows the properties that conditions name, the classes of CPUs, instructions, kernel services, and the pages of the \
            documentation. A name that means several things is explained as each of them. Of a test it tells what it asks, and \
            explains the properties and services that it names. Without a name all are listed.

            EXAMPLES
              ptero explain
              ptero explain lost_dirty
              ptero explain late
              ptero explain cmpxchg flush_tlb_page
              ptero explain litmus | less
              ptero explain Corpus/wrprotect/lock-and+write+exposed.litmus
              ptero explain kernel:fork
            """)

    static let endings = CommandEndings.ofReference

    @Argument(
        help: "What to explain; without one all names are listed.", completion: .list(Explanations.completed))
    var names: [String] = []

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        let explanations = Explanations(surroundings)
        guard !names.isEmpty else {
            surroundings.output.write(explanations.list)
            return .success
        }
        // All are looked up before the first is printed: what is misspelled should not scroll away.
        let texts = try names.map { name throws(Diagnostic) in try explanations.texts(of: name) }.flatMap { $0 }
        surroundings.output.write(texts.joined(separator: "\n"))
        return .success
    }
}
