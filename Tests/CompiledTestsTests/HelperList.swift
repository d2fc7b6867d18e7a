import Foundation

/// The kernel's page-table helpers by the kind of their parameters, and the wrappers that make each a function of its own.
enum HelperList {
    /// One entry in, one entry out.
    static let transforms: [String: [String]] = [
        "pte": [
            "wrprotect", "mkdirty", "mkclean", "mkold", "mkyoung", "mkexec", "mkhuge", "clrhuge", "mkglobal",
            "clrglobal",
            "mkspecial", "mkdevmap", "mkuffd_wp", "clear_uffd_wp", "mksoft_dirty", "clear_soft_dirty",
            "swp_mksoft_dirty",
            "swp_clear_soft_dirty", "swp_mkuffd_wp", "swp_clear_uffd_wp", "swp_mkexclusive", "swp_clear_exclusive",
            "sw_mkyoung",
        ],
        "pmd": [
            "wrprotect", "mkdirty", "mkclean", "mkold", "mkyoung", "mkhuge", "mkdevmap", "mkuffd_wp", "clear_uffd_wp",
            "mksoft_dirty", "clear_soft_dirty", "swp_mksoft_dirty", "swp_clear_soft_dirty", "swp_mkuffd_wp",
            "swp_clear_uffd_wp", "mkinvalid",
        ],
        "pud": [
            "wrprotect", "mkdirty", "mkclean", "mkold", "mkyoung", "mkhuge", "mkdevmap", "mkwrite", "mksoft_dirty",
            "clear_soft_dirty",
        ],
    ]
    static let newTransforms: [String: [String]] = [
        "pte": ["mksaveddirty", "clear_saveddirty", "mkwrite_novma", "mkwrite_shstk"],
        "pmd": ["mksaveddirty", "clear_saveddirty", "mkwrite_novma", "mkwrite_shstk", "mkspecial"],
        "pud": ["mksaveddirty", "clear_saveddirty", "mkinvalid", "mkspecial"],
    ]
    /// One entry in, a number out.
    static let questions: [String: [String]] = [
        "pte": [
            "dirty", "young", "write", "exec", "huge", "global", "special", "devmap", "present", "none", "protnone",
            "pfn",
            "soft_dirty", "uffd_wp", "swp_soft_dirty", "swp_uffd_wp", "swp_exclusive", "unused",
        ],
        "pmd": [
            "dirty", "young", "write", "devmap", "present", "none", "protnone", "pfn", "bad", "trans_huge",
            "soft_dirty",
            "uffd_wp", "swp_soft_dirty", "swp_uffd_wp", "page_vaddr",
        ],
        "pud": [
            "dirty", "young", "write", "devmap", "present", "none", "pfn", "bad", "trans_huge", "soft_dirty",
        ],
    ]
    static let oldQuestions: [String: [String]] = ["pmd": ["large"], "pud": ["large"]]
    static let newQuestions: [String: [String]] = [
        "pte": ["shstk"], "pmd": ["shstk", "special", "leaf"], "pud": ["shstk", "special", "leaf"],
    ]
    /// Bodies of the others, for all versions: `p` points to two entries, `a`, `b`, `c` are numbers.
    static let others: [String: String] = [
        "pte_mkwrite": "return pte_val(pte_mkwrite(__pte(a), &ptero_vma));",
        "pte_modify": "return pte_val(pte_modify(__pte(a), __pgprot(b)));",
        "pmd_modify": "return pmd_val(pmd_modify(__pmd(a), __pgprot(b)));",
        "pte_same": "return !!pte_same(__pte(a), __pte(b));",
        "pmd_same": "return !!pmd_same(__pmd(a), __pmd(b));",
        "pte_accessible": "return !!pte_accessible(ptero_vma.vm_mm, __pte(a));",
        "pte_access_permitted": "return !!pte_access_permitted(__pte(a), b & 1);",
        "pmd_access_permitted": "return !!pmd_access_permitted(__pmd(a), b & 1);",
        "pud_access_permitted": "return !!pud_access_permitted(__pud(a), b & 1);",
        "__pte_access_permitted": "return !!__pte_access_permitted(a, b & 1);",
        "__pkru_allows_pkey": "return !!__pkru_allows_pkey(a & 15, b & 1);",
        "__pte_needs_invert": "return !!__pte_needs_invert(a);",
        "flip_protnone_guard": "return flip_protnone_guard(a, b, c);",
        "protnone_mask": "return protnone_mask(a);",
        "pte_set_flags": "return pte_val(pte_set_flags(__pte(a), b));",
        "pte_clear_flags": "return pte_val(pte_clear_flags(__pte(a), b));",
        "pmd_set_flags": "return pmd_val(pmd_set_flags(__pmd(a), b));",
        "pmd_clear_flags": "return pmd_val(pmd_clear_flags(__pmd(a), b));",
        "pud_set_flags": "return pud_val(pud_set_flags(__pud(a), b));",
        "pud_clear_flags": "return pud_val(pud_clear_flags(__pud(a), b));",
        "pfn_pte": "return pte_val(pfn_pte(a, __pgprot(b)));",
        "pfn_pmd": "return pmd_val(pfn_pmd(a, __pgprot(b)));",
        "pfn_pud": "return pud_val(pfn_pud(a, __pgprot(b)));",
        "pud_same": "return !!pud_same(__pud(a), __pud(b));", "pte_flags_pkey": "return pte_flags_pkey(a);",
        "pudp_set_wrprotect": "pudp_set_wrprotect(ptero_vma.vm_mm, a, (pud_t *)p); return 0;",
        "pud_index": "return pud_index(a);",
        "pte_index": "return pte_index(a);", "pmd_index": "return pmd_index(a);",
        "pte_needs_flush": "return !!pte_needs_flush(__pte(a), __pte(b));",
        "pte_flags_need_flush": "return !!pte_flags_need_flush(a & ~PTE_PFN_MASK, b & ~PTE_PFN_MASK, c & 1);",
        "huge_pmd_needs_flush": "return !!huge_pmd_needs_flush(__pmd(a), __pmd(b));",
        "ptep_get": "return pte_val(ptep_get(p));",
        "ptep_get_lockless": "return pte_val(ptep_get_lockless(p));",
        "ptep_set_wrprotect": "ptep_set_wrprotect(ptero_vma.vm_mm, a, p); return 0;",
        "ptep_get_and_clear": "return pte_val(ptep_get_and_clear(ptero_vma.vm_mm, a, p));",
        "ptep_get_and_clear_full": "return pte_val(ptep_get_and_clear_full(ptero_vma.vm_mm, a, p, c & 1));",
        "ptep_clear": "ptep_clear(ptero_vma.vm_mm, a, p); return 0;",
        "ptep_modify_prot_start": "return pte_val(ptep_modify_prot_start(&ptero_vma, a, p));",
        "ptep_modify_prot_commit": "ptep_modify_prot_commit(&ptero_vma, a, p, __pte(b), __pte(c)); return 0;",
        "__ptep_modify_prot_start": "return pte_val(__ptep_modify_prot_start(&ptero_vma, a, p));",
        "__ptep_modify_prot_commit": "__ptep_modify_prot_commit(&ptero_vma, a, p, __pte(b)); return 0;",
        "pte_clear_not_present_full": "pte_clear_not_present_full(ptero_vma.vm_mm, a, p, c & 1); return 0;",
        "set_pte_at": "set_pte_at(ptero_vma.vm_mm, a, p, __pte(b)); return 0;",
        "set_pmd_at": "set_pmd_at(ptero_vma.vm_mm, a, (pmd_t *)p, __pmd(b)); return 0;",
        "set_pud_at": "set_pud_at(ptero_vma.vm_mm, a, (pud_t *)p, __pud(b)); return 0;",
        "pmdp_set_wrprotect": "pmdp_set_wrprotect(ptero_vma.vm_mm, a, (pmd_t *)p); return 0;",
        "pmdp_huge_get_and_clear": "return pmd_val(pmdp_huge_get_and_clear(ptero_vma.vm_mm, a, (pmd_t *)p));",
        "pudp_huge_get_and_clear_full":
            "return pud_val(pudp_huge_get_and_clear_full(PTERO_PUD_OWNER, a, (pud_t *)p, c & 1));",
        "pudp_huge_get_and_clear": "return pud_val(pudp_huge_get_and_clear(ptero_vma.vm_mm, a, (pud_t *)p));",
        "pmdp_huge_get_and_clear_full":
            "return pmd_val(pmdp_huge_get_and_clear_full(&ptero_vma, a, (pmd_t *)p, c & 1));",
        "pmdp_establish": "return pmd_val(pmdp_establish(&ptero_vma, a, (pmd_t *)p, __pmd(b)));",
        "generic_pmdp_establish": "return pmd_val(generic_pmdp_establish(&ptero_vma, a, (pmd_t *)p, __pmd(b)));",
        "native_set_pte": "native_set_pte(p, __pte(b)); return 0;",
        "native_set_pte_atomic": "native_set_pte_atomic(p, __pte(b)); return 0;",
        "native_set_pmd": "native_set_pmd((pmd_t *)p, __pmd(b)); return 0;",
        "native_set_pud": "native_set_pud((pud_t *)p, __pud(b)); return 0;",
        "native_pte_clear": "native_pte_clear(ptero_vma.vm_mm, a, p); return 0;",
        "native_pmd_clear": "native_pmd_clear((pmd_t *)p); return 0;",
        "native_pud_clear": "native_pud_clear((pud_t *)p); return 0;",
        "native_ptep_get_and_clear": "return pte_val(native_ptep_get_and_clear(p));",
        "native_pmdp_get_and_clear": "return pmd_val(native_pmdp_get_and_clear((pmd_t *)p));",
        "native_pudp_get_and_clear": "return pud_val(native_pudp_get_and_clear((pud_t *)p));",
        "native_local_ptep_get_and_clear": "return pte_val(native_local_ptep_get_and_clear(p));",
        "native_local_pmdp_get_and_clear": "return pmd_val(native_local_pmdp_get_and_clear((pmd_t *)p));",
        "native_local_pudp_get_and_clear": "return pud_val(native_local_pudp_get_and_clear((pud_t *)p));",
    ]
    /// Bodies of those that came with shadow stacks and with batches.
    static let newOthers: [String: String] = [
        "mksaveddirty_shift": "return mksaveddirty_shift(a);",
        "clear_saveddirty_shift": "return clear_saveddirty_shift(a);",
        "pud_modify": "return pud_val(pud_modify(__pud(a), __pgprot(b)));",
        "pte_advance_pfn": "return pte_val(pte_advance_pfn(__pte(a), b & 511));",
        "pte_batch_hint": "return pte_batch_hint(p, __pte(a));",
        "pudp_get": "return pud_val(pudp_get((pud_t *)p));",
        "pmdp_get": "return pmd_val(pmdp_get((pmd_t *)p));",
        "pmdp_get_lockless": "return pmd_val(pmdp_get_lockless((pmd_t *)p));",
        "pudp_establish": "return pud_val(pudp_establish(&ptero_vma, a, (pud_t *)p, __pud(b)));",
        "set_ptes": "set_ptes(ptero_vma.vm_mm, a, p, __pte(b), 2); return 0;",
        "wrprotect_ptes": "wrprotect_ptes(ptero_vma.vm_mm, a, p, 2); return 0;",
        "clear_full_ptes": "clear_full_ptes(ptero_vma.vm_mm, a, p, 2, c & 1); return 0;",
        "get_and_clear_full_ptes": "return pte_val(get_and_clear_full_ptes(ptero_vma.vm_mm, a, p, 2, c & 1));",
        "clear_not_present_full_ptes": "clear_not_present_full_ptes(ptero_vma.vm_mm, a, p, 2, c & 1); return 0;",
        "clear_young_dirty_ptes": "clear_young_dirty_ptes(&ptero_vma, a, p, 2, c & 3); return 0;",
    ]
    /// Inline functions of the two pgtable.h that are not compared, and why.
    static let leftOut: [String: String] = [
        "has_transparent_hugepage": "takes no entry",
        "arch_has_hw_pte_young": "takes no entry", "arch_has_hw_nonleaf_pmd_young": "takes no entry",
        "mm_p4d_folded": "takes no entry", "clone_pgd_range": "copies memory",
        "pgdp_maps_userspace": "judges a pointer",
        "pgd_page_get_mm": "reads a struct page", "update_mmu_cache": "empty", "update_mmu_cache_range": "empty",
        "update_mmu_cache_pmd": "empty",
        "update_mmu_cache_pud": "empty", "pmdp_get_lockless_sync": "empty", "pte_unmap": "RCU only",
        "__pte_map": "computes a pointer", "pte_offset_kernel": "computes a pointer",
        "pmd_offset": "computes a pointer",
        "pud_offset": "computes a pointer", "pmd_off": "walks init_mm", "pmd_off_k": "walks init_mm",
        "virt_to_kpte": "walks init_mm", "pud_pgtable": "computes a pointer", "p4d_pgtable": "computes a pointer",
        "pmd_free_pte_page": "declared only", "pud_free_pmd_page": "declared only", "pmd_set_huge": "not configured",
        "pmd_clear_huge": "not configured", "pud_set_huge": "not configured", "pud_clear_huge": "not configured",
        "pmd_none_or_clear_bad": "reports and clears tables", "pud_none_or_clear_bad": "reports and clears tables",
        "pmd_none_or_trans_huge_or_clear_bad": "reports and clears tables",
        "pmd_trans_unstable": "reports and clears tables", "pmd_devmap_trans_unstable": "reports and clears tables",
        "pud_none_or_trans_huge_or_dev_or_clear_bad": "reports and clears tables",
        "pud_trans_unstable": "reports and clears tables", "pmd_read_atomic": "32-bit only",
        "arch_check_zapped_pte": "empty without CONFIG_DEBUG_VM",
        "arch_check_zapped_pmd": "empty without CONFIG_DEBUG_VM",
        "pmdp_collapse_flush": "mm/pgtable-generic.c", "pmdp_clear_flush_young": "mm/pgtable-generic.c",
        "ptep_set_access_flags": "arch/x86/mm/pgtable.c", "ptep_test_and_clear_young": "arch/x86/mm/pgtable.c",
        "pmdp_test_and_clear_young": "arch/x86/mm/pgtable.c", "pudp_test_and_clear_young": "arch/x86/mm/pgtable.c",
        "pmdp_set_access_flags": "arch/x86/mm/pgtable.c", "pudp_set_access_flags": "arch/x86/mm/pgtable.c",
        "pmdp_invalidate_ad": "arch/x86/mm/pgtable.c", "pmd_mkwrite": "arch/x86/mm/pgtable.c from 6.6 on",
        "pte_user_accessible_page": "not configured", "pmd_user_accessible_page": "not configured",
        "pud_user_accessible_page": "not configured",
        "pte_decrypted": "calls arch/x86/coco/core.c", "p4d_free_pud_page": "declared only",
        "arch_check_zapped_pud": "empty without CONFIG_DEBUG_VM",
    ]

