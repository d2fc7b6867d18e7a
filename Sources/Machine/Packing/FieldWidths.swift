/// How many bits the numbered parts of a state get.
///
/// Parts start small; when a number does not fit the machine says so (`MachineFailure.outgrown`) and is built
/// again with that part doubled. States stay as small as the test allows.
public struct FieldWidths: Sendable, Hashable {
    /// A part whose numbers can outgrow their bits, a word of memory that turns out to change or to be read, a page that
    /// a CPU turns out to access, or a CPU that turns out to need its store buffer.
    public enum Part: Sendable, Hashable {
        case threads, values, stores, translations, storeBuffer, word(Int), reading(Int), page(cpu: Int, Int)
        case storing(cpu: Int)
        /// Walks that have passed A=0 above the leaf (`LateAccessed.swift`).
        case lateWalks
        /// Whether a CPU came to a frame of which nothing is known.
        case wildRuns
        /// Not part of a state: how long a thread may compute without asking for anything. It cannot grow.
        case localRun
    }

    /// Bits for the number of a thread's local state, beyond those that its code is likely to need.
    public var extraThreadBits = 0
    /// Bits for the number of a word's value.
    public var values = 5
    /// Bits for the number of a buffered store.
    public var stores = 5
    /// Translations that one TLB can hold of one page, a bit each.
    public var translations = 4
    /// Walks past A=0 above the leaf that one CPU can have under way for one page, a bit each; none until there was one.
    public var lateWalks = 0
    /// Stores that a store buffer can hold.
    public var storeBuffer = 2
    /// Words that are part of the state because something writes them; all others keep their initial content.
    public var changingWords: Set<Int> = []
    /// Words of data that somebody reads; the content of others need not be known.
    public var readWords: Set<Int> = []
    /// By CPU, pages that it accesses through their translations, a bit each.
    public var usedPages: [Int: UInt64] = [:]
    /// CPUs whose stores go through the store buffer.
    public var storingCPUs: Set<Int> = []
    /// Whether a run that came to a frame of which nothing is known can end there.
    public var keepsWildRuns = false

    /// The widths to start with.
    public init() {}

    /// Enlarges parts; false when one is as large as it can be.
    public mutating func grow(_ parts: Set<Part>) -> Bool {
        parts.map { grow($0) }.allSatisfy { $0 }
    }

    private mutating func grow(_ part: Part) -> Bool {
        switch part {
        case .threads where extraThreadBits < 28: extraThreadBits += 4
        case .values where values < 28: values = min(values * 2, 28)
        case .stores where stores < 28: stores = min(stores * 2, 28)
        case .translations where translations < 64: translations *= 2
        case .lateWalks where lateWalks < 64: lateWalks = max(8, lateWalks * 2)
        case .storeBuffer where storeBuffer < 64: storeBuffer *= 2
        case .wildRuns where !keepsWildRuns: keepsWildRuns = true
        case .storing(let cpu): return storingCPUs.insert(cpu).inserted
        case .word(let word): return changingWords.insert(word).inserted
        case .reading(let word): return readWords.insert(word).inserted
        case .page(let cpu, let page):
            let bit: UInt64 = 1 << UInt64(page)
            guard usedPages[cpu, default: 0] & bit == 0 else { return false }
            usedPages[cpu, default: 0] |= bit
        default: return false
        }
        return true
    }
}
