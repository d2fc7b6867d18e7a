import Foundation
import Litmus

/// What `--swift` names: tests, and code that tests are compiled with.
struct SwiftInputs {
    /// The tests, files as named, of folders all Swift tests below them sorted by path.
    private(set) var tests: [TestSource] = []
    /// Files that are no tests, as named.
    private(set) var code: [String] = []
    private var named: [String] = []

    /// Sorts out what was named; what cannot be read counts as a test, which says so when it is parsed.
    init(_ arguments: [String], _ surroundings: Surroundings) {
        let finder = TestFinder(surroundings: surroundings)
        named = arguments
        for argument in arguments {
            let path = surroundings.resolved(argument)
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
                tests += Self.folder(argument, path, finder)
                continue
            }
            guard FileManager.default.fileExists(atPath: path) else {
                tests += finder.sources([argument])
                continue
            }
            let source = finder.file(named: argument)
            guard let bytes = try? source.content.get(), !SwiftTest.isSwiftTest(bytes) else {
                tests.append(source)
                continue
            }
            code.append(argument)
        }
    }

    private static func folder(_ argument: String, _ path: String, _ finder: TestFinder) -> [TestSource] {
        let shown = argument.hasSuffix("/") ? String(argument.dropLast()) : argument
        guard let walk = FileManager.default.enumerator(atPath: path) else { return [finder.file(named: argument)] }
        var names: [String] = []
        for case let name as String in walk where name.hasSuffix(".swift") { names.append(name) }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return names.compactMap { name in
            var source = finder.file(named: shown + "/" + name)
            // Other Swift files are code; whoever wants them compiled names them.
            if let bytes = try? source.content.get(), !SwiftTest.isSwiftTest(bytes) { return nil }
            source.isFound = true
            return source
        }
    }

    /// What is wrong when nothing that was named is a test; `others` are tests from elsewhere.
    func fault(besides count: Int) -> UsageError? {
        guard count == 0, let first = named.first else { return nil }
        return UsageError(
            "\(named.count == 1 ? first : "none of \(named.joined(separator: ", "))") \(named.count == 1 ? "is no Swift test" : "is a Swift test")",
            remedy: "begin it with a comment `/* Swift NAME { ... } exists (...) */`, or name tests that use it")
    }
}
