import Diagnostics
import X86

/// Where per-CPU data lies: the kernel's `DEFINE_PER_CPU` (include/linux/percpu-defs.h).
///
/// As long as no code reaches another CPU's copy it is private memory, at one address on every CPU. Code that reads
/// `__per_cpu_offset`, as `per_cpu(x, cpu)` does, `this_cpu_off`, as `this_cpu_ptr(x)` does, whose result others may get, or its
/// CPU's number can reach others. Then each CPU has its copy in shared memory, CPU n at n times ``distance`` from the symbol, and
/// `%gs:x` is the running CPU's own.
struct PerCPUData {
    /// How far the copies of two CPUs are apart, in bytes.
    static let distance = 1024
    /// `__per_cpu_offset`: how far each CPU's copies are from the symbols.
    static let offsets = "__per_cpu_offset"
    /// `this_cpu_off`: how far the running CPU's are.
    static let ownOffset = "this_cpu_off"
    /// The running CPU's number, in Ptero's own headers.
    static let number = "__ptero_cpu_number"

    private let cpus: Int
    /// Whether other CPUs can reach what the code defines.
    private(set) var isShared = false

    init(cpus: Int) { self.cpus = cpus }

    /// How far the copies are apart; 0 where each CPU's memory is its own.
    var stride: Int { isShared ? Self.distance : 0 }

    /// What `__per_cpu_offset` holds: of CPUs that the test does not have what leads nowhere.
    var offsetWords: [UInt64] { (0..<64).map { $0 < cpus ? UInt64($0 * Self.distance) : 1 << 44 } }

    /// Whether code can reach other CPUs' copies.
    static func isReached(by program: Program) -> Bool {
        program.symbolReferences.contains { [offsets, ownOffset, number].contains($0.symbol) }
    }

    /// Makes what the code defines reachable for other CPUs.
    ///
    /// - Throws: `Diagnostic` where a page has no room for the copies of all CPUs.
    mutating func share(_ file: String?) throws(Diagnostic) {
        guard cpus * Self.distance <= 4096 else {
            throw Diagnostic(
                withoutPlace:
                    "per-CPU data that other CPUs reach is there for \(4096 / Self.distance) CPUs, not for \(cpus)",
                file: file, remedy: "write a test with fewer threads")
        }
        isShared = true
    }
}
