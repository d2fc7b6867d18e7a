import Checker
import Litmus
import Machine
import PageTable
import X86

/// Tells a run step by step, in words that a kernel engineer would use.
public struct RunSentences: Sendable {
    let run: Run
    let map: AddressMap

    /// The sentences of a run.
    public init(_ run: Run) {
        self.run = run
        map = run.map
    }

    // MARK: Entries

    /// The entries at the start.
    public var entries: [EntryView] { views(of: run.start) }

    /// The entries that look different after a step than before it, as they are after it.
    public func changes(ofStep number: Int) -> [EntryView] {
        let (before, after) = (views(of: run.state(before: number)), views(of: run.steps[number].after))
        return zip(before, after).filter { $0 != $1 }.map { $0.1 }
    }

    private func views(of state: RunState) -> [EntryView] {
        zip(run.leaves, state.entries).map { leaf, entry in
            EntryView(name: name(of: leaf), columns: PageTableEntry(rawValue: entry).columns)
        }
            + zip(run.upperWords, state.upperEntries).map { word, entry in
                EntryView(name: map.name(ofEntryWord: word), columns: PageTableEntry(rawValue: entry).columns)
            }
    }

    /// `PTE(x)` or `PTE(child:x)`.
    func name(of leaf: LeafPlace) -> String { "PTE(\(page(of: leaf)))" }

    /// The page of a leaf, with the address space where that is not the first: `x`, `child:x`.
    func page(of leaf: LeafPlace) -> String {
        (leaf.space == 0 ? "" : map.spaces[leaf.space] + ":") + map.name(ofPage: leaf.page)
    }

    // MARK: Steps

    /// What happens in each step.
    public var steps: [String] { run.steps.map(text) }

    /// What happens in a step, in a few words.
    public func text(of step: RunStep) -> String {
        let report = step.report
        let code = report.instruction?.text ?? "(ended)"
        let page = report.leaf.map { map.name(ofPage: $0.page) } ?? "?"
        let leaf = run.walkedWord(report).map(map.name(ofEntryWord:)) ?? "?"
        let entry = report.entry.map { PageTableEntry(rawValue: $0) }
        let reason = report.isReserved ? "it sees a reserved bit" : entry.map(reason) ?? ""
        let half = report.isFirstHalf ? "\(code) [load]" : report.isSecondHalf ? "\(code) [store]" : code
        switch report.kind {
        case .instruction where report.catchesUp: return "\(half): missed a flush, drops its translations"
        case .instruction: return half + accessed(report)
        case .access:
            let through = entry.map { "through \(translation($0, report))" } ?? ""
            return "\(half) \(through)" + accessed(report)
        case .drain: return "store reaches memory: \(report.store.map(text) ?? "")"
        case .walk: return "walk of \(leaf) \(isUpper(report) ? "is cached" : "fills the TLB")"
        case .speculate:
            return "speculative walk of \(leaf) \(isUpper(report) ? "is cached" : "fills the TLB")"
        case .readTable: return "walker reads \(report.table.map(map.name(ofTable:)) ?? "?"), which was freed"
        case .goWild: return "walker follows \(leaf) to a frame that is no table: the run ends here"
        case .beginAccessed: return "walk of \(leaf) finds A=0"
        case .setAccessed: return "walker sets A in \(leaf)"
        case .beginDirty: return "walker finds \(page) writable and clean, is about to set D"
        case .setDirty: return "walker sets D in \(leaf); \(half) goes on" + accessed(report)
        case .setDirtyAndFault: return "walker sets D in \(leaf); \(half) faults all the same"
        case .walkAgain: return "Dirty update finds \(leaf) changed, walks again"
        case .evict:
            return report.table.map { "a partial walk to \(map.name(ofTable: $0)) is forgotten" }
                ?? "a translation of \(page) leaves the TLB"
        case .abandonWalk: return "a walk of \(leaf) that had seen A=0 comes to nothing"
        case .fault: return "\(half) faults on \(page): \(reason)"
        case .retry: return "tries again: \(leaf) has changed"
        case .flush where report.request == .syncTables: return "\(code): interrupts the others"
        case .flush where report.request == .sendInterrupt: return "\(code): interrupts it and waits"
        case .flush where report.leavesLazily:
            return "\(code): lazy, loads \(AddressMap.kernelSpace) itself; asks the others"
        case .flush where report.request == .synchronizeRCU:
            return step.after.cpus[report.cpu].awaits.isEmpty
                ? "\(code): no reader to wait for" : "\(code): waits for readers"
        case .flush:
            return step.after.cpus[report.cpu].awaits.isEmpty
                ? "\(code): no other CPU to ask" : "\(code): drops its own, asks the others"
        case .acknowledge where report.request == .syncTables: return "takes P\(report.initiator ?? 0)'s interrupt"
        case .acknowledge where report.request == .synchronizeRCU:
            return "executes a barrier, which P\(report.initiator ?? 0) waits for"
        case .acknowledge where report.leavesLazily:
            return "takes P\(report.initiator ?? 0)'s flush: lazy, loads \(AddressMap.kernelSpace), drops nothing"
        case .interrupt: return "takes P\(report.initiator ?? 0)'s interrupt: P\(report.cpu).I begins"
        case .acknowledge: return "takes P\(report.initiator ?? 0)'s flush, drops its translations, acknowledges"
        case .broadcast: return code
        case .takeBroadcast: return "takes P\(report.initiator ?? 0)'s broadcast invalidation"
        }
    }

