/* What is the same in both generations of the stand-ins; _PAGE_CHG_MASK is defined in front of it. */
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

/* What 6.12 does behind a change of protection, and 6.1 does not. */
static inline pte_t ptero_finish_modify(pte_t old, pteval_t v);
static inline pte_t pte_modify(pte_t e, pgprot_t prot)
{
	pteval_t v = (pte_val(e) & _PAGE_CHG_MASK) | (pgprot_val(prot) & ~_PAGE_CHG_MASK);
	/* The frame of an entry that is not present is stored inverted (pgtable-invert.h). */
	if ((pte_val(e) && !(pte_val(e) & _PAGE_PRESENT)) != (v && !(v & _PAGE_PRESENT)))
		v ^= PTE_PFN_MASK;
	return ptero_finish_modify(e, v);
}
static inline pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long a, pte_t *p) { return __pte(xchg(&p->pte, 0ul)); }
static inline pte_t ptep_get_and_clear_full(struct mm_struct *mm, unsigned long a, pte_t *p, int full)
{
	pte_t e;
	if (!full)
		return ptep_get_and_clear(mm, a, p);
	e = *p;
	set_pte(p, __pte(0));
	return e;
}
static inline pte_t ptep_modify_prot_start(struct vm_area_struct *vma, unsigned long a, pte_t *p)
{
	return ptep_get_and_clear(vma->vm_mm, a, p);
}
static inline void ptep_modify_prot_commit(struct vm_area_struct *vma, unsigned long a, pte_t *p, pte_t old, pte_t e)
{
	set_pte_at(vma->vm_mm, a, p, e);
}
static inline pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long a, pte_t *p)
{
	pte_t e = ptep_get_and_clear(vma->vm_mm, a, p);
	if (pte_accessible(vma->vm_mm, e))
		flush_tlb_page(vma, a);
	return e;
}
static inline int ptep_set_access_flags(struct vm_area_struct *vma, unsigned long a, pte_t *p, pte_t e, int dirty)
{
	int changed = !pte_same(*p, e);
	if (changed && dirty)
		set_pte(p, e);
	return changed;
}
static inline int ptep_test_and_clear_young(struct vm_area_struct *vma, unsigned long a, pte_t *p)
{
	return pte_young(*p) && test_and_clear_bit(_PAGE_BIT_ACCESSED, (unsigned long *)&p->pte);
}
static inline bool pte_flags_need_flush(unsigned long old, unsigned long new, bool ignore_access)
{
	const unsigned long cleared = _PAGE_DIRTY | _PAGE_PRESENT | _PAGE_ACCESSED;
	const unsigned long changed = _PAGE_RW | _PAGE_USER | _PAGE_PWT | _PAGE_PCD | _PAGE_PAT | _PAGE_GLOBAL | (1ul << 12) |
		_PAGE_PKEY_MASK | _PAGE_NX;
	unsigned long difference = (old ^ new) & 0xfff0000000000ffful;
	unsigned long ignored = ignore_access ? _PAGE_ACCESSED : 0;
	return (difference & old & cleared & ~ignored) || (difference & changed);
}
static inline bool pte_needs_flush(pte_t old, pte_t new)
{
	if (!(pte_val(old) & _PAGE_PRESENT))
		return false;
	if (pte_pfn(old) != pte_pfn(new))
		return true;
	return pte_flags_need_flush(pte_val(old) & ~PTE_PFN_MASK, pte_val(new) & ~PTE_PFN_MASK, true);
}

/* Entries above the leaf. */
static inline int pte_dirty(pte_t e);
static inline pte_t pte_mkdirty(pte_t e);
static inline void set_pmd(pmd_t *p, pmd_t e) { WRITE_ONCE(*p, e); }
#define pmd_clear(p) set_pmd((p), __pmd(0))
static inline int pmd_present(pmd_t e) { return !!(pmd_val(e) & (_PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_PSE)); }
static inline int pmd_none(pmd_t e) { return !(pmd_val(e) & ~(_PAGE_DIRTY | _PAGE_ACCESSED)); }
static inline int pmd_trans_huge(pmd_t e) { return !!(pmd_val(e) & _PAGE_PSE); }
static inline bool pmd_dirty(pmd_t e) { return pte_dirty(__pte(pmd_val(e))); }
static inline unsigned long pmd_pfn(pmd_t e)
{
	return ((pmd_val(e) && !(pmd_val(e) & _PAGE_PRESENT) ? ~pmd_val(e) : pmd_val(e)) & PTE_PFN_MASK) >> PAGE_SHIFT;
}
static inline pteval_t ptero_entry(unsigned long pfn, pgprot_t prot)
{
	pteval_t frame = pfn << PAGE_SHIFT;
	if (pgprot_val(prot) && !(pgprot_val(prot) & _PAGE_PRESENT))
		frame = ~frame & PTE_PFN_MASK;
	return frame | pgprot_val(prot);
}
static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot) { return __pte(ptero_entry(pfn, prot)); }
static inline pmd_t pfn_pmd(unsigned long pfn, pgprot_t prot) { return __pmd(ptero_entry(pfn, prot)); }
static inline pmd_t pmd_mkhuge(pmd_t e) { return __pmd(pmd_val(e) | _PAGE_PSE); }
static inline pmd_t pmd_mkdirty(pmd_t e) { return __pmd(pte_val(pte_mkdirty(__pte(pmd_val(e))))); }
static inline pmd_t pmd_mkinvalid(pmd_t e)
{
	return pfn_pmd(pmd_pfn(e), __pgprot(pmd_val(e) & ~PTE_PFN_MASK & ~(_PAGE_PRESENT | _PAGE_PROTNONE)));
}
static inline pmd_t pmdp_invalidate(struct vm_area_struct *vma, unsigned long a, pmd_t *p)
{
	pmd_t e = __pmd(xchg(&p->pmd, pmd_val(pmd_mkinvalid(*p))));
	flush_tlb_range(vma, a, a + PMD_SIZE);
	return e;
}
static inline pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long a, pmd_t *p)
{
	pmd_t e = __pmd(xchg(&p->pmd, 0ul));
	flush_tlb_range(vma, a, a + PMD_SIZE);
	return e;
}
/* A table has no struct page here: its own address takes the place. */
#define virt_to_page(p) (p)
#define pmd_populate(mm, p, table) set_pmd((p), __pmd(((unsigned long)(table) - 0xffff888000000000ul) | _PAGE_TABLE))
static inline pte_t *pte_offset_kernel(pmd_t *p, unsigned long a)
{
	return (pte_t *)(0xffff888000000000ul + (pmd_val(*p) & PTE_PFN_MASK)) + (a >> PAGE_SHIFT & 511);
}
