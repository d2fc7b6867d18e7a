/// Static data as a compiler's directives describe it, section by section.
struct DataImage {
    /// A 64-bit word that holds the address of a symbol.
    struct Pointer: Hashable {
        var symbol: String
        var addend: UInt64
    }

    /// A named piece of data.
    struct Object {
        var section: String
        var bytes: [UInt8]
        /// Addresses in it, by byte offset.
        var pointers: [Int: Pointer]
        /// Byte offsets whose content is an expression that is not understood (differences of labels).
        var unknown: Set<Int>

        /// Whether nobody can write to it.
        var isConstant: Bool { section.hasPrefix(".rodata") || section.hasPrefix(".data.rel.ro") }
        /// Whether every CPU has its own.
        var isPerCPU: Bool { section.hasPrefix(".data..percpu") }
    }

    private struct Section {
        var bytes: [UInt8] = []
        var pointers: [Int: Pointer] = [:]
        var unknown: Set<Int> = []
        var labels: [(name: String, offset: Int)] = []
    }

    private var sections: [String: Section] = [:]
    private var places: [String: (section: String, offset: Int)] = [:]
    private var sizes: [String: Int] = [:]
    private var commons: [String: Int] = [:]

    /// The longest section that is kept, so that one directive cannot take all memory.
    private static let longestSection = 16 << 20

    /// The names of all objects.
    var names: [String] { Array(places.keys) + Array(commons.keys) }

    /// The object of a name.
    func object(_ name: String) -> Object? {
        if let size = commons[name] {
            return Object(
                section: ".bss", bytes: [UInt8](repeating: 0, count: max(0, min(size, Self.longestSection))),
                pointers: [:],
                unknown: [])
        }
        guard let place = places[name], let section = sections[place.section] else { return nil }
        let next = section.labels.filter { $0.offset > place.offset }.map(\.offset).min() ?? section.bytes.count
        let end = min(sizes[name].map { place.offset + max(0, $0) } ?? next, section.bytes.count)
        let range = place.offset..<max(place.offset, end)
        return Object(
            section: place.section, bytes: Array(section.bytes[range]),
            pointers: Dictionary(
                uniqueKeysWithValues: section.pointers.filter { range.contains($0.key) }.map {
                    ($0.key - place.offset, $0.value)
                }),
            unknown: Set(section.unknown.filter(range.contains).map { $0 - place.offset }))
    }

    mutating func define(_ name: String, in section: String) {
        let offset = sections[section]?.bytes.count ?? 0
        sections[section, default: Section()].labels.append((name, offset))
        places[name] = (section, offset)
    }

    mutating func setSize(_ name: String, _ size: Int) { sizes[name] = size }

    mutating func common(_ name: String, _ size: Int) { commons[name] = size }

    /// Adds what a directive emits; directives that emit nothing are ignored.
    mutating func add(_ directive: String, _ arguments: [String], in name: String) {
        var section = sections[name] ?? Section()
        defer { sections[name] = section }
        guard section.bytes.count < Self.longestSection else { return }
        switch directive {
        case ".byte": integers(arguments, 1, &section)
        case ".short", ".value", ".2byte", ".hword": integers(arguments, 2, &section)
        case ".long", ".int", ".4byte": integers(arguments, 4, &section)
        case ".quad", ".8byte": integers(arguments, 8, &section)
        case ".zero", ".skip", ".space":
            let count = arguments.first.flatMap { Self.integer($0) } ?? 0
            fill(arguments.count > 1 ? Self.integer(arguments[1]) ?? 0 : 0, count, &section)
        case ".fill":
            let numbers = arguments.map { Self.integer($0) ?? 0 }
            let size = numbers.count > 1 ? min(numbers[1], 8) : 1
            for _ in 0..<min(numbers.first ?? 0, UInt64(Self.longestSection)) {
                guard section.bytes.count < Self.longestSection else { return }
                append(numbers.count > 2 ? numbers[2] : 0, Int(size), &section)
            }
        case ".p2align": align(1 << (Self.integer(arguments.first ?? "").map { min($0, 16) } ?? 0), &section)
        case ".balign", ".align": align(Self.integer(arguments.first ?? "") ?? 1, &section)
        case ".ascii": strings(arguments, isTerminated: false, &section)
        case ".asciz", ".string": strings(arguments, isTerminated: true, &section)
        default: break
        }
    }

    // MARK: Emitting

    private func append(_ value: UInt64, _ size: Int, _ section: inout Section) {
        for byte in 0..<size { section.bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(byte * 8))) }
    }

    private func fill(_ value: UInt64, _ count: UInt64, _ section: inout Section) {
        let room = UInt64(Self.longestSection - section.bytes.count)
        section.bytes += [UInt8](repeating: UInt8(truncatingIfNeeded: value), count: Int(min(count, room)))
    }

    private func align(_ boundary: UInt64, _ section: inout Section) {
        guard boundary > 1, boundary <= 65536 else { return }
        fill(0, (boundary - UInt64(section.bytes.count) % boundary) % boundary, &section)
    }

    private func integers(_ arguments: [String], _ size: Int, _ section: inout Section) {
        for argument in arguments {
            if let value = Self.integer(argument) {
                append(value, size, &section)
            } else {
                if size == 8, let pointer = Self.pointer(argument) {
                    section.pointers[section.bytes.count] = pointer
                } else {
                    section.unknown.insert(section.bytes.count)
                }
                append(0, size, &section)
            }
        }
    }

    private func strings(_ arguments: [String], isTerminated: Bool, _ section: inout Section) {
        for argument in arguments {
            section.bytes += Self.bytes(ofQuoted: argument)
            if isTerminated { section.bytes.append(0) }
        }
    }

    /// The bytes of a quoted string with the assembler's escapes.
    static func bytes(ofQuoted text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8.dropFirst().dropLast())[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escaped = rest.first else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(3).prefix { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
            if !digits.isEmpty {
                let value = digits.reduce(0) { $0 * 8 + Int($1 - UInt8(ascii: "0")) }
                bytes.append(UInt8(truncatingIfNeeded: value))
                rest = rest.dropFirst(digits.count)
                continue
            }
            rest = rest.dropFirst()
            switch escaped {
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "b"): bytes.append(8)
            case UInt8(ascii: "f"): bytes.append(12)
            default: bytes.append(escaped)
            }
        }
        return bytes
    }

    /// A decimal, octal or hexadecimal number, possibly negative.
    static func integer(_ text: String) -> UInt64? {
        if text.hasPrefix("-") { return integer(String(text.dropFirst())).map { 0 &- $0 } }
        if text.hasPrefix("0x") || text.hasPrefix("0X") { return UInt64(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0"), text.count > 1 { return UInt64(text.dropFirst(), radix: 8) }
        return UInt64(text)
    }

    /// `symbol`, `symbol+8`.
    private static func pointer(_ text: String) -> Pointer? {
        let names = AssemblyText.names(text)
        guard names.count == 1, let name = names.first, text.hasPrefix(name) else { return nil }
        let rest = text.dropFirst(name.count)
        if rest.isEmpty { return Pointer(symbol: String(name), addend: 0) }
        let number = rest.first == "+" ? String(rest.dropFirst()) : String(rest)
        return integer(number).map { Pointer(symbol: String(name), addend: $0) }
    }
}
