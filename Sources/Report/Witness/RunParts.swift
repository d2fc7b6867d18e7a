import Checker
import Diagnostics
import Machine
import PageTable

/// What a run shows in columns of its own besides what the CPUs do.
package struct RunParts: OptionSet, Sendable {
    /// The bits.
    package let rawValue: Int

    /// Parts by their bits.
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// What each TLB holds.
    package static let tlb = RunParts(rawValue: 1)
    /// The stores in each buffer.
    package static let buffers = RunParts(rawValue: 2)
    /// A column for each entry, also where there are many or they stay as they are.
    package static let entries = RunParts(rawValue: 4)

    /// Their names on the command line.
    package static let names = ["tlb", "buffers", "entries"]

    /// The parts in a list like `tlb,buffers`.
    ///
    /// - Throws: `Diagnostic` for a name that is not one of ``names``.
    package init(list: String) throws(Diagnostic) {
        self = []
        for name in list.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            guard let position = Self.names.firstIndex(of: name) else {
                let near = NearName.of(name, among: Self.names).map { "did you mean `\($0)`? " } ?? ""
                throw Diagnostic(
                    withoutPlace: "--show: a run has no part `\(printable(name))`",
                    remedy: near + "parts: " + Self.names.joined(separator: ", ") + "; separate several with commas")
            }
            insert(RunParts(rawValue: 1 << position))
        }
    }
}

extension RunSentences {
    /// What a CPU's TLB holds, a line for each translation; empty where it holds nothing.
    ///
    /// The machine forgets the TLB of an ended thread, which uses it no more; that is not the TLB's doing.
    func translations(ofCPU cpu: Int, in state: RunState) -> [String] {
        if state.cpus[cpu].isEnded { return ["(ended)"] }
        return state.cpus[cpu].translations.map { held in
            let translation = held.translation
            let entry = PageTableEntry(rawValue: translation.bits)
            var text = page(of: translation.leaf)
            if let size = Self.size(ofLevel: translation.level) { text += " \(size)" }
            text += " W=\(entry.isWritable ? 1 : 0) D=\(entry.isDirty ? 1 : 0)"
            if !entry.isUser { text += " U=0" }
            if translation.bits & PageTableEntry.globalMask != 0 { text += " G=1" }
            let own = map.name(ofPage: translation.leaf.page)
            if let frame = frame(of: translation), frame != "PA(\(own))" { text += " \(frame)" }
            return run.staleness(of: translation, in: state).isEmpty ? text : text + " (stale)"
        }
    }

    /// What a translation gives its page, `PA(x)`; nil where that is nothing of the test.
    func frame(of translation: CachedTranslation) -> String? { map.name(ofFrame: translation.frameNumber) }

    /// How large the page is that a leaf above the PTEs maps; nil for 4 KByte.
    static func size(ofLevel level: Int) -> String? { level == 2 ? "2M" : level == 3 ? "1G" : nil }

    /// The stores in a CPU's buffer, a line for each, oldest first.
    func stores(ofCPU cpu: Int, in state: RunState) -> [String] { state.cpus[cpu].stores.map { text(of: $0.store) } }
}

/// A column with a part of every CPU's state: after each step what has changed, CPU by CPU.
struct StateColumn {
    /// The heading.
    let title: String
    private let lines: (Int, RunState) -> [String]
    private var shown: [[String]]

    /// A column that shows these lines for each CPU.
    init(_ title: String, cpus: Int, _ lines: @escaping (Int, RunState) -> [String]) {
        self.title = title
        self.lines = lines
        shown = [[String]](repeating: [], count: cpus)
    }

    /// The cell of the row that shows a state: the CPUs whose part differs from the state shown before, `-` for nothing.
    mutating func cell(_ state: RunState) -> String {
        var text: [String] = []
        for cpu in shown.indices {
            let now = lines(cpu, state)
            if now == shown[cpu] { continue }
            shown[cpu] = now
            let name = "P\(cpu) "
            if now.isEmpty { text.append(name + "-") }
            for (number, line) in now.enumerated() {
                text.append((number == 0 ? name : String(repeating: " ", count: name.count)) + line)
            }
        }
        return text.joined(separator: "\n")
    }
}
