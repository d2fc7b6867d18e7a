/* Blocks of memory by size class, each class with a list of blocks that were given back. A process that lives for some
   milliseconds needs no more: memory is taken from the system in large pieces and never returned. */
#include "CFrontMemory.h"

#include <stdint.h>

/* Before each block: its class, and room that keeps the block aligned. */
#define HEAD 16
/* Classes up to 512 bytes are 16 bytes apart, up to 4096 they are 128 bytes apart, and from there on each is twice the one
   before: a page that is touched costs more than most of what is done with it. */
#define FINE 32
#define MIDDLE 28
#define CLASSES (FINE + MIDDLE + 20)
/* What is asked of the system at a time, unless a block needs more. */
#define PIECE ((size_t)1 << 20)

static void *given_back[CLASSES];
static char *next_free, *piece_end;

static unsigned class_of(size_t length) {
    if (length <= 512) return length == 0 ? 0 : (unsigned)((length - 1) / 16);
    if (length <= 4096) return FINE + (unsigned)((length - 513) / 128);
    return FINE + MIDDLE + (unsigned)(64 - __builtin_clzll(length - 1)) - 13;
}

static size_t length_of(unsigned class) {
    if (class < FINE) return (class + 1) * (size_t)16;
    if (class < FINE + MIDDLE) return 512 + (class - FINE + 1) * (size_t)128;
    return (size_t)4096 << (class - FINE - MIDDLE + 1);
}

/* Memory from the system, page by page as it is touched (mmap(2): private, anonymous, readable and writable). */
static void *new_piece(size_t length) {
    long place = system_call(9, 0, (long)length, 3, 0x22, -1, 0);
    return place < 0 && place > -4096 ? NULL : (void *)place;
}

void *front_allocate(size_t length) {
    if (length > (size_t)1 << 32) return NULL;
    unsigned class = class_of(length);
    if (class < CLASSES && given_back[class]) {
        void *block = given_back[class];
        given_back[class] = *(void **)block;
        return block;
    }
    if (class >= CLASSES) return NULL;
    size_t whole = length_of(class) + HEAD;
    if ((size_t)(piece_end - next_free) < whole) {
        size_t piece = whole > PIECE ? whole : PIECE;
        char *memory = new_piece(piece);
        if (!memory) return NULL;
        next_free = memory;
        piece_end = memory + piece;
    }
    char *block = next_free + HEAD;
    *(uint64_t *)next_free = class;
    next_free += whole;
    return block;
}

void front_release(void *block) {
    if (!block) return;
    unsigned class = (unsigned)*(uint64_t *)((char *)block - HEAD);
    *(void **)block = given_back[class];
    given_back[class] = block;
}
