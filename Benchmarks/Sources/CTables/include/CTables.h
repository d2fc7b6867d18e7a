/*
 * Plain C that does what AddressSpace does, to the same tables: the other side of AddressSpaceBenchmark.
 *
 * Each function runs one operation for each of a number of pages, or once for a range, and gives a sum that
 * depends on all answers. -1 stands for a refusal.
 */
#ifndef CTABLES_H
#define CTABLES_H

#include <stdint.h>

/* Frames side by side; the free ones are a list through their first words. */
struct c_pool {
	uint64_t *base;
	uint64_t count;
	/* The number of the first free frame, 0 for none. */
	uint64_t *free;
};

struct c_space {
	struct c_pool pool;
	uint64_t root;
	/* 4 or 5. */
	uint64_t levels;
	/* 0 the lower half of the addresses, 1 the upper, 2 both. */
	uint8_t half;
	uint8_t lock;
};

/* Single pages: one operation for each of a number of pages. */
uint64_t c_walk(struct c_space *space, uint64_t address, uint64_t pages);
uint64_t c_glimpse(struct c_space *space, uint64_t address, uint64_t pages);
uint64_t c_map_unmap(struct c_space *space, uint64_t address, uint64_t pages, uint64_t leaf);
uint64_t c_protect_each(struct c_space *space, uint64_t address, uint64_t pages, unsigned int rights);
uint64_t c_write_fault(struct c_space *space, uint64_t address, uint64_t pages, uint64_t shared_frame);
uint64_t c_break_cow(struct c_space *space, uint64_t address, uint64_t pages, uint64_t expected, uint64_t frame);
uint64_t c_clean_each(struct c_space *space, uint64_t address, uint64_t pages);
uint64_t c_harvest_accessed_each(struct c_space *space, uint64_t address, uint64_t pages);

/* Ranges: one operation. */
uint64_t c_map(struct c_space *space, uint64_t address, uint64_t pages, uint64_t leaf);
uint64_t c_unmap(struct c_space *space, uint64_t address, uint64_t pages);
uint64_t c_protect(struct c_space *space, uint64_t address, uint64_t pages, unsigned int rights);
uint64_t c_write_protect(struct c_space *space, uint64_t address, uint64_t pages);
uint64_t c_clean(struct c_space *space, uint64_t address, uint64_t pages);
uint64_t c_harvest_accessed(struct c_space *space, uint64_t address, uint64_t pages);
uint64_t c_harvest_dirty(struct c_space *space, uint64_t address, uint64_t pages);
uint64_t c_for_each_page(struct c_space *space, uint64_t address, uint64_t pages);
uint64_t c_fork(struct c_space *parent, struct c_space *child);
uint64_t c_fork_leaves(uint64_t *source, uint64_t *destination, uint64_t tables);

/* For the benchmark itself. */

/* Whether every page of a range has a table of leaves; 1 or 0. */
int c_has_tables(struct c_space *space, uint64_t address, uint64_t pages);
/* Writes leaves into tables that are there: `even` for pages 0, 2, 4 and so on, `odd` for the others, each with
 * consecutive frames from its own on; 0 stays 0. */
void c_fill(struct c_space *space, uint64_t address, uint64_t pages, uint64_t even, uint64_t odd);
/* A number that depends on every word of the tables but the numbers of their frames, and on how many frames are
 * free. */
uint64_t c_fingerprint(const struct c_space *space);

#endif
