/* Kernel services (the table in the documentation of the test language). */
void __ptero_call_flush_tlb_page(const volatile void *x);
void __ptero_call_flush_tlb_mm(void);
void __ptero_call_flush_tlb_local(const volatile void *x);
void __ptero_call_flush_tlb_range(unsigned long start, unsigned long end, unsigned long stride_shift, unsigned long root);
void __ptero_call_spin_lock(volatile void *l);
void __ptero_call_spin_unlock(volatile void *l);
void __ptero_call_set_page_dirty(const volatile void *x);
void __ptero_call_clear_page_dirty(const volatile void *x);
long __ptero_call_page_dirty(const volatile void *x);
void __ptero_call_writeback(const volatile void *x);
void __ptero_call_reclaim(const volatile void *x);
void __ptero_call_free_frame(const volatile void *x);
void __ptero_call_free_table(const volatile void *t);
void __ptero_call_tlb_remove_table_sync_one(void);
void __ptero_call_synchronize_rcu(void);
void __ptero_call_rcu_read_lock(void);
void __ptero_call_rcu_read_unlock(void);
void __ptero_call_wait_for(const volatile void *l, unsigned long v, unsigned long bytes);
