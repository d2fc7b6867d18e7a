import Diagnostics
import Report

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where a command's report goes: standard output and files, each in its format.
struct ReportOutputs {
    let plan: FormatOptions.Plan
    private let surroundings: Surroundings
    /// When the command began, in seconds since 1970.
    private let begun: time_t

    init(_ plan: FormatOptions.Plan, _ surroundings: Surroundings) {
        self.plan = plan
        self.surroundings = surroundings
        begun = WallClock.seconds(fixed: surroundings.environment("SOURCE_DATE_EPOCH"))
    }

    /// How the documents are made; only they ask for it.
    var origin: CheckDocument.Origin {
        CheckDocument.Origin(
            command: surroundings.commandLine, version: PteroVersion.current, directory: surroundings.currentDirectory,
            time: WallClock.text(of: begun))
    }

    /// Whether some format tells runs, step by step.
    var tellRuns: Bool { plan.formats.contains { $0.tellsRuns } }

    /// Whether standard output is for programs, so that remarks for people go to standard error.
    var isForPrograms: Bool { plan.standard != .text && plan.standard != .herd }

    /// Writes the files.
    ///
    /// - Parameters:
    ///   - others: files that other options have written.
    ///   - inputs: files that were read.
    ///   - text: what is written in a format.
    func writeFiles(others: [String?], inputs: [String], _ text: (ReportFormat) -> String) -> ExitStatus {
        guard !plan.files.isEmpty else { return .success }
        var files = FormatFiles(others: others, inputs: inputs, surroundings)
        return plan.files.reduce(.success) { status, part in
            status.combined(with: files.write(text(part.format), to: part.file))
        }
    }

    /// Runs a command; what keeps it from checking anything is written in the formats that have a place for it, too.
    func running(on inputs: [String], _ command: () throws -> ExitStatus) throws -> ExitStatus {
        do { return try command() } catch let error as Diagnostic {
            write(error, inputs: inputs)
            throw error
        }
    }

    private func write(_ error: Diagnostic, inputs: [String]) {
        let fault = InputFault(file: error.file, error)
        let document = CheckDocument([], faults: [fault], status: .badInput)
        func text(_ format: ReportFormat) -> String {
            switch format.ofCheck {
            case .table, .blocks: ""
            case .json: fault.json(.check)
            case .document(let format): document.rendered(format, origin)
            }
        }
        surroundings.output.write(text(plan.standard))
        _ = writeFiles(others: [], inputs: inputs, text)
    }
}

extension FormatOptions {
    /// Where a report goes; `json` and `verbose` are the older options for the format of standard output.
    func outputs(json: Bool, verbose: Bool, _ surroundings: Surroundings) throws(Diagnostic) -> ReportOutputs {
        let own: (String, ReportFormat)? = json ? ("--json", .json) : verbose ? ("--verbose", .herd) : nil
        return ReportOutputs(try plan(own), surroundings)
    }
}

extension Surroundings {
    /// The command line as a reader would type it.
    var commandLine: String { (["ptero"] + arguments.map(ReplayCommand.quoted)).joined(separator: " ") }

    /// Runs a part of a command that writes a file; what keeps it from that is told, and the command goes on.
    func told(_ write: () throws(Diagnostic) -> Void) -> ExitStatus {
        do throws(Diagnostic) {
            try write()
            return .success
        } catch {
            report(error)
            return .badInput
        }
    }
}
