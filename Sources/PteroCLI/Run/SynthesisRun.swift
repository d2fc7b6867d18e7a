import Diagnostics
import Report
import Synthesis

/// A search for a sequence, with its progress on standard error.
struct SynthesisRun {
    let problem: SynthesisProblem
    let profiles: ProfileSelection
    let options: SynthesisOptions
    let journal: CheckpointFile?
    let surroundings: Surroundings

    /// Searches.
    ///
    /// - Parameters:
    ///   - checkpoint: the name of the journal's file.
    /// - Throws: `Diagnostic` for a problem that the machine has no meaning for, a checkpoint that could not be written, and a
    ///   merge that lacks a part.
    func result(checkpoint: String?) throws(Diagnostic) -> SynthesisResult {
        let meter = CountMeter(surroundings.errors, of: 1, "")
        defer { meter.erase() }
        var synthesizer = Synthesizer(
            problem,
            profiles: .init(offered: profiles.selected, known: profiles.known, onRequest: profiles.onRequest),
            options: options, journal: journal,
            progress: { part, done, count in meter.show("\(part): \(Figures.grouped(done))/\(Figures.grouped(count))") }
        )
        let result = try synthesizer.run()
        if journal?.hasFailed == true {
            throw Diagnostic(
                withoutPlace: "\(checkpoint ?? "the checkpoint") could not be written", remedy: "is the disk full?")
        }
        if let missing = result.missing.first {
            let count = Figures.count(result.missing.count, "piece")
            throw Diagnostic(
                withoutPlace: "the parts lack \(count) of the search, such as \(missing.prefix(60))",
                remedy: "run each shard to its end, and name all their checkpoints")
        }
        return result
    }

    /// What the command ends with.
    static func status(of result: SynthesisResult) -> ExitStatus {
        if result.answers.contains(where: { !$0.isConfirmed }) { return .defect }
        if !result.isComplete { return .inconclusive }
        if !result.answers.isEmpty { return .success }
        // What hit a limit may have been right.
        return result.inconclusive > 0 ? .inconclusive : .unexpected
    }
}

/// The prices that rank answers, and those of other machines.
struct SynthesisPrices {
    /// Prices, and where they are from.
    struct Named {
        var source: SynthesisContext.Prices
        var table: CostTable
    }

    let ranking: Named
    /// All others that come with Ptero.
    let others: [Named]

    /// Takes those that the user names, without any the first that come with Ptero.
    ///
    /// - Throws: `Diagnostic` for a file that cannot be used.
    init(_ request: String?, _ surroundings: Surroundings) throws(Diagnostic) {
        func named(_ request: String) throws(Diagnostic) -> Named {
            let table = try CostFiles.table(request, surroundings)
            return Named(source: .init(name: request, table), table: table)
        }
        var shipped: [Named] = []
        for name in CostFiles.shippedNames where name != request { shipped.append(try named(name)) }
        if let request {
            ranking = try named(request)
        } else {
            ranking = shipped.removeFirst()
        }
        others = shipped
    }
}
