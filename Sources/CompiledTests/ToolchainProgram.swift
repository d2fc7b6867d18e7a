import Diagnostics
import Litmus
import Subprocess
import SystemPackage
import X86

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A compiler of the Swift toolchain: where it is, and what it says when it fails.
struct ToolchainProgram: Sendable {
    /// `clang` or `swiftc`.
    let name: String
    /// Where it lies.
    let path: String

    /// Finds a program: the given path, else beside `swift`, else on `PATH`; nil when it is nowhere.
    ///
    /// `option` is what names it on the command line; `searchPath` takes the place of the environment's `PATH`.
    /// - Throws: `Diagnostic` when the given path is not a program.
    init?(_ name: String, given: String?, option: String, searchPath: String?) throws(Diagnostic) {
        self.name = name
        if let given {
            guard FileManager.default.isExecutableFile(atPath: given) else {
                throw Diagnostic(
                    withoutPlace: "\(given) is not a program that can be run",
                    remedy: "give \(option) the path of a \(name)")
            }
            path = given
            return
        }
        let directories = (searchPath ?? ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map(String.init)
        func program(_ name: String) -> String? {
            directories.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
        }
        let beside = program("swift").map { swift in
            URL(fileURLWithPath: swift).resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent(
                name
            ).path
        }
        if let beside, FileManager.default.isExecutableFile(atPath: beside) {
            path = beside
        } else if let found = program(name) {
            path = found
        } else {
            return nil
        }
    }

    /// Runs the compiler; a failure is told by its first error.
    ///
    /// `workingDirectory` is where relative paths begin. `remedy` goes with an error that has a place in a text, `flags`
    /// names the options that are to be looked at when there is none.
    func run(
        _ arguments: [String], workingDirectory: String?, remedy: String, flags: String
    ) async throws(Diagnostic) {
        guard let errors = try await errors(arguments, workingDirectory: workingDirectory) else { return }
        throw diagnostic(errors, remedy: remedy, flags: flags)
    }

    /// Runs the compiler; returns what it wrote on standard error when it failed, and nil when it did not.
    func errors(_ arguments: [String], workingDirectory: String?) async throws(Diagnostic) -> String? {
        let limit = 1 << 20
        // What the compiler starts goes with it when the task is cancelled.
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(200))
        ]
        do {
            let result = try await Subprocess.run(
                .path(FilePath(path)), arguments: Arguments(arguments),
                workingDirectory: workingDirectory.map { FilePath($0) }, platformOptions: options, output: .discarded,
                error: .string(limit: limit))
            return result.terminationStatus.isSuccess ? nil : result.standardError
        } catch {
            throw Diagnostic(withoutPlace: "\(name) did not run: \(error)", remedy: "check \(path)")
        }
    }

    /// The first error of a compiler's `file:line:column: error: message`.
    func diagnostic(_ errors: String, remedy: String, flags: String) -> Diagnostic {
        for line in errors.split(whereSeparator: \.isNewline) {
            guard let range = line.firstRange(of: "error: ") else { continue }
            let message = String(line[range.upperBound...])
            let place = line[..<range.lowerBound].replacing("fatal ", with: "").split(separator: ":").map {
                AssemblyText.trimmed($0)
            }
            let numbers = place.suffix(3).compactMap { Int($0) }
            let isPlaced = numbers.count == 2 && place.count >= 3
            return Diagnostic(
                file: isPlaced ? place.first : nil,
                span: isPlaced ? SourceSpan(SourcePlace(line: numbers[0], column: numbers[1])) : nil,
                message: "\(name): " + message, remedy: remedy)
        }
        let first = errors.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no message"
        return Diagnostic(withoutPlace: "\(name) failed: \(first)", remedy: "check \(flags)")
    }
}
