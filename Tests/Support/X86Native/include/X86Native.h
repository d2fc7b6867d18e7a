/* Runs single instructions on the processor that the tests run on, to compare Ptero's semantics with it.
 * On anything but x86-64 the table is empty. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What an instruction sees and leaves, as one array of words that the assembly in native.c knows:
 * general registers in the processor's numbering (15 is not loaded, it holds the array's address), RFLAGS, scratch. */
enum { X86_NATIVE_FLAGS = 16, X86_NATIVE_HOST_STACK = 17, X86_NATIVE_CODE = 18, X86_NATIVE_WORDS = 19 };

/* One instruction: its AT&T text, and the native code of it. */
struct X86NativeForm {
    const char *text;
    const void *code;
};

/* The forms; *count receives how many there are. */
const struct X86NativeForm *x86_native_forms(size_t *count);

/* Loads registers and flags from the state, executes the form, stores registers and flags. */
void x86_native_run(uint64_t *state, const struct X86NativeForm *form);

/* 1 if tzcnt, lzcnt and popcnt are what this processor executes for their bytes (CPUID BMI1, ABM, POPCNT). */
int x86_native_counts_bits(void);

/* The first byte in which two memories of this size differ, or -1. (A loop over bytes in an unoptimised test is slow.) */
ptrdiff_t x86_native_difference(const void *left, const void *right, size_t size);
