/* Entries, the lock, frames, and how entries are found. */
#ifndef TABLES_H
#define TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include "CTables.h"

/* What is not inlined keeps its counts in memory. */
#define always_inline	inline __attribute__((always_inline))

#define ENTRIES		512u
#define REFUSED		UINT64_MAX

#define PTE_P		(1ull << 0)
#define PTE_W		(1ull << 1)
#define PTE_U		(1ull << 2)
#define PTE_CACHE	0x98ull
#define PTE_A		(1ull << 5)
#define PTE_D		(1ull << 6)
#define PTE_PS		(1ull << 7)
#define PTE_G		(1ull << 8)
#define PTE_SOFTWARE	(1ull << 9)
#define PTE_NO_ACCESS	(1ull << 10)
#define PTE_UNLINKED	(1ull << 11)
#define PTE_FRAME	0x000ffffffffff000ull
#define PTE_KIND	(3ull << 52)
#define PTE_SHARED	(1ull << 52)
#define PTE_SHSTK	(2ull << 52)
#define PTE_MAY_WRITE	(1ull << 54)
#define PTE_SD		(1ull << 58)
#define PTE_KEY		(15ull << 59)
#define PTE_NX		(1ull << 63)
#define PTE_DIRTY	(PTE_D | PTE_SD)
#define PTE_ABSENCE	(PTE_P | PTE_SOFTWARE | PTE_NO_ACCESS | PTE_UNLINKED)

#define RIGHT_WRITE	1u
#define RIGHT_EXECUTE	2u
#define RIGHT_USER	4u
#define RIGHT_NONE	8u

/* Steps on live entries. */

