import CompiledTests
import Diagnostics
import Explorer
import Litmus
import Report
import X86

/// A test's text, or why there is none.
struct TestSource: Sendable {
    /// The file as the user named it.
    var file: String
    /// Its bytes.
    var content: Result<[UInt8], Diagnostic>
    /// Whether it was found in a folder rather than named.
    var isFound = false

    /// How much of a file is read: what the parser takes, and one byte more, which says that the file is longer.
    static let mostBytes = 16 << 20 + 1

    /// A test that was read, and compiled if it is not a test in columns.
    struct Loaded: Sendable {
        var test: LitmusTest
        /// What was compiled; nil for a test in columns.
        var compiled: CompiledTest?
        /// The question whether the kernel keeps the rule of shadow stacks, where it need not and ``test`` does not ask it.
        var rule: LitmusTest?
    }

    /// What it is written in.
    var language: TestLanguage { (try? content.get()).map { TestLanguage(of: $0) } ?? .columns }

    /// Whether it is a test in columns with a hole in them.
    var hasHole: Bool {
        // Few files have the mark of a hole: the others need not be read twice.
        guard language == .columns, let text, text.contains("??"), let bytes = try? content.get() else { return false }
        return (try? LitmusParser.parse(bytes: bytes, file: file))?.holes.isEmpty == false
    }

    /// The text where it is text.
    var text: String? { (try? content.get()).flatMap { String(validating: $0, as: UTF8.self) } }

    /// Reads the test, and compiles it if it is in C or Swift.
    func loaded(_ compiler: TestCompiler, _ surroundings: Surroundings) -> Result<Loaded, Diagnostic> {
        reading { bytes throws(Diagnostic) in
            let (test, compiled) = try TestFile.loadAndWait(
                bytes: bytes, file: file, directory: surroundings.folder(of: file), compilers: compiler.compilers,
                isInterrupted: { Interruption.isRequested })
            guard isScenario, let tree = compiler.tree, !tree.hasUserShadowStacks else {
                return Loaded(test: test, compiled: compiled)
            }
            let (rest, rule) = test.withoutShadowStackRule()
            return Loaded(test: rest, compiled: compiled, rule: rule)
        }
    }

    /// What `ptero show` prints: a test in columns in one spelling and layout, others as they are written; nil, with a report
    /// on standard error, when it is not a test.
    func shown(_ surroundings: Surroundings) -> String? {
        let text: Result<String, Diagnostic> = reading { bytes throws(Diagnostic) in
            switch TestLanguage(of: bytes) {
            case .columns:
                let test = try LitmusParser.parse(bytes: bytes, file: file)
                try test.checkFilled(file: file)
                return LitmusWriter.text(of: test)
            case .c: _ = try CTest.parse(bytes: bytes, file: file)
            case .swift: _ = try SwiftTest.parse(bytes: bytes, file: file)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            return text.hasSuffix("\n") ? text : text + "\n"
        }
        do throws(Diagnostic) {
            return try text.get()
        } catch {
            report(error, surroundings)
            return nil
        }
    }

    /// The test without the code of its threads, where that is to be compiled.
    func uncompiled() throws(Diagnostic) -> LitmusTest {
        try language.uncompiled(try content.get(), file: file)
    }

    private func reading<T>(_ read: ([UInt8]) throws(Diagnostic) -> T) -> Result<T, Diagnostic> {
        do throws(Diagnostic) {
            let bytes = try content.get()
            guard bytes.count < Self.mostBytes else {
                throw Diagnostic(
                    withoutPlace: "this is longer than 16 MiB",
                    remedy: "a litmus test is a short text; check that this is the right file")
            }
            return .success(try read(bytes))
        } catch { return .failure(error) }
    }

    /// The test; reports on standard error why there is none.
    func parsed(_ compiler: TestCompiler, _ surroundings: Surroundings) -> Loaded? {
        do throws(Diagnostic) {
            let loaded = try loaded(compiler, surroundings).get()
            warn(about: loaded.test, surroundings)
            return loaded
        } catch {
            report(error, surroundings)
            return nil
        }
    }

    /// Prints what is odd in a test's head and not wrong: keys that are close to those that have a meaning.
    func warn(about test: LitmusTest, _ surroundings: Surroundings) {
        for warning in test.headerWarnings { report(warning, surroundings, isWarning: true) }
    }

    /// So many faults of one file are told.
    private static let mostFaults = 20

    /// Prints a diagnostic about this test, and the others of the same file, each with the line it is about.
    func report(_ diagnostic: Diagnostic, _ surroundings: Surroundings, isWarning: Bool = false) {
        if !isWarning { surroundings.faults?.note(diagnostic, of: file) }
        let all = diagnostic.all
        for one in all.prefix(Self.mostFaults) { reportOne(one, surroundings, isWarning: isWarning) }
        if all.count > Self.mostFaults {
            let count = Figures.count(all.count - Self.mostFaults, "more error")
            surroundings.errors.write("\(printable(file)): error: and \(count), not shown\n")
        }
    }

    private func reportOne(_ diagnostic: Diagnostic, _ surroundings: Surroundings, isWarning: Bool) {
        // Of a place in a header or another source this text has no line.
        if let other = diagnostic.file, other != file, language != .columns {
            let text = language == .swift ? surroundings.text(of: other) : nil
            surroundings.errors.write(diagnostic.rendered(source: text, isWarning: isWarning) + "\n")
            return
        }
        var diagnostic = diagnostic
        diagnostic.file = printable(file)
        var source: String?
        // A line of what is not text is of no help.
        if case .success(let bytes) = content, bytes.count < Self.mostBytes {
            source = String(validating: bytes, as: UTF8.self)
        }
        surroundings.errors.write(diagnostic.rendered(source: source, isWarning: isWarning) + "\n")
    }
}

extension TestSource {
    /// What stands before the name of a shipped kernel scenario where a file could stand: `kernel:wrprotect`.
    static let scenarioPrefix = "kernel:"

