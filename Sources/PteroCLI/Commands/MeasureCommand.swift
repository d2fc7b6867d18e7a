import ArgumentParser
import CompiledTests
import Diagnostics
import Explorer
import Litmus
import ProfileFiles
import Report
import Synthesis
import Timing

/// `ptero measure`.
struct Measure: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Times page-table updates on this machine.",
        discussion: """
            Times building blocks (loads, stores, locked instructions by width, compare-and-exchange, fences, ...) over tables \
            of 512, 65,536 and 8 Mi entries, alone and while another CPU sets Dirty bits, and whole sequences: the column P0 of \
            each test, on clean, dirty, old and mixed entries. Figures are ratios to `lock andb`. A program of the \
            instructions is built with clang and runs for up to two minutes; Ctrl-C ends it and shows what is known. Let the \
            machine be quiet: what its load makes unusable is said in place of the figure.

            EXAMPLES
              ptero measure
              ptero measure --quick Corpus/wrprotect/dance+read.litmus
              ptero measure --cost-file mine.json5 --svg mine.svg
              ptero measure --show mine.json5 amd-epyc-zen4
              ptero measure --show                  the prices that come with Ptero
            """)

    static let endings = CommandEndings(
        success: "everything was timed, or shown; a figure that the load of the machine makes unusable changes nothing",
        inconclusive:
            "Ctrl-C or the end of the time came before all was timed, or there is no figure that --cost-file needs")

    @Argument(
        help: "Tests whose column P0 is timed, or folders of them; with --show, files of prices.",
        completion: .file(extensions: ["litmus", "json5"]))
    var files: [String] = []

    @Option(
        help: ArgumentHelp("Write the prices of building blocks to this file.", valueName: "out.json5"),
        completion: .file(extensions: ["json5"]))
    var costFile: String?

    @Option(
        help: ArgumentHelp("Write a picture of the prices to this file.", valueName: "out.svg"),
        completion: .file(extensions: ["svg"]))
    var svg: String?

    @Flag(help: "Print one JSON object for the machine, and one for each figure.")
    var json = false

    @Flag(help: "Take few passes, and leave out 8 Mi entries: to see that it works. The figures are rough.")
    var quick = false

    @Flag(help: "Measure nothing: show prices from files, or by name; by default those that come with Ptero.")
    var show = false

    @Option(
        help: ArgumentHelp(
            "The clang that builds the program (default: beside swift, else on PATH).", valueName: "path"),
        completion: .file())
    var clang: String?

    func validate() throws {
        guard show else { return }
        if costFile != nil { throw ValidationError("--show measures nothing that --cost-file could write.") }
        if quick || clang != nil {
            throw ValidationError("--show measures nothing: --quick and --clang have no effect.")
        }
        if svg != nil && files.count > 1 { throw ValidationError("--svg shows one file of prices: name one.") }
    }

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        if surroundings.handlesInterrupts && !show { InterruptSignal.takeOver() }
        return try surroundings.recording(json ? .measure : nil) { surroundings in
            try show ? showPrices(surroundings) : measure(surroundings)
        }
    }

    private func measure(_ surroundings: Surroundings) throws -> ExitStatus {
        let clang = try program(surroundings)
        guard let sequences = sequences(surroundings) else { return .badInput }
        let measurement = try measured(TimingPlan(sequences: sequences, isQuick: quick), clang, surroundings)
        try write([measurement], surroundings)
        var isWritten = true
        if let costFile { isWritten = try writeCosts(measurement.costs, to: costFile, surroundings) }
        return isWritten && measurement.isComplete ? .success : .inconclusive
    }

    private func measured(
        _ plan: TimingPlan, _ clang: Clang, _ surroundings: Surroundings
    ) throws(Diagnostic) -> MachineMeasurement {
        let meter = CountMeter(surroundings.errors, of: plan.count, "figures")
        defer { meter.erase() }
        return try MachineTiming.measureAndWait(
            plan, clang: clang, machine: MachineName.ofProcessor(), date: MachineName.today(),
            isInterrupted: { Interruption.isRequested }, progress: { meter.show($0) })
    }

    /// The compiler, told of as this command needs it.
    private func program(_ surroundings: Surroundings) throws(Diagnostic) -> Clang {
        let given = clang.map(surroundings.resolved)
        do throws(Diagnostic) {
            return try Clang(given, searchPath: surroundings.environment("PATH") ?? "")
        } catch {
            guard given == nil else { throw error }
            throw Diagnostic(
                withoutPlace: "to measure, a program is built with clang, and there is none beside swift or on PATH",
                remedy: error.remedy)
        }
    }

    /// The tests; nil, with a report on standard error, when one cannot be read.
    private func sequences(_ surroundings: Surroundings) -> [(name: String, test: LitmusTest?)]? {
        var sequences: [(name: String, test: LitmusTest?)] = []
        var isReadable = true
        for source in TestFinder(surroundings: surroundings).sources(files) {
            do throws(Diagnostic) {
                let bytes = try source.content.get()
                let test =
                    TestLanguage(of: bytes) == .columns ? try LitmusParser.parse(bytes: bytes, file: source.file) : nil
                sequences.append((test?.name ?? source.name, test))
            } catch {
                source.report(error, surroundings)
                isReadable = false
            }
        }
        return isReadable ? sequences : nil
    }

    private func showPrices(_ surroundings: Surroundings) throws -> ExitStatus {
        try write(CostFiles.tables(files, surroundings).map { MachineMeasurement($0) }, surroundings)
        return .success
    }

    /// Prints measurements, and draws the first.
    private func write(_ measurements: [MachineMeasurement], _ surroundings: Surroundings) throws {
        let style = surroundings.plainStyle
        let texts = measurements.map { json ? MeasureJSON.text($0) : MeasureTable($0).rendered(style) }
        surroundings.output.write(texts.joined(separator: json ? "" : "\n"))
        if let svg, let first = measurements.first { try surroundings.write(MeasurePlot(first).text, to: svg) }
    }

    /// Writes the prices; false, with a report on standard error, when there is not even that of the unit.
    private func writeCosts(_ costs: CostTable, to file: String, _ surroundings: Surroundings) throws -> Bool {
        guard costs[.unit] != nil else {
            surroundings.report(
                Diagnostic(
                    withoutPlace: "\(file) was not written: the time of `lock andb` itself could not be used",
                    remedy: "measure again when the machine is quiet"))
            return false
        }
        try surroundings.write(CostFile.text(of: costs), to: file)
        return true
    }
}
