/* The frame around a form, and the table of forms. */
#include "X86Native.h"

#include <string.h>

ptrdiff_t x86_native_difference(const void *left, const void *right, size_t size) {
    if (memcmp(left, right, size) == 0) return -1;
    size_t offset = 0;
    while (((const char *)left)[offset] == ((const char *)right)[offset]) offset++;
    return (ptrdiff_t)offset;
}

#if defined(__x86_64__)

enum { MAXIMUM_FORMS = 2048 };

static struct X86NativeForm table[MAXIMUM_FORMS];
static size_t table_count;

#if defined(__APPLE__)
#define SYMBOL(name) "_" #name
#else
#define SYMBOL(name) #name
#endif

/* r15 holds the state from entry to leave. Flags are loaded by popfq before the registers (mov keeps them) and read
 * after the host's stack is back, because a form may move rsp. */
__asm__(".text\n"
        ".p2align 4\n" SYMBOL(x86_native_enter) ":\n"
        "pushq %rbx\n pushq %rbp\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
        "movq %rdi,%r15\n"
        "pushq 128(%r15)\n popfq\n"
        "movq %rsp,136(%r15)\n"
        "movq 0(%r15),%rax\n movq 8(%r15),%rcx\n movq 16(%r15),%rdx\n movq 24(%r15),%rbx\n"
        "movq 32(%r15),%rsp\n movq 40(%r15),%rbp\n movq 48(%r15),%rsi\n movq 56(%r15),%rdi\n"
        "movq 64(%r15),%r8\n movq 72(%r15),%r9\n movq 80(%r15),%r10\n movq 88(%r15),%r11\n"
        "movq 96(%r15),%r12\n movq 104(%r15),%r13\n movq 112(%r15),%r14\n"
        "jmp *144(%r15)\n"
        ".globl " SYMBOL(x86_native_leave) "\n" SYMBOL(x86_native_leave) ":\n"
        "movq %rax,0(%r15)\n movq %rcx,8(%r15)\n movq %rdx,16(%r15)\n movq %rbx,24(%r15)\n"
        "movq %rsp,32(%r15)\n movq %rbp,40(%r15)\n movq %rsi,48(%r15)\n movq %rdi,56(%r15)\n"
        "movq %r8,64(%r15)\n movq %r9,72(%r15)\n movq %r10,80(%r15)\n movq %r11,88(%r15)\n"
        "movq %r12,96(%r15)\n movq %r13,104(%r15)\n movq %r14,112(%r15)\n"
        "movq 136(%r15),%rsp\n"
        "pushfq\n popq 128(%r15)\n cld\n"
        "popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbp\n popq %rbx\n"
        "ret\n");

void x86_native_enter(uint64_t *state);

_Static_assert(X86_NATIVE_FLAGS * 8 == 128 && X86_NATIVE_HOST_STACK * 8 == 136 && X86_NATIVE_CODE * 8 == 144,
               "the assembly above knows the offsets");

static void add(const char *text, const void *code) {
    if (table_count < MAXIMUM_FORMS) table[table_count++] = (struct X86NativeForm){text, code};
}

/* The form's code lies in the middle of the function that fills the table, which jumps over it and takes its address. */
#define FORM(text)                                                                                                   \
    do {                                                                                                             \
        const void *code;                                                                                            \
        __asm__ volatile("leaq 771f(%%rip),%0\n jmp 772f\n771: " text "\n jmp " SYMBOL(x86_native_leave) "\n772:"      \
                         : "=r"(code));                                                                              \
        add(text, code);                                                                                             \
    } while (0)

#include "forms.h"

const struct X86NativeForm *x86_native_forms(size_t *count) {
    if (table_count == 0) {
        fill_arithmetic();
        fill_bits();
        fill_movement();
        fill_memory();
    }
    *count = table_count;
    return table;
}

void x86_native_run(uint64_t *state, const struct X86NativeForm *form) {
    state[X86_NATIVE_CODE] = (uint64_t)form->code;
    x86_native_enter(state);
}

int x86_native_counts_bits(void) {
    return __builtin_cpu_supports("bmi") && __builtin_cpu_supports("lzcnt") && __builtin_cpu_supports("popcnt");
}

#else

int x86_native_counts_bits(void) { return 0; }

const struct X86NativeForm *x86_native_forms(size_t *count) {
    *count = 0;
    return NULL;
}

void x86_native_run(uint64_t *state, const struct X86NativeForm *form) {
    (void)state;
    (void)form;
}

#endif
