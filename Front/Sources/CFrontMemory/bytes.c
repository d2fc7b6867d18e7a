/* Copying, filling and comparing bytes. Short lengths, which nearly all are, take a few overlapping accesses: everything is
   read before anything is written, so that it does not matter where the two places lie. */
#include "CFrontMemory.h"

#include <stdint.h>

typedef uint64_t word __attribute__((aligned(1), may_alias));
typedef uint32_t half __attribute__((aligned(1), may_alias));
typedef uint16_t quarter __attribute__((aligned(1), may_alias));
typedef uint64_t block __attribute__((vector_size(16), aligned(1), may_alias));
typedef unsigned char byte;

#define LOAD(type, place) (*(const type *)(place))
#define STORE(type, place, value) (*(type *)(place) = (value))

/* At most 32 bytes. */
static void move_short(byte *target, const byte *source, size_t length) {
    if (length > 16) {
        block first = LOAD(block, source), last = LOAD(block, source + length - 16);
        STORE(block, target, first);
        STORE(block, target + length - 16, last);
    } else if (length >= 8) {
        word first = LOAD(word, source), last = LOAD(word, source + length - 8);
        STORE(word, target, first);
        STORE(word, target + length - 8, last);
    } else if (length >= 4) {
        half first = LOAD(half, source), last = LOAD(half, source + length - 4);
        STORE(half, target, first);
        STORE(half, target + length - 4, last);
    } else if (length >= 2) {
        quarter first = LOAD(quarter, source), last = LOAD(quarter, source + length - 2);
        STORE(quarter, target, first);
        STORE(quarter, target + length - 2, last);
    } else if (length == 1) {
        *target = *source;
    }
}

/* More than 32 bytes; the target begins before the source or apart from it. */
static void move_up(byte *target, const byte *source, size_t length) {
    block last = LOAD(block, source + length - 16);
    for (size_t done = 0; done < length - 16; done += 16) {
        block next = LOAD(block, source + done);
        STORE(block, target + done, next);
    }
    STORE(block, target + length - 16, last);
}

/* More than 32 bytes; the target begins inside the source. */
static void move_down(byte *target, const byte *source, size_t length) {
    block first = LOAD(block, source);
    for (size_t left = length; left > 16; left -= 16) {
        block next = LOAD(block, source + left - 16);
        STORE(block, target + left - 16, next);
    }
    STORE(block, target, first);
}

void *front_move(void *target, const void *source, size_t length) {
    if (length <= 32) {
        move_short(target, source, length);
    } else if ((uintptr_t)target - (uintptr_t)source < length) {
        move_down(target, source, length);
    } else {
        move_up(target, source, length);
    }
    return target;
}

void *front_copy(void *target, const void *source, size_t length) {
    if (length <= 32) {
        move_short(target, source, length);
    } else {
        move_up(target, source, length);
    }
    return target;
}

void *front_fill(void *target, int value, size_t length) {
    byte *place = target;
    word pattern = (byte)value * (word)0x0101010101010101;
    if (length >= 16) {
        block wide = {pattern, pattern};
        for (size_t done = 0; done < length - 16; done += 16) STORE(block, place + done, wide);
        STORE(block, place + length - 16, wide);
    } else if (length >= 8) {
        STORE(word, place, pattern);
        STORE(word, place + length - 8, pattern);
    } else {
        for (size_t done = 0; done < length; done++) place[done] = (byte)value;
    }
    return target;
}

int front_compare(const void *left, const void *right, size_t length) {
    const byte *one = left, *other = right;
    size_t done = 0;
    while (done + 8 <= length && LOAD(word, one + done) == LOAD(word, other + done)) done += 8;
    for (; done < length; done++) {
        if (one[done] != other[done]) return one[done] < other[done] ? -1 : 1;
    }
    return 0;
}
