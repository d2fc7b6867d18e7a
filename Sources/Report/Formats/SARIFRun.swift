import Checker
import Litmus
import Machine

/// A run as a SARIF `codeFlow`: a thread flow for each CPU, and for what of its hardware acts by itself.
struct SARIFRun {
    private let run: Run
    private let file: String
    private let directory: String
    private let sentences: RunSentences
    private let caption: StepCaption
    private let matters: Set<Int>

    /// - Parameters:
    ///   - file: the test's file as the user named it.
    ///   - directory: the folder that relative paths begin in.
    init(_ run: Run, file: String, directory: String) {
        self.run = run
        self.file = file
        self.directory = directory
        sentences = RunSentences(run)
        caption = StepCaption(run)
        matters = Set(run.stepsThatMatter)
    }

    /// Who acts in a step: a CPU's software, or a part of its hardware.
    private struct Actor: Hashable {
        var cpu: Int
        /// In the order of the thread flows: 0 is software.
        var part: Int

        /// `P0`, `P1's walker`.
        var name: String {
            part == 0 ? "P\(cpu)" : "P\(cpu)'s \(["", "walker", "store buffer", "TLB", "interrupt"][part])"
        }
    }

    private func actor(_ step: RunStep) -> Actor {
        let part: Int
        switch step.report.kind {
        case .instruction, .access, .fault, .retry, .flush, .broadcast: part = 0
        case .walk, .beginAccessed, .setAccessed, .beginDirty, .setDirty, .setDirtyAndFault, .walkAgain, .speculate,
            .abandonWalk, .readTable, .goWild:
            part = 1
        case .drain: part = 2
        case .evict, .takeBroadcast: part = 3
        case .acknowledge, .interrupt: part = 4
        }
        return Actor(cpu: step.cpu, part: part)
    }

    /// The `codeFlow`.
    var codeFlow: JSONText {
        var flows: [(actor: Actor, steps: [Int])] = []
        for number in run.steps.indices {
            let actor = actor(run.steps[number])
            if let known = flows.firstIndex(where: { $0.actor == actor }) {
                flows[known].steps.append(number)
            } else {
                flows.append((actor, [number]))
            }
        }
        flows.sort { ($0.actor.cpu, $0.actor.part) < ($1.actor.cpu, $1.actor.part) }
        let threads = flows.map { actor, steps -> JSONText in
            .object([
                .init("id", .string(actor.name)),
                .init("message", Self.message("\(actor.name) (\(run.profiles[actor.cpu]))")),
                .init("locations", .array(steps.map(location))),
            ])
        }
        return .object([
            .init("message", Self.message(sentences.conclusion)), .init("threadFlows", .array(threads)),
        ])
    }

    /// A step as a `threadFlowLocation`; `executionOrder` is its number in the run.
    private func location(_ number: Int) -> JSONText {
        // Viewers go to a place with each step.
        let region = run.region(ofStep: number, file: file) ?? TextRegion(file: file)
        var members: [JSONText.Member] = [
            .init("executionOrder", .integer(number + 1)),
            .init("importance", .string(matters.contains(number) ? "essential" : "unimportant")),
            .init("kinds", .array([.string(run.steps[number].report.kind.name)])),
            .init(
                "location",
                .object([
                    .init("physicalLocation", region.sarif(in: directory)),
                    .init("message", Self.message(caption.what(number))),
                ])),
        ]
        let changes = sentences.changes(ofStep: number)
        if !changes.isEmpty {
            members.append(.init("state", .object(changes.map { .init($0.name, Self.message($0.columns)) })))
        }
        return .object(members)
    }

    /// A `message` whose text means itself: `{0}` would be an argument, `[a](b)` a link (SARIF 3.11.5, 3.11.6).
    static func message(_ text: String) -> JSONText {
        var result = ""
        var last: Unicode.Scalar = " "
        for scalar in printable(text).unicodeScalars {
            if last == "]" && scalar == "(" { result += " " }
            if scalar == "{" || scalar == "}" { result.unicodeScalars.append(scalar) }
            result.unicodeScalars.append(scalar)
            last = scalar
        }
        return .object([.init("text", .string(result))])
    }
}
