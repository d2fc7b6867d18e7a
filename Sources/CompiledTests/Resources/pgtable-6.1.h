/* Stand-ins that behave as the helpers of Linux 6.1 do: Write and Dirty are independent, no SavedDirty. */
#ifndef PTERO_PGTABLE_6_1_H
#define PTERO_PGTABLE_6_1_H
#define PTERO_LINUX_VERSION 0x060100
#include "ptero.h"

/* The bits that pte_modify keeps. */
#define _PAGE_CHG_MASK 0x040ffffffffffef8ul
#include "linux/pgtable-common.h"

#define _PAGE_DIRTY_BITS _PAGE_DIRTY

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
#endif
