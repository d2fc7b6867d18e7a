/* Stand-ins that behave as the helpers of Linux 6.12 do: Dirty moves to bit 58 where Write goes away. */
#ifndef PTERO_PGTABLE_6_12_H
#define PTERO_PGTABLE_6_12_H
#define PTERO_LINUX_VERSION 0x060c00
#include "ptero.h"

/* The bits that pte_modify keeps. */
#define _PAGE_CHG_MASK 0x060ffffffffffef8ul
#include "linux/pgtable-common.h"

#define _PAGE_SAVED_DIRTY (1ul << 58)
#define _PAGE_DIRTY_BITS (_PAGE_DIRTY | _PAGE_SAVED_DIRTY)

/* W=0: Dirty moves to SavedDirty; without branches. */
static inline pteval_t ptero_shift_to_saved(pteval_t v)
{
	pteval_t move = (~v >> 1) & 1;
	v |= ((v >> 6) & move) << 58;
	return v & ~(move << 6);
}
/* W=1: SavedDirty moves to Dirty. */
static inline pteval_t ptero_shift_to_dirty(pteval_t v)
{
	pteval_t move = (v >> 1) & 1;
	v |= ((v >> 58) & move) << 6;
	return v & ~(move << 58);
}
static inline bool pte_shstk(pte_t e)
{
	return cpu_feature_enabled(X86_FEATURE_SHSTK) && (pte_val(e) & (_PAGE_RW | _PAGE_DIRTY)) == _PAGE_DIRTY;
}
static inline int pte_dirty(pte_t e) { return !!(pte_val(e) & _PAGE_DIRTY_BITS); }
static inline int pte_write(pte_t e) { return (pte_val(e) & _PAGE_RW) || pte_shstk(e); }
static inline pte_t pte_wrprotect(pte_t e) { return __pte(ptero_shift_to_saved(pte_val(e) & ~_PAGE_RW)); }
static inline pte_t pte_mkclean(pte_t e) { return pte_clear_flags(e, _PAGE_DIRTY_BITS); }
static inline pte_t pte_mkdirty(pte_t e)
{
	return __pte(ptero_shift_to_saved(pte_val(e) | _PAGE_DIRTY | _PAGE_SOFT_DIRTY));
}
static inline pte_t pte_mkuffd_wp(pte_t e) { return pte_wrprotect(pte_set_flags(e, _PAGE_UFFD_WP)); }
static inline pte_t pte_mkwrite_novma(pte_t e) { return pte_set_flags(e, _PAGE_RW); }
static inline pte_t pte_mkwrite_shstk(pte_t e) { return pte_set_flags(pte_clear_flags(e, _PAGE_RW), _PAGE_DIRTY); }
static inline pte_t ptero_mkwrite(pte_t e, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_SHADOW_STACK)
		return pte_mkwrite_shstk(e);
	return __pte(ptero_shift_to_dirty(pte_val(e) | _PAGE_RW));
}
#define pte_mkwrite(e, vma) ptero_mkwrite((e), (vma))

/* A compare-and-exchange loop, so that a Dirty that the walker sets meanwhile is moved, not kept beside Write=0. */
static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long a, pte_t *p)
{
	pte_t old = READ_ONCE(*p);
	do {
	} while (!try_cmpxchg((pteval_t *)&p->pte, &old.pte, pte_val(pte_wrprotect(old))));
}
static inline pte_t ptero_finish_modify(pte_t old, pteval_t v)
{
	return __pte(pte_val(old) & _PAGE_RW ? ptero_shift_to_saved(v) : ptero_shift_to_dirty(v));
}
#define wrprotect_ptes(mm, a, p, nr) do { \
	for (unsigned int ___i = 0; ___i < (nr); ___i++) ptep_set_wrprotect((mm), (a) + ___i * PAGE_SIZE, (p) + ___i); } while (0)
#endif
