import AddressSpace
import Boot

/// A page fault as the CPU reported it.
struct PageFault {
    /// The address that was used.
    var address: UInt64 = 0
    /// The error code (SDM volume 3A, section 4.7).
    var code: UInt64 = 0

    /// Whether the page was mapped, so that a right was missing.
    var isProtection: Bool { code & 1 != 0 }
    /// Whether it was a write.
    var isWrite: Bool { code & 2 != 0 }
    /// Whether user mode did it.
    var isUser: Bool { code & 4 != 0 }
}

/// What the one CPU does.
struct CPU {
    /// The process whose tables are loaded; nil for the kernel's own.
    private(set) var process: UnsafeMutablePointer<Process>?
    /// The root table that is loaded; nil for that of boot.S.
    private(set) var root: Frame?
    /// How many shootdowns there were.
    var shootdownCount = 0
    /// How many page faults there were.
    var faultCount = 0
    /// The last of them.
    var lastFault = PageFault()

    /// The one CPU.
    nonisolated(unsafe) static var this = CPU()

    /// Loads a root table, a process's or the kernel's.
    mutating func load(_ process: UnsafeMutablePointer<Process>?, _ root: Frame) {
        self.process = process
        self.root = root
        load_root(root.address)
    }

    /// Loads the descriptor tables, with a stack of their own for exceptions: entry 1 of the interrupt stack table.
    ///
    /// A fault in the kernel's code therefore writes nothing below that code's stack pointer.
    static func loadDescriptors() {
        let tss = place_of_tss()
        store(place_of_fault_stack_end(), at: tss + 36)
        // A TSS descriptor of 16 bytes (SDM volume 3A, "TSS Descriptor in 64-bit mode"): present, available, 104 bytes.
        store(103 | (tss & 0xFF_FFFF) << 16 | 0x89 << 40 | (tss >> 24 & 0xFF) << 56, at: place_of_gdt() + 40)
        store(tss >> 32, at: place_of_gdt() + 48)
        for vector in 0..<32 {
            setGate(vector, to: place_of_exception_entries() + 16 * UInt64(vector), privilege: 0)
        }
        setGate(0x80, to: place_of_user_done(), privilege: 3)
        withPointer(to: place_of_gdt(), byteCount: 56) { gdt in
            withPointer(to: place_of_idt(), byteCount: 16 * 129) { idt in load_tables(gdt, idt) }
        }
    }

    /// An interrupt gate with the code segment 0x08 and the first stack (SDM volume 3A, "64-Bit Mode IDT").
    private static func setGate(_ vector: Int, to code: UInt64, privilege: UInt64) {
        let gate = place_of_idt() + 16 * UInt64(vector)
        let kind: UInt64 = 0x8E | privilege << 5
        store(code & 0xFFFF | 0x08 << 16 | 1 << 32 | kind << 40 | (code >> 16 & 0xFFFF) << 48, at: gate)
        store(code >> 32, at: gate + 8)
    }

    /// Stores eight bytes at an address.
    private static func store(_ value: UInt64, at address: UInt64) {
        UnsafeMutableRawPointer(bitPattern: UInt(address))?.storeBytes(of: value, as: UInt64.self)
    }

    /// Calls a function with the ten bytes that `lgdt` and `lidt` read: the limit, then the address.
    private static func withPointer(to address: UInt64, byteCount: UInt16, _ body: (UnsafeRawPointer) -> Void) {
        var words = (UInt64(byteCount - 1) | address << 16, address >> 48)
        withUnsafeBytes(of: &words) { bytes in
            if let base = bytes.baseAddress { body(base) }
        }
    }
}

/// What every exception calls: page faults are resolved where they can be, all else ends the machine.
@_cdecl("handle_exception")
func handleException(_ frame: UnsafeMutablePointer<exception_frame>) {
    guard frame.pointee.vector == 14 else { panic(frame.pointee) }
    let fault = PageFault(address: fault_address(), code: frame.pointee.error)
    CPU.this.faultCount += 1
    CPU.this.lastFault = fault
    if let process = CPU.this.process, process.pointee.resolve(fault) { return }
    if fault.isUser {
        frame.pointee.rip = place_of_user_failed()
        frame.pointee.cs = 0x08
        frame.pointee.ss = 0x10
    } else if frame.pointee.rip == place_of_probe_write_access() || frame.pointee.rip == place_of_probe_read_access() {
        frame.pointee.rip = place_of_probe_failed()
    } else {
        panic(frame.pointee)
    }
}

/// Says what the kernel cannot go on after, and ends the machine.
func panic(_ frame: exception_frame) -> Never {
    Console.write("FAILED: exception ")
    Console.write(Int(frame.vector))
    Console.write(" at ")
    Console.write(hexadecimal: frame.rip)
    Console.write(", error ")
    Console.write(hexadecimal: frame.error)
    Console.write(", CR2 ")
    Console.write(hexadecimal: fault_address())
    Console.write("\n")
    Console.exit(code: 2)
}
