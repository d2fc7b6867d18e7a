/* The one instruction that asks the kernel for something (syscall(2), x86-64). */
#ifndef PTERO_SYSTEM_CALL_H
#define PTERO_SYSTEM_CALL_H

/* The kernel's answer: an error is its negative number. */
static inline long system_call(long number, long a, long b, long c, long d, long e, long f) {
    long answer;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(answer)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return answer;
}

#endif
