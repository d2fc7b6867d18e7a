import Foundation
import Litmus
import Testing

/// Finds the test corpora: in the package, or beside it in a working copy.
enum Corpus {
    /// The package's own directory, found from this file.
    private static let package: URL? = {
        var directory = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while directory.path != "/" {
            let manifest = directory.appendingPathComponent("Package.swift").path
            if FileManager.default.fileExists(atPath: manifest) { return directory }
            directory.deleteLastPathComponent()
        }
        return nil
    }()

    /// The litmus files of the first of these folders that exists; paths are relative to the package.
    static func files(_ folders: String...) -> [URL] {
        for folder in folders {
            guard let url = package?.appendingPathComponent(folder).standardizedFileURL,
                let files = try? FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
            else { continue }
            let tests = files.filter { $0.pathExtension == "litmus" }
            if !tests.isEmpty { return tests.sorted { $0.path < $1.path } }
        }
        return []
    }

    /// The text of a file of the package, or nil.
    static func text(of path: String) -> String? {
        package.flatMap { try? String(contentsOf: $0.appendingPathComponent(path), encoding: .utf8) }
    }

    static let herd = files("Tests/Corpora/x86_64", "../shared/corpus-x86_64")
    static let scaling = files("Tests/Corpora/scaling", "../shared/peers/scaling")
}

@Suite("Corpora")
struct CorpusTests {
    @Test(.enabled(if: !Corpus.herd.isEmpty, "no corpus in Tests/Corpora/x86_64"))
    func everyTestOfTheCorpusIsReadAndWritten() throws {
        try readAndWrite(Corpus.herd)
        #expect(Corpus.herd.count >= 400)
    }

    @Test(.enabled(if: !Corpus.scaling.isEmpty, "no corpus in Tests/Corpora/scaling"))
    func everyScalingTestIsReadAndWritten() throws { try readAndWrite(Corpus.scaling) }

    private func readAndWrite(_ files: [URL]) throws {
        var digests: [String: String] = [:]
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: file))
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
        #expect(digests.count > files.count * 9 / 10)
    }
}
