import Checker
import Diagnostics
import Litmus
import Machine
import PageTable
import X86

/// What a step does, as sentences with the CPU in them, for readers who have the picture beside them and no manual.
struct StepCaption {
    private let run: Run
    private let sentences: RunSentences

    init(_ run: Run) {
        self.run = run
        sentences = RunSentences(run)
    }

    /// What happens in a step, such as `P0 clears W in PTE(x), in one locked operation.`.
    func what(_ number: Int) -> String {
        let step = run.steps[number]
        let report = step.report
        let (own, hardware) = ("P\(step.cpu)", "P\(step.cpu)'s CPU")
        let page = report.leaf.map(sentences.page(of:)) ?? "a page"
        switch report.kind {
        case .instruction where report.catchesUp || report.word == nil, .broadcast:
            return "\(own): \(sentences.text(of: step))."
        case .instruction where step.cause == .lockFree:
            return "\(own) takes the lock \(locked(report)), which is free."
        case .instruction where step.cause == .valueThere:
            return "\(own) goes on: \(locked(report)) has the value that it waits for."
        case .instruction, .access: return "\(own) \(access(number))"
        case .drain: return drain(number)
        case .walk, .speculate:
            let isLeaf = step.after.cpus[step.cpu].translations.contains { $0.filledBy == number }
            let asked = report.kind == .speculate ? ", though nothing asks for it," : ""
            if report.entryWord != nil && !isLeaf { return "\(hardware) walks through \(entry(report))\(asked)." }
            return "\(hardware) walks the page table\(asked) and caches \(entry(report))\(now(report, number))."
        case .beginAccessed: return "\(hardware) walks the page table and finds A=0 in \(entry(report))."
        case .setAccessed: return "\(hardware) sets A in \(entry(report))."
        case .beginDirty:
            return "\(own) is about to write \(page). Its CPU finds \(page) writable and clean, and decides to set D."
        case .setDirty: return "\(hardware) sets D in \(entry(report))\(although(report, number)). \(then(number))"
        case .setDirtyAndFault:
            return "\(hardware) sets D in \(entry(report))\(although(report, number)), and faults all the same."
        case .walkAgain: return "\(hardware) finds \(entry(report)) changed, and walks again."
        case .abandonWalk: return "A walk of \(entry(report)) by \(hardware) comes to nothing."
        case .evict:
            return report.table == nil
                ? "A translation of \(page) leaves \(own)'s TLB." : "\(hardware) forgets a partial walk."
        case .flush
        where !step.after.cpus[step.cpu].awaits.isEmpty && report.request == .flushSpace && !report.leavesLazily:
            let others = step.after.cpus[step.cpu].awaits.map { "P\($0)" }.joined(separator: ", ")
            return "\(own) drops its own translations, asks \(others) for the same, and waits."
        case .acknowledge where report.request == .flushSpace && !report.leavesLazily:
            let drained = run.drained(by: number).isEmpty ? "" : "lets its stores reach memory, "
            return
                "\(own) takes P\(report.initiator ?? 0)'s flush: it \(drained)drops its translations and acknowledges."
        case .retry: return "\(own) tries again, since the entry has changed."
        case .readTable, .goWild, .fault, .flush, .acknowledge, .takeBroadcast, .interrupt:
            return "\(own) \(sentences.text(of: step))."
        }
    }

    /// Why it was possible, as a sentence of its own.
    func why(_ number: Int) -> String {
        let words = sentences.why(run.steps[number])
        return words.prefix(1).uppercased() + words.dropFirst() + "."
    }

    /// Where the instruction stands, and what it is: `line 11: movl $1,(x)`; nil where a step is about none.
    func source(_ number: Int) -> String? {
        let step = run.steps[number]
        guard let place = step.place, let instruction = step.report.instruction else { return nil }
        guard let line = run.source(ofStep: number) else { return "line \(place.line): \(instruction.text)" }
        let name = line.file.split(separator: "/").last.map(String.init) ?? line.file
        return "\(name):\(line.line): \(line.text.isEmpty ? instruction.text : line.text)"
    }

    // MARK: Accesses

    private func locked(_ report: StepReport) -> String {
        report.word.map { sentences.name(ofWord: $0) } ?? "it"
    }

    private func entry(_ report: StepReport) -> String {
        run.walkedWord(report).map { sentences.name(ofWord: $0) } ?? "the entry"
    }

    /// What the entry says that is walked.
    private func now(_ report: StepReport, _ number: Int) -> String {
        let entry = run.walkedWord(report).flatMap { run.entry(atWord: $0, in: run.steps[number].after) }
        return entry.map { ": " + $0.columns } ?? ""
    }

    private func although(_ report: StepReport, _ number: Int) -> String {
        guard let entry = run.walkedWord(report).flatMap({ run.entry(atWord: $0, in: run.state(before: number)) })
        else {
            return ""
        }
        if !entry.isPresent { return " although P is clear" }
        return entry.isWritable ? "" : " although W is clear"
    }

