/// A value that is written as bytes and read back by one description, ``code(_:)``.
package protocol ByteCoded {
    /// What it is before it is read.
    static var blank: Self { get }
    /// Writes it, or reads it in the place of what it is.
    mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage)
}

/// Writes values as bytes, or reads them back: one description of a format serves for both.
///
/// Numbers have seven bits a byte, low ones first (LEB128); a text stands once, and then by its number.
package struct ByteCoder {
    /// Bytes that were not written so.
    package struct Damage: Error {
        /// Says that they were not.
        package init() {}
    }

    /// Whether values are read from bytes; else they are written.
    package let isReading: Bool
    /// All bytes.
    package private(set) var bytes: [UInt8] = []
    private var position = 0
    private var texts: [String] = []
    private var numbers: [String: Int] = [:]

    /// Begins to write.
    package init() { isReading = false }

    /// Begins to read.
    package init(reading bytes: [UInt8]) {
        isReading = true
        self.bytes = bytes
    }

    /// Whether everything was read.
    package var isAtEnd: Bool { position == bytes.count }

    /// An unsigned number.
    package mutating func code(_ number: inout UInt64) throws(Damage) {
        if isReading {
            number = 0
            var shift: UInt64 = 0
            while true {
                guard position < bytes.count, shift < 64 else { throw Damage() }
                let byte = bytes[position]
                position += 1
                number |= UInt64(byte & 127) << shift
                if byte < 128 { return }
                shift += 7
            }
        }
        var rest = number
        while rest > 127 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// A number that may be negative: its sign is the lowest bit.
    package mutating func code(_ number: inout Int) throws(Damage) {
        let signed = Int64(number)
        var pattern = UInt64(bitPattern: signed << 1 ^ signed >> 63)
        try code(&pattern)
        guard let read = Int(exactly: Int64(bitPattern: pattern >> 1) ^ -Int64(bitPattern: pattern & 1)) else {
            throw Damage()
        }
        number = read
    }

    /// A number from 0 that is below another.
    package mutating func code(_ number: inout Int, below end: Int) throws(Damage) {
        try code(&number)
        guard number >= 0, number < end else { throw Damage() }
    }

    /// Yes or no.
    package mutating func code(_ flag: inout Bool) throws(Damage) {
        var number = flag ? 1 : 0
        try code(&number, below: 2)
        flag = number == 1
    }

    /// A text.
    package mutating func code(_ text: inout String) throws(Damage) {
        var number = numbers[text] ?? texts.count
        try code(&number, below: texts.count + 1)
        if number < texts.count {
            text = texts[number]
            return
        }
        var length = text.utf8.count
        try code(&length, below: isReading ? bytes.count - position + 1 : Int.max)
        if isReading {
            guard position + length <= bytes.count,
                let read = String(validating: bytes[position..<position + length], as: UTF8.self)
            else { throw Damage() }
            text = read
            position += length
        } else {
            bytes += Array(text.utf8)
            numbers[text] = number
        }
        texts.append(text)
    }

    /// A value that describes itself.
    package mutating func code<Value: ByteCoded>(_ value: inout Value) throws(Damage) { try value.code(&self) }

    /// How many elements a list has.
    fileprivate mutating func code(count: inout Int) throws(Damage) {
        // An element has a byte or more: no number makes a list that the bytes cannot fill.
        try code(&count, below: isReading ? bytes.count - position + 1 : Int.max)
    }
}

extension UInt64: ByteCoded {
    package static var blank: UInt64 { 0 }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) { try coder.code(&self) }
}

extension Int: ByteCoded {
    package static var blank: Int { 0 }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) { try coder.code(&self) }
}

extension Int32: ByteCoded {
    package static var blank: Int32 { 0 }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var wide = Int(self)
        try coder.code(&wide)
        guard let narrow = Int32(exactly: wide) else { throw ByteCoder.Damage() }
        self = narrow
    }
}

extension String: ByteCoded {
    package static var blank: String { "" }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) { try coder.code(&self) }
}

extension Array: ByteCoded where Element: ByteCoded {
    package static var blank: [Element] { [] }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var count = count
        try coder.code(count: &count)
        if coder.isReading { self = [Element](repeating: .blank, count: count) }
        for index in indices { try self[index].code(&coder) }
    }
}

extension Optional: ByteCoded where Wrapped: ByteCoded {
    package static var blank: Wrapped? { nil }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var isThere = self != nil
        try coder.code(&isThere)
        guard isThere else {
            self = nil
            return
        }
        // Not `.blank`, which could be that of the optional.
        var present = self ?? Wrapped.blank
        try present.code(&coder)
        self = present
    }
}

/// In the order of its keys.
extension Dictionary: ByteCoded where Key: ByteCoded & Comparable, Value: ByteCoded {
    package static var blank: [Key: Value] { [:] }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        let keys = coder.isReading ? [] : keys.sorted()
        var count = keys.count
        try coder.code(count: &count)
        var read: [Key: Value] = [:]
        for number in 0..<count {
            var key = coder.isReading ? Key.blank : keys[number]
            try key.code(&coder)
            var value = coder.isReading ? Value.blank : self[key] ?? Value.blank
            try value.code(&coder)
            read[key] = value
        }
        guard read.count == count else { throw ByteCoder.Damage() }
        self = read
    }
}

extension Range: ByteCoded where Bound: ByteCoded {
    package static var blank: Range<Bound> { Bound.blank..<Bound.blank }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var (start, end) = (lowerBound, upperBound)
        try start.code(&coder)
        try end.code(&coder)
        guard start <= end else { throw ByteCoder.Damage() }
        self = start..<end
    }
}
