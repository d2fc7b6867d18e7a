/// What a Swift test can use without an import: kernel services, and accesses that the optimiser leaves alone.
///
/// The file is compiled into the test's module. Services are functions that nobody defines; the compiler takes them
/// for functions that may read and write any memory, as it does in a kernel.
enum SwiftServices {
    /// The source text; conditions observe these locals, by processor.
    static func source(observing locals: [Int: [String]]) -> String {
        fixed + accesses + Set(locals.values.joined()).sorted().map(observer).joined()
    }

    /// The declaration of a service with the parameters of its C namesake in `ptero.h`.
    private static let fixed = """
        import Synchronization

        @_silgen_name("\(CompiledName.service)flush_tlb_page") func flush_tlb_page(_ page: UnsafeRawPointer)
        @_silgen_name("\(CompiledName.service)flush_tlb_mm") func flush_tlb_mm()
        @_silgen_name("\(CompiledName.service)flush_tlb_local") func flush_tlb_local(_ page: UnsafeRawPointer)
        @_silgen_name("\(CompiledName.service)flush_tlb_range") func __ptero_flush_tlb_range(_ start: UnsafeRawPointer, _ end: UnsafeRawPointer, _ strideShift: UInt, _ root: UInt)
        @inline(__always) func flush_tlb_range(_ start: UnsafeRawPointer, _ end: UnsafeRawPointer) { __ptero_flush_tlb_range(start, end, 12, 0) }
        @_silgen_name("\(CompiledName.service)spin_lock") func spin_lock(_ lock: UnsafeRawPointer)
        @_silgen_name("\(CompiledName.service)spin_unlock") func spin_unlock(_ lock: UnsafeRawPointer)
        @_silgen_name("\(CompiledName.service)set_page_dirty") func set_page_dirty(_ page: UnsafeRawPointer)
        @_silgen_name("\(CompiledName.service)clear_page_dirty") func clear_page_dirty(_ page: UnsafeRawPointer)
        @_silgen_name("\(CompiledName.service)page_dirty") func __ptero_page_dirty(_ page: UnsafeRawPointer) -> Int
        @inline(__always) func page_dirty(_ page: UnsafeRawPointer) -> Bool { __ptero_page_dirty(page) != 0 }
        @_silgen_name("\(CompiledName.service)writeback") func writeback(_ page: UnsafeRawPointer)
        @_silgen_name("\(CompiledName.service)reclaim") func reclaim(_ page: UnsafeRawPointer)
        @_silgen_name("\(CompiledName.service)free_frame") func free_frame(_ page: UnsafeRawPointer)
        @_silgen_name("\(CompiledName.service)wait_for") func __ptero_wait_for(_ variable: UnsafeRawPointer, _ value: UInt, _ bytes: UInt)
        @inline(__always) func wait_for<Word: FixedWidthInteger>(_ variable: UnsafePointer<Word>, _ value: Word) {
            __ptero_wait_for(variable, UInt(truncatingIfNeeded: value), UInt(MemoryLayout<Word>.size))
        }
        @_silgen_name("\(CompiledName.shadowStackStore)") func wrss(_ x: UnsafeMutableRawPointer, _ value: UInt64)
        @inline(__always) func smp_mb() { atomicMemoryFence(ordering: .sequentiallyConsistent) }

        """

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
