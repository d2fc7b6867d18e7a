import Checker
import Machine
import PageTable
import X86

/// How wide the lanes of each CPU have to be for what happens in a run.
struct PictureNeeds {
    private let run: Run
    private let sentences: RunSentences
    /// Whether a lane is there that nothing has happened in yet.
    private let keepsLanes: Bool

    /// Past so many CPUs those that take no part in the steps that matter are shown by their names.
    private static let mostCPUs = 4

    init(_ run: Run, _ sentences: RunSentences, keepsLanes: Bool = false) {
        self.run = run
        self.sentences = sentences
        self.keepsLanes = keepsLanes
    }

    /// By CPU.
    var all: [PictureLayout.Needs] {
        let taking = Set(run.stepsThatMatter.map { run.steps[$0].cpu })
        return run.profiles.indices.map { cpu in
            var needs = PictureLayout.Needs()
            let states = [run.start] + run.steps.map { $0.after }
            let steps = run.steps.indices.filter { run.steps[$0].cpu == cpu }
            let isAway = run.profiles.count > Self.mostCPUs && !taking.contains(cpu)
            needs.isFolded = !keepsLanes && (steps.isEmpty || isAway)
            if needs.isFolded { return needs }
            let chips = steps.compactMap { run.chip(ofStep: $0) }.map(PictureText.chip)
            let asked = run.steps.contains { $0.after.cpus[cpu].awaits.count > 0 } ? 96 : 0
            needs.instructions = max(96, asked, (chips.max() ?? 0) + 12)
            needs.walker = (steps.compactMap { run.pill(ofStep: $0) }.map(PictureText.chip).max()).map { $0 + 12 } ?? 0
            let translations = states.map { Set($0.cpus[cpu].translations.map(Self.key)).count }.max() ?? 0
            let stores = states.map { $0.cpus[cpu].stores.count }.max() ?? 0
            let texts = states.flatMap { state in
                state.cpus[cpu].translations.flatMap { lines(of: $0, among: state.cpus[cpu].translations) }
            }
            let values = states.flatMap { $0.cpus[cpu].stores.flatMap { lines(of: $0) } }
            needs.translations = (translations, max(78, (texts.map(PictureText.mono).max() ?? 0) + 20))
            needs.stores = (stores, max(68, (values.map(PictureText.mono).max() ?? 0) + 20))
            return keepsLanes ? kept(needs) : needs
        }
    }

    /// Room for the longest instruction, for each word of the walker, and for what a TLB and a buffer may hold.
    private func kept(_ needs: PictureLayout.Needs) -> PictureLayout.Needs {
        var needs = needs
        needs.instructions = max(needs.instructions, PictureText.chip(Run.longestChip) + 12)
        needs.stores.count = max(needs.stores.count, 1)
        guard !run.leaves.isEmpty || !run.upperWords.isEmpty else { return needs }
        needs.walker = max(needs.walker, PictureText.chip(Run.longestPill) + 12)
        needs.translations.count = max(needs.translations.count, 1)
        return needs
    }

    /// What tells a translation from others: of one large page there is one, however many pages of the test it maps.
    static func key(_ held: CPUState.Translation) -> String {
        let translation = held.translation
        let page = translation.level > 1 ? 0 : translation.leaf.page
        return "\(translation.word) \(page) \(translation.level) \(translation.bits)"
    }

    /// What a box of the TLB says.
    ///
    /// Of a large page, which the pages of a test share, it names them all.
    func lines(of held: CPUState.Translation, among all: [CPUState.Translation]) -> [String] {
        // What a TLB holds had A=1 (SDM 3A 4.10.2.2).
        let entry = PageTableEntry(rawValue: held.translation.bits | PageTableEntry.accessedMask)
        let size = RunSentences.size(ofLevel: held.translation.level).map { " " + $0 } ?? ""
        let pages = all.filter { Self.key($0) == Self.key(held) }.map { sentences.page(of: $0.translation.leaf) }
        return [RunPicture.short(pages.joined(separator: ",")) + size, entry.columns, from(held.filledBy)]
    }

    /// What a box of the store buffer says.
    func lines(of held: CPUState.Store) -> [String] {
        [
            RunPicture.short(sentences.name(ofWord: held.store.word)),
            RunPicture.short("= " + sentences.amount(held.store)), from(held.storedBy),
        ]
    }