static always_inline uint64_t load(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

static always_inline void store(uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

static always_inline uint64_t take(uint64_t *entry)
{
	return __atomic_exchange_n(entry, 0, __ATOMIC_ACQ_REL);
}

static always_inline void clear_present(uint64_t *entry)
{
	__atomic_fetch_and(entry, ~PTE_P, __ATOMIC_ACQ_REL);
}

static always_inline bool replace(uint64_t *entry, uint64_t *old, uint64_t value)
{
	return __atomic_compare_exchange_n(entry, old, value, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* The shootdown: nobody to ask, but the stores before it are in memory. */
static always_inline void shoot_down(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static always_inline void lock(struct c_space *space)
{
	while (__atomic_exchange_n(&space->lock, 1, __ATOMIC_ACQUIRE))
		;
}

static always_inline void unlock(struct c_space *space)
{
	__atomic_store_n(&space->lock, 0, __ATOMIC_RELEASE);
}

/* Values. */

static always_inline bool is_inaccessible(uint64_t entry)
{
	return (entry & PTE_ABSENCE) == PTE_NO_ACCESS;
}

static always_inline bool has_page(uint64_t entry)
{
	return entry & PTE_P || is_inaccessible(entry);
}

static always_inline bool is_software(uint64_t entry)
{
	return (entry & (PTE_P | PTE_SOFTWARE)) == PTE_SOFTWARE;
}

static always_inline bool is_unlinked(uint64_t entry)
{
	return (entry & PTE_ABSENCE) == PTE_UNLINKED;
}

static always_inline bool leads_to_table(uint64_t entry)
{
	return (entry & (PTE_P | PTE_PS)) == PTE_P;
}

static always_inline bool is_shadow_stack(uint64_t entry)
{
	return (entry & PTE_KIND) >= PTE_SHSTK;
}

static always_inline uint64_t with_access(uint64_t entry)
{
	return (entry & ~PTE_NO_ACCESS) | PTE_P;
}

/* D goes to SavedDirty where W=0. */
static always_inline uint64_t save_dirty(uint64_t entry)
{
	uint64_t read_only = ~(entry >> 1) & 1;

	return (entry | (entry >> 6 & read_only) << 58) & ~(read_only << 6);
}

/* SavedDirty goes to D where W=1. */
static always_inline uint64_t restore_dirty(uint64_t entry)
{
	uint64_t writable = entry >> 1 & 1;

	return (entry | (entry >> 58 & writable) << 6) & ~(writable << 58);
}

static always_inline uint64_t write_protected(uint64_t entry)
{
	return save_dirty(entry & ~PTE_W);
}

static always_inline uint64_t settled(uint64_t entry)
{
	return is_shadow_stack(entry) ? entry & ~PTE_W : save_dirty(restore_dirty(entry));
}

/* Frames. */

static always_inline uint64_t frame_of(uint64_t entry)
{
	return (entry & PTE_FRAME) >> 12;
}

static always_inline uint64_t *words_of(const struct c_space *space, uint64_t frame)
{
	return frame < space->pool.count ? space->pool.base + frame * ENTRIES : NULL;
}

static always_inline uint64_t *table_below(const struct c_space *space, uint64_t entry)
{
	return leads_to_table(entry) ? words_of(space, frame_of(entry)) : NULL;
}

/* An empty frame; 0 if there is none. */
static always_inline uint64_t allocate(struct c_space *space)
{
	uint64_t frame = *space->pool.free;
	uint64_t *words;

	if (!frame)
		return 0;
	words = words_of(space, frame);
	*space->pool.free = words[0];
	for (size_t i = 0; i < ENTRIES; i++)
		store(words + i, 0);
	return frame;
}

static always_inline void release(struct c_space *space, uint64_t frame)
{
	words_of(space, frame)[0] = *space->pool.free;
	*space->pool.free = frame;
}

/* Frames that were allocated before a change: a list through their first words. */

static always_inline bool reserve_frame(struct c_space *space, uint64_t *reserve)
{
	uint64_t frame = allocate(space);

	if (!frame)
		return false;
	words_of(space, frame)[0] = *reserve;
	*reserve = frame;
	return true;
}

static always_inline uint64_t take_reserved(const struct c_space *space, uint64_t *reserve)
{
	uint64_t frame = *reserve;
	uint64_t *words = words_of(space, frame);

	*reserve = words[0];
	words[0] = 0;
	return frame;
}

static always_inline void release_reserve(struct c_space *space, uint64_t reserve)
{
	while (reserve)
		release(space, take_reserved(space, &reserve));
}

/* Addresses. */

static always_inline uint64_t pages_per_entry(uint64_t level)
{
	return 1ull << 9 * (level - 1);
}

static always_inline uint64_t *entry_at(uint64_t *table, uint64_t address, uint64_t level)
{
	return table + (address >> (12 + 9 * (level - 1)) & (ENTRIES - 1));
}

static always_inline bool is_canonical(const struct c_space *space, uint64_t address)
{
	int64_t upper = (int64_t)address >> (space->levels == 4 ? 47 : 56);

	return upper == 0 || upper == -1;
}

static always_inline bool is_mine(const struct c_space *space, uint64_t address)
{
	return is_canonical(space, address) && (space->half == 2 || space->half == address >> 63);
}

static always_inline bool is_range(const struct c_space *space, uint64_t address, uint64_t pages)
{
	if (address & 4095 || !is_mine(space, address))
		return false;
	if (pages < 1 || pages > 1ull << (space->levels == 4 ? 35 : 44))
		return false;
	return (address + pages * 4096 - 1) >> 63 == address >> 63 && is_canonical(space, address + pages * 4096 - 1);
}

/* How many pages lie from an address to the end of what an entry covers, or of the range. */
static always_inline uint64_t pages_below(uint64_t address, uint64_t pages, uint64_t level)
{
	uint64_t left = pages_per_entry(level) - (address >> 12 & (pages_per_entry(level) - 1));

	return left < pages ? left : pages;
}

/* Where a walk ends. */
struct slot {
	uint64_t *entry;
	uint64_t level;
};

static always_inline struct slot find(const struct c_space *space, uint64_t address)
{
	uint64_t *table = words_of(space, space->root);
	uint64_t level = space->levels;

	while (level > 1) {
		uint64_t *next = table_below(space, load(entry_at(table, address, level)));

		if (!next)
			break;
		table = next;
		level--;
	}
	return (struct slot){ entry_at(table, address, level), level };
}

/* Consecutive entries of one table: leaves, or one entry above that leads to no table. */
struct run {
	uint64_t *entry;
	uint64_t count;
	uint64_t level;
	uint64_t address;
};

/* The rest of a range. */
struct range {
	uint64_t address;
	uint64_t pages;
};

static always_inline bool next_run(const struct c_space *space, struct range *rest, struct run *run)
{
	struct slot slot;
	uint64_t pages;

	if (!rest->pages)
		return false;
	slot = find(space, rest->address);
	pages = pages_below(rest->address, rest->pages, slot.level == 1 ? 2 : slot.level);
	*run = (struct run){ slot.entry, slot.level == 1 ? pages : 1, slot.level, rest->address };
	rest->address += pages * 4096;
	rest->pages -= pages;
	return true;
}

/* Whether a page at an address is in a range as a whole. */
static always_inline bool is_whole(const struct c_space *space, struct range range, uint64_t address)
{
	struct slot slot = find(space, address);
	uint64_t bytes = pages_per_entry(slot.level) * 4096;
	uint64_t start = address & ~(bytes - 1);

	if (slot.level == 1 || !has_page(load(slot.entry)))
		return true;
	return start >= range.address && start + (bytes - 4096) <= range.address + (range.pages - 1) * 4096;
}

static always_inline bool has_whole_ends(const struct c_space *space, struct range range)
{
	return is_whole(space, range, range.address) &&
	       is_whole(space, range, range.address + (range.pages - 1) * 4096);
}

/* Whether no page of a range is a shadow stack, nor cut in two. */
static always_inline bool is_ordinary(const struct c_space *space, struct range range)
{
	struct run run;

	if (!has_whole_ends(space, range))
		return false;
	while (next_run(space, &range, &run)) {
		for (size_t i = 0; i < run.count; i++) {
			uint64_t entry = load(run.entry + i);

			if (has_page(entry) && is_shadow_stack(entry))
				return false;
		}
	}
	return true;
}

/* Counts. */
struct summary {
	uint64_t pages;
	uint64_t dirty;
	uint64_t accessed;
	uint64_t software;
	uint64_t tables;
	uint64_t flushed;
};

static always_inline void note(struct summary *summary, uint64_t entry)
{
	summary->pages++;
	summary->dirty += (entry & PTE_DIRTY) != 0;
	summary->accessed += (entry & PTE_A) != 0;
}

/* One number of a summary, as the benchmark makes it of the library's. */
static always_inline uint64_t sum_of(struct summary s)
{
	return s.pages + 3 * s.dirty + 5 * s.accessed + 7 * s.software + 11 * s.tables + 13 * s.flushed;
}

/* What the benchmark adds up of a page that is reported. */
static always_inline uint64_t sum_of_page(uint64_t address, uint64_t entry)
{
	return address + frame_of(entry) + ((entry & PTE_DIRTY) != 0);
}

/* Steps that several operations take. */

/* Write-protects by a plain store where A=1 and D=1, else by a loop. */
static always_inline uint64_t write_protect_entry(uint64_t *entry)
{
	uint64_t old = load(entry);

	while (true) {
		if ((old & (PTE_A | PTE_D)) == (PTE_A | PTE_D)) {
			store(entry, write_protected(old));
			return old;
		}
		if (replace(entry, &old, write_protected(old)))
			return old;
	}
}

static always_inline uint64_t mark_clean(uint64_t *entry)
{
	uint64_t old = load(entry);

	while (!replace(entry, &old, old & ~PTE_DIRTY))
		;
	return old;
}

static always_inline bool test_and_clear_accessed(uint64_t *entry)
{
	if (!(load(entry) & PTE_A))
		return false;
	return __atomic_fetch_and(entry, ~PTE_A, __ATOMIC_ACQ_REL) & PTE_A;
}

/* Takes an entry, flushes, and gives it with what hardware set meanwhile. */
static always_inline uint64_t take_and_flush(uint64_t *entry)
{
	uint64_t old = take(entry);

	if (!(old & PTE_P))
		return old;
	shoot_down();
	return old | (take(entry) & (PTE_A | PTE_D));
}

/* Rights. */

static always_inline uint64_t changed(uint64_t entry, unsigned int rights)
{
	if (is_inaccessible(entry))
		entry = with_access(entry);
	entry = rights & RIGHT_USER ? entry | PTE_U : entry & ~PTE_U;
	entry = rights & RIGHT_EXECUTE ? entry & ~PTE_NX : entry | PTE_NX;
	entry = rights & RIGHT_WRITE ? entry | PTE_MAY_WRITE : entry & ~(PTE_MAY_WRITE | PTE_W);
	if ((entry & PTE_KIND) == PTE_SHARED && rights & RIGHT_WRITE)
		entry |= PTE_W;
	entry = settled(entry);
	return rights & RIGHT_NONE ? (write_protected(entry) & ~PTE_P) | PTE_NO_ACCESS : entry;
}

/* What a CPU may have cached and must not use any more. */
static always_inline bool needs_flush(uint64_t old, uint64_t new)
{
	const uint64_t either = PTE_W | PTE_U | PTE_CACHE | PTE_G | PTE_FRAME | PTE_KEY | PTE_NX;

	return old & PTE_P && ((old ^ new) & either || old & ~new & (PTE_P | PTE_D));
}

static always_inline uint64_t change_entry(uint64_t *entry, unsigned int rights, bool *flush)
{
	uint64_t old = load(entry);

	while (!replace(entry, &old, changed(old, rights)))
		;
	if (needs_flush(old, changed(old, rights)))
		*flush = true;
	return old;
}

#endif
