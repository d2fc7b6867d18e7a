/// A field of a page-table entry that a test can name: where it lies.
///
/// The frame (`oa`) is not among them, because a test names it by its page and not by a number: see
/// ``PageTableEntry/frameNumber``. How the names are spelled is in `EntryFieldSpelling.swift`, so that this file needs
/// no strings.
public enum EntryFieldName: UInt8, CaseIterable, Hashable, Sendable {
    /// `p`, bit 0.
    case present
    /// `rw`, bit 1.
    case writable
    /// `us`, bit 2.
    case user
    /// `pwt`, bit 3.
    case writeThrough
    /// `pcd`, bit 4.
    case cacheDisable
    /// `a`, bit 5.
    case accessed
    /// `d`, bit 6.
    case dirty
    /// `ps`, bit 7 of an upper level.
    case pageSize
    /// `pat`, bit 7 of a leaf.
    case pat
    /// `g`, bit 8.
    case global
    /// `sw1`, bit 9.
    case software1
    /// `uffd`, bit 10.
    case userfaultfd
    /// `soft`, bit 11.
    case softDirty
    /// `sd`, bit 58.
    case savedDirty
    /// `pkey`, bits 59 to 62.
    case protectionKey
    /// `nx`, bit 63.
    case noExecute

    /// The number of the field's lowest bit.
    public var shift: UInt8 {
        switch self {
        case .present: 0
        case .writable: 1
        case .user: 2
        case .writeThrough: 3
        case .cacheDisable: 4
        case .accessed: 5
        case .dirty: 6
        case .pageSize, .pat: 7
        case .global: 8
        case .software1: 9
        case .userfaultfd: 10
        case .softDirty: 11
        case .savedDirty: 58
        case .protectionKey: 59
        case .noExecute: 63
        }
    }

    /// The number of bits.
    public var width: UInt8 { self == .protectionKey ? 4 : 1 }

    /// The largest value that fits.
    public var largestValue: UInt64 { self == .protectionKey ? 0xF : 1 }

    /// The field's bits in an entry.
    public var mask: UInt64 { largestValue << UInt64(shift) }

    /// What the field is where an entry literal does not name it: 1 for `p`, `rw`, `us`, `a` and `d`, else 0.
    public var litmusDefault: UInt64 { PageTableEntry.litmusDefault[self] }
}

extension PageTableEntry {
    /// The value of a field, moved down to bit 0; a value that does not fit is cut to the field's width.
    public subscript(field: EntryFieldName) -> UInt64 {
        get { (rawValue >> UInt64(field.shift)) & field.largestValue }
        set { rawValue = rawValue & ~field.mask | (newValue & field.largestValue) << UInt64(field.shift) }
    }
}
