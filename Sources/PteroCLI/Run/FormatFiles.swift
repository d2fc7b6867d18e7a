import Diagnostics
import Report

/// Writes the files of `--format` and `--output`, one after the other; what cannot be written is told, and the rest goes on.
struct FormatFiles {
    private let surroundings: Surroundings
    /// What was written before or must not be written, and the option or word for it.
    private var taken: [(identity: Files.Identity, what: String)] = []

    /// - Parameters:
    ///   - others: files that other options have written.
    ///   - inputs: files that were read.
    init(others: [String?], inputs: [String], _ surroundings: Surroundings) {
        self.surroundings = surroundings
        // What was printed would be lost.
        if let identity = Files.identityOfStandardOutput() { taken.append((identity, "standard output")) }
        for file in inputs { take(file, "an input") }
        for file in others.compactMap({ $0 }) { take(file, "another output") }
    }

    /// Writes a text to a file.
    mutating func write(_ text: String, to file: String) -> ExitStatus {
        do throws(Diagnostic) {
            if let identity = Files.identity(surroundings.resolved(file)),
                let other = taken.first(where: { $0.identity == identity })
            {
                throw Diagnostic(
                    withoutPlace: "\(file) is \(other.what): it is left as it is",
                    remedy: "give each output a file of its own")
            }
            try surroundings.write(text, to: file)
            take(file, "another output")
            return .success
        } catch {
            surroundings.report(error)
            return .badInput
        }
    }

    private mutating func take(_ file: String, _ what: String) {
        if let identity = Files.identity(surroundings.resolved(file)) { taken.append((identity, what)) }
    }
}
