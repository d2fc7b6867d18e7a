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

    /// A list; `new` is what an element is before it is read.
    package mutating func code<Element>(
        _ list: inout [Element], new: Element, _ each: (inout ByteCoder, inout Element) throws(Damage) -> Void
    ) throws(Damage) {
        var count = list.count
        // An element has a byte or more: no number makes a list that the bytes cannot fill.
        try code(&count, below: isReading ? bytes.count - position + 1 : Int.max)
        if isReading { list = [Element](repeating: new, count: count) }
        for index in list.indices { try each(&self, &list[index]) }
    }

    /// A value that may be missing; `new` is what it is before it is read.
    package mutating func code<Value>(
        _ value: inout Value?, new: Value, _ each: (inout ByteCoder, inout Value) throws(Damage) -> Void
    ) throws(Damage) {
        var isThere = value != nil
        try code(&isThere)
        guard isThere else {
            value = nil
            return
        }
        var present = value ?? new
        try each(&self, &present)
        value = present
    }

    /// A dictionary, in the order of its keys.
    package mutating func code<Key: Comparable & Hashable, Value>(
        _ table: inout [Key: Value], new: (Key, Value),
        _ each: (inout ByteCoder, inout (Key, Value)) throws(Damage) -> Void
    ) throws(Damage) {
        var list = table.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        try code(&list, new: new, each)
        guard isReading else { return }
        table = [:]
        for (key, value) in list { table[key] = value }
        guard table.count == list.count else { throw Damage() }
    }
}
