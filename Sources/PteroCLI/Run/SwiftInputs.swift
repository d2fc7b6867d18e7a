import Diagnostics
import Litmus
import Report

/// What `--swift` names: tests, and code that tests are compiled with.
struct SwiftInputs {
    /// The tests, files as named, of folders all Swift tests below them sorted by path.
    private(set) var tests: [TestSource] = []
    /// Files that are not tests, as named.
    private(set) var code: [String] = []
    private var named: [String] = []

    /// Sorts out what was named; what cannot be read counts as a test, which says so when it is parsed.
    init(_ arguments: [String], _ surroundings: Surroundings) {
        let finder = TestFinder(surroundings: surroundings)
        named = arguments
        for argument in arguments {
            let path = surroundings.resolved(argument)
            if Files.isFolder(path) {
                // Other Swift files are code; whoever wants them compiled names them.
                tests += finder.files(below: argument, path, ending: ".swift").filter { source in
                    (try? source.content.get()).map(SwiftTest.isSwiftTest) ?? true
                }
                continue
            }
            guard Files.exists(path) else {
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

    /// What is wrong when nothing that was named is a test; `others` are tests from elsewhere.
    func fault(besides count: Int) -> Diagnostic? {
        guard count == 0, let first = named.first else { return nil }
        return Diagnostic(
            withoutPlace:
                "\(named.count == 1 ? first : "none of \(named.joined(separator: ", "))") \(named.count == 1 ? "is not a Swift test" : "is a Swift test")",
            remedy: "begin it with a comment `/* Swift NAME { ... } exists (...) */`, or name tests that use it")
    }
}
