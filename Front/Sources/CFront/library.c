/* What Swift's embedded library and the compiler expect of a C library, by the names that it has there. */
#include <stddef.h>

#include "CFront.h"
#include "CFrontMemory.h"

/* A search that outgrows the machine's memory is not for the front. */
static void *allocate(size_t length) {
    void *block = front_allocate(length);
    if (!block) front_hand_over();
    return block;
}

void *malloc(size_t length) { return allocate(length); }
void free(void *block) { front_release(block); }

int posix_memalign(void **block, size_t alignment, size_t length) {
    /* Swift aligns nothing to more than 16 bytes. */
    if (alignment > 16) front_hand_over();
    *block = allocate(length);
    return 0;
}

void *memcpy(void *target, const void *source, size_t length) { return front_copy(target, source, length); }
void *memmove(void *target, const void *source, size_t length) { return front_move(target, source, length); }
void *memset(void *target, int byte, size_t length) { return front_fill(target, byte, length); }
int memcmp(const void *left, const void *right, size_t length) { return front_compare(left, right, length); }
int bcmp(const void *left, const void *right, size_t length) { return front_compare(left, right, length); }

size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length]) length++;
    return length;
}

/* struct timespec is two words. */
int clock_gettime(int clock, long *now) { return (int)system_call(228, clock, (long)now, 0, 0, 0, 0); }

/* Seeds of hash tables: the same on every run, so that every run is the same. */
void arc4random_buf(void *bytes, size_t length) { front_fill(bytes, 0x5a, length); }

/* Numbers of this size have no fraction. */
static int is_whole(double value) { return !(value > -4503599627370496.0 && value < 4503599627370496.0); }

double ceil(double value) {
    if (is_whole(value)) return value;
    double lower = (double)(long)value;
    return lower < value ? lower + 1 : lower;
}

double round(double value) {
    if (is_whole(value)) return value;
    return value < 0 ? -(double)(long)(0.5 - value) : (double)(long)(value + 0.5);
}

_Noreturn void abort(void) { __builtin_trap(); }
_Noreturn void __stack_chk_fail(void) { __builtin_trap(); }

/* What Swift's `print` writes with; nothing of ours prints that way, but code that is not optimised mentions it. */
int putchar(int byte) {
    char text = (char)byte;
    return front_write(1, &text, 1) == 0 ? byte : -1;
}

/* The compiler's division of 128 bits, by the names that it has in libgcc. */
typedef unsigned __int128 wide;

static wide joined(struct front_wide value) { return (wide)value.high << 64 | value.low; }

static struct front_division divide(wide dividend, wide divisor) {
    struct front_wide from = {(uint64_t)(dividend >> 64), (uint64_t)dividend};
    struct front_wide by = {(uint64_t)(divisor >> 64), (uint64_t)divisor};
    return front_divide(from, by);
}

wide __udivti3(wide dividend, wide divisor) { return joined(divide(dividend, divisor).quotient); }
wide __umodti3(wide dividend, wide divisor) { return joined(divide(dividend, divisor).remainder); }
