import Diagnostics
import Foundation
import Litmus
import Machine
import TestSupport
import Testing
import X86

@testable import CompiledTests

/// The page-table helpers of a kernel (or of the stand-ins), each as a function of its own, compiled once.
///
/// Every function takes a pointer to two entries and three numbers, and returns a number.
struct HelperHarness {
    /// One of the functions, linked for the interpreter.
    struct Helper {
        /// The symbol without `t_`; `k_NAME` wraps the kernel's NAME (``HelperList``).
        var name: String
        var symbol: String
        var program: Program
    }

    let assembly: String
    let helpers: [Helper]
    private let memory: PrivateMemory
    private let capabilities: UInt64

    static let entries: UInt64 = 0x50_0000
    private static let stack: UInt64 = 0x60_0000
    private static let data: UInt64 = 0x100_0000
    /// SHSTK is bit 7 of word 16 of the capabilities (arch/x86/include/asm/cpufeatures.h).
    private static let shadowStackByte: UInt64 = 16 * 4

    init(tree: KernelTree?, standIn: String = "6.12") async throws {
        let compiler = CTestCompiler(clang: try Clang(), tree: tree)
        let include = tree == nil ? "#include \"linux/pgtable-\(standIn).h\"\n" : ""
        let all = tree.map { HelperList.text(isNew: $0.versionNumbers.starts(with: [6, 12])) } ?? ""
        assembly = try await compiler.assembly(of: include + Self.text + "\n" + all, flags: [], directory: nil).text
        let listing = AssemblyListing(assembly)
        let source = ReachedCode.SourceFile(name: "test.c", file: nil, functionPlace: SourcePlace(line: 1, column: 1))
        var addresses: [String: UInt64] = [:]
        var next = Self.data
        for name in listing.data.names.sorted() + ["boot_cpu_data"] + KernelConstants.values.keys.sorted()
        where addresses[name] == nil {
            addresses[name] = next
            next += UInt64((listing.data.object(name)?.bytes.count ?? 4096) + 63) & ~63
        }
        var memory = PrivateMemory(0..<UInt64.max)
        for (name, address) in addresses {
            let object = listing.data.object(name)
            for (offset, byte) in (object?.bytes ?? []).enumerated() {
                memory.write(UInt64(byte), MemoryAccess(address: address + UInt64(offset), width: .byte))
            }
            for (offset, pointer) in object?.pointers ?? [:] {
                let target = (addresses[pointer.symbol] ?? 0) + pointer.addend
                memory.write(target, MemoryAccess(address: address + UInt64(offset), width: .quad))
            }
            if let value = KernelConstants.values[name], object == nil {
                memory.write(value, MemoryAccess(address: address, width: .quad))
            }
        }
        var helpers: [Helper] = []
        for function in listing.functions
        where (function.name.hasPrefix("t_") || function.name.hasPrefix("k_")) && !function.name.contains(".") {
            let code = try ReachedCode(function.name, in: listing, source: source, stubs: [])
            helpers.append(
                Helper(
                    name: function.name.hasPrefix("t_") ? String(function.name.dropFirst(2)) : function.name,
                    symbol: function.name,
                    program: try code.program.linked { symbol in addresses[symbol] }))
        }
        self.helpers = helpers
        self.memory = memory
        let offset = addresses[CompiledName.capabilityOffset].map {
            memory.read(MemoryAccess(address: $0, width: .quad))
        }
        capabilities = (addresses["boot_cpu_data"] ?? 0) + (offset ?? 0)
    }

    /// What a call comes to.
    struct Result: Equatable {
        var value: UInt64
        var entries: [UInt64]
        var flushes: UInt64
    }

    /// Arguments of a call.
    struct Call: Equatable {
        var numbers: [UInt64]
        var entries: [UInt64]
    }

