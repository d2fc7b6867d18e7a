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
              ptero synth --profile late --length 4 Corpus/synth/write-protect-late
              ptero synth --output answers Corpus/synth/zap && ptero check answers/answer-1
              ptero synth --checkpoint night.jsonl --length 6 Corpus/synth/set-accessed
              ptero synth --shard 1/2 --checkpoint part1.jsonl Corpus/synth/set-accessed
              ptero synth --shard 2/2 --checkpoint part2.jsonl Corpus/synth/set-accessed
              ptero synth --merge part1.jsonl --merge part2.jsonl Corpus/synth/set-accessed
              ptero synth --costs intel-emerald-rapids Corpus/synth/set-accessed
              ptero synth --mix clean=20,dirty=80 Corpus/synth/set-accessed
            """)

    static let endings = CommandEndings(
        success: "an answer was found, or the shard is done",
        unexpected: "no sequence inside the bounds is right",
        inconclusive: "the search did not end, after Ctrl-C or at a limit, or nothing is right and checks hit a limit",
        defect: "the reference search disagrees with an answer, or another defect of Ptero")

    @Argument(help: "Tests that share a hole, or folders of them.", completion: .file(extensions: ["litmus"]))
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "A class of CPUs: a name that `ptero profiles` lists, a file of profiles, or FILE:NAME. May be repeated.",
            valueName: "file-or-name"))
    var profile: [String] = []

    @Option(
        help: ArgumentHelp(
            "The longest sequences without a jump (default: what the hole's `length` says, else 5).", valueName: "n"))
    var length: Int?

    @Option(help: ArgumentHelp("How many answers to show.", valueName: "n"))
    var top = 3

    @Option(
        help: ArgumentHelp(
            "What the sequence may do besides what the hole's contract says: fault, flush, loop; several with commas.",
            valueName: "what"))
    var allow: String?

    @Option(
        help: ArgumentHelp(
            "Prices that rank answers: a file that `ptero measure --cost-file` wrote, or the name of a file of Costs/.",
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
        guard (1...8).contains(length ?? 1) else { throw ValidationError("--length must be from 1 to 8.") }
        guard (1...1000).contains(top) else { throw ValidationError("--top must be from 1 to 1000.") }
        if shard != nil && checkpoint == nil {
            throw ValidationError("--shard needs --checkpoint, to keep its part in.")
        }
        if !merge.isEmpty && checkpoint != nil { throw ValidationError("--merge and --checkpoint exclude each other.") }
        _ = try AllowedAct.allowance(allow)
        _ = try MixArgument.shares(mix)
    }

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        if surroundings.handlesInterrupts { InterruptSignal.takeOver() }
        return try surroundings.recording(json ? .synth : nil, answer)
    }

    private func answer(_ surroundings: Surroundings) throws -> ExitStatus {
        let profiles = try ProfileSelection(profile, surroundings)
        guard let tests = SynthesisInputs(surroundings).tests(files) else { return .badInput }
        let problem = try SynthesisProblem(tests, allowing: AllowedAct.allowance(allow))
        let prices = try SynthesisPrices(costs, surroundings)
        let options = try options(problem, prices, surroundings)
        let run = SynthesisRun(
            problem: problem, profiles: profiles, options: options,
            journal: try journal(of: subject(problem, profiles, options), surroundings), surroundings: surroundings)
        let result = try run.result(checkpoint: checkpoint)
        if let shard, shard.shard != .whole {
            surroundings.output.write(line(shard.shard, isComplete: result.isComplete))
            return result.isComplete ? .success : .inconclusive
        }
        if let output { try AnswerFiles(output, problem, surroundings).write(result) }
        let context = SynthesisContext(
            profiles: profiles.selected.map { $0.name }, prices: prices.ranking.source,
            otherPrices: prices.others.map { $0.source }, mix: try MixArgument.shares(mix))
        surroundings.output.write(
            json
                ? SynthesisJSON.text(problem, result, context)
                : SynthesisText(problem, result, context).rendered(color.style(surroundings)))
        return SynthesisRun.status(of: result)
    }

    /// What a shard prints at its end.
    private func line(_ shard: Shard, isComplete: Bool) -> String {
        let file = checkpoint ?? ""
        if json { return SynthesisJSON.shard(shard, checkpoint: file, isComplete: isComplete) }
        return "shard \(shard.index)/\(shard.count) \(isComplete ? "done" : "interrupted"): \(file)\n"
    }

    private func options(
        _ problem: SynthesisProblem, _ prices: SynthesisPrices, _ surroundings: Surroundings
    ) throws -> SynthesisOptions {
        var options = SynthesisOptions()
        options.length = length ?? problem.usualLength
        options.top = top
        options.threads = search.jobs ?? surroundings.cores
        options.limits = search.options(surroundings).limits
        // Hundreds of checks go side by side, and each is small.
        options.limits.maxMemory /= max(1, options.threads)
        options.mix = try MixArgument.shares(mix)
        options.shard = shard?.shard ?? .whole
        options.mergesOnly = !merge.isEmpty
        options.costs = prices.ranking.table
        options.otherCosts = prices.others.map { $0.table }
        return options
    }

    /// What a checkpoint of this search is of.
    private func subject(
        _ problem: SynthesisProblem, _ profiles: ProfileSelection, _ options: SynthesisOptions
    ) -> CheckpointFile.Subject {
        CheckpointFile.Subject(
            problem: problem.hash,
            bounds: options.fingerprint + ", allow \(allow ?? "nothing"), mix \(mix ?? "usual"), "
                + "prices \(options.costs.machine) \(options.costs.date)"
                + ", ptero \(PteroVersion.current), on "
                + profiles.selected.map { $0.name }.joined(separator: " "))
    }

    private func journal(
        of subject: CheckpointFile.Subject, _ surroundings: Surroundings
    ) throws(Diagnostic) -> CheckpointFile? {
        if !merge.isEmpty { return try CheckpointFile.merged(merge, of: subject, surroundings) }
        return try checkpoint.map { name throws(Diagnostic) in
            try CheckpointFile.open(name, of: subject, surroundings)
        }
    }
}
