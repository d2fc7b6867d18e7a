/* Memory for a process without a C library: blocks of it, and what the compiler expects to be able to do with bytes.
   The names of the C library are given to these in CFront; under their own they can be tested beside it. */
#ifndef PTERO_CFRONTMEMORY_H
#define PTERO_CFRONTMEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "system_call.h"

/* A block of at least this many bytes, aligned to 16; null when there is no memory. Not for several threads. */
void *front_allocate(size_t length);

/* Gives a block back; null is none. */
void front_release(void *block);

/* As memcpy, memmove, memset and memcmp. */
void *front_copy(void *target, const void *source, size_t length);
void *front_move(void *target, const void *source, size_t length);
void *front_fill(void *target, int byte, size_t length);
int front_compare(const void *left, const void *right, size_t length);

/* 128 bits by halves. */
struct front_wide {
    uint64_t high, low;
};
struct front_division {
    struct front_wide quotient, remainder;
};

/* A division of 128 bits; by zero, all bits of the quotient are set. */
struct front_division front_divide(struct front_wide dividend, struct front_wide divisor);

#endif
