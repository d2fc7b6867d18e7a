/* What the benchmark needs besides: filling tables, and comparing them. */
#include "tables.h"

int c_has_tables(struct c_space *space, uint64_t address, uint64_t pages)
{
	for (size_t i = 0; i < pages; i++) {
		if (find(space, address + i * 4096).level != 1)
			return 0;
	}
	return 1;
}

void c_fill(struct c_space *space, uint64_t address, uint64_t pages, uint64_t even, uint64_t odd)
{
	for (size_t i = 0; i < pages; i++) {
		uint64_t leaf = i & 1 ? odd : even;

		store(find(space, address + i * 4096).entry, leaf ? leaf + (i << 12) : 0);
	}
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 29;
}

static uint64_t mix_table(const struct c_space *space, uint64_t *table, uint64_t level, uint64_t hash)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		uint64_t entry = load(table + i);
		uint64_t *next = level > 1 ? table_below(space, entry) : NULL;

		hash = mix(hash, next ? entry & ~PTE_FRAME : entry);
		if (next)
			hash = mix_table(space, next, level - 1, hash);
	}
	return hash;
}

uint64_t c_fingerprint(const struct c_space *space)
{
	uint64_t free = 0;

	for (uint64_t frame = *space->pool.free; frame; frame = words_of(space, frame)[0])
		free++;
	return mix_table(space, words_of(space, space->root), space->levels, free);
}