    /// What the access does that a Dirty update was for.
    private func then(_ number: Int) -> String {
        guard let written = run.steps[number].report.written else { return "The access goes on." }
        let name = sentences.name(ofWord: written.word)
        return run.buffers(step: number) ? "The write of \(name) goes into the store buffer." : "\(name) is written."
    }

    private func access(_ number: Int) -> String {
        let report = run.steps[number].report
        let through = through(number)
        if let written = report.written {
            let name = sentences.name(ofWord: written.word)
            if let read = report.read {
                guard read.value != written.value else { return "reads and rewrites \(name)\(through), unchanged." }
                return "\(change(name, read, written))\(through), in one locked operation."
            }
            let stored = "stores \(sentences.amount(written)) to \(name)\(through)."
            return run.buffers(step: number) ? "\(stored) The store waits in its buffer." : stored
        }
        guard let read = report.read else { return "\(sentences.text(of: run.steps[number]))." }
        let source =
            switch report.readSource {
            case .ownBuffer: ", its own store that still waits"
            case .bufferAndMemory: ", in part its own store that still waits"
            default: ""
            }
        return "reads \(sentences.name(ofWord: read.word))\(through): \(sentences.amount(read))\(source)."
    }

    /// What an access makes of what it reads.
    private func change(_ name: String, _ read: AccessedBytes, _ written: AccessedBytes) -> String {
        guard sentences.map.isEntry(read.word) else {
            return "changes \(name) from \(sentences.amount(read)) to \(sentences.amount(written))"
        }
        let shift = UInt64(read.byte * 8)
        let before = Array(PageTableEntry(rawValue: read.value << shift).columns)
        let after = Array(PageTableEntry(rawValue: written.value << shift).columns)
        let cleared = before.indices.filter { before[$0] != "-" && after[$0] == "-" }.map { String(before[$0]) }
        let set = before.indices.filter { before[$0] == "-" && after[$0] != "-" }.map { String(after[$0]) }
        if cleared.isEmpty && set.isEmpty { return "changes \(name)" }
        if set.isEmpty { return "clears \(cleared.joined(separator: ", ")) in \(name)" }
        if cleared.isEmpty { return "sets \(set.joined(separator: ", ")) in \(name)" }
        return "clears \(cleared.joined(separator: ", ")) and sets \(set.joined(separator: ", ")) in \(name)"
    }

    /// Through which translation an access goes, where memory's entry says something else by now.
    private func through(_ number: Int) -> String {
        let step = run.steps[number]
        guard step.report.kind == .access, step.filledBy != nil || step.report.entry != nil else { return "" }
        let held = run.state(before: number).cpus[step.cpu].translations.first { held in
            held.translation.bits == step.report.entry && held.translation.leaf == step.report.leaf
        }
        guard let held, !run.staleness(of: held.translation, in: run.state(before: number)).isEmpty else { return "" }
        return " through a stale translation"
    }

    private func drain(_ number: Int) -> String {
        let step = run.steps[number]
        guard let store = step.report.store else { return "P\(step.cpu)'s oldest store reaches memory." }
        let name = sentences.name(ofWord: store.word)
        let text = "P\(step.cpu)'s store reaches memory: \(name) = \(sentences.amount(store))"
        let lost = run.entryChanges(ofStep: number, word: store.word).filter { $0.after == "-" }.map {
            String($0.before)
        }
        return lost.isEmpty ? "\(text)." : "\(text). That clears \(lost.joined(separator: ", "))."
    }
}

extension Run {
    /// The line of C or Swift that a step's instruction was compiled from: who calls a header's code tells more than the header.
    func source(ofStep number: Int) -> CompiledCode.SourceLine? {
        let chain = steps[number].source
        return chain.first { !$0.file.hasSuffix(".h") } ?? chain.last
    }

    /// Whether what a step writes goes into the store buffer.
    func buffers(step number: Int) -> Bool {
        let cpu = steps[number].cpu
        return steps[number].after.cpus[cpu].stores.count > state(before: number).cpus[cpu].stores.count
    }

    /// The bits of an entry that a step changes, as letters; `-` for a clear one.
    func entryChanges(ofStep number: Int, word: Int) -> [(before: Character, after: Character)] {
        guard let old = entry(atWord: word, in: state(before: number)),
            let new = entry(atWord: word, in: steps[number].after)
        else { return [] }
        return zip(old.columns, new.columns).compactMap { before, after in
            before == after ? nil : (before: before, after: after)
        }
    }

    /// An entry by its word of memory; nil where that is data, or an entry that is not shown.
    func entry(atWord word: Int, in state: RunState) -> PageTableEntry? {
        for (position, leaf) in leaves.enumerated() where map.leafWord(page: leaf.page, space: leaf.space) == word {
            return PageTableEntry(rawValue: state.entries[position])
        }
        return upperWords.firstIndex(of: word).map { PageTableEntry(rawValue: state.upperEntries[$0]) }
    }
}
