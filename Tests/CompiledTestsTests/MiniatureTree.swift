import CompiledTests
import Foundation
import Litmus
import TestSupport

/// A directory that is laid out like a kernel's sources, prepared in place, with headers of a few lines each: enough for
/// `kernel-test.h`, and for helpers of its own.
struct MiniatureTree {
    private let folder: TemporaryFolder
    var path: String { folder.path }

    /// The flags of its build, as kbuild writes them; paths are relative to the tree.
    static let flags =
        "-nostdinc -I./arch/x86/include -I./include -include ./include/linux/compiler-version.h "
        + "-include ./include/linux/kconfig.h -include ./include/linux/compiler_types.h -D__KERNEL__"

    /// Writes the tree with these files besides; removed by the caller.
    init(_ files: [String: String]) throws {
        folder = try TemporaryFolder(Self.files.merging(files, uniquingKeysWith: { $1 }))
    }

    func add(_ name: String, _ text: String) throws { try folder.write(name, text) }

    func remove() { folder.remove() }

    func kernel() throws -> KernelTree { try KernelTree(path) }

    private static let files: [String: String] = {
        var files = [
            "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 3\n",
            "include/generated/autoconf.h": "#define CONFIG_X86_64 1\n",
            "include/generated/uapi/linux/version.h": "#define LINUX_VERSION_CODE 396291\n",
            "include/linux/version.h": """
            #define LINUX_VERSION_CODE 396291
            #define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))
            """,
            "include/linux/kconfig.h": "#include <generated/autoconf.h>\n",
            "include/linux/compiler_types.h": """
            #define offsetof(t, m) __builtin_offsetof(t, m)
            #define __always_inline inline __attribute__((__always_inline__))
            #define __ro_after_init
            #define NULL ((void *)0)
            typedef _Bool bool;
            """,
            "include/linux/jump_label.h": """
            #pragma once
            struct static_key { int enabled; };
            struct static_key_true { struct static_key key; };
            struct static_key_false { struct static_key key; };
            #define STATIC_KEY_TRUE_INIT { { 1 } }
            #define STATIC_KEY_FALSE_INIT { { 0 } }
            #define static_branch_unlikely(k) (((volatile struct static_key *)&(k)->key)->enabled > 0)
            """,
            "arch/x86/include/asm/cpufeatures.h": """
            #define X86_FEATURE_PCID ( 4*32+17)
            #define X86_FEATURE_SHSTK (16*32+ 7)
            """,
            "arch/x86/include/asm/cpufeature.h": """
            #pragma once
            #include <asm/cpufeatures.h>
            struct cpuinfo_x86 { int family; unsigned int x86_capability[24]; };
            extern struct cpuinfo_x86 boot_cpu_data;
            #define boot_cpu_has(bit) ((boot_cpu_data.x86_capability[(bit) >> 5] >> ((bit) & 31)) & 1)
            """,
            "include/linux/mm.h": """
            #pragma once
            #define TLB_FLUSH_ALL (~0ul)
            #define VM_READ 1ul
            #define VM_WRITE 2ul
            #define VM_MAYREAD 0x10ul
            #define VM_MAYWRITE 0x20ul
            #define VM_SHADOW_STACK (1ul << 37)
            #define _PAGE_BIT_ACCESSED 5
            #define _KERNPG_TABLE 0x63ul
            #define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
            #define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
            typedef struct { unsigned long pte; } pte_t;
            typedef struct { unsigned long pmd; } pmd_t;
            typedef struct { unsigned int lock; } raw_spinlock_t;
            #define PAGE_SHIFT 12
            #define NR_CPUS 64
            #define BITS_PER_LONG 64
            #define BITS_TO_LONGS(n) (((n) + 63) / 64)
            #define PREEMPT_ENABLED 0
            #define DEFINE_PER_CPU_ALIGNED(t, n) __attribute__((section(".data..percpu"), aligned(64))) t n
            struct task_struct { int pid; };
            struct pcpu_hot { struct task_struct *current_task; int preempt_count; };
            struct mm_struct { int count; unsigned long *pgd; unsigned long cpu_bitmap[]; };
            struct vm_area_struct { struct mm_struct *vm_mm; unsigned long vm_flags; };
            static struct mm_struct init_mm __attribute__((unused));
            void flush_tlb_mm_range(struct mm_struct *, unsigned long, unsigned long, unsigned int, bool);
            #define flush_tlb_page(vma, a) flush_tlb_mm_range((vma)->vm_mm, (a), (a) + 4096, 12, 0)
            static inline int pte_same(pte_t a, pte_t b) { return a.pte == b.pte; }
            static inline int pte_young(pte_t a) { return !!(a.pte & 32); }
            static inline void set_pte(pte_t *p, pte_t e) { WRITE_ONCE(*p, e); }
            static inline bool pte_accessible(struct mm_struct *mm, pte_t e) { return e.pte & 1; }
            static inline pte_t pte_mkwrite_shstk(pte_t e) { e.pte = (e.pte & ~2ul) | 64; return e; }
            static inline pte_t pte_mkwrite_novma(pte_t e) { e.pte |= 2; return e; }
            static inline pte_t pte_clear_saveddirty(pte_t e) { return e; }
            static inline pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long a, pte_t *p)
            {
            	return (pte_t){ __atomic_exchange_n(&p->pte, 0, __ATOMIC_SEQ_CST) };
            }
            static inline bool test_and_clear_bit(long bit, unsigned long *word)
            {
            	return __atomic_fetch_and(word, ~(1ul << bit), __ATOMIC_SEQ_CST) >> bit & 1;
            }
            static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long a, pte_t *p)
            {
            	__asm__ __volatile__("lock andb $-3,%0" : "+m"(*(char *)p) :: "memory");
            }
            """,
            "mm/memory.c": "", "mm/pgtable-generic.c": "", "arch/x86/mm/pgtable.c": "",
        ]
        for name in [
            "include/linux/compiler-version.h", "include/linux/mm_inline.h", "include/linux/hugetlb.h",
            "include/linux/pgtable.h", "include/linux/rmap.h", "include/linux/swap.h", "include/linux/swapops.h",
            "include/linux/pagemap.h", "include/linux/spinlock.h", "arch/x86/include/asm/tlbflush.h",
            "arch/x86/include/asm/alternative.h", "arch/x86/include/asm/pgtable.h", "arch/x86/include/asm/pgalloc.h",
        ] { files[name] = "" }
        return files
    }()
}
