/* Stands between kconfig.h and compiler_types.h: takes back configuration that only exists to patch code at run time,
 * or that checks what the exploration checks better. */
#undef CONFIG_PARAVIRT
#undef CONFIG_PARAVIRT_XXL
#undef CONFIG_PARAVIRT_SPINLOCKS
#undef CONFIG_PARAVIRT_DEBUG
#undef CONFIG_XEN_PV
#undef CONFIG_JUMP_LABEL
#undef CONFIG_HAVE_JUMP_LABEL_HACK
#undef CONFIG_PREEMPT_DYNAMIC
#undef CONFIG_HAVE_PREEMPT_DYNAMIC_CALL
#undef CONFIG_TRACEPOINTS
#undef CONFIG_DEBUG_VM
#undef CONFIG_DEBUG_LIST
#undef CONFIG_LIST_HARDENED
#undef CONFIG_DEBUG_LOCK_ALLOC
#undef CONFIG_MITIGATION_RETPOLINE
#undef CONFIG_RETPOLINE
/* Per-CPU data is read by inline assembly, under its own name. */
#undef CONFIG_USE_X86_SEG_SUPPORT
#undef CONFIG_CC_HAS_NAMED_AS
/* One lock for all page tables, in mm_struct: the tests have no struct page for a table. */
#undef CONFIG_SPLIT_PTLOCK_CPUS
#undef CONFIG_SPLIT_PTE_PTLOCKS
#undef CONFIG_SPLIT_PMD_PTLOCKS
#define CONFIG_SPLIT_PTLOCK_CPUS 100000000
/* The code is part of the kernel, not of a module: flush functions are declared for it only. */
#undef MODULE
