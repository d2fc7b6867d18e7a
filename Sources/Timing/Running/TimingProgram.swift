import CompiledTests
import Diagnostics
import Subprocess
import Synchronization
import Synthesis
import SystemPackage

/// The program that times blocks: C that comes with Ptero, and the blocks as assembly.
final class TimingProgram: Sendable {
    private let folder: ScratchDirectory
    private let plan: TimingPlan
    private let record: Mutex<TimingRecord>

    private var executable: String { folder.path + "/measure" }

    init(folder: ScratchDirectory, plan: TimingPlan) {
        self.folder = folder
        self.plan = plan
        record = Mutex(TimingRecord(plan.jobs))
    }

    /// How many figures are known.
    var finished: Int { record.withLock { $0.finished } }

    /// Compiles and links it.
    func build(_ clang: Clang) async throws(Diagnostic) {
        let (source, blocks) = (folder.path + "/measure.c", folder.path + "/blocks.s")
        try folder.write(PackageResources.measure_c, to: source)
        try folder.write(Array(BlockListing(plan.jobs).text.utf8), to: blocks)
        let errors = try await clang.errors(
            ["-O2", "-pthread", "-o", executable, source, blocks], workingDirectory: folder.path)
        guard let errors else { return }
        let lines = errors.split(whereSeparator: \.isNewline)
        let first = lines.first { $0.contains("error") } ?? lines.first ?? "no message"
        throw Diagnostic(
            withoutPlace: "the program that measures could not be built: \(first)",
            remedy: "clang needs a linker and the C library's headers (Debian: binutils, libc6-dev)")
    }

    /// How often figures that load has spoilt are tried again.
    private static let mostAttempts = 3

    /// Runs all jobs, and once or twice more those whose figures the machine's load has spoilt.
    func run(seconds: Double) async throws(Diagnostic) {
        let end = ContinuousClock.now + .seconds(seconds)
        var jobs = Array(plan.jobs.indices)
        for _ in 0..<Self.mostAttempts where !jobs.isEmpty {
            try await run(jobs, until: end)
            jobs = record.withLock { $0.spoilt }
        }
    }

    /// Runs jobs; after one that ended the program by a signal, those after it in a new one.
    private func run(_ jobs: [Int], until end: ContinuousClock.Instant) async throws(Diagnostic) {
        var left = jobs[...]
        while !left.isEmpty, !Task.isCancelled {
            let seconds = (end - ContinuousClock.now) / .seconds(1)
            guard seconds > 0 else { return }
            let status = try await run(Array(left), seconds: seconds)
            let (hasEnded, reached) = record.withLock { record in
                let reached = record.begun
                // When we end the program ourselves, that says nothing about the job.
                if case .signaled(let number) = status, !Task.isCancelled { record.takeSignal(Int(number)) }
                return (record.hasEnded, reached)
            }
            if hasEnded || Task.isCancelled { return }
            guard let reached, let position = left.firstIndex(of: reached) else {
                throw Diagnostic(
                    withoutPlace: "the program that measures ended at once (\(status))",
                    remedy: "it needs 64 MiB of memory, and a TMPDIR that programs can be started from")
            }
            left = left[(position + 1)...]
            // What has ended the program once would do it again on other entries.
            let row = plan.jobs[reached].row
            left = record.withLock { record in
                for job in left where plan.jobs[job].row == row { record.copy(reached, to: job) }
                return ArraySlice(left.filter { record.figures[$0] == nil || plan.jobs[$0].row != row })
            }
        }
    }

    private func run(_ jobs: [Int], seconds: Double) async throws(Diagnostic) -> TerminationStatus {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(200))
        ]
        let arguments = ["\(plan.percent)", "\(Int(seconds.rounded(.up)))"] + jobs.map { "\($0)" }
        record.withLock { $0.restart() }
        do {
            let result = try await Subprocess.run(
                .path(FilePath(executable)), arguments: Arguments(arguments),
                platformOptions: options, input: .none, output: .sequence, error: .discarded
            ) { execution in
                for try await text in execution.standardOutput.strings() {
                    guard let line = ProgramLine(text.filter { !$0.isNewline }) else { continue }
                    self.record.withLock { $0.take(line) }
                }
            }
            return result.terminationStatus
        } catch {
            // Ctrl-C ends the program, and what it has said stays.
            if Task.isCancelled { return .exited(0) }
            throw Diagnostic(
                withoutPlace: "the program that measures did not run: \(error)",
                remedy: "set TMPDIR to a folder that programs can be started from")
        }
    }

    /// What is known.
    func measurement(machine: String, date: String, isInterrupted: Bool) -> MachineMeasurement {
        let record = record.withLock { $0 }
        var rows = plan.rows
        for (number, job) in plan.jobs.enumerated() {
            rows[job.row].figures[job.column] = record.figures[number] ?? .unusable(.notReached)
        }
        var measurement = MachineMeasurement(
            machine: machine, date: date, cpu: record.cpu, nanoseconds: record.nanoseconds, rows: rows,
            isInterrupted: isInterrupted)
        measurement.isUnpinned = record.isUnpinned
        return measurement
    }
}
