/* Operations on single pages, one for each of a number of pages. */
#include "tables.h"

static always_inline uint64_t size_mask(uint64_t level)
{
	return pages_per_entry(level) * 4096 - 1;
}

/* The physical address of a page, as the benchmark adds it up. */
static always_inline uint64_t physical(uint64_t entry, uint64_t level, uint64_t address)
{
	return (entry & PTE_FRAME & ~size_mask(level)) | (address & size_mask(level));
}

static always_inline uint64_t walk(struct c_space *space, uint64_t address)
{
	struct slot slot;
	uint64_t entry;

	if (!is_mine(space, address))
		return REFUSED;
	lock(space);
	slot = find(space, address);
	entry = load(slot.entry);
	unlock(space);
	return entry & PTE_P ? physical(entry, slot.level, address) : REFUSED;
}

uint64_t c_walk(struct c_space *space, uint64_t address, uint64_t pages)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < pages; i++)
		sum += walk(space, address + i * 4096);
	return sum;
}

static always_inline uint64_t glimpse(struct c_space *space, uint64_t address)
{
	uint64_t *table = words_of(space, space->root);
	uint64_t level = space->levels;

	if (!is_canonical(space, address))
		return REFUSED;
	while (true) {
		uint64_t entry = load(entry_at(table, address, level));
		uint64_t *next = level > 1 ? table_below(space, entry) : NULL;

		if (!next)
			return entry & PTE_P && level <= 3 ? physical(entry, level, address) : REFUSED;
		table = next;
		level--;
	}
}

uint64_t c_glimpse(struct c_space *space, uint64_t address, uint64_t pages)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < pages; i++)
		sum += glimpse(space, address + i * 4096);
	return sum;
}

/* A page into a table that is there; where none is, the range's way would be taken. */
static always_inline bool map_one(struct c_space *space, uint64_t address, uint64_t leaf)
{
	struct slot slot;
	bool is_free;

	if (!is_range(space, address, 1) || frame_of(leaf) >= 1ull << 40)
		return false;
	lock(space);
	slot = find(space, address);
	is_free = slot.level == 1 && !load(slot.entry);
	if (is_free)
		store(slot.entry, leaf);
	unlock(space);
	return is_free;
}

static always_inline uint64_t unmap_one(struct c_space *space, uint64_t address)
{
	struct summary summary = { 0 };
	struct slot slot;
	uint64_t entry, sum = 0;

	if (!is_range(space, address, 1))
		return REFUSED;
	lock(space);
	slot = find(space, address);
	entry = load(slot.entry);
	if (slot.level != 1 && has_page(entry)) {
		unlock(space);
		return REFUSED;
	}
	if (entry & PTE_P) {
		clear_present(slot.entry);
		shoot_down();
		summary.flushed = 1;
	}
	entry = load(slot.entry);
	if (is_software(entry)) {
		store(slot.entry, 0);
		summary.software++;
	} else if (entry) {
		entry = with_access(take(slot.entry));
		note(&summary, entry);
		sum = sum_of_page(address, entry);
	}
	unlock(space);
	return sum + sum_of(summary);
}

uint64_t c_map_unmap(struct c_space *space, uint64_t address, uint64_t pages, uint64_t leaf)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < pages; i++) {
		if (!map_one(space, address + i * 4096, leaf))
			return REFUSED;
		sum += unmap_one(space, address + i * 4096);
	}
	return sum;
}

static always_inline uint64_t protect_one(struct c_space *space, uint64_t address, unsigned int rights)
{
	struct summary summary = { 0 };
	struct slot slot;
	uint64_t entry, result = REFUSED;
	bool flush = false;

	if (!is_range(space, address, 1))
		return REFUSED;
	lock(space);
	slot = find(space, address);
	entry = load(slot.entry);
	if (!has_page(entry) || (slot.level == 1 && !is_shadow_stack(entry))) {
		if (has_page(entry))
			note(&summary, change_entry(slot.entry, rights, &flush));
		if (flush) {
			shoot_down();
			summary.flushed = 1;
		}
		result = sum_of(summary);
	}
	unlock(space);
	return result;
}

uint64_t c_protect_each(struct c_space *space, uint64_t address, uint64_t pages, unsigned int rights)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < pages; i++)
		sum += protect_one(space, address + i * 4096, rights);
	return sum;
}

/* What a write by a user's code comes to. */
enum outcome { SPURIOUS = 1, MADE_WRITABLE = 2, TO_COPY = 3, FORBIDDEN = 4, NOT_MAPPED = 5, SOFTWARE = 6 };

