import Checker
import Diagnostics
import Explorer
import Litmus
import Machine
import X86

/// Looks for the cheapest sequences that are right in all files of a problem, on all profiles.
package struct Synthesizer {
    let problem: SynthesisProblem
    let profiles: [CPUProfile]
    let judge: Judge
    let options: SynthesisOptions
    let context: SearchContext
    let writer: CandidateWriter
    /// What candidates cost where they are ranked.
    let prices: CandidatePricing
    /// What they cost on other machines.
    let otherPrices: [CandidatePricing]
    var result = SynthesisResult()
    /// What the machine said of candidates.
    var judgements: [Candidate: Judgement] = [:]
    /// Candidates that are right, in the order in which they were found.
    var right: [Candidate] = []
    /// Candidates that are right alone and wrong somewhere, in the same order.
    var wrong: [Candidate] = []
    private var killCounts: [Rejection: Int] = [:]

    /// Prepares a search.
    ///
    /// - Parameters:
    ///   - progress: called now and then with what is searched, how much of it is done, and how much there is.
    package init(
        _ problem: SynthesisProblem, profiles: Judge.ProfileChoice, options: SynthesisOptions,
        journal: (any Journal)? = nil, progress: @escaping @Sendable (String, Int, Int) -> Void = { _, _, _ in }
    ) {
        self.problem = problem
        self.profiles = profiles.offered
        self.options = options
        judge = Judge(problem, profiles, limits: options.limits)
        context = SearchContext(options, journal, tell: progress)
        let writer = CandidateWriter(scratch: problem.grammar.scratch, pointer: problem.grammar.pointer)
        func prices(_ costs: CostTable) -> CandidatePricing {
            CandidatePricing(
                pricing: Pricing(costs: costs, mix: options.mix), starts: problem.starts, writer: writer)
        }
        self.writer = writer
        self.prices = prices(options.costs)
        otherPrices = options.otherCosts.map(prices)
    }

    /// Searches everything inside the bounds.
    ///
    /// - Throws: `Diagnostic` for a problem that the machine has no meaning for.
    package mutating func run() throws(Diagnostic) -> SynthesisResult {
        try judgeAll(straight().map { Candidate(shape: .straight($0)) })
        result.rightStraight = right.count
        result.inconclusiveStraight = result.inconclusive
        if allowsLoops { try judgeAll(loops()) }
        if context.isInterrupted || !context.missing.isEmpty { result.isComplete = false }
        // Without what is missing nobody knows which splits there were.
        if context.missing.isEmpty { try splits() }
        try checkMeaning()
        try conclude()
        return result
    }

    /// Where the machine has no meaning for any candidate, it has none for the problem.
    private func checkMeaning() throws(Diagnostic) {
        guard right.isEmpty, let first = wrong.first, case .wrong(let rejection)? = judgements[first] else { return }
        let isAlwaysRefused = wrong.allSatisfy { candidate in
            if case .wrong(let rejection)? = judgements[candidate] { rejection.kind == .refused } else { false }
        }
        if isAlwaysRefused, let diagnostic = judge.refusal(of: writer.lines(first), rejection) { throw diagnostic }
    }

    /// Whether loops are composed: `cmpxchg` needs a lock and rax, and a register for what it writes.
    var allowsLoops: Bool {
        options.allowsLoops && problem.contract.mayLoop && problem.contract.mayLock
            && problem.grammar.scratch.first == .rax && problem.grammar.scratch.count > 1
    }

    // MARK: Shapes

    /// What no sequence may do at any moment, so that one that has done it need not be continued.
    var forbidden: SequenceState.Past {
        var forbidden: SequenceState.Past = []
        let isRule = problem.files.contains { file in file.propositions.contains { $0.forbidsShadowStackEntry } }
        if isRule { forbidden.insert(.shadowStackEntry) }
        if !problem.contract.mayFault { forbidden.insert(.absent) }
        return forbidden
    }

    /// How much longer than the shortest right one sequences without a jump are enumerated: a few plain instructions can be
    /// cheaper than one with a lock.
    private static let beyondShortest = 2

    /// The search for sequences without a jump.
    var straightSearch: ClassSearch {
        ClassSearch(
            templates: problem.grammar.templates, starts: problem.starts, interference: Interference(profiles),
            forbidden: forbidden, accepts: { $0.accepts($1) ? 1 : 0 }, defined: 0)
    }

    /// Straight-line sequences that are right alone.
    private mutating func straight() -> [[Template]] {
        let search = straightSearch
        let length = min(options.length, problem.contract.length ?? options.length)
        let outcome = Enumerator(search: search, name: "straight", context: context)
            .run(upTo: length, beyond: Self.beyondShortest)
        note(outcome, .straight, templates: search.templates.count)
        result.straightLength = outcome.isComplete ? outcome.levels.count : max(0, outcome.levels.count - 1)
        return outcome.accepted.map { $0.map { search.templates[Int($0)] } }
    }

    /// Loops around every function of the entry that is right from all starts.
    private mutating func loops() -> [Candidate] {
        widths.flatMap { width in
            terms(
                problem.starts, width: width, longest: options.termLength, as: .term(width: Int(width))
            ).map { Candidate(shape: .loop($0)) }
        }
    }

    /// The widths of loops: the whole entry, and its lowest byte where nothing else changes.
    private var widths: [UInt8] {
        problem.starts.allSatisfy { ($0.entry ^ $0.expected) & ~0xff == 0 } ? [1, 8] : [8]
    }

    /// The shortest functions of the loaded entry that are right from some starts, one of each class.
    mutating func terms(
        _ starts: [Start], width: UInt8, longest: Int, as shape: SynthesisResult.Shape
    ) -> [Candidate.Loop] {
        let mask: UInt64 = width == 1 ? 0xff : ~0
        let loaded = starts.map { $0.loaded(mask) }
        let templates = problem.grammar.registerTemplates.filter { $0.writtenRegisters & 1 == 0 }
        let search = ClassSearch(
            templates: templates, starts: loaded, interference: nil, forbidden: [],
            accepts: { start, state in
                guard start.acceptsOutputs(state) else { return 0 }
                return Self.results.reduce(0) { places, register in
                    state.registers[register] & mask == start.expected & mask ? places | 1 << register : places
                }
            }, defined: 1)
        let name = "term \(width) \(starts.map { String($0.entry, radix: 36) }.joined(separator: "."))"
        let outcome = Enumerator(search: search, name: "term-" + Digest.text(name), context: context.unshared)
            .run(upTo: longest, beyond: 0)
        note(outcome, shape, templates: templates.count)
        var loops: [Candidate.Loop] = []
        for sequence in outcome.accepted {
            let term = sequence.map { templates[Int($0)] }
            for register in Self.results where isResult(register, of: term, loaded, mask) {
                loops.append(Candidate.Loop(term: term, result: register, width: width))
                break
            }
        }
        return loops
    }

    /// The registers in which a function can leave its result; rax keeps what was loaded.
    private static let results: [UInt8] = [1, 2, 3]

    private func isResult(_ register: UInt8, of term: [Template], _ starts: [Start], _ mask: UInt64) -> Bool {
        starts.allSatisfy { start in
            var state = start.state
            for template in term { state = state.executing(template) ?? state }
            return state.registers[register] & mask == start.expected & mask
        }
    }

    /// Takes up what was enumerated.
    mutating func note(_ outcome: Enumerator.Outcome, _ shape: SynthesisResult.Shape, templates: Int) {
        for level in outcome.levels {
            result.counts.append(
                SynthesisResult.Count(
                    shape: shape, length: level.length, templates: templates, sequences: level.sequences,
                    run: level.children, pruned: level.pruned, classes: level.classes, rightAlone: level.accepted))
        }
        if !outcome.isComplete { result.isComplete = false }
    }

    // MARK: Judging

    /// How many candidates are judged before the journal is synchronised.
    private static let judgedTogether = 256

    /// Checks candidates in full, on several threads; what is known of them does not depend on how many.
    mutating func judgeAll(_ candidates: [Candidate]) throws(Diagnostic) {
        let candidates = candidates.filter { judgements[$0] == nil }
        for first in stride(from: 0, to: candidates.count, by: Self.judgedTogether) {
            guard context.mayGoOn("full checks", first, candidates.count) else {
                result.isComplete = false
                return
            }
            let part = Array(candidates[first..<min(candidates.count, first + Self.judgedTogether)])
            for (candidate, judgement) in zip(part, try judged(part)) {
                guard let judgement, judgements.updateValue(judgement, forKey: candidate) == nil else { continue }
                result.judged += 1
                switch judgement {
                case .right: right.append(candidate)
                case .wrong(let rejection):
                    wrong.append(candidate)
                    killCounts[rejection, default: 0] += 1
                    if rejection.kind == .unended { result.inconclusive += 1 }
                }
            }
        }
    }

    /// What is known of candidates; nil for one that nobody got to.
    private func judged(_ candidates: [Candidate]) throws(Diagnostic) -> [Judgement?] {
        var results = [Judged](repeating: .unknown, count: candidates.count)
        results.withUnsafeMutableBufferPointer { results in
            // SAFETY: each piece writes its own element.
            nonisolated(unsafe) let results = results
            Workers.share(candidates.count, threads: context.threads) { _, piece in
                guard !context.isInterrupted else { return }
                results[piece] = judged(candidates[piece])
            }
        }
        context.journal?.synchronize()
        var judgements: [Judgement?] = []
        for judged in results {
            switch judged {
            case .unknown: judgements.append(nil)
            case .lacking(let piece):
                context.lack(piece)
                judgements.append(nil)
            case .known(let judgement): judgements.append(judgement)
            case .failed(let diagnostic): throw diagnostic
            }
        }
        return judgements
    }

    private enum Judged {
        case unknown
        /// A merge lacks what is known of it.
        case lacking(String)
        case known(Judgement)
        case failed(Diagnostic)
    }

    private func judged(_ candidate: Candidate) -> Judged {
        let lines = writer.lines(candidate)
        let piece = "judge: " + lines.joined(separator: "; ")
        if let text = context.journal?.result(of: piece), let known = Judgement(text),
            context.mergesOnly || !known.isOpen
        {
            return .known(known)
        }
        if context.mergesOnly { return .lacking(piece) }
        do throws(Diagnostic) {
            let judgement = try judge.rejection(of: lines).map(Judgement.wrong) ?? .right
            if context.isInterrupted { return .unknown }
            context.journal?.record(piece, judgement.text)
            return .known(judgement)
        } catch { return .failed(error) }
    }

    /// Who rejected candidates.
    var kills: [SynthesisResult.Kill] {
        killCounts.map { rejection, count in
            SynthesisResult.Kill(test: problem.files[rejection.file].name, profile: rejection.profile, count: count)
        }.sorted { ($1.count, $0.test, $0.profile) < ($0.count, $1.test, $1.profile) }
    }
}

/// What the machine said of a candidate.
enum Judgement: Hashable, Sendable {
    case right
    case wrong(Rejection)

    /// Reads what ``text`` wrote.
    init?(_ text: String) {
        guard text != "right" else {
            self = .right
            return
        }
        let parts = text.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, let kind = Rejection.Kind(rawValue: String(parts[0])), let file = Int(parts[1]) else {
            return nil
        }
        self = .wrong(Rejection(file: file, profile: String(parts[2]), kind: kind))
    }

    /// Whether a limit was hit, so that other limits may bring another answer.
    var isOpen: Bool { if case .wrong(let rejection) = self { rejection.kind == .unended } else { false } }

    /// One line: `right`, or how it failed, the file's number and the profile.
    var text: String {
        switch self {
        case .right: "right"
        case .wrong(let rejection): "\(rejection.kind.rawValue) \(rejection.file) \(rejection.profile)"
        }
    }
}

extension Proposition {
    /// Whether the statement is true as soon as software has made a shadow-stack entry: it is, or is among alternatives.
    fileprivate var forbidsShadowStackEntry: Bool {
        switch kind {
        case .property(.kernelShadowStack, _): true
        case .or(let parts): parts.contains { $0.forbidsShadowStackEntry }
        default: false
        }
    }
}
