import Checker
import Diagnostics
import Litmus
import Machine
import PageTable
import X86

/// A run as members of a JSON object (Documentation/exit-codes-and-output.md, "A run in JSON").
struct RunJSON {
    private let run: Run
    private let sentences: RunSentences
    private let matters: Set<Int>

    init(_ run: Run) {
        self.run = run
        matters = Set(run.stepsThatMatter)
        sentences = RunSentences(run)
    }

    /// `conclusion`, `entries`, `start` where something ran before the first step, `steps`, and more.
    var members: [JSONText.Member] {
        var members: [JSONText.Member] = [
            .init("conclusion", .string(sentences.conclusion)),
            .init("machine", .string(run.isLiteral ? "literal" : "reduced")),
            .init("cpus", .array(run.profiles.map(JSONText.string))),
        ]
        if run.roles.contains(where: { $0 != nil }) {
            members.append(.init("roles", .array(run.roles.map(JSONText.optional))))
        }
        members += [
            .init("entries", entries(sentences.entries)),
            .init("variables", .object(run.words.indices.map { variable($0, in: run.start) })),
            .init("story", .string(RunStory(run).sentences.map { $0.text }.joined(separator: " "))),
        ]
        if !run.startLocals.lines.isEmpty { members.append(.init("start", locals(run.startLocals))) }
        members.append(.init("matters", numbers(run.stepsThatMatter)))
        members.append(.init("steps", .array(run.steps.indices.map(step))))
        return members
    }

    private func entries(_ entries: [EntryView]) -> JSONText {
        .object(entries.map { .init($0.name, .string($0.columns)) })
    }

    /// Steps as readers count them.
    private func numbers(_ steps: [Int]) -> JSONText { .array(steps.map { .integer($0 + 1) }) }

    private func number(_ step: Int?) -> JSONText { step.map { .integer($0 + 1) } ?? .null }

    // MARK: Steps

    private func step(_ number: Int) -> JSONText {
        let step = run.steps[number]
        let caption = StepCaption(run)
        var members: [JSONText.Member] = [
            .init("n", .integer(number + 1)),
            .init("cpu", .integer(step.cpu)),
            .init("hardware", .bool(step.isHardware)),
            .init("text", .string(sentences.text(of: step))),
            .init("what", .string(caption.what(number))),
            .init("why", .string(caption.why(number))),
            .init("matters", .bool(matters.contains(number))),
            .init("kind", .string(step.report.kind.name)),
            .init("cause", cause(step)),
            .init("because", numbers(step.because)),
            .init("line", step.place.map { .integer($0.line) } ?? .null),
            .init("entries", entries(sentences.changes(ofStep: number))),
            .init("violations", .array(step.violations.map(JSONText.string))),
        ]
        // Only where there is something to say: most steps are on their own, are noticed and have no other source.
        if let read = step.report.read { members.append(.init("reads", reads(read, step))) }
        if let written = step.report.written { members.append(.init("writes", writes(written, number))) }
        if let flush = flush(step) { members.append(.init("flush", flush)) }
        let (before, after) = (run.state(before: number), step.after)
        let changed = run.words.indices.filter { before.words[$0] != after.words[$0] }
        if !changed.isEmpty {
            members.append(.init("variables", .object(changed.map { variable($0, in: after) })))
        }
        members += changes("tlbs", before, after, sentences.translations, translations)
        members += changes("buffers", before, after, sentences.stores, stores)
        if let unnoticed = step.unnoticed {
            members.append(.init("unnoticed", .string(unnoticed == .ownMemory ? "own memory" : "unwritten")))
        }
        if !step.source.isEmpty { members.append(.init("source", source(step.source))) }
        if !step.locals.lines.isEmpty { members.append(.init("locals", locals(step.locals))) }
        return .object(members)
    }

    private func variable(_ index: Int, in state: RunState) -> JSONText.Member {
        .init(run.map.name(ofDataWord: run.words[index]), .string(PictureText.number(state.words[index])))
    }

    /// Whom a step asks for a flush, or whose it acknowledges.
    private func flush(_ step: RunStep) -> JSONText? {
        switch step.report.kind {
        case .flush: .object([.init("asks", .array(step.after.cpus[step.cpu].awaits.map(JSONText.integer)))])
        case .acknowledge:
            step.report.initiator.map { initiator in
                .object([
                    .init("acknowledges", .integer(initiator)),
                    .init("completes", .bool(step.after.cpus[initiator].awaits.isEmpty)),
                ])
            }
        default: nil
        }
    }

