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
    /// In the module area, where nothing of a test lies.
    private var nextUnreadable: UInt64 = 0xffff_ffff_a000_1000
    private(set) var symbols: [String: UInt64] = [:]
    private(set) var contents: [UInt64: UInt64] = [:]
    /// How far the copies of per-CPU data are apart, and how many there are; one where each CPU's memory is its own.
    var perCPUCopies: (distance: Int, count: Int) = (0, 1)
    /// The symbols that code reaches by `%gs:`, each CPU its own copy.
    private var perCPUSymbols: Set<String> = []

    /// Starts with the segment base, from which `%gs:40` and the like count.
    init() {
        symbols["%gs"] = next
        next += UInt64(Self.unknownSize)
    }

    /// Places a symbol, once; per-CPU data with a copy for each CPU.
    mutating func add(_ name: String, bytes: [UInt8]?, isPerCPU: Bool = false) {
        guard symbols[name] == nil else { return }
        symbols[name] = next
        if isPerCPU { perCPUSymbols.insert(name) }
        let offsets = copies(of: name)
        for (offset, byte) in (bytes ?? []).enumerated() where byte != 0 {
            for copy in offsets {
                let address = next + copy + UInt64(offset)
                contents[address & ~7, default: 0] |= UInt64(byte) << ((address & 7) * 8)
            }
        }
        next += (UInt64(bytes?.count ?? Self.unknownSize) + (offsets.last ?? 0) + 15) & ~15
    }

    /// Places per-CPU data of one word, which is another on each CPU.
    mutating func add(_ name: String, onEachCPU word: (Int) -> UInt64) {
        add(name, bytes: nil, isPerCPU: true)
        for (cpu, copy) in copies(of: name).enumerated() { set(name, at: copy, to: word(cpu)) }
    }

    /// How far the copies of a symbol are from it.
    private func copies(of name: String) -> [UInt64] {
        let count = perCPUSymbols.contains(name) ? perCPUCopies.count : 1
        return (0..<count).map { UInt64($0 * perCPUCopies.distance) }
    }

    /// Places a symbol that holds words.
    mutating func add(_ name: String, words: [UInt64]) {
        add(name, bytes: words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) } })
    }

    /// Gives a symbol an address at which there is nothing: passing it on is harmless, and whoever reads there is refused.
    mutating func addUnreadable(_ name: String) {
        guard symbols[name] == nil else { return }
        symbols[name] = nextUnreadable
        nextUnreadable += UInt64(Self.unknownSize) * 2
    }

    /// Sets the word at an aligned offset of a placed symbol.
    mutating func set(_ name: String, at offset: UInt64 = 0, to value: UInt64) {
        guard let address = symbols[name] else { return }
        contents[address &+ offset] = value == 0 ? nil : value
    }

    /// Sets it in the copies of all CPUs.
    mutating func setAll(_ name: String, at offset: UInt64, to value: UInt64) {
        for copy in copies(of: name) { set(name, at: offset + copy, to: value) }
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
        "vmalloc_base": 0xffff_c900_0000_0000, "l1tf_vmx_mitigation": 0, PerCPUData.ownOffset: 0,
        "nr_cpu_ids": 16,
    ]
}