static always_inline void give_write(uint64_t *live)
{
	uint64_t old = load(live);

	while (true) {
		uint64_t new = restore_dirty(old | PTE_W | PTE_A | PTE_D);

		if (new == old || replace(live, &old, new))
			return;
	}
}

static always_inline enum outcome resolve(uint64_t *live, uint64_t shared_frame)
{
	uint64_t entry = load(live);

	if (!(entry & PTE_P)) {
		if (is_inaccessible(entry))
			return FORBIDDEN;
		return is_software(entry) ? SOFTWARE : NOT_MAPPED;
	}
	if (!(entry & PTE_U) || !(entry & PTE_MAY_WRITE) || is_shadow_stack(entry))
		return FORBIDDEN;
	if (entry & PTE_W)
		return SPURIOUS;
	if ((entry & PTE_KIND) != PTE_SHARED && frame_of(entry) == shared_frame)
		return TO_COPY;
	give_write(live);
	return MADE_WRITABLE;
}

static always_inline enum outcome write_fault(struct c_space *space, uint64_t address, uint64_t shared_frame)
{
	enum outcome outcome;

	if (!is_mine(space, address))
		return FORBIDDEN;
	lock(space);
	outcome = resolve(find(space, address).entry, shared_frame);
	unlock(space);
	return outcome;
}

uint64_t c_write_fault(struct c_space *space, uint64_t address, uint64_t pages, uint64_t shared_frame)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < pages; i++)
		sum += write_fault(space, address + i * 4096, shared_frame);
	return sum;
}

static always_inline uint64_t copied(uint64_t entry, uint64_t frame)
{
	if (!is_shadow_stack(entry))
		entry |= PTE_W;
	entry = (entry & ~(PTE_SD | PTE_FRAME)) | PTE_A | PTE_D | frame << 12;
	return settled(entry);
}

static always_inline uint64_t break_cow(struct c_space *space, uint64_t address, uint64_t expected, uint64_t frame)
{
	struct slot slot;
	uint64_t entry, result = REFUSED;

	if (!is_range(space, address, 1))
		return REFUSED;
	lock(space);
	slot = find(space, address);
	entry = load(slot.entry);
	if (entry & PTE_P && !((entry ^ expected) & ~PTE_A) && (entry & PTE_KIND) != PTE_SHARED &&
	    entry & PTE_MAY_WRITE && !(frame & (pages_per_entry(slot.level) - 1))) {
		result = sum_of_page(address, take_and_flush(slot.entry));
		store(slot.entry, copied(entry, frame));
	}
	unlock(space);
	return result;
}

uint64_t c_break_cow(struct c_space *space, uint64_t address, uint64_t pages, uint64_t expected, uint64_t frame)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < pages; i++)
		sum += break_cow(space, address + i * 4096, expected + (i << 12), frame + i);
	return sum;
}

static always_inline uint64_t clean_one(struct c_space *space, uint64_t address)
{
	struct slot slot;
	uint64_t entry, result = REFUSED;

	if (!is_range(space, address, 1))
		return REFUSED;
	lock(space);
	slot = find(space, address);
	entry = load(slot.entry);
	if (entry & PTE_P && slot.level == 1 && !is_shadow_stack(entry)) {
		if (entry & (PTE_W | PTE_D)) {
			write_protect_entry(slot.entry);
			shoot_down();
		}
		result = (load(slot.entry) & PTE_DIRTY) != 0;
		if (result)
			mark_clean(slot.entry);
	}
	unlock(space);
	return result;
}

uint64_t c_clean_each(struct c_space *space, uint64_t address, uint64_t pages)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < pages; i++)
		sum += clean_one(space, address + i * 4096);
	return sum;
}

static always_inline uint64_t harvest_one(struct c_space *space, uint64_t address)
{
	struct slot slot;
	uint64_t entry, result = 0;

	if (!is_range(space, address, 1))
		return REFUSED;
	lock(space);
	slot = find(space, address);
	entry = load(slot.entry);
	if (slot.level != 1 && has_page(entry))
		result = REFUSED;
	else if (entry & PTE_P && test_and_clear_accessed(slot.entry))
		result = address + 1;
	unlock(space);
	return result;
}

uint64_t c_harvest_accessed_each(struct c_space *space, uint64_t address, uint64_t pages)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < pages; i++)
		sum += harvest_one(space, address + i * 4096);
	return sum;
}