    private func cause(_ step: RunStep) -> JSONText {
        var members: [JSONText.Member] = [.init("case", .string(step.cause.name))]
        if let filler = step.filledBy { members.append(.init("filledBy", number(filler))) }
        switch step.cause {
        case .cached(let bits), .walked(let bits), .sparesDirty(let bits), .clean(let bits), .forbidden(let bits),
            .forbiddenByCached(let bits):
            members.append(.init("bits", .string(PageTableEntry(rawValue: bits).columns)))
        case .accessedUpdate(let isPresent): members.append(.init("present", .bool(isPresent)))
        case .dirtyUpdate(let finding, let response):
            members.append(.init("found", .string(finding.rawValue)))
            members.append(.init("fields", .array(finding.profileFields.map(JSONText.string))))
            members.append(.init("value", .string(response.rawValue)))
        case .request(let initiator), .broadcast(let initiator):
            members.append(.init("initiator", .integer(initiator)))
        case .next, .emptyBuffer, .lockFree, .valueThere, .broadcastsTaken, .oldestStore, .demandWalk, .speculation,
            .walkGoesOn, .eviction, .walkNotBegun, .freedTable, .entryChanged:
            break
        }
        return .object(members)
    }

    private func reads(_ read: AccessedBytes, _ step: RunStep) -> JSONText {
        .object([
            .init("what", .string(sentences.name(ofWord: read.word))),
            .init("value", .string(sentences.amount(read))),
            .init("from", .optional(step.report.readSource?.name)), .init("writtenBy", number(step.writtenBy)),
        ])
    }

    private func writes(_ written: AccessedBytes, _ number: Int) -> JSONText {
        .object([
            .init("what", .string(sentences.name(ofWord: written.word))),
            .init("value", .string(sentences.amount(written))),
            .init("to", .string(run.buffers(step: number) ? "buffer" : "memory")),
        ])
    }

    // MARK: States

    /// By CPU what a step has changed; empty where it has changed nothing.
    private func changes(
        _ name: String, _ before: RunState, _ after: RunState, _ shown: (Int, RunState) -> [String],
        _ value: (Int, RunState) -> JSONText
    ) -> [JSONText.Member] {
        let changed = run.profiles.indices.filter { shown($0, before) != shown($0, after) }
        if changed.isEmpty { return [] }
        return [.init(name, .object(changed.map { .init("P\($0)", value($0, after)) }))]
    }

    private func translations(ofCPU cpu: Int, in state: RunState) -> JSONText {
        .array(
            state.cpus[cpu].translations.map { held in
                // What a TLB holds had A=1 (SDM 3A 4.10.2.2).
                let entry = PageTableEntry(rawValue: held.translation.bits | PageTableEntry.accessedMask)
                // Pages of 4 KByte need no word.
                let size = RunSentences.size(ofLevel: held.translation.level).map {
                    [JSONText.Member("size", .string($0))]
                }
                return .object(
                    [
                        .init("page", .string(sentences.page(of: held.translation.leaf))),
                        .init("bits", .string(entry.columns)),
                    ] + (size ?? []) + [
                        .init("frame", .optional(sentences.frame(of: held.translation))),
                        .init("filledBy", number(held.filledBy)),
                        .init(
                            "stale",
                            .array(run.staleness(of: held.translation, in: state).map { .string($0.name) })),
                    ])
            })
    }

    private func stores(ofCPU cpu: Int, in state: RunState) -> JSONText {
        .array(
            state.cpus[cpu].stores.map { held in
                .object([
                    .init("what", .string(sentences.name(ofWord: held.store.word))),
                    .init("value", .string(sentences.amount(held.store))),
                    .init("storedBy", number(held.storedBy)),
                ])
            })
    }

    // MARK: Code

    private func locals(_ locals: LocalLines) -> JSONText {
        .array(
            locals.lines.map { line in
                var members: [JSONText.Member] = [
                    .init("cpu", .integer(line.cpu)), .init("text", .string(sentences.text(of: line))),
                    .init("line", .integer(line.local.instruction.place.line)),
                ]
                if !line.source.isEmpty { members.append(.init("source", source(line.source))) }
                return .object(members)
            })
    }

    /// From the innermost of inlined functions outwards.
    private func source(_ chain: [CompiledCode.SourceLine]) -> JSONText {
        .array(
            chain.map { line in
                .object([
                    .init("function", .optional(line.function)), .init("file", .string(line.file)),
                    .init("line", .integer(line.line)),
                ])
            })
    }
}
