import Diagnostics
import Litmus

/// Reads the tests of a problem.
struct SynthesisInputs {
    private let surroundings: Surroundings

    init(_ surroundings: Surroundings) { self.surroundings = surroundings }

    /// The tests that arguments name, in order; nil, with a report on standard error, where one cannot be read.
    func tests(_ files: [String]) -> [LitmusTest]? {
        var tests: [LitmusTest] = []
        var isReadable = true
        for source in TestFinder(surroundings: surroundings).sources(files) {
            do throws(Diagnostic) {
                let bytes = try source.content.get()
                var test = try LitmusParser.parse(bytes: bytes, file: source.file)
                test.places.file = source.file
                source.warn(about: test, surroundings)
                tests.append(test)
            } catch {
                source.report(error, surroundings)
                isReadable = false
            }
        }
        return isReadable ? tests : nil
    }
}
