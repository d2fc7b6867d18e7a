import Litmus

/// An entry's 64 bits with the fields the model reads.
struct Entry: Hashable {
    var raw: UInt64

    static let presentBit: UInt64 = 1 << 0
    static let writableBit: UInt64 = 1 << 1
    static let userBit: UInt64 = 1 << 2
    static let accessedBit: UInt64 = 1 << 5
    static let dirtyBit: UInt64 = 1 << 6
    static let globalBit: UInt64 = 1 << 8
    /// PS above the leaf, PAT in a leaf.
    static let sizeBit: UInt64 = 1 << 7
    static let savedDirtyBit: UInt64 = 1 << 58
    static let noExecuteBit: UInt64 = 1 << 63
    static let frameMask: UInt64 = 0x000f_ffff_ffff_f000
    /// What an entry is unless it says something else.
    static let defaultBits = presentBit | writableBit | userBit | accessedBit | dirtyBit

    init(_ raw: UInt64) { self.raw = raw }

    var present: Bool { raw & Entry.presentBit != 0 }
    var writable: Bool { raw & Entry.writableBit != 0 }
    var user: Bool { raw & Entry.userBit != 0 }
    var accessed: Bool { raw & Entry.accessedBit != 0 }
    var dirty: Bool { raw & Entry.dirtyBit != 0 }
    var global: Bool { raw & Entry.globalBit != 0 }
    var noExecute: Bool { raw & Entry.noExecuteBit != 0 }
    var savedDirty: Bool { raw & Entry.savedDirtyBit != 0 }
    /// The physical frame number.
    var frame: UInt64 { (raw & Entry.frameMask) >> 12 }

    /// P=1, W=0, D=1: a leaf that CET takes for a shadow-stack page, where every level above permits writing.
    var isShadowStack: Bool { present && !writable && dirty }

    /// Where a field named in a test lies: lowest bit and number of bits.
    static func place(ofField name: String) throws -> (shift: UInt64, bits: UInt64) {
        switch name {
        case "p": (0, 1)
        case "rw": (1, 1)
        case "us": (2, 1)
        case "pwt": (3, 1)
        case "pcd": (4, 1)
        case "a": (5, 1)
        case "d": (6, 1)
        case "ps", "pat": (7, 1)
        case "g": (8, 1)
        case "sw1": (9, 1)
        case "uffd": (10, 1)
        case "soft": (11, 1)
        case "oa": (12, 40)
        case "sd": (58, 1)
        case "pkey": (59, 4)
        case "nx": (63, 1)
        default: throw OracleError.unsupported("entry field \(name)")
        }
    }

    /// Only what a literal names: the bits it speaks of, and their values.
    static func named(
        in literal: EntryLiteral, frames: (EntryLiteral) throws -> UInt64?
    ) throws -> (mask: UInt64, bits: UInt64) {
        var mask: UInt64 = 0
        var raw: UInt64 = 0
        if let frame = try frames(literal) {
            mask = frameMask
            raw = frame << 12
        }
        for field in literal.fields {
            let (shift, width) = try place(ofField: field.name)
            let bits: UInt64 = (1 << width) - 1
            mask |= bits << shift
            raw = (raw & ~(bits << shift)) | ((field.value & bits) << shift)
        }
        return (mask, raw)
    }

    /// The whole entry that a literal means, defaults filled in: they are the same for leaves and for pointers to tables.
    ///
    /// - Parameters:
    ///   - defaultFrame: the frame number where the literal names none; nil where there is none (a register).
    ///   - frames: the number of the frame that a literal names.
    static func value(
        of literal: EntryLiteral, defaultFrame: UInt64?, frames: (EntryLiteral) throws -> UInt64?
    ) throws -> UInt64 {
        if !literal.namesTarget, literal.fields.count == 1, literal.fields[0] == EntryField(name: "p", value: 0) {
            return 0
        }
        var raw = defaultBits
        if let frame = try frames(literal) ?? defaultFrame { raw |= frame << 12 }
        for field in literal.fields {
            let (shift, bits) = try place(ofField: field.name)
            let mask: UInt64 = (1 << bits) - 1
            raw = (raw & ~(mask << shift)) | ((field.value & mask) << shift)
        }
        return raw
    }
}
