import X86

/// What a Swift test can use without an import: kernel services, and accesses that the optimiser leaves alone.
///
/// The file is compiled into the test's module. Services are functions that are not defined; the compiler takes them
/// for functions that may read and write any memory, as it does in a kernel.
enum SwiftServices {
    /// The source text; conditions observe these locals, by processor.
    static func source(observing locals: [Int: [String]]) -> String {
        fixed + KernelService.allCases.map { declaration(of: $0) }.joined() + accesses
            + Set(locals.values.joined()).sorted().map(observer).joined()
    }

    /// What needs no declaration of a service.
    private static let fixed = """
        import Synchronization

        @_silgen_name("\(CompiledName.shadowStackStore)") func wrss(_ x: UnsafeMutableRawPointer, _ value: UInt64)
        @inline(__always) func smp_mb() { atomicMemoryFence(ordering: .sequentiallyConsistent) }

        """

    /// The declaration of a service with the parameters of its C namesake in `ptero.h`, and where these say more than a
    /// Swift test should have to, the function that it calls instead.
    static func declaration(of service: KernelService) -> String {
        func external(_ name: String, _ signature: String) -> String {
            "@_silgen_name(\"\(CompiledName.service)\(service.name)\") func \(name)\(signature)\n"
        }
        let (name, hidden) = (service.name, "__ptero_" + service.name)
        switch service {
        case .flushPage, .flushLocal, .setPageDirty, .clearPageDirty, .writeback, .reclaim, .freeFrame:
            return external(name, "(_ page: UnsafeRawPointer)")
        case .freeTable: return external(name, "(_ table: UnsafeRawPointer)")
        case .flushSpace, .syncTables, .synchronizeRCU, .lockRCU, .unlockRCU, .enterLazy: return external(name, "()")
        // Swift code computes addresses itself.
        case .pteOffset, .pmdOffset, .pudOffset, .sendInterrupt: return ""
        // Nor has it a name for a tag.
        case .invalidateOne, .invalidateContext, .invalidateAll, .invalidateNonglobal, .broadcastInvalidate: return ""
        case .lock, .unlock: return external(name, "(_ lock: UnsafeRawPointer)")
        case .flushRange:
            let start = "_ start: UnsafeRawPointer, _ end: UnsafeRawPointer"
            return external(hidden, "(\(start), _ strideShift: UInt, _ root: UInt, _ tables: UInt)")
                + "@inline(__always) func \(name)(\(start), freedTables: Bool = true) {\n"
                + "    \(hidden)(start, end, 12, 0, freedTables ? 1 : 0)\n}\n"
        // The root of an address space; 0 is that of the one that the CPU ran at the start.
        case .switchSpace: return external(name, "(_ root: UInt)")
        case .pageDirty:
            return external(hidden, "(_ page: UnsafeRawPointer) -> Int")
                + "@inline(__always) func \(name)(_ page: UnsafeRawPointer) -> Bool { \(hidden)(page) != 0 }\n"
        case .waitFor:
            return external(hidden, "(_ variable: UnsafeRawPointer, _ value: UInt, _ bytes: UInt)") + """
                @inline(__always) func \(name)<Word: FixedWidthInteger>(_ variable: UnsafePointer<Word>, _ value: Word) {
                    \(hidden)(variable, UInt(truncatingIfNeeded: value), UInt(MemoryLayout<Word>.size))
                }

                """
        }
    }

    /// `READ_ONCE` and `WRITE_ONCE` of integers: one plain `mov` each.
    private static let accesses = [
        "Int8", "UInt8", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Int", "UInt",
    ].map { type in
        """
        @inline(__always) func READ_ONCE(_ x: UnsafePointer<\(type)>) -> \(type) {
            UnsafeRawPointer(x).assumingMemoryBound(to: Atomic<\(type)>.self).pointee.load(ordering: .relaxed)
        }
        @inline(__always) func WRITE_ONCE(_ x: UnsafeMutablePointer<\(type)>, _ value: \(type)) {
            UnsafeRawPointer(x).assumingMemoryBound(to: Atomic<\(type)>.self).pointee.store(value, ordering: .relaxed)
        }

        """
    }.joined()

    /// `observe(r1: value)`: what `0:r1` in a condition is at the end.
    private static func observer(of name: String) -> String {
        """
        @_silgen_name("\(CompiledName.observer)\(name)") func __ptero_observe_\(name)(_ value: UInt64)
        @inline(__always) func observe(\(name) value: some FixedWidthInteger) {
            __ptero_observe_\(name)(UInt64(truncatingIfNeeded: value))
        }
        @inline(__always) func observe(\(name) value: Bool) { __ptero_observe_\(name)(value ? 1 : 0) }

        """
    }
}
