/// Where an entry stands, which decides the name of bit 7.
public enum EntryPosition: Hashable, Sendable {
    /// A leaf of the last level: bit 7 is `pat`.
    case leaf
    /// Any level above: bit 7 is `ps`.
    case upper
}

/// Which fields the litmus form of an entry shows.
public enum EntryDetail: Hashable, Sendable {
    /// `p`, `rw`, `us`, `a` and `d` always, the others when they are set: nothing for the reader to fill in.
    case full
    /// Only what a literal must say, because it differs from ``PageTableEntry/litmusDefault``.
    case brief
}

extension PageTableEntry {
    /// Six columns `PWUADS` for Present, Writable, User, Accessed, Dirty and SavedDirty, with `-` for a clear bit.
    ///
    /// The width never changes, so that the entries of a witness stand under each other.
    public var columns: String {
        var bytes: [UInt8] = []
        spellColumns { bytes.append($0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Spells ``columns`` byte by byte, in ASCII, without allocating anything: for a serial port.
    public func spellColumns(_ put: (UInt8) -> Void) {
        func column(_ letter: UInt8, _ mask: UInt64) { put(containsAny(of: mask) ? letter : UInt8(ascii: "-")) }
        column(UInt8(ascii: "P"), Self.presentMask)
        column(UInt8(ascii: "W"), Self.writableMask)
        column(UInt8(ascii: "U"), Self.userMask)
        column(UInt8(ascii: "A"), Self.accessedMask)
        column(UInt8(ascii: "D"), Self.dirtyMask)
        column(UInt8(ascii: "S"), Self.savedDirtyMask)
    }

    /// Reads ``columns`` back; nil if the text is not six columns, each its own letter or `-`.
    public init?(columns: some StringProtocol) {
        guard columns.count == Self.columnMasks.count else { return nil }
        self = .empty
        for (character, (letter, mask)) in zip(columns, Self.columnMasks) {
            if character == letter {
                rawValue |= mask
            } else if character != "-" {
                return nil
            }
        }
    }

    private static var columnMasks: [(letter: Character, mask: UInt64)] {
        [
            ("P", presentMask), ("W", writableMask), ("U", userMask), ("A", accessedMask), ("D", dirtyMask),
            ("S", savedDirtyMask),
        ]
    }

    /// The entry in the test language, such as `(oa:PA(x), p:1, rw:0, us:1, a:1, d:1)`.
    ///
    /// The empty entry is `(p:0)`, which the language reads as all bits clear. Read back in the same place, every text
    /// gives the same entry, but for bits 52 to 57: they have no name in the language, and are shown as `avl:` so that
    /// nothing is hidden.
    /// - Parameters:
    ///   - level: names bit 7 `pat` or `ps`.
    ///   - detail: which fields to show.
    ///   - frameKey: what stands before the frame: `oa`, or `table` where it holds a table.
    ///   - frameName: names a frame number, such as `PA(x)`; for nil the frame's address is shown in hexadecimal.
    public func litmus(
        level: EntryPosition = .leaf, detail: EntryDetail = .full, frameKey: String = "oa",
        frameName: (UInt64) -> String?
    ) -> String {
        if self == .empty { return "(p:0)" }
        var text = "(\(frameKey):" + (frameName(frameNumber) ?? Self.hexadecimal(frameAddress))
        for field in EntryFieldName.allCases where field != (level == .leaf ? .pageSize : .pat) {
            let isShown =
                self[field] != field.litmusDefault || detail == .full && field.litmusDefault != 0
            if isShown { text += ", \(field.spelling):\(self[field])" }
        }
        if containsAny(of: Self.availableMask) {
            text += ", avl:" + Self.hexadecimal((rawValue & Self.availableMask) >> 52)
        }
        return text + ")"
    }

    /// A number with `0x` in front.
    private static func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}

extension PageTableEntry: CustomStringConvertible, CustomDebugStringConvertible {
    /// The six ``columns``.
    public var description: String { columns }

    /// The six columns and all 64 bits in hexadecimal.
    public var debugDescription: String { "\(columns) \(Self.hexadecimal(rawValue))" }
}
