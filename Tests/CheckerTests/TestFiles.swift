import Checker
import Foundation
import Litmus
import Machine

/// The litmus tests that ship with the package, and where they lie.
enum TestFiles {
    /// The package's directory: above this file, or `PTERO_ROOT`.
    static let root: URL = {
        if let given = ProcessInfo.processInfo.environment["PTERO_ROOT"] { return URL(fileURLWithPath: given) }
        var directory = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while directory.path != "/" {
            if FileManager.default.fileExists(atPath: directory.appendingPathComponent("Corpus").path) {
                return directory
            }
            directory.deleteLastPathComponent()
        }
        return URL(fileURLWithPath: ".")
    }()

    /// Every test of the corpus in columns, by its path below `Corpus`; those in `kernel` are C and are tested with the compiler.
    static let corpus = litmusFiles(below: "Corpus").filter { !$0.hasPrefix("kernel/") }

    /// Every test of the x86-TSO corpus, by its name.
    static let herd = litmusFiles(below: "Tests/Corpora/x86_64")

    /// Golden files, which a test writes anew when asked to.
    static let golden = root.appendingPathComponent("Tests/CheckerTests/Golden")

    /// The text of a file.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Tests in C need a compiler and have tests of their own.
    private static func litmusFiles(below folder: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
        return (all?.compactMap { $0 as? String } ?? []).sorted().filter { path in
            path.hasSuffix(".litmus") && (try? text(folder + "/" + path))?.hasPrefix("X86_64") == true
        }
    }
}

/// A test that is ready to be checked.
struct Prepared {
    var checker: TestChecker
    /// The machines that the test asks for: label and profiles.
    var assignments: [(label: String, profiles: [CPUProfile])]

    init(text: String, file: String? = nil, on profile: String? = nil) throws {
        checker = try TestChecker(LitmusParser.parse(text, file: file), file: file)
        let offered = profile == nil ? CPUProfile.builtIn : CPUProfile.shipped.filter { $0.name == profile }
        assignments = try checker.assignments(
            among: offered, known: RandomTests.profiles, onRequest: profile == nil ? CPUProfile.onRequest : [])
    }

    init(path: String) throws { try self.init(text: TestFiles.text(path), file: path) }

    /// The verdict on each machine.
    func verdicts(_ change: (inout CheckOptions) -> Void = { _ in }) throws -> [Verdict] {
        var options = CheckOptions()
        change(&options)
        return try assignments.map { try checker.check(label: $0.label, profiles: $0.profiles, options: options) }
    }
}
