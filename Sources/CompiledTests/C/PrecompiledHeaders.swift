import Diagnostics
import Synchronization

/// A kernel's headers, compiled once for all tests that have the same flags; the folder goes with the last user.
///
/// What clang makes of a test is the same with it, except that a header cannot be wrong here: then there is nothing
/// precompiled, and the compilation of the test says what is wrong.
final class PrecompiledHeaders: Sendable {
    /// What clang has precompiled by the arguments that decide what it is; nil where it failed.
    private typealias Build = Task<String?, Never>

    private let directory: ScratchDirectory
    private let builds = Mutex<[[String]: Build]>([:])

    /// The folder of Ptero's own headers, the same for all tests.
    var path: String { directory.path }

    init() throws(Diagnostic) {
        directory = try ScratchDirectory()
        try ShippedHeaders.write(to: directory)
    }

    deinit { directory.remove() }

    /// The arguments of a compilation with inclusions replaced by what was precompiled of them; as they are where it cannot be.
    func shared(_ arguments: [String], _ clang: Clang, workingDirectory: String?) async -> [String] {
        let build = builds.withLock { builds in
            let key = arguments + [workingDirectory ?? ""]
            if let known = builds[key] { return known }
            let output = "\(directory.path)/headers-\(builds.count).pch"
            let build = Build { [directory] in
                await Self.build(arguments, clang, workingDirectory, directory, output)
            }
            builds[key] = build
            return build
        }
        // Whoever is interrupted interrupts all: Ctrl-C is for the whole run.
        let file = await withTaskCancellationHandler {
            await build.value
        } onCancel: {
            build.cancel()
        }
        guard let file else { return arguments }
        return Self.withoutInclusions(arguments) + ["-include-pch", file]
    }

    private static func build(
        _ arguments: [String], _ clang: Clang, _ workingDirectory: String?, _ directory: ScratchDirectory,
        _ output: String
    ) async -> String? {
        // The inclusions are all there is.
        let input = output + ".h"
        do throws(Diagnostic) {
            try directory.write([], to: input)
            let errors = try await clang.errors(
                arguments + ["-x", "c-header", "-o", output, input], workingDirectory: workingDirectory)
            return errors == nil ? output : nil
        } catch { return nil }
    }

    /// Arguments without `-include FILE`.
    private static func withoutInclusions(_ arguments: [String]) -> [String] {
        var rest: [String] = []
        var words = arguments[...]
        while let word = words.popFirst() {
            if word == "-include" { _ = words.popFirst() } else { rest.append(word) }
        }
        return rest
    }
}
