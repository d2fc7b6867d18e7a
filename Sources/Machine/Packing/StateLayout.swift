/// A bit field of a packed state: it lies in one 64-bit word.
struct Field {
    var word: Int = 0
    /// Less than 64: the operators that do not look at that are meant.
    var shift: UInt64 = 0
    var mask: UInt64 = 0

    /// Fields of width 0 are not in the state: they read as 0 and cannot be set.
    var isPresent: Bool { mask != 0 }

    @inline(__always)
    func read(_ state: UnsafePointer<UInt64>) -> Int { Int(truncatingIfNeeded: (state[word] &>> shift) & mask) }

    @inline(__always)
    func read(_ state: UnsafeMutablePointer<UInt64>) -> Int { Int(truncatingIfNeeded: (state[word] &>> shift) & mask) }

    @inline(__always)
    func readBits(_ state: UnsafePointer<UInt64>) -> UInt64 { (state[word] &>> shift) & mask }

    @inline(__always)
    func readBits(_ state: UnsafeMutablePointer<UInt64>) -> UInt64 { (state[word] &>> shift) & mask }

    @inline(__always)
    func write(_ value: Int, _ state: UnsafeMutablePointer<UInt64>) {
        state[word] = (state[word] & ~(mask &<< shift)) | ((UInt64(truncatingIfNeeded: value) & mask) &<< shift)
    }

    @inline(__always)
    func writeBits(_ value: UInt64, _ state: UnsafeMutablePointer<UInt64>) {
        state[word] = (state[word] & ~(mask &<< shift)) | ((value & mask) &<< shift)
    }

    @inline(__always)
    func insert(_ bits: UInt64, _ state: UnsafeMutablePointer<UInt64>) { state[word] |= (bits & mask) &<< shift }

    @inline(__always)
    func remove(_ bits: UInt64, _ state: UnsafeMutablePointer<UInt64>) { state[word] &= ~((bits & mask) &<< shift) }
}

/// How many bits the numbered parts of a state get.
///
/// Parts start small; when a number does not fit the machine says so (``MachineFailure/outgrown(_:)``) and is built
/// again with that part doubled. States stay as small as the test allows.
public struct FieldWidths: Sendable, Hashable {
    /// A part whose numbers can outgrow their bits, a word of memory that turns out to change or to be read, a page that
    /// a CPU turns out to access, or a CPU that turns out to need its store buffer.
    public enum Part: Sendable, Hashable {
        case threads, values, stores, translations, storeBuffer, word(Int), reading(Int), page(cpu: Int, Int)
        case storing(cpu: Int)
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
        case .storeBuffer where storeBuffer < 64: storeBuffer *= 2
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

/// Hands out bit fields, none across a word's border.
struct FieldAllocator {
    private var used: [Int] = []

    /// How many bits of each word are handed out.
    var usedBits: [Int] { used }

    /// The words handed out so far, at least one.
    var words: Int { max(1, used.count) }

    /// The first free place for a field of `bits` bits (0 for an absent field).
    mutating func field(bits: Int) -> Field {
        guard bits > 0 else { return Field() }
        let mask: UInt64 = bits == 64 ? ~0 : (1 << UInt64(bits)) - 1
        for word in used.indices where used[word] + bits <= 64 {
            defer { used[word] += bits }
            return Field(word: word, shift: UInt64(used[word]), mask: mask)
        }
        used.append(bits)
        return Field(word: used.count - 1, shift: 0, mask: mask)
    }
}

/// The fields of one CPU; trivial, so that steps can hold it without reference counting.
struct CPUFields {
    /// Number of the thread's local state.
    var thread = Field()
    /// ``Phase`` of the current instruction.
    var phase = Field()
    /// The translation that the phase is about.
    var phaseOperand = Field()
    /// CPUs whose acknowledgement the CPU waits for.
    var waitingFor = Field()
    /// Store buffer, oldest first; 0 is an empty place.
    var stores: UnsafeMutablePointer<Field>
    var storeCapacity: Int
    /// Cached translations by leaf, absent for leaves that the CPU never accesses or of address spaces that it cannot load.
    var translations: UnsafeMutablePointer<Field>
    /// By leaf, the CPUs that have not yet dropped its translations that are not global, as a broadcast of this CPU asked
    /// for; after all leaves, the same for global ones.
    var broadcasts: UnsafeMutablePointer<Field>
    /// Leaves in which walks that nothing asked for have seen A=0 and are about to set it, a bit each.
    var pendingWalks = Field()
}

extension CPUFields {
    /// All of them.
    func all(leaves: Int) -> [Field] {
        [thread, phase, phaseOperand, waitingFor, pendingWalks] + (0..<storeCapacity).map { stores[$0] }
            + (0..<leaves).flatMap { [translations[$0], broadcasts[$0], broadcasts[leaves + $0]] }
    }

    /// Takes fields that were laid out by themselves to where the words of that layout now are.
    mutating func move(into parts: [Field], leaves: Int, stores count: Int) {
        func moved(_ field: Field) -> Field {
            guard field.isPresent else { return field }
            let part = parts[field.word]
            return Field(word: part.word, shift: part.shift + field.shift, mask: field.mask)
        }
        thread = moved(thread)
        phase = moved(phase)
        phaseOperand = moved(phaseOperand)
        waitingFor = moved(waitingFor)
        pendingWalks = moved(pendingWalks)
        for place in 0..<count { stores[place] = moved(stores[place]) }
        for leaf in 0..<leaves {
            translations[leaf] = moved(translations[leaf])
            broadcasts[leaf] = moved(broadcasts[leaf])
            broadcasts[leaves + leaf] = moved(broadcasts[leaves + leaf])
        }
    }
}

/// What a CPU is in the middle of.
enum Phase: Int {
    /// At the start of an instruction's next request.
    case run
    /// Waiting for a fault handler that the test does not show (`retry`).
    case faulted
    /// Waiting for acknowledgements of a flush.
    case flushing
    /// Read an entry with A=0, about to set A.
    case settingAccessed
    /// Decided to set Dirty, about to do so.
    case settingDirty
    /// Walks again after a Dirty update that found the entry changed.
    case walkingAgain
}