    /// Interprets a helper.
    func interpret(_ helper: Helper, _ call: Call, hasShadowStacks: Bool) throws -> Result {
        var memory = memory
        memory.write(
            hasShadowStacks ? 0x80 : 0, MemoryAccess(address: capabilities + Self.shadowStackByte, width: .byte))
        for (index, entry) in call.entries.enumerated() {
            memory.write(entry, MemoryAccess(address: Self.entries + UInt64(index) * 8, width: .quad))
        }
        var registers = RegisterFile()
        registers[.rsp] = Self.stack
        registers[.rdi] = Self.entries
        registers[.rsi] = call.numbers[0]
        registers[.rdx] = call.numbers[1]
        registers[.rcx] = call.numbers[2]
        let program = helper.program
        memory.write(
            Program.codeBase + UInt64(program.instructions.count), MemoryAccess(address: Self.stack, width: .quad))
        var flushes: UInt64 = 0
        var steps = 0
        while registers.rip < program.instructions.count {
            steps += 1
            try #require(steps < 10_000, "\(helper.name) does not end")
            let instruction = program.instructions[registers.rip]
            switch instruction.request(registers) {
            case .none: _ = instruction.execute(on: &registers, loaded: 0)
            case .load(let place): _ = instruction.execute(on: &registers, loaded: memory.read(place))
            case .store(let place):
                if let value = instruction.execute(on: &registers, loaded: 0) { memory.write(value, place) }
            case .update(let place, _):
                if let value = instruction.execute(on: &registers, loaded: memory.read(place)) {
                    memory.write(value, place)
                }
            case .copy(let from, let to):
                if let value = instruction.execute(on: &registers, loaded: memory.read(from)) {
                    memory.write(value, to)
                }
            case .service:
                flushes += 1
                registers.rip += 1
            default:
                Issue.record("\(helper.name): \(instruction.text)")
                return Result(value: 0, entries: [], flushes: 0)
            }
        }
        let entries = (0..<2).map { memory.read(MemoryAccess(address: Self.entries + $0 * 8, width: .quad)) }
        return Result(value: registers[.rax], entries: entries, flushes: flushes)
    }

    /// The helpers and a driver as a program, which goes with the value.
    func linked() async throws -> Native {
        let directory = try TemporaryFolder([
            "helpers.s": assembly, "driver.c": Self.driver(helpers.map(\.symbol)),
        ])
        func path(_ name: String) -> String { directory.file(name).path }
        let clang = try Clang()
        let errors = try await clang.errors(
            [
                "-w", "-O1", "-no-pie", "-Wl,--unresolved-symbols=ignore-all", "-o", path("native"), path("driver.c"),
                path("helpers.s"),
            ],
            workingDirectory: nil)
        if let errors { throw clang.diagnostic(errors) }
        return Native(directory: directory)
    }

    /// The program that runs helpers on the processor.
    struct Native {
        fileprivate let directory: TemporaryFolder

        /// Runs calls.
        func run(_ calls: [(helper: Int, call: Call)], hasShadowStacks: Bool) throws -> [Result] {
            var input: [UInt64] = [hasShadowStacks ? 1 : 0]
            for (helper, call) in calls { input += [UInt64(helper)] + call.numbers + call.entries }
            try input.withUnsafeBytes { try Data($0).write(to: directory.file("input")) }
            let process = Process()
            process.executableURL = directory.file("native")
            process.arguments = ["input", "output"].map { directory.file($0).path }
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
            let output = try Data(contentsOf: directory.file("output"))
            try #require(output.count == calls.count * 32)
            let words = output.withUnsafeBytes { Array($0.bindMemory(to: UInt64.self)) }
            return calls.indices.map { index in
                let result = words[index * 4..<index * 4 + 4].map { $0 }
                return Result(value: result[0], entries: [result[1], result[2]], flushes: result[3])
            }
        }
    }

    private static func driver(_ names: [String]) -> String {
        """
        #include <stdio.h>
        #include <string.h>
        typedef unsigned long (*function)(unsigned long *, unsigned long, unsigned long, unsigned long);
        \(names.map { "extern unsigned long \($0)(unsigned long *, unsigned long, unsigned long, unsigned long);" }.joined(separator: "\n"))
        static function table[] = { \(names.joined(separator: ", ")) };
        unsigned char boot_cpu_data[4096] __attribute__((aligned(64)));
        \(KernelConstants.values.sorted { $0.key < $1.key }.map { "__attribute__((weak)) unsigned long \($0.key) = \($0.value)ul;" }.joined(separator: "\n"))
        __attribute__((weak)) extern const unsigned long __ptero_capability_offset;
        static unsigned long flushes;
        void __ptero_call_flush_tlb_page() { flushes++; }
        void __ptero_call_flush_tlb_range() { flushes++; }
        void __ptero_call_flush_tlb_mm() { flushes++; }
        int main(int argc, char **argv)
        {
            FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[2], "wb");
            unsigned long has, call[6], result[4];
            if (!in || !out || fread(&has, 8, 1, in) != 1) return 1;
            boot_cpu_data[(&__ptero_capability_offset ? __ptero_capability_offset : 0) + \(shadowStackByte)] = has ? 0x80 : 0;
            while (fread(call, 8, 6, in) == 6) {
                flushes = 0;
                result[0] = table[call[0]](&call[4], call[1], call[2], call[3]);
                memcpy(&result[1], &call[4], 16);
                result[3] = flushes;
                fwrite(result, 8, 4, out);
            }
            return fclose(out);
        }
        """
    }

