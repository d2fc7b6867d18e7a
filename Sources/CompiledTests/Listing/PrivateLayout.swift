import Litmus

/// Gives private symbols their places: stack first, then per-CPU data, constants and observed locals.
struct PrivateLayout {
    /// Kernel stacks lie in the vmalloc area (Documentation/arch/x86/x86_64/mm.rst); nothing of a test does.
    static let base: UInt64 = 0xffff_c900_0000_0000
    /// Four pages, as the kernel's own (THREAD_SIZE).
    static let stackSize: UInt64 = 0x4000
    /// What a symbol gets whose size is not known.
    static let unknownSize = 4096

    private var next = base + stackSize
    private(set) var symbols: [String: UInt64] = [:]
    private(set) var contents: [UInt64: UInt64] = [:]

    /// Starts with the segment base, from which `%gs:40` and the like count.
    init() {
        symbols["%gs"] = next
        next += UInt64(Self.unknownSize)
    }

    /// Places a symbol, once.
    mutating func add(_ name: String, bytes: [UInt8]?) {
        guard symbols[name] == nil else { return }
        symbols[name] = next
        let size = bytes?.count ?? Self.unknownSize
        for (offset, byte) in (bytes ?? []).enumerated() where byte != 0 {
            let address = next + UInt64(offset)
            contents[address & ~7, default: 0] |= UInt64(byte) << ((address & 7) * 8)
        }
        next += UInt64(size + 15) & ~15
    }

    /// Sets the word at an aligned offset of a placed symbol.
    mutating func set(_ name: String, at offset: UInt64 = 0, to value: UInt64) {
        guard let address = symbols[name] else { return }
        contents[address &+ offset] = value == 0 ? nil : value
    }

    /// The description that the checker takes.
    func compiled(locals: [String: CompiledCode.Local], features: [CompiledCode.FeatureBit]) -> CompiledCode {
        CompiledCode(
            privateRange: Self.base..<next + 64, stackTop: Self.base + Self.stackSize, symbols: symbols,
            contents: contents, locals: locals, features: features)
    }
}

/// Values of kernel variables that are fixed at boot and that headers only declare.
enum KernelConstants {
    /// By name; what the code sees on a CPU with 52-bit physical addresses, four levels and no memory encryption.
    static let values: [String: UInt64] = [
        "__supported_pte_mask": ~0, "__default_kernel_pte_mask": ~0, "physical_mask": 0x000f_ffff_ffff_ffff,
        "sme_me_mask": 0, "cc_mask": 0, "cc_vendor": 0, "phys_base": 0, "pgdir_shift": 39, "ptrs_per_p4d": 1,
        "__pgtable_l5_enabled": 0, "page_offset_base": 0xffff_8880_0000_0000, "vmemmap_base": 0xffff_ea00_0000_0000,
        "vmalloc_base": 0xffff_c900_0000_0000, "l1tf_vmx_mitigation": 0, "this_cpu_off": 0,
        "nr_cpu_ids": 16,
    ]
}
