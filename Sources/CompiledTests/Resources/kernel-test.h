/* What a C test can use with a kernel tree: the tree's headers, Ptero's services, and stand-ins for the functions of .c
 * files that header packages do not contain. */
#ifndef PTERO_KERNEL_TEST_H
#define PTERO_KERNEL_TEST_H
#include <linux/version.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/hugetlb.h>
#include <linux/pgtable.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/pagemap.h>
#include <asm/pgalloc.h>
#include <linux/spinlock.h>
#include <asm/tlbflush.h>
#define PTERO_LINUX_VERSION LINUX_VERSION_CODE
/* A test has a few small pages of a large one, and slots for them only. So many does the kernel's code go over where it goes
 * over all 512: those at the block's beginning. Sizes and ranges of 2 MByte stay as they are. */
#ifdef PTERO_SMALL_PAGES
#undef HPAGE_PMD_NR
#define HPAGE_PMD_NR PTERO_SMALL_PAGES
#endif
/* As many as nr_cpu_ids says. */
#define PTERO_CPUS 16

#include "services.h"

/* Functions of Ptero's that take the place of kernel functions. They stay functions, as the kernel's are, so that a test's
 * output can name those that it reaches. */
#define PTERO_STAND_IN __attribute__((__noinline__, __section__(".text.ptero_standin")))
#define PTERO_SERVICE __attribute__((__used__, __noinline__, __section__(".text.ptero_service")))

const unsigned long __ptero_capability_offset __attribute__((used)) = offsetof(struct cpuinfo_x86, x86_capability);

/* The number of the CPU. */
extern int __ptero_cpu_number;
#undef raw_smp_processor_id
#undef __smp_processor_id
#define raw_smp_processor_id() __this_cpu_read(__ptero_cpu_number)
#define __smp_processor_id() __this_cpu_read(__ptero_cpu_number)

/* The address space that the CPU runs. A walk begins in the machine's own table; behind the structure lies the mask of the
 * CPUs that run it: all that a test can have. */
extern char __ptero_root[];
#ifndef PTERO_SHOOTDOWN_CPUS
static struct mm_struct ptero_mm __attribute__((unused)) = {
	.pgd = (void *)__ptero_root,
	.cpu_bitmap = { [0] = (1ul << PTERO_CPUS) - 1, [BITS_TO_LONGS(NR_CPUS) - 1 + (NR_CPUS <= BITS_PER_LONG)] = 0 } };

#else
#include "kernel-shootdown.h"
#endif

#ifndef PTERO_SHOOTDOWN_CPUS
/* The shootdown is a service of the machine. It is for the address space whose root is mm->pgd, the loaded one where that
 * is 0 or ptero_mm's. As in arch/x86/mm/tlb.c, more than 33 strides (tlb_single_page_flush_ceiling) and TLB_FLUSH_ALL are
 * everything, and less is one invlpg at each stride. With freed_tables CPUs in lazy TLB mode are interrupted, too. */
PTERO_SERVICE void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
	unsigned int stride_shift, bool freed_tables)
{
	if (end == TLB_FLUSH_ALL || (end - start) >> stride_shift > 33) {
		start = 0;
		end = TLB_FLUSH_ALL;
		stride_shift = PAGE_SHIFT;
	}
	__ptero_call_flush_tlb_range(start, end, stride_shift, (unsigned long)mm->pgd, freed_tables);
}

/* The kernel's own addresses, on every CPU that runs this address space, lazy ones (so the 2) too; up to 33 pages one by one. */
PTERO_SERVICE void flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
	__ptero_call_flush_tlb_range(start, end, PAGE_SHIFT, 0, 2);
}

/* A kernel thread runs, and keeps the address space that is loaded. */
PTERO_SERVICE void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *task) { __ptero_call_enter_lazy_tlb(); }

/* The address space whose root is next->pgd is loaded; what the CPU has missed of it is dropped. */
PTERO_SERVICE void switch_mm_irqs_off(struct mm_struct *previous, struct mm_struct *next, struct task_struct *task)
{
	__ptero_call_switch_mm((unsigned long)next->pgd);
}
PTERO_SERVICE void switch_mm(struct mm_struct *previous, struct mm_struct *next, struct task_struct *task)
{
	__ptero_call_switch_mm((unsigned long)next->pgd);
}

#endif

/* Read-side sections of RCU and their grace period (rcu_read_lock() is inline and calls the first). */
#ifdef CONFIG_PREEMPT_RCU
PTERO_SERVICE void __rcu_read_lock(void) { __ptero_call_rcu_read_lock(); }
PTERO_SERVICE void __rcu_read_unlock(void) { __ptero_call_rcu_read_unlock(); }
#endif
PTERO_SERVICE void synchronize_rcu(void) { __ptero_call_synchronize_rcu(); }

