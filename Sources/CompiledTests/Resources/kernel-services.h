/* The services under the names that tests use. It comes behind all kernel headers and sources, which have functions of
 * some of these names. */
/* An upper entry that leads to the leaves of the test's pages (a machine address, through the direct map). */
#define PTERO_PMD __pmd((0xffff900000000000ul - 0xffff888000000000ul) | _KERNPG_TABLE)
static inline void ptero_flush_vma_page(struct vm_area_struct *vma, unsigned long a) { flush_tlb_page(vma, a); }
#undef flush_tlb_page
#undef flush_tlb_mm
#undef spin_lock
#undef spin_unlock
#undef tlb_remove_table_sync_one
#undef synchronize_rcu
#undef enter_lazy_tlb
#undef rcu_read_lock
#undef rcu_read_unlock
#include "service-names.h"
/* Where the kernel's own shootdown runs these are its functions. */
#ifdef PTERO_SHOOTDOWN_CPUS
#undef flush_tlb_page
#undef flush_tlb_mm
#undef enter_lazy_tlb
#define flush_tlb_mm(mm) flush_tlb_mm_range(mm, 0UL, TLB_FLUSH_ALL, 0UL, true)
#endif