    /// The names of all wrapped functions of a generation.
    static func names(isNew: Bool) -> Set<String> {
        func spelled(_ table: [String: [String]]) -> [String] {
            table.flatMap { level, names in names.map { "\(level)_\($0)" } }
        }
        return Set(
            spelled(transforms) + spelled(questions) + others.keys
                + (isNew ? spelled(newTransforms) + spelled(newQuestions) + newOthers.keys : spelled(oldQuestions)))
    }

    /// C text with a function `k_NAME` for each.
    static func text(isNew: Bool) -> String {
        // 6.1 names the address space, 6.12 the mapping.
        var lines = ["#define PTERO_PUD_OWNER \(isNew ? "&ptero_vma" : "ptero_vma.vm_mm")"]
        func add(_ name: String, _ body: String) {
            lines.append(
                "unsigned long k_\(name)(pte_t *p, unsigned long a, unsigned long b, unsigned long c) { \(body) }")
        }
        for table in isNew ? [transforms, newTransforms] : [transforms] {
            for (level, names) in table {
                for name in names { add("\(level)_\(name)", "return \(level)_val(\(level)_\(name)(__\(level)(a)));") }
            }
        }
        for table in isNew ? [questions, newQuestions] : [questions, oldQuestions] {
            for (level, names) in table {
                for name in names { add("\(level)_\(name)", "return (unsigned long)\(level)_\(name)(__\(level)(a));") }
            }
        }
        for (name, body) in isNew ? others.merging(newOthers, uniquingKeysWith: { $1 }) : others { add(name, body) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The inline functions about entries that a tree's two pgtable.h define.
    static func inlineFunctions(ofSource source: String) throws -> Set<String> {
        var names: Set<String> = []
        for file in [
            "arch/x86/include/asm/pgtable.h", "arch/x86/include/asm/pgtable-invert.h", "include/linux/pgtable.h",
        ] {
            let text = try String(contentsOfFile: source + "/" + file, encoding: .utf8)
            let pattern = /(?m)^static (?:inline|__always_inline)[ \t]+[a-z_0-9 \t\n]*?[\s\*]([a-z_0-9]+)\(/
            for match in text.matches(of: pattern) {
                let name = String(match.output.1)
                if ["pte", "pmd", "pud", "pkru", "saveddirty", "protnone"].contains(where: name.contains) {
                    names.insert(name)
                }
            }
        }
        return names
    }
}
