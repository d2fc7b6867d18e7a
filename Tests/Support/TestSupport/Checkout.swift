import Foundation

/// The checkout that these tests were built from.
package enum Checkout {
    /// The package's directory: the nearest one above this file that has a manifest.
    package static let root: URL = {
        var directory = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while directory.path != "/" {
            if FileManager.default.fileExists(atPath: directory.appendingPathComponent("Package.swift").path) {
                return directory
            }
            directory.deleteLastPathComponent()
        }
        return URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    }()

    /// The place of a file, from its path below the package's directory.
    package static func file(_ path: String) -> URL { root.appendingPathComponent(path) }

    /// The bytes of a file, from its path below the package's directory.
    package static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: file(path))) }

    /// The text of a file, from its path below the package's directory.
    package static func text(_ path: String) throws -> String { try String(contentsOf: file(path), encoding: .utf8) }

    /// The tests of the corpus in columns, by their paths below `Corpus`.
    ///
    /// Tests in C and in Swift need a compiler, and have tests of their own.
    package static let corpus = litmusFiles(below: "Corpus").filter {
        !$0.hasPrefix("kernel/") && !$0.hasPrefix("synth/")
    }

    /// The files of synthesis problems, which have holes, by their paths below `Corpus`.
    package static let problems = litmusFiles(below: "Corpus").filter { $0.hasPrefix("synth/") }

    /// The tests of the x86-TSO corpus, by their names.
    package static let herd = litmusFiles(below: "Tests/Corpora/x86_64")

    /// The questions that the benchmarks time, by their paths below `Benchmarks`.
    package static let benchmarks = litmusFiles(below: "Benchmarks")

    /// The tests in columns below a folder, by their paths below it, in order.
    private static func litmusFiles(below folder: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: file(folder).path)
        return (all?.compactMap { $0 as? String } ?? []).sorted().filter { path in
            path.hasSuffix(".litmus") && (try? text(folder + "/" + path))?.hasPrefix("X86_64") == true
        }
    }
}