#if defined(CONFIG_ARCH_WANT_BATCHED_UNMAP_TLB_FLUSH) && !defined(PTERO_SHOOTDOWN_CPUS)
/* arch/x86/mm/tlb.c, written anew: a deferred batch is one full flush on the CPUs that were noted with it, without lazy ones. */
PTERO_SERVICE void arch_tlbbatch_flush(struct arch_tlbflush_unmap_batch *batch)
{
	if (!cpumask_empty(&batch->cpumask))
		__ptero_call_flush_tlb_range(0, TLB_FLUSH_ALL, PAGE_SHIFT, 0, 0);
	cpumask_clear(&batch->cpumask);
}
#endif

/* A task of its own for each CPU, `current`, that nobody wants to preempt. */
struct task_struct __ptero_task;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
DEFINE_PER_CPU_ALIGNED(struct pcpu_hot, pcpu_hot) = { .current_task = &__ptero_task, .preempt_count = PREEMPT_ENABLED };
#else
DEFINE_PER_CPU(struct task_struct *, current_task) = &__ptero_task;
DEFINE_PER_CPU(int, __preempt_count) = PREEMPT_ENABLED;
#endif

static struct vm_area_struct ptero_vma __attribute__((unused)) = { .vm_mm = &ptero_mm, .vm_flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE };
#ifdef VM_SHADOW_STACK
#if VM_SHADOW_STACK
#define PTERO_SHADOW_STACK_FLAG VM_SHADOW_STACK
#endif
#endif
#ifndef PTERO_SHADOW_STACK_FLAG
#define PTERO_SHADOW_STACK_FLAG 0
#endif
static struct vm_area_struct ptero_shadow_stack_vma __attribute__((unused)) = {
	.vm_mm = &ptero_mm, .vm_flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | PTERO_SHADOW_STACK_FLAG };

#ifndef PTERO_SOURCES
/* arch/x86/mm/pgtable.c and mm/pgtable-generic.c, written anew: what they do is the same in 6.1 and 6.12. */
PTERO_STAND_IN int ptep_set_access_flags(struct vm_area_struct *vma, unsigned long a, pte_t *p, pte_t e, int dirty)
{
	int changed = !pte_same(*p, e);
	if (changed && dirty)
		set_pte(p, e);
	return changed;
}
PTERO_STAND_IN int ptep_test_and_clear_young(struct vm_area_struct *vma, unsigned long a, pte_t *p)
{
	return pte_young(*p) && test_and_clear_bit(_PAGE_BIT_ACCESSED, (unsigned long *)&p->pte);
}
PTERO_STAND_IN pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long a, pte_t *p)
{
	pte_t e = ptep_get_and_clear(vma->vm_mm, a, p);
	if (pte_accessible(vma->vm_mm, e))
		flush_tlb_page(vma, a);
	return e;
}
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
PTERO_STAND_IN pmd_t pmdp_invalidate(struct vm_area_struct *vma, unsigned long a, pmd_t *p)
{
	pmd_t e = pmdp_establish(vma, a, p, pmd_mkinvalid(*p));
	flush_pmd_tlb_range(vma, a, a + HPAGE_PMD_SIZE);
	return e;
}
PTERO_STAND_IN pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long a, pmd_t *p)
{
	pmd_t e = pmdp_huge_get_and_clear(vma->vm_mm, a, p);
	flush_tlb_range(vma, a, a + HPAGE_PMD_SIZE);
	return e;
}
#endif
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#ifndef PTERO_SOURCES
PTERO_STAND_IN pte_t pte_mkwrite(pte_t e, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_SHADOW_STACK)
		return pte_mkwrite_shstk(e);
	return pte_clear_saveddirty(pte_mkwrite_novma(e));
}
#endif
#else
static inline pte_t ptero_mkwrite(pte_t e) { return pte_mkwrite(e); }
#define pte_mkwrite(e, ...) ptero_mkwrite(e)
#endif

/* The lock functions that spin_lock and spin_unlock become. */
#ifndef _raw_spin_lock
PTERO_SERVICE void _raw_spin_lock(raw_spinlock_t *lock) { __ptero_call_spin_lock(lock); }
#endif
#ifndef _raw_spin_unlock
PTERO_SERVICE void _raw_spin_unlock(raw_spinlock_t *lock) { __ptero_call_spin_unlock(lock); }
#endif

static __always_inline void wrss(volatile void *x, unsigned long v)
{
	asm volatile("wrssq %1,%0" : "+m"(*(volatile unsigned long *)x) : "r"(v) : "memory");
}
#endif
