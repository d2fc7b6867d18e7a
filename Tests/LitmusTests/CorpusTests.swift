import Foundation
import Litmus
import TestSupport
import Testing

/// Tests that somebody wrote for something else than this parser.
@Suite struct CorpusTests {
    @Test func everyTestOfTheX86CorpusIsReadAndWritten() throws {
        #expect(Checkout.herd.count == 471)
        try readAndWrite(Checkout.herd.map { "Tests/Corpora/x86_64/" + $0 })
    }

    @Test func everyShippedTestIsReadAndWritten() throws {
        #expect(Checkout.corpus.count >= 300)
        try readAndWrite(Checkout.corpus.map { "Corpus/" + $0 })
    }

    @Test func everyQuestionOfTheBenchmarksIsReadAndWritten() throws {
        #expect(Checkout.benchmarks.count >= 18)
        try readAndWrite(Checkout.benchmarks.map { "Benchmarks/" + $0 })
    }

    private func readAndWrite(_ paths: [String]) throws {
        var digests: [String: String] = [:]
        for path in paths {
            let file = URL(fileURLWithPath: path)
            let bytes = try Checkout.bytes(path)
            do {
                let test = try LitmusParser.parse(bytes: bytes, file: file.lastPathComponent)
                #expect(test.name == file.deletingPathExtension().lastPathComponent)
                let text = LitmusWriter.text(of: test)
                let again = try LitmusParser.parse(text, file: "written " + file.lastPathComponent)
                #expect(again.isSame(as: test), "\(text)")
                #expect(again.testHash == test.testHash)
                digests[test.testHash] = test.name
            } catch {
                Issue.record("\(error.rendered(source: String(decoding: bytes, as: UTF8.self)))")
            }
        }
        // A few tests of the corpus differ in name only; a digest that ignored too much would fall far below.
        #expect(digests.count > paths.count * 9 / 10)
    }
}
