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
