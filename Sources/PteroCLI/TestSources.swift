import Foundation
import Litmus
import Report
import X86

/// A test's text, or why there is none.
struct TestSource: Sendable {
    /// The file as the user named it.
    var file: String
    /// Its bytes.
    var content: Result<[UInt8], UsageError>

    /// How much of a file is read: what the parser takes, and one byte more, which says that the file is longer.
    static let mostBytes = 16 << 20 + 1

    /// The test; reports on standard error why there is none.
    func parsed(_ surroundings: Surroundings) -> LitmusTest? {
        switch content {
        case .failure(let error):
            surroundings.errors.write(error.rendered(file: printable(file)))
        case .success(let bytes):
            do throws(Diagnostic) {
                guard bytes.count < Self.mostBytes else {
                    throw Diagnostic(
                        place: SourcePlace(line: 1, column: 1), message: "this is longer than 16 MiB",
                        remedy: "a litmus test is a short text; check that this is the right file")
                }
                return try LitmusParser.parse(bytes: bytes, file: file)
            } catch { report(error, surroundings) }
        }
        return nil
    }

    /// Prints a diagnostic about this test with the line it is about.
    func report(_ diagnostic: Diagnostic, _ surroundings: Surroundings) {
        var diagnostic = diagnostic
        diagnostic.file = printable(file)
        var source: String?
        // A line of what is no text helps nobody.
        if case .success(let bytes) = content, bytes.count < Self.mostBytes {
            source = String(validating: bytes, as: UTF8.self)
        }
        surroundings.errors.write(diagnostic.rendered(source: source) + "\n")
    }
}

/// Finds the tests that arguments name.
struct TestFinder {
    let surroundings: Surroundings

    /// The tests behind these arguments, in order: files as named, of folders all `*.litmus` below them sorted by path.
    ///
    /// What cannot be found or read is reported when it is parsed.
    func sources(_ arguments: [String]) -> [TestSource] { arguments.flatMap(sources) }

    private func sources(_ argument: String) -> [TestSource] {
        if argument == "-" { return [standardInput()] }
        let path = surroundings.resolved(argument)
        var isDirectory: ObjCBool = false
        guard !argument.isEmpty, FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return [
                failure(
                    argument, "there is no such file or folder",
                    "name a litmus test, a folder of them, or - for standard input")
            ]
        }
        return isDirectory.boolValue ? folder(argument, path) : [file(argument, path)]
    }

    private func folder(_ argument: String, _ path: String) -> [TestSource] {
        let shown = argument == "/" ? "" : argument.hasSuffix("/") ? String(argument.dropLast()) : argument
        var unreadable: [TestSource] = []
        guard FileManager.default.isReadableFile(atPath: path),
            let walk = FileManager.default.enumerator(atPath: path)
        else { return [failure(argument, "the folder cannot be read", "check its permissions")] }
        var names: [String] = []
        for case let name as String in walk {
            let full = path + "/" + name
            if name.hasSuffix(".litmus") {
                var isDirectory: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: full, isDirectory: &isDirectory)
                if !isDirectory.boolValue { names.append(name) }
            } else if walk.fileAttributes?[.type] as? FileAttributeType == .typeDirectory,
                !FileManager.default.isReadableFile(atPath: full)
            {
                unreadable.append(failure(shown + "/" + name, "the folder cannot be read", "check its permissions"))
            }
        }
        if names.isEmpty && unreadable.isEmpty {
            return [failure(argument, "the folder has no test", "tests are files named *.litmus, in it or below it")]
        }
        // Bytewise, so that the order is the same in every locale.
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return unreadable + names.map { file(shown + "/" + $0, path + "/" + $0) }
    }

    private func file(_ shown: String, _ path: String) -> TestSource {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            return TestSource(file: shown, content: .success(try handle.read(atMost: TestSource.mostBytes)))
        } catch {
            return failure(shown, "the file cannot be read", "check its permissions")
        }
    }

    private func standardInput() -> TestSource {
        do {
            return TestSource(file: "-", content: .success(try surroundings.readStandardInput(TestSource.mostBytes)))
        } catch { return failure("-", "standard input cannot be read", nil) }
    }

    private func failure(_ file: String, _ message: String, _ remedy: String?) -> TestSource {
        TestSource(file: file, content: .failure(UsageError(message, remedy: remedy)))
    }
}
