import Diagnostics
import Litmus
import Synchronization
import X86

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `PageTable` and `AddressSpace`, compiled from their sources so that tests can import them.
///
/// Their inlinable code becomes part of a test's own; of what is not inlined the assembly text is kept.
final class SwiftLibraries: Sendable {
    /// What can be imported, in the order in which it is compiled.
    static let names = ["PageTable", "AddressSpace"]

    /// Compiled modules.
    struct Built: Sendable {
        /// Where the `.swiftmodule` files lie; nil if none were asked for.
        var directory: String?
        /// The code that a test may call, by module.
        var assembly: [SwiftAssembly] = []
    }

    private typealias Build = Task<Result<Built, Diagnostic>, Never>

    private let swiftc: SwiftCompiler
    private let sources: String?
    private let flags: [String]
    private let builds = Mutex<[Int: Build]>([:])
    private let scratch = ScratchDirectories()

    /// `flags` go after all others, as for the tests.
    init(_ swiftc: SwiftCompiler, sources: String?, flags: [String]) {
        self.swiftc = swiftc
        self.flags = flags
        self.sources = sources
    }

    /// The modules whose names occur in a Swift text, in an import or a comment: one too many does no harm.
    static func modules(in text: [UInt8]) -> Set<String> {
        let words = Set(AssemblyText.names(String(decoding: text, as: UTF8.self)).map(String.init))
        return words.intersection(names)
    }

    /// The modules, compiled when they are first asked for.
    func built(_ modules: Set<String>) async throws(Diagnostic) -> Built {
        // Each module imports those before it.
        guard let last = Self.names.lastIndex(where: modules.contains) else { return Built() }
        let build = builds.withLock { builds in
            if let known = builds[last] { return known }
            let build = Build { [swiftc, sources, flags, scratch] in
                do throws(Diagnostic) {
                    let directory = try scratch.make()
                    return .success(try await Self.build(Self.names[...last], swiftc, sources, flags, directory))
                } catch { return .failure(error) }
            }
            builds[last] = build
            return build
        }
        return try await build.value.get()
    }

    private static func build(
        _ names: ArraySlice<String>, _ swiftc: SwiftCompiler, _ sources: String?, _ flags: [String],
        _ directory: ScratchDirectory
    ) async throws(Diagnostic) -> Built {
        guard let sources else {
            throw Diagnostic(
                withoutPlace: "the sources of \(names.joined(separator: " and ")) are not here, which the test imports",
                remedy: "set PTERO_SOURCES to the folder Sources of Ptero")
        }
        var built = Built(directory: directory.path)
        for name in names {
            let files = files(below: sources + "/" + name)
            guard !files.isEmpty else {
                throw Diagnostic(
                    withoutPlace: "\(sources) has no sources of \(name), which the test imports",
                    remedy: "set PTERO_SOURCES to the folder Sources of Ptero")
            }
            let output = "\(directory.path)/\(name).s"
            // Generic operations become part of a test's code with its own types in their place, inlinable or not.
            try await swiftc.run(
                [
                    "-cross-module-optimization", "-module-name", name, "-I", directory.path, "-emit-module",
                    "-emit-module-path",
                    "\(directory.path)/\(name).swiftmodule", "-emit-assembly", "-o", output,
                ] + flags + files)
            built.assembly.append(SwiftAssembly(try SwiftAssembly.text(of: output, in: directory), module: name))
        }
        return built
    }

    /// The Swift files below a folder, sorted, so that the same sources give the same code.
    private static func files(below folder: String) -> [String] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".swift") }.map { folder + "/" + $0 }.sorted()
    }
}

/// Folders that go when nobody needs them any more.
private final class ScratchDirectories: Sendable {
    private let directories = Mutex<[ScratchDirectory]>([])

    func make() throws(Diagnostic) -> ScratchDirectory {
        let directory = try ScratchDirectory()
        directories.withLock { $0.append(directory) }
        return directory
    }

    deinit { for directory in directories.withLock({ $0 }) { directory.remove() } }
}
