/// The classes of bytes that the test language's words are made of.
extension UInt8 {
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")

    /// Space, tab, line ends, form feed.
    var isBlank: Bool { self == .space || (9...13).contains(self) }

    /// A letter of ASCII.
    var isLetter: Bool { (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self) }

    /// A decimal digit.
    var isDigit: Bool { (0x30...0x39).contains(self) }

    /// What a name may begin with.
    var beginsName: Bool { isLetter || self == UInt8(ascii: "_") || self == UInt8(ascii: "$") }

    /// What a name may go on with.
    var continuesName: Bool { beginsName || isDigit }

    /// What the key of a header line may go on with, as herd7 has it.
    var continuesKey: Bool {
        isLetter || isDigit
            || [.init(ascii: "_"), .init(ascii: "/"), .init(ascii: "."), .init(ascii: "-")].contains(self)
    }

    /// What the name of a condition may go on with.
    var continuesConditionName: Bool {
        isLetter || isDigit
            || [.init(ascii: "_"), .init(ascii: "+"), .init(ascii: "."), .init(ascii: "-")].contains(self)
    }

    /// A byte inside or at the end of a character of several bytes.
    var isContinuation: Bool { self & 0xc0 == 0x80 }

    /// A control character that no text holds.
    var isBinary: Bool { (self < 0x20 && !isBlank) || self == 0x7f }
}

extension String {
    /// Whether it is written like the name of a variable.
    package var isVariableName: Bool { utf8.first?.beginsName == true && utf8.allSatisfy { $0.continuesName } }
}

extension Array where Element == UInt8 {
    /// The text of a part of the bytes.
    func text(_ range: Range<Int>) -> String { String(decoding: self[range], as: UTF8.self) }

    /// The part without the blanks around it; empty at its end if there is nothing else.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, self[lower].isBlank { lower += 1 }
        while upper > lower, self[upper - 1].isBlank { upper -= 1 }
        return lower..<upper
    }

    /// Whether these characters stand here.
    func has(_ word: StaticString, at offset: Int) -> Bool {
        guard offset >= 0, offset + word.utf8CodeUnitCount <= count else { return false }
        return word.withUTF8Buffer { characters in
            characters.enumerated().allSatisfy { self[offset + $0.offset] == $0.element }
        }
    }
}
