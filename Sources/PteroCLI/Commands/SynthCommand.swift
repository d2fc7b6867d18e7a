import ArgumentParser
import Checker
import Diagnostics
import Explorer
import Litmus
import Report
import Synthesis

/// `ptero synth`.
struct Synth: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "synth",
        abstract: "Finds the cheapest sequence that is right on every CPU.",
        discussion: """
            Takes litmus tests that share a hole, `??wp {in rdi; scratch rax rcx rdx}`, and looks for instructions with which \
            every test is right on every class of CPUs: sequences without a jump, loops around a compare-and-exchange, and case \
            splits. It tells the cheapest, what each cheaper one penalises, and how far it looked. A folder stands for its \
            tests; the name of a folder of Corpus/synth stands for that.

            EXAMPLES
              ptero synth Corpus/synth/write-protect-for-everybody
              ptero synth --profile late --length 4 DIR
              ptero synth --output answers DIR && ptero check answers
              ptero synth --checkpoint night.jsonl --length 6 DIR
              ptero synth --shard 1/2 --checkpoint part1.jsonl DIR
              ptero synth --merge part1.jsonl --merge part2.jsonl DIR
              ptero synth --costs mine.json5 --mix clean=20,dirty=80 DIR
            """)

    @Argument(help: "Tests that share a hole, or folders of them.", completion: .file(extensions: ["litmus"]))
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "A class of CPUs: a name that `ptero profiles` lists, a file of profiles, or FILE:NAME. May be repeated.",
            valueName: "file-or-name"))
    var profile: [String] = []

    @Option(help: ArgumentHelp("The longest sequences without a jump.", valueName: "n"))
    var length = 5

    @Option(help: ArgumentHelp("How many answers to show.", valueName: "n"))
    var top = 3

    @Option(
        help: ArgumentHelp(
            "What the sequence may do besides what the hole's contract says: fault, flush, loop; several with commas.",
            valueName: "what"))
    var allow: String?

    @Option(
        help: ArgumentHelp(
            "Prices: a file that `ptero measure --cost-file` wrote, or a name that `ptero measure --show` lists.",
            valueName: "file-or-name"),
        completion: .file(extensions: ["json5"]))
    var costs: String?

    @Option(
        help: ArgumentHelp(
            "How many of a hundred entries are clean, cleanAndOld, dirty, dirtyAndOld: what ranks answers.",
            valueName: "kind=n,..."))
    var mix: String?

    @Option(
        help: ArgumentHelp(
            "Write answers, and what is cheaper and wrong, as tests into this folder.", valueName: "dir"),
        completion: .directory)
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Keep finished work in this file, and go on from what is in it.", valueName: "file.jsonl"),
        completion: .file(extensions: ["jsonl"]))
    var checkpoint: String?

    @Option(help: ArgumentHelp("Do one part of the work; needs --checkpoint.", valueName: "i/n"))
    var shard: ShardArgument?

    @Option(
        help: ArgumentHelp("Put the checkpoints of all shards together. May be repeated.", valueName: "file.jsonl"),
        completion: .file(extensions: ["jsonl"]))
    var merge: [String] = []

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var search: SearchOptions

    @Option(help: "Use colour: auto, always or never.")
    var color = Color.auto

    func validate() throws {
        guard (1...8).contains(length) else { throw ValidationError("--length must be from 1 to 8.") }
        guard (1...1000).contains(top) else { throw ValidationError("--top must be from 1 to 1000.") }
        if shard != nil && checkpoint == nil {
            throw ValidationError("--shard needs --checkpoint, to keep its part in.")
        }
        if !merge.isEmpty && checkpoint != nil { throw ValidationError("--merge and --checkpoint exclude each other.") }
        _ = try allowance()
        _ = try shares()
    }

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        if surroundings.handlesInterrupts { InterruptSignal.takeOver() }
        let profiles = try ProfileSelection(profile, surroundings)
        guard let tests = SynthesisInputs(surroundings).tests(files) else { return .badInput }
        let allowance = try allowance()
        let problem: SynthesisProblem
        do throws(Diagnostic) {
            problem = try SynthesisProblem(tests, allowing: allowance)
        } catch {
            surroundings.report(error)
            return .badInput
        }
        let options = try options(surroundings)
        let subject = CheckpointFile.Subject(
            problem: problem.hash,
            bounds: options.fingerprint
                + ", allow \(allow ?? "nothing"), mix \(mix ?? "usual"), prices \(options.costs.machine) "
                + options.costs.date + ", ptero \(PteroVersion.current), on "
                + profiles.selected.map { $0.name }.joined(separator: " "))
        let journal = try journal(of: subject, surroundings)
        let meter = CountMeter(surroundings.errors, of: 1, "")
        var synthesizer = Synthesizer(
            problem,
            profiles: .init(offered: profiles.selected, known: profiles.known, onRequest: profiles.onRequest),
            options: options, journal: journal,
            progress: { part, done, count in meter.show("\(part): \(Figures.grouped(done))/\(Figures.grouped(count))") }
        )
        let result: SynthesisResult
        do throws(Diagnostic) {
            defer { meter.erase() }
            result = try synthesizer.run()
        } catch {
            surroundings.report(error)
            return .badInput
        }
        if journal?.hasFailed == true {
            throw Diagnostic(
                withoutPlace: "\(checkpoint ?? "the checkpoint") could not be written", remedy: "is the disk full?")
        }
        if let missing = result.missing.first {
            throw Diagnostic(
                withoutPlace:
                    "the parts lack \(Figures.count(result.missing.count, "piece")) of the search, such as \(missing.prefix(60))",
                remedy: "run each shard to its end, and name all their checkpoints")
        }
        let context = SynthesisContext(
            profiles: profiles.selected.map { $0.name }, machine: options.costs.machine, date: options.costs.date,
            mix: options.mix)
        if let shard, shard.shard != .whole {
            surroundings.output.write(
                "shard \(shard.shard.index)/\(shard.shard.count) \(result.isComplete ? "done" : "interrupted"): \(checkpoint ?? "")\n"
            )
            return result.isComplete ? .success : .inconclusive
        }
        if let output { try AnswerFiles(output, problem, surroundings).write(result) }
        surroundings.output.write(
            json
                ? SynthesisJSON.text(problem, result, context)
                : SynthesisText(problem, result, context).rendered(color.style(surroundings)))
        if result.answers.contains(where: { !$0.isConfirmed }) { return .defect }
        if !result.isComplete { return .inconclusive }
        return result.answers.isEmpty ? .unexpected : .success
    }

    private func options(_ surroundings: Surroundings) throws -> SynthesisOptions {
        var options = SynthesisOptions()
        options.length = length
        options.top = top
        options.threads = search.jobs ?? surroundings.cores
        options.limits = search.options(surroundings).limits
        // Hundreds of checks go side by side, and each is small.
        options.limits.maxMemory /= max(1, options.threads)
        options.mix = try shares()
        options.shard = shard?.shard ?? .whole
        options.mergesOnly = !merge.isEmpty
        let tables = try CostFiles.tables(costs.map { [$0] } ?? [], surroundings)
        if let table = tables.first { options.costs = table }
        return options
    }

    private func journal(
        of subject: CheckpointFile.Subject, _ surroundings: Surroundings
    ) throws(Diagnostic) -> CheckpointFile? {
        if !merge.isEmpty { return try CheckpointFile.merged(merge, of: subject, surroundings) }
        return try checkpoint.map { name throws(Diagnostic) in
            try CheckpointFile.open(name, of: subject, surroundings)
        }
    }

    private func allowance() throws -> Allowance {
        var allowance = Allowance()
        for word in (allow ?? "").split(separator: ",") {
            switch AllowedAct(rawValue: String(word)) {
            case .fault: allowance.fault = true
            case .flush: allowance.flush = true
            case .loop: allowance.loop = true
            case nil:
                let acts = AllowedAct.allCases.map { $0.rawValue }.joined(separator: ", ")
                throw ValidationError("--allow takes \(acts), not \(word).")
            }
        }
        return allowance
    }

    private func shares() throws -> [EntryKind: Double] {
        var shares: [EntryKind: Double] = [:]
        for word in (mix ?? "").split(separator: ",") {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, let kind = EntryKind(rawValue: String(parts[0])), let share = Double(parts[1]),
                share >= 0, share.isFinite
            else {
                let kinds = EntryKind.allCases.map { $0.rawValue }.joined(separator: ", ")
                throw ValidationError("--mix takes kind=number with commas between; kinds are \(kinds).")
            }
            shares[kind] = share
        }
        return shares
    }
}

/// What `--allow` takes.
private enum AllowedAct: String, CaseIterable {
    case fault, flush, loop
}

/// What `--shard` takes: `1/4`.
struct ShardArgument: ExpressibleByArgument {
    /// The part.
    var shard: Shard

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], count <= 10_000, index >= 1, index <= count
        else { return nil }
        shard = Shard(index: index, count: count)
    }
}