    private func from(_ step: Int?) -> String { step.map { "from \($0 + 1)" } ?? "from start" }
}

extension Run {
    /// The entry that a step of the walker reads or changes: that of its page at the level of the leaf that it has found.
    func walkedWord(_ report: StepReport) -> Int? {
        if let word = report.entryWord { return word }
        guard let leaf = report.leaf else { return nil }
        return report.entryLevel > 1
            ? map.entryWord(page: leaf.page, level: report.entryLevel, space: leaf.space)
            : map.leafWord(page: leaf.page, space: leaf.space)
    }

    /// What the box of an instruction says; nil for a step that is not one of software.
    func chip(ofStep number: Int) -> String? {
        let step = steps[number]
        switch step.report.kind {
        case .instruction, .access, .retry, .flush, .broadcast:
            return shortened(step.report.instruction?.text ?? "ended")
        case .fault: return shortened("✕ " + (step.report.instruction?.text ?? "ended"))
        case .setDirty: return step.report.instruction.map { shortened($0.text) }
        case .acknowledge: return step.report.request == .syncTables ? "takes interrupt" : "takes flush"
        case .takeBroadcast: return "takes invlpgb"
        case .interrupt: return "interrupt"
        case .drain, .walk, .beginAccessed, .setAccessed, .beginDirty, .setDirtyAndFault, .walkAgain, .speculate,
            .evict, .abandonWalk, .readTable, .goWild:
            return nil
        }
    }

    /// What the pill of the walker says; nil for a step that is not one of the walker.
    func pill(ofStep number: Int) -> String? {
        switch steps[number].report.kind {
        case .walk: "walk"
        case .speculate: "walk ahead"
        case .beginAccessed: "finds A=0"
        case .setAccessed: "set A"
        case .beginDirty: "decide"
        case .setDirty, .setDirtyAndFault: "set D"
        case .walkAgain: "walk again"
        case .evict: "evict"
        case .abandonWalk: "give up"
        case .readTable: "freed table"
        case .goWild: "lost"
        case .instruction, .access, .retry, .flush, .broadcast, .fault, .acknowledge, .takeBroadcast, .interrupt,
            .drain:
            nil
        }
    }

    /// Whether the chip of a step is a pill: hardware takes the step.
    func isPill(_ number: Int) -> Bool {
        switch steps[number].report.kind {
        case .acknowledge, .takeBroadcast, .interrupt: true
        default: false
        }
    }

    /// The stores that a step of another kind than drain lets reach memory: who takes a flush empties its buffer.
    func drained(by number: Int) -> [CPUState.Store] {
        guard steps[number].report.kind != .drain else { return [] }
        let cpu = steps[number].cpu
        let before = state(before: number).cpus[cpu].stores
        return Array(before.prefix(max(0, before.count - steps[number].after.cpus[cpu].stores.count)))
    }

    /// Whether a step has two marks below one another: what hardware does, and what the instruction does after it.
    func hasSecondMark(_ number: Int) -> Bool {
        steps[number].report.kind == .setDirty || !drained(by: number).isEmpty
    }

    /// Whether a translation comes with a step that has two marks, and is drawn below them.
    func fillsBelow(_ number: Int) -> Bool {
        hasSecondMark(number)
            && steps[number].after.cpus[steps[number].cpu].translations.contains { $0.filledBy == number }
    }

    /// A chip that is as long as chips get, and a pill.
    static let longestChip = String(repeating: "m", count: mostCharacters)
    static let longestPill = "freed table"
    private static let mostCharacters = 26

    private func shortened(_ text: String) -> String {
        text.count <= Self.mostCharacters ? text : String(text.prefix(Self.mostCharacters - 1)) + "…"
    }
}

/// How wide texts are at most, where no browser can be asked.
enum PictureText {
    /// Of 11 pixels with fixed width.
    static func mono(_ text: String) -> Int { (text.count * 68 + 9) / 10 }
    /// A box around an instruction.
    static func chip(_ text: String) -> Int { max(44, mono(text) + 14) }
    /// As much of a text of 12 pixels as fits.
    static func cut(_ text: String, toFit width: Int) -> String {
        let room = max(1, width / 7)
        return text.count <= room ? text : String(text.prefix(max(0, room - 1))) + "…"
    }
    /// A number as the strip of memory has it.
    static func number(_ value: UInt64) -> String { value < 1 << 16 ? String(value) : "0x" + String(value, radix: 16) }
}
