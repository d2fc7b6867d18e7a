import ArgumentParser
import CompiledTests
import Diagnostics
import Report

/// `ptero new`.
struct New: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Writes a test to start from.",
        discussion: """
            The test has comments that say what to change. It is named like its file, and no file is replaced. Without --from it \
            is write protection of a page while another CPU writes it.

            EXAMPLES
              ptero new mytest
              mkdir tests
              ptero new tests/mytest
              ptero new mypatch --from kernel:wrprotect
              ptero new myfork --from Corpus/fork/fork+child-writes.litmus
            """)

    static let endings = CommandEndings(success: "the test was written")

    @Argument(help: "The test's name, or the path of the file to write.", completion: .file(extensions: ["litmus"]))
    var name: String

    @Option(
        help: ArgumentHelp(
            "Start from a copy of this test: kernel:NAME is a scenario of `ptero kernel`.", valueName: "test"),
        completion: .file(extensions: ["litmus", "swift"]))
    var from: String?

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        let source = try from.map { from in try Replay.single(from, surroundings) } ?? nil
        if from != nil && source == nil { return .badInput }
        let language = source?.language ?? .columns
        let ending = language == .swift ? ".swift" : ".litmus"
        let file = name.hasSuffix(ending) ? name : name + ending
        let title = String(file.split(separator: "/").last?.dropLast(ending.count) ?? "")
        try Self.check(title)
        // A link that leads nowhere is something, too.
        guard Files.type(surroundings.resolved(file), followsLinks: false) == nil else {
            throw Diagnostic(withoutPlace: "\(printable(file)) is there already", remedy: "choose another name")
        }
        guard let source else {
            try surroundings.write(StarterTest.text(title), to: file)
            surroundings.output.write(StarterTest.nextSteps(file, language))
            return .success
        }
        do throws(Diagnostic) {
            let copy = try StarterTest.copy(
                of: source, title, isBeside: surroundings.folder(of: file) == surroundings.folder(of: source.file),
                surroundings)
            try surroundings.write(copy, to: file)
        } catch {
            source.report(error, surroundings)
            return .badInput
        }
        surroundings.output.write(StarterTest.nextSteps(file, language))
        return .success
    }

    /// - Throws: `Diagnostic` for what is not a test's name: it is a word.
    private static func check(_ title: String) throws(Diagnostic) {
        let isWord = title.unicodeScalars.allSatisfy { scalar in
            scalar.value > 0x20 && scalar.value < 0x7F && !"\"'`\\(){};=*".unicodeScalars.contains(scalar)
        }
        guard !title.isEmpty, isWord, title.first != "-" else {
            throw Diagnostic(
                withoutPlace: "`\(printable(title))` is not a name for a test",
                remedy: "use letters, digits, and + - _ between them: ptero new mytest")
        }
    }
}
