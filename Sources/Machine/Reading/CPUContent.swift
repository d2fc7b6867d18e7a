import X86

/// Which leaf: the page it maps and the address space it belongs to.
public struct LeafPlace: Sendable, Hashable {
    /// The page's number.
    public var page: Int
    /// The address space's number.
    public var space: Int

    /// Names a leaf.
    public init(page: Int, space: Int) {
        self.page = page
        self.space = space
    }
}

/// A store that waits in a buffer.
public struct BufferedStore: Sendable, Hashable {
    /// The word of memory that it goes to.
    public var word: Int
    /// The bytes of the word that it covers, a bit each.
    public var bytes: UInt8
    /// What it stores, shifted to its place in the word.
    public var value: UInt64

    /// Describes a store.
    public init(word: Int, bytes: UInt8, value: UInt64) {
        self.word = word
        self.bytes = bytes
        self.value = value
    }
}

/// A translation that a TLB holds.
public struct CachedTranslation: Sendable, Hashable {
    /// The leaf that it was made from.
    public var leaf: LeafPlace
    /// P, R/W, U/S, D, G and the frame, at their places in an entry; A is 1 in every cached entry and is left out.
    public var bits: UInt64

    /// The level of the entry that is the leaf: 1 for 4 KByte, 2 for 2 MByte, 3 for 1 GByte.
    public var level: Int
    /// The word that was this entry of the page at the start.
    public var word: Int
    /// The number of the frame that the page reaches, which may be one of many in a block.
    public var frameNumber: UInt64

    /// Describes a translation.
    public init(leaf: LeafPlace, bits: UInt64, level: Int, word: Int, frameNumber: UInt64) {
        self.leaf = leaf
        self.bits = bits
        self.level = level
        self.word = word
        self.frameNumber = frameNumber
    }
}

/// What a CPU holds for itself, read off a packed state; outside the hot path.
extension Machine {
    /// The stores in a CPU's buffer, oldest first.
    public func bufferedStores(ofCPU cpu: Int, in state: UnsafePointer<UInt64>) -> [BufferedStore] {
        var found: [BufferedStore] = []
        for place in 0..<cpus[cpu].storeCapacity {
            let number = cpus[cpu].stores[place].read(state)
            if number == 0 { break }
            found.append(bufferedStore(number))
        }
        return found
    }

    /// The buffered store with a number.
    func bufferedStore(_ number: Int) -> BufferedStore {
        let info = store(number)
        return BufferedStore(word: Int(info.word), bytes: info.covered, value: value(Int(info.value)))
    }

    /// The translations in a CPU's TLB, leaf by leaf, in order of their bits.
    ///
    /// In the literal machine this is what the TLB holds; in the lazy form what it could hold, because nothing has dropped it
    /// since it could be cached (`TranslationBuffer.swift`).
    public func cachedTranslations(ofCPU cpu: Int, in state: UnsafePointer<UInt64>) -> [CachedTranslation] {
        (0..<leafCount).flatMap { leaf -> [CachedTranslation] in
            guard cpus[cpu].translations[leaf].isPresent else { return [] }
            var rest = cpus[cpu].translations[leaf].readBits(state)
            var found: [CachedTranslation] = []
            while rest != 0 {
                let number = takeFirst(of: &rest, leaf: leaf)
                let translation = translations[leaf][number]
                let (page, space) = (leaves[leaf].page, leaves[leaf].space)
                found.append(
                    CachedTranslation(
                        leaf: LeafPlace(page: page, space: space), bits: translation.entryBits,
                        level: translation.level,
                        word: map.entryWord(page: page, level: translation.level, space: space) ?? leaves[leaf].word,
                        frameNumber: frameNumber(of: translation.bits, leaf: leaf)))
            }
            return found
        }
    }

    /// A CPU's registers, flags and program counter.
    public func registers(ofCPU cpu: Int, in state: UnsafePointer<UInt64>) -> RegisterFile {
        tables.threads[cpu].states[cpus[cpu].thread.read(state)].registers
    }

    /// The number of the address space that a CPU has loaded.
    public func space(ofCPU cpu: Int, in state: UnsafePointer<UInt64>) -> Int {
        Int(tables.threads[cpu].states[cpus[cpu].thread.read(state)].space)
    }

    /// The CPUs whose acknowledgement a CPU waits for.
    public func awaitedCPUs(ofCPU cpu: Int, in state: UnsafePointer<UInt64>) -> [Int] {
        guard isWaiting(cpu: cpu, in: state) else { return [] }
        let set = cpus[cpu].waitingFor.read(state)
        return scenario.cpus.indices.filter { set & (1 << $0) != 0 }
    }

    /// Where an access reads some bytes of a word from.
    func readSource(
        ofBytes bytes: UInt8, word: Int, _ cpu: Int, in state: UnsafePointer<UInt64>
    ) -> ReadSource {
        let buffered = bufferedStores(ofCPU: cpu, in: state).filter { $0.word == word }
            .reduce(UInt8(0)) { $0 | $1.bytes }
        if buffered & bytes == 0 { return .memory }
        return bytes & ~buffered == 0 ? .ownBuffer : .bufferAndMemory
    }
}

/// Where what a step reads comes from.
public enum ReadSource: Sendable, Hashable {
    case memory
    /// The CPU's own store buffer.
    case ownBuffer
    /// Some bytes from the own store buffer, the others from memory.
    case bufferAndMemory
}