    private static let text = """
        #define T(name) unsigned long t_##name(pte_t *p, unsigned long a, unsigned long b, unsigned long c)
        T(wrprotect) { return pte_val(pte_wrprotect(__pte(a))); }
        T(mkdirty) { return pte_val(pte_mkdirty(__pte(a))); }
        T(mkclean) { return pte_val(pte_mkclean(__pte(a))); }
        T(mkold) { return pte_val(pte_mkold(__pte(a))); }
        T(mkyoung) { return pte_val(pte_mkyoung(__pte(a))); }
        T(modify) { return pte_val(pte_modify(__pte(a), __pgprot(b))); }
        T(mkuffd_wp) { return pte_val(pte_mkuffd_wp(__pte(a))); }
        T(clear_uffd_wp) { return pte_val(pte_clear_uffd_wp(__pte(a))); }
        T(mksoft_dirty) { return pte_val(pte_mksoft_dirty(__pte(a))); }
        T(clear_soft_dirty) { return pte_val(pte_clear_soft_dirty(__pte(a))); }
        T(mkwrite) { return pte_val(pte_mkwrite(__pte(a), &ptero_vma)); }
        T(dirty) { return !!pte_dirty(__pte(a)); }
        T(write) { return !!pte_write(__pte(a)); }
        T(young) { return !!pte_young(__pte(a)); }
        T(present) { return !!pte_present(__pte(a)); }
        T(none) { return !!pte_none(__pte(a)); }
        T(same) { return !!pte_same(__pte(a), __pte(b)); }
        T(pfn) { return pte_pfn(__pte(a)); }
        T(accessible) { return !!pte_accessible(ptero_vma.vm_mm, __pte(a)); }
        T(needs_flush) { return !!pte_needs_flush(__pte(a), __pte(b)); }
        #if PTERO_LINUX_VERSION >= 0x060600
        T(shstk) { return !!pte_shstk(__pte(a)); }
        T(mkwrite_novma) { return pte_val(pte_mkwrite_novma(__pte(a))); }
        T(mkwrite_shstk) { return pte_val(pte_mkwrite_shstk(__pte(a))); }
        T(mkwrite_shstk_vma) { return pte_val(pte_mkwrite(__pte(a), &ptero_shadow_stack_vma)); }
        T(live_wrprotect_ptes) { wrprotect_ptes(ptero_vma.vm_mm, a, p, 2); return 0; }
        #endif
        T(live_set_wrprotect) { ptep_set_wrprotect(ptero_vma.vm_mm, a, p); return 0; }
        T(live_get) { return pte_val(ptep_get(p)); }
        T(live_get_and_clear) { return pte_val(ptep_get_and_clear(ptero_vma.vm_mm, a, p)); }
        T(live_get_and_clear_full) { return pte_val(ptep_get_and_clear_full(ptero_vma.vm_mm, a, p, c & 1)); }
        T(live_clear_flush) { return pte_val(ptep_clear_flush(&ptero_vma, a, p)); }
        T(live_set_access_flags) { return ptep_set_access_flags(&ptero_vma, a, p, __pte(b), c & 1); }
        T(live_test_and_clear_young) { return !!ptep_test_and_clear_young(&ptero_vma, a, p); }
        T(live_modify_prot_start) { return pte_val(ptep_modify_prot_start(&ptero_vma, a, p)); }
        T(live_modify_prot_commit) { ptep_modify_prot_commit(&ptero_vma, a, p, __pte(b), __pte(c)); return 0; }
        T(live_set_pte_at) { set_pte_at(ptero_vma.vm_mm, a, p, __pte(b)); return 0; }
        T(live_pte_clear) { pte_clear(ptero_vma.vm_mm, a, p); return 0; }
        #ifdef __KERNEL__
        T(live_pmdp_set_wrprotect) { pmdp_set_wrprotect(ptero_vma.vm_mm, a, (pmd_t *)p); return 0; }
        T(live_pmdp_get_and_clear) { return pmd_val(pmdp_huge_get_and_clear(ptero_vma.vm_mm, a, (pmd_t *)p)); }
        T(live_pmdp_establish) { return pmd_val(pmdp_establish(&ptero_vma, a, (pmd_t *)p, __pmd(b))); }
        T(pmd_mkdirty) { return pmd_val(pmd_mkdirty(__pmd(a))); }
        T(pmd_wrprotect) { return pmd_val(pmd_wrprotect(__pmd(a))); }
        T(pmd_needs_flush) { return !!huge_pmd_needs_flush(__pmd(a), __pmd(b)); }
        #endif
        """
}

extension SeededNumbers {
    /// Mostly bit patterns as entries have them, sometimes anything.
    mutating func entry() -> UInt64 {
        let kind = next() % 4
        let any = next()
        return kind == 0 ? any : kind == 1 ? 0 : any & 0x8600_0000_0012_3fff
    }
}
