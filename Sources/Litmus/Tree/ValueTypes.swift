/// The C types that may stand in front of an assignment.
enum ValueTypes {
    /// Sizes in bytes on x86-64, by name; types of several words have their words in the order that C programs use.
    static let byteCounts: [String: Int] = [
        "char": 1, "signed char": 1, "unsigned char": 1, "bool": 1, "_Bool": 1, "int8_t": 1, "uint8_t": 1, "u8": 1,
        "s8": 1,
        "short": 2, "unsigned short": 2, "int16_t": 2, "uint16_t": 2, "u16": 2, "s16": 2,
        "int": 4, "signed": 4, "signed int": 4, "unsigned": 4, "unsigned int": 4, "int32_t": 4, "uint32_t": 4, "u32": 4,
        "s32": 4, "atomic_t": 4, "spinlock_t": 4,
        "long": 8, "unsigned long": 8, "long int": 8, "unsigned long int": 8, "long long": 8, "unsigned long long": 8,
        "int64_t": 8, "uint64_t": 8, "u64": 8, "s64": 8, "size_t": 8, "uintptr_t": 8, "intptr_t": 8, "atomic64_t": 8,
        "atomic_long_t": 8, "pteval_t": 8, "pte_t": 8,
    ]

    /// Words that say nothing about a type's size.
    static let qualifiers: Set<String> = ["const", "volatile", "_Atomic", "static"]

    /// Every word that a type can contain.
    static let words: Set<String> = Set(byteCounts.keys.flatMap { $0.split(separator: " ").map(String.init) })
        .union(qualifiers)

    /// The size in bytes, or nil for an unknown type; a pointer has 8.
    static func byteCount(of type: String) -> Int? {
        if type.hasSuffix("*") { return 8 }
        let words = type.split(separator: " ").filter { !qualifiers.contains(String($0)) }
        return byteCounts[words.joined(separator: " ")]
    }
}

extension Initialization {
    /// The size in bytes that the type in front gives one element; nil when there is no type.
    package var elementSize: Int? { type.flatMap(ValueTypes.byteCount(of:)) }
}
