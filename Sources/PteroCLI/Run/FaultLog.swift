import Diagnostics
import Report
import Synchronization

/// What was reported as an error while a command ran, for records that programs read.
final class FaultLog: Sendable {
    private let noted = Mutex<[InputFault]>([])

    /// All faults, in the order in which they were reported.
    var faults: [InputFault] { noted.withLock { $0 } }

    /// Takes note of what is wrong with an input; nil for the command line.
    func note(_ diagnostic: Diagnostic, of file: String?) {
        noted.withLock { $0.append(InputFault(file: file, diagnostic)) }
    }
}

extension Surroundings {
    /// Runs a command; where it prints records of a kind, what it reports as wrong is a record, too, after the others.
    func recording(
        _ schema: RecordSchema?, _ command: (Surroundings) throws -> ExitStatus
    ) throws -> ExitStatus {
        guard let schema else { return try command(self) }
        let log = FaultLog()
        var surroundings = self
        surroundings.faults = log
        defer { output.write(log.faults.map { $0.json(schema) }.joined()) }
        do { return try command(surroundings) } catch let error as Diagnostic {
            log.note(error, of: error.file)
            throw error
        }
    }
}
