import PageTable
import X86

/// A CPU's profile and modes as plain bits for the steps.
struct CPUTraits {
    var onWriteRevoked: LateDirty
    var onNotPresent: LateDirty
    var accessedOnNotPresent: Bool
    var spuriousFaults: Bool
    var speculates: Bool
    var hasShadowStacks: Bool
    var buffersStores: Bool
    var broadcasts: Bool
    var writeProtect: Bool
    /// The thread can come back to an instruction.
    var loops: Bool

    init(_ processor: Processor) {
        let profile = processor.profile
        onWriteRevoked = profile.onWriteRevoked
        onNotPresent = profile.onNotPresent
        accessedOnNotPresent = profile.accessedOnNotPresent
        spuriousFaults = profile.spuriousFaults
        speculates = profile.speculativeFills
        hasShadowStacks = processor.hasShadowStacks
        buffersStores = profile.storeBuffer == .tso
        broadcasts = profile.broadcastInvalidate
        writeProtect = processor.writeProtect
        loops = processor.canLoop
    }
}

/// Which parts of a packed state a CPU's code can need at all.
struct CPUNeeds {
    var stores = false
    var flushes = false
    var broadcasts = false
    /// It calls a service that waits for memory.
    var waits = false
    /// Address spaces that the CPU can have loaded.
    var spaces: Set<Int>

    init(_ processor: Processor, _ map: AddressMap) {
        spaces = [processor.space]
        for instruction in processor.program.instructions + (processor.handler?.instructions ?? []) {
            switch instruction.request(RegisterFile()) {
            case .store, .copy, .shadowStackStore, .update(_, locked: false): stores = true
            case .writeCR3: spaces = Set(0..<map.spaces.count)
            case .broadcastInvalidatePage, .broadcastSynchronize: broadcasts = true
            case .service(let name, _):
                if name == "spin_unlock" { stores = true }
                if KernelService.waiting.contains(name) { waits = true }
                if name.hasPrefix("flush_tlb_") { flushes = true }
            default: break
            }
        }
    }
}

/// What a word of memory is.
struct WordInfo {
    /// The leaf's number, or -1.
    var leaf: Int32 = -1
    /// The variable whose frame the word is part of, or -1.
    var frame: Int32 = -1
    /// Number of the initial content.
    var initial: Int32 = 0
    /// Its content is part of states; see `UnreadValues.swift`.
    var isKept: Bool

    init(_ word: Int, _ map: AddressMap, isKept: Bool) {
        self.isKept = isKept
        if let (page, space) = map.leaf(ofWord: word) {
            leaf = Int32(space * map.pages.count + page)
        } else if let variable = map.variable(ofWord: word) {
            frame = Int32(variable)
        }
    }
}

/// Where the data of a variable lies.
struct FrameInfo {
    var firstWord: Int
    var words: Int
}

/// A buffered store.
struct StoreInfo {
    /// The word it goes to.
    var word: Int32
    /// The leaf it was translated by, or -1.
    var leaf: Int32
    /// Number of the value, shifted to its place.
    var value: Int32
    /// The bytes, a bit each.
    var covered: UInt8
    /// The bits of the word.
    var mask: UInt64
}

/// A translation as a TLB holds it, or an entry as a walk saw it.
struct Translation {
    /// P, R/W, U/S, D, G and the frame; everything else, A included, does not matter to an access.
    static let relevant: UInt64 =
        PageTableEntry.presentMask | PageTableEntry.writableMask | PageTableEntry.userMask | PageTableEntry.dirtyMask
        | PageTableEntry.globalMask | PageTableEntry.frameMask

    /// The relevant bits of the entry.
    var bits: UInt64
    /// The variable whose frame is mapped, or -1 when there is nothing.
    var frame: Int32

    @inline(__always) var isPresent: Bool { bits & PageTableEntry.presentMask != 0 }
    @inline(__always) var isWritable: Bool { bits & PageTableEntry.writableMask != 0 }
    @inline(__always) var isUser: Bool { bits & PageTableEntry.userMask != 0 }
    @inline(__always) var isDirty: Bool { bits & PageTableEntry.dirtyMask != 0 }
    @inline(__always) var isGlobal: Bool { bits & PageTableEntry.globalMask != 0 }
    /// W=0, D=1: on a CPU with CET this is a shadow-stack page.
    @inline(__always) var isShadowStack: Bool {
        bits & (PageTableEntry.writableMask | PageTableEntry.dirtyMask) == PageTableEntry.dirtyMask
    }
}

