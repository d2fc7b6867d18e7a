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

    /// Runs it; after a job that ended it by a signal, again from the next job on.
    func run(seconds: Double) async throws(Diagnostic) {
        let start = ContinuousClock.now
        var next = 0
        while next < plan.jobs.count, !Task.isCancelled {
            let left = seconds - (ContinuousClock.now - start) / .seconds(1)
            guard left > 0 else { return }
            let status = try await run(from: next, seconds: left)
            let (hasEnded, running, last) = record.withLock { record in
                if case .signaled(let number) = status { record.takeSignal(Int(number)) }
                return (record.hasEnded, record.running, record.figures.keys.max())
            }
            if hasEnded || Task.isCancelled { return }
            let reached = max(running ?? -1, last ?? -1)
            guard reached >= next else {
                throw Diagnostic(
                    withoutPlace: "the program that measures ended at once (\(status))",
                    remedy: "it needs 64 MiB of memory, and a TMPDIR that programs can be started from")
            }
            next = reached + 1
        }
    }

    private func run(from first: Int, seconds: Double) async throws(Diagnostic) -> TerminationStatus {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(200))
        ]
        do {
            let result = try await Subprocess.run(
                .path(FilePath(executable)), arguments: ["\(first)", "\(plan.percent)", "\(Int(seconds.rounded(.up)))"],
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
        return MachineMeasurement(
            machine: machine, date: date, cpu: record.cpu, nanoseconds: record.nanoseconds, rows: rows,
            isInterrupted: isInterrupted)
    }
}
