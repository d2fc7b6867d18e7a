/* fork(). */
#include "tables.h"

static always_inline bool fork_leaf(uint64_t *source, uint64_t *destination)
{
	uint64_t entry = load(source);
	bool is_protected = false;

	if (!entry)
		return false;
	if (entry & PTE_P) {
		if ((entry & PTE_KIND) == PTE_SHARED) {
			entry &= ~PTE_DIRTY;
		} else {
			if (entry & (PTE_W | PTE_D)) {
				entry = write_protect_entry(source);
				is_protected = true;
			}
			entry = write_protected(entry);
		}
		entry &= ~PTE_A;
	}
	store(destination, entry);
	return is_protected;
}

static always_inline bool fork_leaves(uint64_t *source, uint64_t *destination)
{
	bool is_protected = false;

	for (size_t i = 0; i < ENTRIES; i++) {
		if (fork_leaf(source + i, destination + i))
			is_protected = true;
	}
	return is_protected;
}

uint64_t c_fork_leaves(uint64_t *source, uint64_t *destination, uint64_t tables)
{
	uint64_t protected = 0;

	for (size_t i = 0; i < tables; i++)
		protected += fork_leaves(source + i * ENTRIES, destination + i * ENTRIES);
	return protected;
}

/* Reserves a frame for each table below entries of a table. */
static bool reserve_copies(struct c_space *parent, uint64_t *table, size_t first, size_t end, uint64_t level,
			   struct c_space *child, uint64_t *reserve)
{
	for (size_t i = first; level > 1 && i < end; i++) {
		uint64_t *next = table_below(parent, load(table + i));

		if (!next)
			continue;
		if (!reserve_frame(child, reserve) ||
		    !reserve_copies(parent, next, 0, ENTRIES, level - 1, child, reserve))
			return false;
	}
	return true;
}

static bool copy_table(struct c_space *parent, uint64_t *source, uint64_t *destination, size_t first, size_t end,
		       uint64_t level, struct c_space *child, uint64_t *reserve)
{
	bool is_protected = false;

	if (level == 1)
		return fork_leaves(source, destination);
	for (size_t i = first; i < end; i++) {
		uint64_t *next = table_below(parent, load(source + i));
		uint64_t frame;

		if (!next) {
			is_protected |= fork_leaf(source + i, destination + i);
			continue;
		}
		frame = take_reserved(child, reserve);
		is_protected |= copy_table(parent, next, words_of(child, frame), 0, ENTRIES, level - 1, child, reserve);
		store(destination + i, frame << 12 | PTE_P | PTE_W | PTE_U);
	}
	return is_protected;
}

static bool is_unused(const uint64_t *table, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		if (load(table + i))
			return false;
	}
	return true;
}

uint64_t c_fork(struct c_space *parent, struct c_space *child)
{
	uint64_t *source = words_of(parent, parent->root), *destination = words_of(child, child->root);
	size_t first = parent->half == 1 ? 256 : 0, end = parent->half == 0 ? 256 : ENTRIES;
	uint64_t reserve = 0, result = REFUSED;

	if (child->levels != parent->levels || child->half != parent->half || parent->half == 1)
		return REFUSED;
	lock(parent);
	if (is_unused(destination, first, end) &&
	    reserve_copies(parent, source, first, end, parent->levels, child, &reserve)) {
		result = copy_table(parent, source, destination, first, end, parent->levels, child, &reserve);
		if (result)
			shoot_down();
	}
	release_reserve(child, reserve);
	unlock(parent);
	return result;
}