    /// Whether a step of the walker is about an entry above the leaf.
    private func isUpper(_ report: StepReport) -> Bool { report.entryWord != nil && report.leaf == nil }

    /// An instruction on registers and private memory, with what it has changed.
    public func text(of line: LocalLines.Line) -> String {
        var parts = line.local.changes.map { "\(RegisterOperand($0.register).name)=\(amount($0.value))" }
        if let written = line.local.written { parts.append("writes \(amount(written))") }
        return line.local.instruction.text + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
    }

    /// Which bits a translation has, as a reader says it.
    private func translation(_ entry: PageTableEntry, _ report: StepReport) -> String {
        let size = Self.size(ofLevel: report.entryLevel).map { " of \($0)" } ?? ""
        let text = "TLB entry\(size) W=\(entry.isWritable ? 1 : 0) D=\(entry.isDirty ? 1 : 0)"
        return report.frameNumber.flatMap(map.name(ofFrame:)).map { "\(text) of \($0)" } ?? text
    }

    private func reason(_ entry: PageTableEntry) -> String {
        entry.isPresent
            ? "it sees W=\(entry.isWritable ? 1 : 0) U=\(entry.isUser ? 1 : 0) D=\(entry.isDirty ? 1 : 0)"
            : "it sees P=0"
    }

    /// A buffered store: `[x] = 1`, `PTE(x) = P-UA--`.
    func text(of store: BufferedStore) -> String {
        let first = !map.isEntry(store.word) ? 0 : store.bytes.trailingZeroBitCount
        return "\(name(ofWord: store.word))\(first == 0 ? "" : "+\(first)") = \(amount(store))"
    }

    /// `[x]`, `[x+8]`, `PTE(x)`, `PMD(x)`.
    func name(ofWord word: Int) -> String {
        map.isEntry(word) ? map.name(ofEntryWord: word) : "[\(map.name(ofDataWord: word))]"
    }

    /// What a store carries: `1`, `P-UA--`, `byte 0x65`.
    func amount(_ store: BufferedStore) -> String {
        let value = store.value >> UInt64(store.bytes.trailingZeroBitCount * 8)
        if !map.isEntry(store.word) { return amount(value) }
        if store.bytes == 0xff { return PageTableEntry(rawValue: store.value).columns }
        let count = store.bytes.nonzeroBitCount
        return (count == 1 ? "byte" : "\(count) bytes") + " \(hex(value))"
    }

    /// What the access of a step reads and writes; what is read by the register that holds it, where one does.
    private func accessed(_ report: StepReport) -> String {
        var parts: [String] = []
        if let read = report.read, !read.isEvident {
            parts.append(report.receiver.map { "\($0.name)=\(amount(read))" } ?? "reads \(amount(read))")
        }
        if let written = report.written, !written.isEvident { parts.append("writes \(amount(written))") }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
    }

    // MARK: Values

    /// Whole entries by their bits, everything else as a number.
    func amount(_ bytes: AccessedBytes) -> String {
        guard map.isEntry(bytes.word) else { return amount(bytes.value) }
        // Of a part of an entry the bits are what counts.
        return bytes.width == .quad ? columns(bytes.value) ?? amount(bytes.value) : hex(bytes.value)
    }

    /// The columns of an entry; nil where they would not tell it from an empty one.
    private func columns(_ value: UInt64) -> String? {
        let columns = PageTableEntry(rawValue: value).columns
        return columns.contains { $0 != "-" } ? columns : nil
    }

    func amount(_ value: UInt64) -> String {
        let number = PageTableEntry(rawValue: value).frameNumber
        if map.variable(ofFrame: number) != nil || map.table(ofFrame: number) != nil, let columns = columns(value) {
            return columns
        }
        return value < 1 << 16 ? String(value) : hex(value)
    }

    private func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}

/// A page-table entry at some moment.
public struct EntryView: Sendable, Hashable {
    /// `PTE(x)` or `PTE(child:x)`.
    public var name: String
    /// Six columns, `PWUADS`.
    public var columns: String
}

extension Run {
    /// The run in words.
    public var sentences: RunSentences { RunSentences(self) }

    /// What a CPU is there for; nil where the test does not say it.
    func role(ofCPU cpu: Int) -> String? { roles.indices.contains(cpu) ? roles[cpu].map { printable($0) } : nil }

    /// By CPU, its name, its profile where that is wanted, and its role: `P0 (cet): writes the page`.
    func headings(namesProfiles: Bool = true) -> [String] {
        profiles.indices.map { cpu in
            "P\(cpu)" + (namesProfiles ? " (\(profiles[cpu]))" : "") + (role(ofCPU: cpu).map { ": " + $0 } ?? "")
        }
    }
}
