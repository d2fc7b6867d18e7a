import Diagnostics
import Litmus
import Machine
import X86

/// The private stack of a column that uses one and does not say where it is: `lock addl $0,-4(%rsp)`, `push`, `ret`.
///
/// No other CPU can reach it, so accesses to it are not steps; a locked one still waits for an empty store buffer. On top lies
/// the address of the column's end: a `ret` there ends the thread. Columns that use no stack have none.
enum ColumnStack {
    /// Where it lies: in the vmalloc area, four pages as the kernel's own; nothing of a test does.
    static let range: Range<UInt64> = 0xffff_c900_0000_0000..<0xffff_c900_0000_4000

    /// Whether a column gets it: its code or its handler's uses a stack, and the initial state does not set `rsp`.
    static func isWanted(by processor: Int, _ program: Program, _ handler: Program?, _ test: LitmusTest) -> Bool {
        guard test.compiled == nil, program.usesStack || (handler?.usesStack ?? false) else { return false }
        return !test.initializations.contains { initialization in
            if case .register(processor, let register) = initialization.location.kind {
                register.register == .rsp
            } else {
                false
            }
        }
    }

    /// What is there at the start, below it nothing but zeros.
    static func memory(endOf program: Program) -> PrivateMemory {
        var memory = PrivateMemory(range)
        memory.write(
            Program.codeBase &+ UInt64(program.instructions.count), MemoryAccess(address: pointer, width: .quad))
        return memory
    }

    /// The stack pointer at the start.
    static var pointer: UInt64 { range.upperBound - 8 }

    /// Refuses use of a stack in an interrupt's handler: the thread's own may hold something.
    static func check(interrupt handler: Program, file: String?) throws(Diagnostic) {
        guard let place = handler.firstStackUse else { return }
        throw Diagnostic(
            file: file, place: place, length: 1, message: "an interrupt's handler has no stack",
            remedy: "use registers: the thread's are brought back by `iretq`")
    }

    /// Refuses `ret` in a fault handler that calls nothing: it would take the thread's own stack for the handler's.
    static func check(_ handler: Program, file: String?) throws(Diagnostic) {
        guard let place = handler.returnWithoutCall else { return }
        throw Diagnostic(
            file: file, place: place, length: 3, message: "`ret` does not end a fault handler",
            remedy: "end it with `iretq` (the instruction is tried again) or `hlt` (the thread ends)")
    }
}
