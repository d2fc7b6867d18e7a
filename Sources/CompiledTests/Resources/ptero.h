/* What C tests can use without a kernel: accesses, atomics, page-table types, services. */
#ifndef PTERO_H
#define PTERO_H

typedef _Bool bool;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long s64;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long uint64_t;
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long int64_t;
typedef unsigned long size_t;
typedef unsigned long uintptr_t;
#define true 1
#define false 0
#define NULL ((void *)0)
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define __always_inline inline __attribute__((always_inline))

/* Accesses that the compiler neither splits, fuses nor repeats (Documentation/memory-barriers.txt). */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) do { *(volatile __typeof__(x) *)&(x) = (v); } while (0)
#define barrier() __asm__ __volatile__("" ::: "memory")
/* x86-64: a locked operation on the stack orders stores before loads and costs less than mfence. */
#define smp_mb() __asm__ __volatile__("lock addl $0,-4(%%rsp)" ::: "memory", "cc")
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define smp_store_release(p, v) do { barrier(); WRITE_ONCE(*(p), (v)); } while (0)
#define smp_load_acquire(p) ({ __typeof__(*(p)) ___v = READ_ONCE(*(p)); barrier(); ___v; })
#define smp_store_mb(x, v) do { (void)xchg(&(x), (v)); } while (0)
#define cpu_relax() __asm__ __volatile__("pause" ::: "memory")

#define xchg(p, v) __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define cmpxchg(p, o, n) ({ __typeof__(*(p)) ___o = (o); \
	__atomic_compare_exchange_n((p), &___o, (n), 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); ___o; })
#define try_cmpxchg(p, po, n) __atomic_compare_exchange_n((p), (po), (n), 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
#define local_irq_disable() __asm__ __volatile__("cli" ::: "memory")
#define local_irq_enable() __asm__ __volatile__("sti" ::: "memory")
#define xadd(p, v) __atomic_fetch_add((p), (v), __ATOMIC_SEQ_CST)

/* Bit operations: one locked byte operation for a constant bit, as the kernel's (arch/x86/include/asm/bitops.h). */
static __always_inline void set_bit(long nr, volatile unsigned long *addr)
{
	if (__builtin_constant_p(nr))
		__asm__ __volatile__("lock orb %b1,%0" : "+m"(((volatile u8 *)addr)[nr >> 3]) : "iq"((u8)(1 << (nr & 7))) : "memory", "cc");
	else
		__asm__ __volatile__("lock btsq %1,%0" : "+m"(*addr) : "r"(nr) : "memory", "cc");
}
static __always_inline void clear_bit(long nr, volatile unsigned long *addr)
{
	if (__builtin_constant_p(nr))
		__asm__ __volatile__("lock andb %b1,%0" : "+m"(((volatile u8 *)addr)[nr >> 3]) : "iq"((u8)~(1 << (nr & 7))) : "memory", "cc");
	else
		__asm__ __volatile__("lock btrq %1,%0" : "+m"(*addr) : "r"(nr) : "memory", "cc");
}
static __always_inline bool test_and_clear_bit(long nr, volatile unsigned long *addr)
{
	bool old;
	__asm__ __volatile__("lock btrq %2,%0" : "+m"(*addr), "=@ccc"(old) : "Jr"(nr) : "memory");
	return old;
}
static __always_inline bool test_and_set_bit(long nr, volatile unsigned long *addr)
{
	bool old;
	__asm__ __volatile__("lock btsq %2,%0" : "+m"(*addr), "=@ccc"(old) : "Jr"(nr) : "memory");
	return old;
}
static __always_inline bool test_bit(long nr, const volatile unsigned long *addr)
{
	return (addr[nr >> 6] >> (nr & 63)) & 1;
}

#include "services.h"
#include "service-names.h"
#define ptero_flush_vma_page(vma, a) __ptero_call_flush_tlb_page((void *)(a))
#define flush_tlb_range(vma, start, end) __ptero_call_flush_tlb_range((start), (end), PAGE_SHIFT, 0, 1)
/* There is one address space, that of ptero_mm. */
#define switch_mm(previous, next, task) __ptero_call_switch_mm(0)
#define flush_tlb_mm_range(mm, start, end, shift, tables) __ptero_call_flush_tlb_range((start), (end), (shift), 0, !!(tables))
typedef struct { u32 slock; } spinlock_t;
typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic64_t;

