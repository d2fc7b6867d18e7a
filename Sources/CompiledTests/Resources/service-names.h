/* The services under the names that tests use; flush_tlb_page takes an address, or a mapping and an address. */
#define PTERO_PICK2(a, b, name, ...) name
#define flush_tlb_page(...) PTERO_PICK2(__VA_ARGS__, ptero_flush_vma_page, __ptero_call_flush_tlb_page, )(__VA_ARGS__)
#define flush_tlb_mm(...) __ptero_call_flush_tlb_mm()
#define flush_tlb_local(x) __ptero_call_flush_tlb_local(x)
#define spin_lock(l) __ptero_call_spin_lock(l)
#define spin_unlock(l) __ptero_call_spin_unlock(l)
#define set_page_dirty(x) __ptero_call_set_page_dirty(x)
#define clear_page_dirty(x) __ptero_call_clear_page_dirty(x)
#define page_dirty(x) __ptero_call_page_dirty(x)
#define writeback(x) __ptero_call_writeback(x)
#define reclaim(x) __ptero_call_reclaim(x)
#define free_frame(x) __ptero_call_free_frame(x)
#define free_table(t) __ptero_call_free_table(t)
#define tlb_remove_table_sync_one() __ptero_call_tlb_remove_table_sync_one()
#define synchronize_rcu() __ptero_call_synchronize_rcu()
/* The kernel's has an mm and a task, which are those of the CPU. */
#define enter_lazy_tlb(...) __ptero_call_enter_lazy_tlb()
/* Interrupts the CPU of this number, which runs its function P1_I, and waits until that is over. */
#define send_ipi(cpu) __ptero_call_send_ipi(cpu)
#define rcu_read_lock() __ptero_call_rcu_read_lock()
#define rcu_read_unlock() __ptero_call_rcu_read_unlock()
/* The size by way of a struct: a pointer to void has none. */
#define wait_for(l, v) __ptero_call_wait_for((l), (v), sizeof(struct { __typeof__(*(l)) variable; }))
/* The frame that an entry maps, through the direct map: accesses to it are not translated. */
#define ptero_frame(e) ((void *)(0xffff888000000000ul + (pte_val(e) & PTE_PFN_MASK)))
