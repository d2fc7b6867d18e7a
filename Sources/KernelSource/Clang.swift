import Litmus
import Subprocess
import SystemPackage
import X86

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The C compiler that tests are compiled with.
public struct Clang: Sendable {
    /// Where it lies.
    public let path: String

    /// Finds clang: the given path, else beside `swift`, else on `PATH`.
    ///
    /// `searchPath` is what takes the place of the environment's `PATH`.
    /// - Throws: ``Litmus/Diagnostic`` when there is none.
    public init(_ given: String? = nil, searchPath: String? = nil) throws(Diagnostic) {
        if let given {
            guard FileManager.default.isExecutableFile(atPath: given) else {
                throw Diagnostic.general(
                    "\(given) is no program that can be run", remedy: "give --clang the path of a clang")
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
                "clang"
            ).path
        }
        if let beside, FileManager.default.isExecutableFile(atPath: beside) {
            path = beside
        } else if let clang = program("clang") {
            path = clang
        } else {
            throw Diagnostic.general(
                "C tests need clang, and there is none beside swift or on PATH",
                remedy: "install a Swift toolchain or clang, or name one with --clang PATH")
        }
    }

    /// Runs the compiler; a failure is told by its first error.
    ///
    /// `workingDirectory` is where relative include paths begin.
    func run(_ arguments: [String], workingDirectory: String?) async throws(Diagnostic) {
        let limit = 1 << 20
        let status: TerminationStatus
        let errors: String
        do {
            let result = try await Subprocess.run(
                .path(FilePath(path)), arguments: Arguments(arguments),
                workingDirectory: workingDirectory.map { FilePath($0) }, output: .discarded,
                error: .string(limit: limit))
            status = result.terminationStatus
            errors = result.standardError
        } catch {
            throw Diagnostic.general("clang did not run: \(error)", remedy: "check \(path)")
        }
        guard !status.isSuccess else { return }
        throw Self.diagnostic(errors)
    }

    /// The first error of clang's `file:line:column: error: message`.
    static func diagnostic(_ errors: String) -> Diagnostic {
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
                place: isPlaced ? SourcePlace(line: numbers[0], column: numbers[1]) : SourcePlace(line: 1, column: 1),
                message: "clang: " + message, remedy: "this is C as clang sees it, after the headers of the test")
        }
        let first = errors.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no message"
        return Diagnostic.general("clang failed: \(first)", remedy: "check --cflags and --clang")
    }
}

extension Diagnostic {
    /// A diagnostic that is about no place of a file.
    static func general(_ message: String, file: String? = nil, remedy: String?) -> Diagnostic {
        Diagnostic(file: file, place: SourcePlace(line: 1, column: 1), message: message, remedy: remedy)
    }
}
