import CompiledTests
import Diagnostics
import Litmus
import Synthesis

/// What is to be timed.
package struct TimingPlan: Sendable {
    /// The rows of the measurement, their figures not known yet.
    package private(set) var rows: [MeasuredRow] = []
    private(set) var jobs: [TimedJob] = []
    private var sequenceRows: [TimedBlock: Int] = [:]
    /// How often each block is timed, in percent of what a good figure needs.
    let percent: Int

    /// Plans all building blocks and these tests' sequences; a test that is not in columns is nil.
    ///
    /// Quickly is to see that all works: fewer passes, and nothing over 8 Mi entries.
    package init(sequences: [(name: String, test: LitmusTest?)] = [], isQuick: Bool = false) {
        percent = isQuick ? 4 : 100
        let settings = isQuick ? [CostSetting.small, .medium, .contended] : CostSetting.allCases
        for item in CostItem.allCases { rows.append(MeasuredRow(.item(item))) }
        // By settings, so that a run that is ended early knows the small table; sequences before the tables that take long.
        for setting in settings {
            if setting == .medium { for (name, test) in sequences { append(name, test) } }
            for (row, item) in CostItem.allCases.enumerated() where setting == .small || !item.isOfNoTable {
                jobs.append(TimedJob(row: row, column: .setting(setting), block: TimedBlock(item)))
            }
        }
    }

    /// How many figures there will be.
    package var count: Int { jobs.count }

    private mutating func append(_ name: String, _ test: LitmusTest?) {
        var row = MeasuredRow(.sequence(name))
        do throws(SequenceProblem) {
            guard let test else { throw .notColumns }
            let sequence = try SequenceBlock(test)
            row.leftOut = sequence.leftOut
            // Tests of one sequence are many, and ask different questions of it.
            if let same = sequenceRows[sequence.block], rows[same].leftOut == row.leftOut {
                rows[same].sameIn.append(name)
                return
            }
            sequenceRows[sequence.block] = rows.count
            for start in EntryStart.allCases {
                var block = sequence.block
                block.start = start
                jobs.append(TimedJob(row: rows.count, column: .start(start), block: block))
            }
            jobs.append(TimedJob(row: rows.count, column: .setting(.contended), block: sequence.block))
        } catch {
            for start in EntryStart.allCases { row.figures[.start(start)] = .unusable(.notRunnable(error)) }
        }
        rows.append(row)
    }
}

/// Times code on the machine that this program runs on.
package enum MachineTiming {
    /// No job is begun after so many seconds; what was not reached says so.
    static let mostSeconds = 100.0

    /// Builds a program of the plan's blocks, runs it, and reads what it times; the calling thread waits.
    ///
    /// Never call it from asynchronous code, whose threads must not wait. When `isInterrupted` becomes true the program is
    /// ended, and what is known is returned. `progress` is told how many figures are known.
    /// - Throws: `Diagnostic` when the program cannot be built or run here.
    package static func measureAndWait(
        _ plan: TimingPlan, clang: Clang, machine: String, date: String,
        isInterrupted: @escaping @Sendable () -> Bool = { false },
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws(Diagnostic) -> MachineMeasurement {
        #if os(Linux) && arch(x86_64)
            let folder = try ScratchDirectory()
            defer { folder.remove() }
            let program = TimingProgram(folder: folder, plan: plan)
            let wasEnded = try waiting(isInterrupted, { progress(program.finished) }) { () async throws(Diagnostic) in
                try await program.build(clang)
                try await program.run(seconds: mostSeconds)
            }
            return program.measurement(machine: machine, date: date, isInterrupted: wasEnded)
        #else
            throw Diagnostic(
                withoutPlace: "`ptero measure` times x86-64 instructions on Linux, and this is another machine",
                remedy: "run it on the machine whose prices you need, and bring its cost file")
        #endif
    }
}
