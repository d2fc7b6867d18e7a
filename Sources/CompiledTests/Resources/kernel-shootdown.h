/* What arch/x86/mm/tlb.c rests on where it runs itself: the state of each CPU when it has loaded the process's address space,
 * and calls of functions on other CPUs. PTERO_SHOOTDOWN_CPUS is the number of CPUs of the test. */
extern char __ptero_process_root[], __ptero_kernel_root[];

/* The CPUs that are in the mask of the address space; a test can say which, -DPTERO_SHOOTDOWN_MASK=4. */
#ifndef PTERO_SHOOTDOWN_MASK
#define PTERO_SHOOTDOWN_MASK ((1ul << PTERO_SHOOTDOWN_CPUS) - 1)
#endif
/* All CPUs have loaded it, as the first process: address space identifier 0, context 2, generation 1. */
static struct mm_struct ptero_mm __attribute__((unused)) = {
	.pgd = (void *)__ptero_process_root,
	.context = { .ctx_id = 2, .tlb_gen = ATOMIC64_INIT(1) },
	.cpu_bitmap = {
		[0] = PTERO_SHOOTDOWN_MASK, [BITS_TO_LONGS(NR_CPUS) - 1 + (NR_CPUS <= BITS_PER_LONG)] = 0 } };
/* The kernel's own, which has no user pages (mm/init-mm.c); context 1. */
struct mm_struct init_mm = { .pgd = (void *)__ptero_kernel_root, .context = { .ctx_id = 1, .tlb_gen = ATOMIC64_INIT(1) } };
/* arch/x86/mm/init.c and what switch_mm_irqs_off() has made of it. */
DEFINE_PER_CPU_ALIGNED(struct tlb_state, cpu_tlbstate) = {
	.loaded_mm = &ptero_mm, .next_asid = 1, .ctxs = { [0] = { .ctx_id = 2, .tlb_gen = 1 } } };

/* Those that are there (kernel/cpu.c). */
struct cpumask __cpu_online_mask = { { (1ul << PTERO_SHOOTDOWN_CPUS) - 1 } };

/* kernel/smp.c, written anew: who is called by whom and with what, and the interrupts. A caller notes all its calls, sends one
 * interrupt after another, each of which it waits for, and then makes its own call. A called CPU takes all calls that are
 * there, as it does in flush_smp_call_function_queue(); the kernel waits after its own call, not before. All calls of a test are
 * of one function, the one that its P1_I names. */
static struct ptero_call {
	void *info;
	unsigned long is_there;
} ptero_calls[PTERO_SHOOTDOWN_CPUS][PTERO_SHOOTDOWN_CPUS];
PTERO_STAND_IN void on_each_cpu_cond_mask(smp_cond_func_t condition, smp_call_func_t function, void *info, bool wait, const struct cpumask *mask)
{
	int cpu, self = raw_smp_processor_id();
	unsigned long called = 0, flags;

	for (cpu = 0; cpu < PTERO_SHOOTDOWN_CPUS; cpu++) {
		if (cpu == self || !cpumask_test_cpu(cpu, mask) || (condition && !condition(cpu, info)))
			continue;
		WRITE_ONCE(ptero_calls[cpu][self].info, info);
		WRITE_ONCE(ptero_calls[cpu][self].is_there, 1);
		called |= 1ul << cpu;
	}
	for (cpu = 0; cpu < PTERO_SHOOTDOWN_CPUS; cpu++)
		if (called & 1ul << cpu)
			__ptero_call_send_ipi(cpu);
	if (cpumask_test_cpu(self, mask) && (!condition || condition(self, info))) {
		local_irq_save(flags);
		function(info);
		local_irq_restore(flags);
	}
}
/* The handler of such interrupts, for a test's P1_I. */
static __always_inline void ptero_take_calls(smp_call_func_t function)
{
	int caller, self = raw_smp_processor_id();

	for (caller = 0; caller < PTERO_SHOOTDOWN_CPUS; caller++) {
		if (READ_ONCE(ptero_calls[self][caller].is_there)) {
			WRITE_ONCE(ptero_calls[self][caller].is_there, 0);
			function(READ_ONCE(ptero_calls[self][caller].info));
		}
	}
}

/* lib/find_bit.c for so few CPUs. */
unsigned long _find_next_bit(const unsigned long *bits, unsigned long size, unsigned long start)
{
	unsigned long rest = start < PTERO_SHOOTDOWN_CPUS ? READ_ONCE(*bits) & ~0ul << start & ((1ul << PTERO_SHOOTDOWN_CPUS) - 1) : 0;

	return rest ? __ffs(rest) : size;
}
unsigned long _find_first_bit(const unsigned long *bits, unsigned long size) { return _find_next_bit(bits, size, 0); }
