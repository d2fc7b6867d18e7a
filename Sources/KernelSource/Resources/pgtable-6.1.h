/* Stand-ins that behave as the helpers of Linux 6.1 do: Write and Dirty are independent, no SavedDirty. */
#ifndef PTERO_PGTABLE_6_1_H
#define PTERO_PGTABLE_6_1_H
#define PTERO_LINUX_VERSION 0x060100
#include "ptero.h"

static inline pte_t ptep_get(pte_t *p) { return READ_ONCE(*p); }
static inline void set_pte(pte_t *p, pte_t e) { WRITE_ONCE(*p, e); }
#define set_pte_at(mm, a, p, e) set_pte((p), (e))
#define pte_clear(mm, a, p) set_pte((p), __pte(0))
static inline pte_t pte_set_flags(pte_t e, pteval_t set) { return __pte(pte_val(e) | set); }
static inline pte_t pte_clear_flags(pte_t e, pteval_t clear) { return __pte(pte_val(e) & ~clear); }
static inline int pte_same(pte_t a, pte_t b) { return pte_val(a) == pte_val(b); }
static inline int pte_none(pte_t e) { return !(pte_val(e) & ~(_PAGE_DIRTY | _PAGE_ACCESSED)); }
static inline int pte_present(pte_t e) { return !!(pte_val(e) & (_PAGE_PRESENT | _PAGE_PROTNONE)); }
static inline int pte_young(pte_t e) { return !!(pte_val(e) & _PAGE_ACCESSED); }
static inline int pte_uffd_wp(pte_t e) { return !!(pte_val(e) & _PAGE_UFFD_WP); }
static inline int pte_soft_dirty(pte_t e) { return !!(pte_val(e) & _PAGE_SOFT_DIRTY); }
static inline unsigned long pte_pfn(pte_t e)
{
	pteval_t v = pte_val(e);
	if (v && !(v & _PAGE_PRESENT))
		v = ~v;
	return (v & PTE_PFN_MASK) >> PAGE_SHIFT;
}
static inline bool pte_accessible(struct mm_struct *mm, pte_t e)
{
	if (pte_val(e) & _PAGE_PRESENT)
		return true;
	return (pte_val(e) & _PAGE_PROTNONE) && READ_ONCE(mm->tlb_flush_pending);
}
static inline pte_t pte_mkold(pte_t e) { return pte_clear_flags(e, _PAGE_ACCESSED); }
static inline pte_t pte_mkyoung(pte_t e) { return pte_set_flags(e, _PAGE_ACCESSED); }
static inline pte_t pte_mksoft_dirty(pte_t e) { return pte_set_flags(e, _PAGE_SOFT_DIRTY); }
static inline pte_t pte_clear_soft_dirty(pte_t e) { return pte_clear_flags(e, _PAGE_SOFT_DIRTY); }
static inline pte_t pte_clear_uffd_wp(pte_t e) { return pte_clear_flags(e, _PAGE_UFFD_WP); }
#define _PAGE_DIRTY_BITS _PAGE_DIRTY
#define _PAGE_CHG_MASK 0x040ffffffffffef8ul

static inline int pte_dirty(pte_t e) { return !!(pte_val(e) & _PAGE_DIRTY); }
static inline int pte_write(pte_t e) { return !!(pte_val(e) & _PAGE_RW); }
static inline pte_t pte_wrprotect(pte_t e) { return pte_clear_flags(e, _PAGE_RW); }
static inline pte_t pte_mkclean(pte_t e) { return pte_clear_flags(e, _PAGE_DIRTY); }
static inline pte_t pte_mkdirty(pte_t e) { return pte_set_flags(e, _PAGE_DIRTY | _PAGE_SOFT_DIRTY); }
static inline pte_t pte_mkuffd_wp(pte_t e) { return pte_set_flags(e, _PAGE_UFFD_WP); }
#define pte_mkwrite(e, ...) pte_set_flags((e), _PAGE_RW)

/* One locked byte operation on the entry. */
static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long a, pte_t *p)
{
	clear_bit(_PAGE_BIT_RW, (unsigned long *)&p->pte);
}
static inline pte_t ptero_finish_modify(pte_t old, pteval_t v) { return __pte(v); }
#include "linux/pgtable-common.h"
#endif
