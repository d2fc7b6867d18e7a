import Checker
import CompiledTests
import Diagnostics
import Litmus
import Machine
import Report
import SystemPackage

/// Writes the test without each step as a test of its own, with the verdicts that it has.
struct RemovalFiles {
    private let folder: String
    private let source: TestSource
    private let test: LitmusTest
    private let surroundings: Surroundings

    init(folder: String, source: TestSource, test: LitmusTest, _ surroundings: Surroundings) {
        self.folder = folder
        self.source = source
        self.test = test
        self.surroundings = surroundings
    }

    /// Writes one, and notes where.
    func write(_ finding: inout RemovalFinding, number: Int, _ found: RemovalFinder.Found) throws(Diagnostic) {
        let name = RemovalWords.name(finding.removal, number: number, of: test.title)
        guard let text = text(finding, name, found) else { return }
        let file = name + (source.language == .swift ? ".swift" : ".litmus")
        let directory = surroundings.resolved(folder)
        do {
            try Files.makeFolder(directory)
            let descriptor = try FileDescriptor.open(
                FilePath(directory + "/" + file), .writeOnly, options: [.create, .truncate],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            _ = try descriptor.closeAfter { try descriptor.writeAll(text) }
        } catch {
            throw Diagnostic(
                withoutPlace: "\(printable(folder))/\(file) cannot be written",
                remedy: "check the folder that --output names")
        }
        finding.file = (folder.hasSuffix("/") ? String(folder.dropLast()) : folder) + "/" + file
    }

    private func text(_ finding: RemovalFinding, _ name: String, _ found: RemovalFinder.Found) -> [UInt8]? {
        let sentence = RemovalWords.sentence(finding.removal)
        let expectation = expectation(finding)
        guard let text = found.text else {
            var test = finding.removal.test.withOthers
            test.name = name
            test.description = sentence
            test.expectation = expectation
            // What the whole test is in the table of the corpus, this one is not.
            test.headers.removeAll { ["Sequence", "Failure", "Remark", "Purpose"].contains($0.key) }
            return Array(LitmusWriter.text(of: test).utf8)
        }
        let edited = SourceEdits.renamed(text, language: source.language, name: name, description: sentence) { shift in
            (found.step.map { ["Without=\($0.header(shift: shift))"] } ?? [])
                + (LitmusWriter.comment(on: expectation, of: test.conditionName).map { [$0] } ?? [])
        }
        return edited.map {
            SourceEdits.findingIncludes($0, from: surroundings.folder(of: source.file)) { Files.exists($0) }
        }
    }

    /// The verdicts that were found, where a test can name them.
    private func expectation(_ finding: RemovalFinding) -> Expectation {
        let known = Set(CPUProfile.shipped.map { $0.name })
        var expectation = Expectation()
        for verdict in finding.verdicts {
            guard let observation = verdict.observation, observation != .inconclusive else { continue }
            if verdict.profile.contains(":") { expectation.all = observation }
            if known.contains(verdict.profile) { expectation.byProfile[verdict.profile] = observation }
        }
        return expectation
    }
}