/// A leaf: where it lies, and the distinct translations seen in it so far, numbered from 0.
struct LeafInfo {
    let page: Int
    let space: Int
    let word: Int
    private(set) var translations: UnsafeMutablePointer<Translation>
    /// The translations' numbers in order of their bits, so that steps come in an order that no history decides.
    private(set) var order: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    /// By value number, the translation's number, or -1 while unknown.
    private var known: UnsafeMutablePointer<Int8>
    private var knownCapacity = 64

    static let maximum = 64

    init(_ number: Int, _ map: AddressMap) {
        page = number % max(1, map.pages.count)
        space = number / max(1, map.pages.count)
        word = map.leafWord(page: page, space: space)
        translations = .allocate(capacity: Self.maximum)
        order = .allocate(capacity: Self.maximum)
        known = .allocate(capacity: knownCapacity)
        known.initialize(repeating: -1, count: knownCapacity)
    }

    func deallocate() {
        translations.deallocate()
        order.deallocate()
        known.deallocate()
    }

    /// The translation's number for a value's number, if it was asked for before.
    @inline(__always)
    func find(_ value: Int) -> Int? {
        guard value < knownCapacity, known[value] >= 0 else { return nil }
        return Int(known[value])
    }

    /// Numbers the translation that a value is; nil when there are too many.
    mutating func add(_ value: Int, _ bits: UInt64, frame: Int) -> Int? {
        while value >= knownCapacity {
            let larger = UnsafeMutablePointer<Int8>.allocate(capacity: knownCapacity * 2)
            larger.initialize(repeating: -1, count: knownCapacity * 2)
            larger.update(from: known, count: knownCapacity)
            known.deallocate()
            known = larger
            knownCapacity *= 2
        }
        for number in 0..<count where translations[number].bits == bits {
            known[value] = Int8(number)
            return number
        }
        guard count < Self.maximum else { return nil }
        (translations + count).initialize(to: Translation(bits: bits, frame: Int32(frame)))
        var place = count
        while place > 0, translations[Int(order[place - 1])].bits > bits {
            order[place] = order[place - 1]
            place -= 1
        }
        order[place] = UInt8(count)
        known[value] = Int8(count)
        count += 1
        return count - 1
    }
}

/// Successors of one state, in flat storage.
final class StepBuffer {
    let stride: Int
    // One thread owns the buffer; checking each access for exclusivity would cost more than the access.
    @exclusivity(unchecked) private(set) var states: UnsafeMutablePointer<UInt64>
    @exclusivity(unchecked) private(set) var labels: UnsafeMutablePointer<UInt32>
    @exclusivity(unchecked) private(set) var count = 0
    @exclusivity(unchecked) private var capacity = 256

    init(stride: Int) {
        self.stride = stride
        states = .allocate(capacity: capacity * stride)
        labels = .allocate(capacity: capacity)
    }

    deinit {
        states.deallocate()
        labels.deallocate()
    }

    func removeAll() { count = 0 }

    /// Appends a copy of a state, to be changed into the successor.
    ///
    /// The pointer is good until the next call.
    @inline(__always)
    func append(_ state: UnsafePointer<UInt64>, label: UInt32) -> UnsafeMutablePointer<UInt64> {
        if count == capacity { grow() }
        let place = states + count * stride
        place.update(from: state, count: stride)
        labels[count] = label
        count += 1
        return place
    }

    /// Replaces a successor by the last one, which goes away.
    func moveLast(to number: Int) {
        count -= 1
        (states + number * stride).update(from: states + count * stride, count: stride)
    }

    private func grow() {
        let largerStates = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * 2 * stride)
        let largerLabels = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
        largerStates.update(from: states, count: capacity * stride)
        largerLabels.update(from: labels, count: capacity)
        states.deallocate()
        labels.deallocate()
        states = largerStates
        labels = largerLabels
        capacity *= 2
    }
}