    /// A scenario that ships with Ptero.
    init(_ scenario: KernelScenario) {
        // As if found: that a scenario is not for the kernel at hand is not an error.
        self.init(file: Self.scenarioPrefix + scenario.name, content: .success(scenario.text), isFound: true)
    }

    /// Whether it is a scenario that ships with Ptero.
    var isScenario: Bool { file.hasPrefix(Self.scenarioPrefix) }

    /// What messages call it: a scenario by its name.
    var name: String { isScenario ? String(file.dropFirst(Self.scenarioPrefix.count)) : file }
}

/// Finds the tests that arguments name.
struct TestFinder {
    let surroundings: Surroundings

    /// The tests that these arguments name, in order: files as named, of folders all `*.litmus` below them sorted by path.
    ///
    /// What cannot be found or read is reported when it is parsed.
    func sources(_ arguments: [String]) -> [TestSource] { arguments.flatMap(sources) }

    private func sources(_ argument: String) -> [TestSource] {
        if argument == "-" { return [standardInput()] }
        let path = surroundings.resolved(argument)
        guard !argument.isEmpty, let type = Files.type(path) else {
            if argument.hasPrefix(TestSource.scenarioPrefix) { return [scenario(argument)] }
            return [
                failure(
                    argument, "there is no such file or folder",
                    "name a litmus test, a folder of them, or - for standard input")
            ]
        }
        return type == .directory ? folder(argument, path) : [file(argument, path)]
    }

    private func scenario(_ argument: String) -> TestSource {
        let name = argument.dropFirst(TestSource.scenarioPrefix.count)
        guard let scenario = KernelScenarios.all.first(where: { $0.name == name }) else {
            return failure(
                argument, "there is no kernel scenario of this name",
                "scenarios: " + KernelScenarios.all.map(\.name).joined(separator: ", "))
        }
        return TestSource(scenario)
    }

    private func folder(_ argument: String, _ path: String) -> [TestSource] {
        let found = files(below: argument, path, ending: ".litmus")
        guard found.isEmpty else { return found }
        return [
            failure(
                argument, "the folder has no test",
                "tests are files named *.litmus, in it or below it; --swift looks for Swift tests")
        ]
    }

    /// The files below a folder whose names end so, sorted by path; what cannot be read is among them.
    func files(below argument: String, _ path: String, ending: String) -> [TestSource] {
        let shown = argument == "/" ? "" : argument.hasSuffix("/") ? String(argument.dropLast()) : argument
        guard let (names, unreadable) = Self.names(below: path, ending: ending) else {
            return [failure(argument, "the folder cannot be read", "check its permissions")]
        }
        return unreadable.map { failure(shown + "/" + $0, "the folder cannot be read", "check its permissions") }
            + names.map { name in
                var source = file(shown + "/" + name, path + "/" + name)
                source.isFound = true
                return source
            }
    }

    /// The names of files below a folder that end so, sorted, and those of folders that cannot be read; nil when it cannot be
    /// read itself.
    static func names(below path: String, ending: String = "") -> (names: [String], unreadable: [String])? {
        // The walk does not follow links that it finds.
        guard let top = Files.names(in: path) else { return nil }
        var unreadable: [String] = []
        var names: [String] = []
        var pending = Array(top.reversed())
        while let name = pending.popLast() {
            let full = path + "/" + name
            if Files.type(full, followsLinks: false) == .directory {
                if let inside = Files.names(in: full) {
                    pending += inside.reversed().map { name + "/" + $0 }
                } else {
                    unreadable.append(name)
                }
            } else if name.hasSuffix(ending), !Files.isFolder(full) {
                names.append(name)
            }
        }
        // Bytewise, so that the order is the same in every locale.
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return (names, unreadable)
    }

    private func file(_ shown: String, _ path: String) -> TestSource {
        do {
            return TestSource(file: shown, content: .success(try Files.contents(path, atMost: TestSource.mostBytes)))
        } catch {
            return failure(shown, "the file cannot be read", "check its permissions")
        }
    }

    private func standardInput() -> TestSource {
        do {
            return TestSource(file: "-", content: .success(try surroundings.readStandardInput(TestSource.mostBytes)))
        } catch { return failure("-", "standard input cannot be read", nil) }
    }

    /// A file that may hold a test, read or not.
    func file(named argument: String) -> TestSource { file(argument, surroundings.resolved(argument)) }

    private func failure(_ file: String, _ message: String, _ remedy: String?) -> TestSource {
        var fault = Diagnostic(withoutPlace: message, remedy: remedy)
        if let origin = surroundings.origins.first(where: { $0.argument == file }) {
            fault.notes.append("\(origin.place) names it")
        }
        return TestSource(file: file, content: .failure(fault))
    }
}
