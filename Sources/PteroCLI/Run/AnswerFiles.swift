import Diagnostics
import Litmus
import Report
import Synthesis

/// Writes what a search found as ordinary tests: a folder for each answer, and one for each near miss.
struct AnswerFiles {
    private let folder: String
    private let problem: SynthesisProblem
    private let surroundings: Surroundings

    init(_ folder: String, _ problem: SynthesisProblem, _ surroundings: Surroundings) {
        self.folder = folder
        self.problem = problem
        self.surroundings = surroundings
    }

    /// Writes all tests of each answer, which shall be *Never*, and of each near miss the one that rejects it, in place of what
    /// an earlier search wrote.
    func write(_ result: SynthesisResult) throws(Diagnostic) {
        try make(folder)
        try removeEarlier()
        try writeAnswers(result)
        try writeNearMisses(result)
    }

    /// What the folders of one search are called, before a number.
    private static let answer = "answer-"
    private static let nearMiss = "near-miss-"

    /// Removes the tests that an earlier search wrote into its folders; whatever else is in them stays.
    private func removeEarlier() throws(Diagnostic) {
        let root = surroundings.resolved(folder)
        for place in Files.names(in: root) ?? [] {
            guard
                [Self.answer, Self.nearMiss].contains(where: {
                    place.hasPrefix($0) && Int(place.dropFirst($0.count)) != nil
                }),
                Files.type(root + "/" + place, followsLinks: false) == .directory
            else { continue }
            for name in Files.names(in: root + "/" + place) ?? []
            where name.hasPrefix(place + "+") && name.hasSuffix(".litmus") {
                do { try Files.remove(root + "/" + place + "/" + name) } catch {
                    throw Diagnostic(
                        withoutPlace: "\(folder)/\(place)/\(name) of an earlier search cannot be removed",
                        remedy: "check the folder that --output names")
                }
            }
            Files.removeEmptyFolder(root + "/" + place)
        }
    }

    private func writeAnswers(_ result: SynthesisResult) throws(Diagnostic) {
        for (number, answer) in result.answers.enumerated() {
            let place = "\(Self.answer)\(number + 1)"
            for file in problem.files.indices {
                var test = try problem.filled(file, with: answer.lines)
                test.expectation = Expectation(all: .never)
                for number in test.furtherConditions.indices {
                    test.furtherConditions[number].expectation = Expectation(all: .never)
                }
                try write(test, into: place)
            }
        }
    }

    private func writeNearMisses(_ result: SynthesisResult) throws(Diagnostic) {
        for (number, miss) in result.nearMisses.enumerated() {
            guard let penalty = miss.penalty else { continue }
            var test = try problem.filled(penalty.file, with: miss.lines)
            let expectation = Expectation(byProfile: [penalty.profile: penalty.observation])
            let isFirst = penalty.conditionName == test.conditionName
            test.expectation = isFirst ? expectation : Expectation()
            for number in test.furtherConditions.indices {
                let isOwn = test.furtherConditions[number].name == penalty.conditionName
                test.furtherConditions[number].expectation = isOwn ? expectation : Expectation()
            }
            try write(test, into: "\(Self.nearMiss)\(number + 1)")
        }
    }

    private func write(_ test: LitmusTest, into place: String) throws(Diagnostic) {
        var test = test
        test.name = "\(place)+\(test.name)"
        let directory = folder + "/" + place
        try make(directory)
        let file = directory + "/" + test.name + ".litmus"
        do { try Files.write(LitmusWriter.text(of: test), to: surroundings.resolved(file)) } catch {
            throw Diagnostic(
                withoutPlace: "\(file) cannot be written", remedy: "check the folder that --output names")
        }
    }

    private func make(_ directory: String) throws(Diagnostic) {
        do { try Files.makeFolder(surroundings.resolved(directory)) } catch {
            throw Diagnostic(
                withoutPlace: "the folder \(directory) cannot be made", remedy: "check the folder that --output names")
        }
    }
}