/* Reports: a warning is noted and execution goes on, a bug stops the thread. */
#define BUG() do { __asm__ __volatile__("movb $1,%%gs:__ptero_bug\n\tud2" ::: "memory"); __builtin_unreachable(); } while (0)
#define BUG_ON(c) do { if (unlikely(c)) BUG(); } while (0)
#define WARN_ON(c) ({ int ___c = !!(c); if (unlikely(___c)) __asm__ __volatile__("movb $1,%%gs:__ptero_warned" ::: "memory"); unlikely(___c); })
#define WARN_ON_ONCE(c) WARN_ON(c)

/* A shadow-stack store (wrss), and feature bits as the profile has them. */
static __always_inline void wrss(volatile void *x, unsigned long v)
{
	__asm__ __volatile__("wrssq %1,%0" : "+m"(*(volatile unsigned long *)x) : "r"(v) : "memory");
}
extern struct { unsigned int x86_capability[32]; } boot_cpu_data;
#define X86_FEATURE_SHSTK (16 * 32 + 7)
#define cpu_feature_enabled(bit) ((boot_cpu_data.x86_capability[(bit) >> 5] >> ((bit) & 31)) & 1)

/* Page-table entries. */
typedef unsigned long pteval_t;
typedef struct { pteval_t pte; } pte_t;
typedef struct { pteval_t pmd; } pmd_t;
typedef struct { pteval_t pgprot; } pgprot_t;
#define __pte(v) ((pte_t){ (v) })
#define pte_val(e) ((e).pte)
#define __pmd(v) ((pmd_t){ (v) })
#define pmd_val(e) ((e).pmd)
#define __pgprot(v) ((pgprot_t){ (v) })
#define pgprot_val(p) ((p).pgprot)
#define PAGE_SHIFT 12
#define PAGE_SIZE 4096ul
#define PMD_SIZE (1ul << 21)
#define PTE_PFN_MASK 0x000ffffffffff000ul
#define _PAGE_BIT_RW 1
#define _PAGE_BIT_ACCESSED 5
#define _PAGE_PRESENT (1ul << 0)
#define _PAGE_RW (1ul << 1)
#define _PAGE_USER (1ul << 2)
#define _PAGE_PWT (1ul << 3)
#define _PAGE_PCD (1ul << 4)
#define _PAGE_ACCESSED (1ul << 5)
#define _PAGE_DIRTY (1ul << 6)
#define _PAGE_PAT (1ul << 7)
#define _PAGE_PSE (1ul << 7)
#define _PAGE_GLOBAL (1ul << 8)
#define _PAGE_PROTNONE _PAGE_GLOBAL
#define _PAGE_SPECIAL (1ul << 9)
#define _PAGE_UFFD_WP (1ul << 10)
#define _PAGE_SOFT_DIRTY (1ul << 11)
#define _PAGE_PKEY_MASK (15ul << 59)
#define _PAGE_NX (1ul << 63)
#define _PAGE_TABLE (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY)
#define PAGE_READONLY __pgprot(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED | _PAGE_NX)
#define PAGE_SHARED __pgprot(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_NX)
#define VM_READ 0x1ul
#define VM_WRITE 0x2ul
#define VM_SHARED 0x8ul
#define VM_SHADOW_STACK (1ul << 37)
struct mm_struct { unsigned long tlb_flush_pending; };
struct vm_area_struct { struct mm_struct *vm_mm; unsigned long vm_flags; pgprot_t vm_page_prot; };
static struct mm_struct init_mm __attribute__((unused));
#define ptero_mm init_mm
static struct vm_area_struct ptero_vma __attribute__((unused)) = { &init_mm, VM_READ | VM_WRITE, { 0 } };
static struct vm_area_struct ptero_shadow_stack_vma __attribute__((unused)) = { &init_mm, VM_READ | VM_WRITE | VM_SHADOW_STACK, { 0 } };
#endif
