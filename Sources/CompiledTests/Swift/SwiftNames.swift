#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Swift's names for people.
enum SwiftName {
    /// `_$s9PageTable...` as it is written in Swift; other names as they are.
    static func readable(_ name: String) -> String {
        guard isMangled(name) else { return name }
        let mangled = String(name.dropFirst())
        // SAFETY: the function reads the given number of bytes and returns a buffer of malloc's, or nil, which becomes
        // ours.
        guard let text = demangle(mangled, UInt(mangled.utf8.count), nil, nil, 0) else { return name }
        defer { free(text) }
        // The test's own module and the standard library's go without saying.
        return String(cString: text).replacing("\(SwiftTestCompiler.moduleName).", with: "").replacing(
            "Swift.", with: ""
        )
        .replacing(" -> ()", with: "")
    }

    /// Whether a name is that of a function which asks the runtime how a type conforms to a protocol, and keeps the answer.
    ///
    /// The endings are those of the ABI (`docs/ABI/Mangling.rst`).
    static func isWitnessAccessor(_ name: String) -> Bool { isMangled(name) && name.hasSuffix("Wl") }

    /// Whether a name is that of a description of a type or a conformance, which only the runtime reads.
    static func isDescription(_ name: String) -> Bool {
        isMangled(name) && ["N", "Mn", "Mc", "WV"].contains(where: name.hasSuffix)
    }

    private static func isMangled(_ name: String) -> Bool { name.hasPrefix("_$s") || name.hasPrefix("_$e") }

    /// What calls of the Swift runtime come from, by the beginning of the function's name.
    static func runtimeRemedy(_ name: String) -> String? {
        guard name.hasPrefix("swift_") else { return nil }
        let rules: [(beginnings: [String], remedy: String)] = [
            (
                ["swift_beginAccess", "swift_endAccess"],
                "reach shared variables through parameters or Atomic, or leave out the check of exclusive access: "
                    + "--swiftflags=-enforce-exclusivity=unchecked"
            ),
            (
                [
                    "swift_retain", "swift_release", "swift_alloc", "swift_dealloc", "swift_initStack", "swift_bridge",
                    "swift_slowAlloc", "swift_slowDealloc", "swift_isUniquely", "swift_weak", "swift_unowned",
                ],
                "use structures, pointers and Atomic in place of classes, arrays, strings and escaping closures"
            ),
            (["swift_once"], "give the global variable a constant value, which needs no initialisation at run time"),
            (
                ["swift_throw", "swift_willThrow", "swift_error", "swift_unexpectedError"],
                "throw a concrete type, throws(E), or return the fault"
            ),
            (
                [
                    "swift_getGeneric", "swift_getWitness", "swift_getAssociated", "swift_getType",
                    "swift_checkMetadata",
                ],
                "call generic code with concrete types, and make it @inlinable where it is of another module"
            ),
        ]
        return rules.first { $0.beginnings.contains(where: name.hasPrefix) }?.remedy
            ?? "use what compiles to machine code alone: integers, structures, pointers, Atomic"
    }
}

/// The runtime's own demangler (`stdlib/public/runtime/Demangle.cpp`), part of its stable interface.
@_silgen_name("swift_demangle")
private func demangle(
    _ name: UnsafePointer<CChar>?, _ length: UInt, _ output: UnsafeMutablePointer<CChar>?,
    _ outputLength: UnsafeMutablePointer<UInt>?, _ flags: UInt32
) -> UnsafeMutablePointer<CChar>?
