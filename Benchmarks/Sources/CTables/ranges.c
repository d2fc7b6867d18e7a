/* Operations on ranges. */
#include "tables.h"

/* Mapping: whether all is empty, and the tables that lack, before anything changes. */

static bool is_empty(const struct c_space *space, struct range range)
{
	struct run run;

	while (next_run(space, &range, &run)) {
		for (size_t i = 0; i < run.count; i++) {
			if (load(run.entry + i))
				return false;
		}
	}
	return true;
}

/* Reserves a frame for each table that lacks below a table. */
static bool reserve_tables(struct c_space *space, uint64_t *table, uint64_t level, struct range range,
			   uint64_t *reserve)
{
	while (level > 1 && range.pages) {
		uint64_t pages = pages_below(range.address, range.pages, level);
		uint64_t *next = table ? table_below(space, load(entry_at(table, range.address, level))) : NULL;

		if (!next && !reserve_frame(space, reserve))
			return false;
		if (!reserve_tables(space, next, level - 1, (struct range){ range.address, pages }, reserve))
			return false;
		range.address += pages * 4096;
		range.pages -= pages;
	}
	return true;
}

/* The table of leaves for an address; what lacks comes from the reserve. */
static uint64_t *leaf_table(struct c_space *space, uint64_t address, uint64_t *reserve)
{
	uint64_t *table = words_of(space, space->root);

	for (uint64_t level = space->levels; level > 1; level--) {
		uint64_t *entry = entry_at(table, address, level);
		uint64_t *next = table_below(space, load(entry));

		if (!next) {
			uint64_t frame = take_reserved(space, reserve);

			store(entry, frame << 12 | PTE_P | PTE_W | PTE_U);
			next = words_of(space, frame);
		}
		table = next;
	}
	return table;
}

static void store_leaves(struct c_space *space, struct range range, uint64_t leaf, uint64_t *reserve)
{
	while (range.pages) {
		uint64_t *entry = entry_at(leaf_table(space, range.address, reserve), range.address, 1);
		uint64_t pages = pages_below(range.address, range.pages, 2);

		for (size_t i = 0; i < pages; i++)
			store(entry + i, leaf + (i << 12));
		leaf += pages << 12;
		range.address += pages * 4096;
		range.pages -= pages;
	}
}

uint64_t c_map(struct c_space *space, uint64_t address, uint64_t pages, uint64_t leaf)
{
	struct range range = { address, pages };
	uint64_t reserve = 0;
	bool is_ready;

	if (!is_range(space, address, pages) || frame_of(leaf) + pages > 1ull << 40)
		return REFUSED;
	lock(space);
	is_ready = is_empty(space, range) &&
		   reserve_tables(space, words_of(space, space->root), space->levels, range, &reserve);
	if (is_ready)
		store_leaves(space, range, leaf, &reserve);
	release_reserve(space, reserve);
	unlock(space);
	return is_ready ? pages : REFUSED;
}

/* Unmapping: P goes, tables that the range covers are unlinked; one shootdown; then all is collected. */

struct taken {
	bool is_anything;
	bool has_tables;
};

static void unlink_table(uint64_t *entry)
{
	uint64_t old = load(entry);

	while (!replace(entry, &old, (old & ~(PTE_P | PTE_SOFTWARE | PTE_NO_ACCESS)) | PTE_UNLINKED))
		;
}

static always_inline bool may_unlink(const struct c_space *space, uint64_t level)
{
	return space->half != 1 || level != space->levels;
}

static void take_leaves(uint64_t *entry, uint64_t count, struct taken *taken)
{
	for (size_t i = 0; i < count; i++) {
		if (load(entry + i) & PTE_P) {
			clear_present(entry + i);
			taken->is_anything = true;
		}
	}
}

static void take_away(struct c_space *space, struct range range, uint64_t *table, uint64_t level, struct taken *taken)
{
	if (level == 1)
		return take_leaves(entry_at(table, range.address, 1), range.pages, taken);
	while (range.pages) {
		uint64_t *entry = entry_at(table, range.address, level);
		uint64_t pages = pages_below(range.address, range.pages, level);
		uint64_t value = load(entry);
		uint64_t *next = table_below(space, value);

		if (value & PTE_P && value & PTE_PS) {
			clear_present(entry);
			taken->is_anything = true;
		} else if (next && pages == pages_per_entry(level) && may_unlink(space, level)) {
			unlink_table(entry);
			taken->is_anything = taken->has_tables = true;
		} else if (next) {
			take_away(space, (struct range){ range.address, pages }, next, level - 1, taken);
		}
		range.address += pages * 4096;
		range.pages -= pages;
	}
}

static always_inline void collect_page(uint64_t *entry, uint64_t value, uint64_t address, bool unlinked,
				struct summary *summary, uint64_t *sum)
{
	if (is_software(value)) {
		store(entry, 0);
		summary->software++;
	} else if (value) {
		uint64_t final = with_access(unlinked ? value : take(entry));

		note(summary, final);
		*sum += sum_of_page(address, final);
	}
}

static void collect_leaves(uint64_t *entry, struct range range, bool unlinked, struct summary *summary,
			   uint64_t *sum)
{
	for (size_t i = 0; i < range.pages; i++)
		collect_page(entry + i, load(entry + i), range.address + i * 4096, unlinked, summary, sum);
}

static void collect(struct c_space *space, struct range range, uint64_t *table, uint64_t level, bool unlinked,
		    struct summary *summary, uint64_t *sum)
{
	if (level == 1)
		return collect_leaves(entry_at(table, range.address, 1), range, unlinked, summary, sum);
	while (range.pages) {
		uint64_t *entry = entry_at(table, range.address, level);
		uint64_t pages = pages_below(range.address, range.pages, level);
		uint64_t value = load(entry);

		if (leads_to_table(value) || is_unlinked(value)) {
			bool goes = unlinked || is_unlinked(value);

			collect(space, (struct range){ range.address, pages }, words_of(space, frame_of(value)),
				level - 1, goes, summary, sum);
			if (goes) {
				store(entry, 0);
				release(space, frame_of(value));
				summary->tables++;
			}
		} else {
			collect_page(entry, value, range.address, unlinked, summary, sum);
		}
		range.address += pages * 4096;
		range.pages -= pages;
	}
}

uint64_t c_unmap(struct c_space *space, uint64_t address, uint64_t pages)
{
	struct range range = { address, pages };
	struct taken taken = { 0 };
	struct summary summary = { 0 };
	uint64_t *root = words_of(space, space->root);
	uint64_t sum = 0;

	if (!is_range(space, address, pages))
		return REFUSED;
	lock(space);
	if (!has_whole_ends(space, range)) {
		unlock(space);
		return REFUSED;
	}
	take_away(space, range, root, space->levels, &taken);
	if (taken.is_anything) {
		shoot_down();
		summary.flushed = 1;
	}
	collect(space, range, root, space->levels, false, &summary, &sum);
	unlock(space);
	return sum + sum_of(summary);
}

/* Rights. */

static always_inline uint64_t protect(struct c_space *space, struct range range, unsigned int rights)
{
	struct summary summary = { 0 };
	struct run run;
	bool flush = false;

	while (next_run(space, &range, &run)) {
		for (size_t i = 0; i < run.count; i++) {
			if (has_page(load(run.entry + i)))
				note(&summary, change_entry(run.entry + i, rights, &flush));
		}
	}
	if (flush) {
		shoot_down();
		summary.flushed = 1;
	}
	return sum_of(summary);
}

uint64_t c_protect(struct c_space *space, uint64_t address, uint64_t pages, unsigned int rights)
{
	struct range range = { address, pages };
	uint64_t result = REFUSED;

	if (!is_range(space, address, pages))
		return REFUSED;
	lock(space);
	if (is_ordinary(space, range))
		result = protect(space, range, rights);
	unlock(space);
	return result;
}

static always_inline struct summary write_protect(struct c_space *space, struct range range)
{
	struct summary summary = { 0 };
	struct run run;
	bool flush = false;

	while (next_run(space, &range, &run)) {
		for (size_t i = 0; i < run.count; i++) {
			uint64_t entry = load(run.entry + i);

			if (!(entry & PTE_P))
				continue;
			note(&summary, entry);
			if (entry & (PTE_W | PTE_D)) {
				write_protect_entry(run.entry + i);
				flush = true;
			}
		}
	}
	if (flush) {
		shoot_down();
		summary.flushed = 1;
	}
	return summary;
}

uint64_t c_write_protect(struct c_space *space, uint64_t address, uint64_t pages)
{
	struct range range = { address, pages };
	uint64_t result = REFUSED;

	if (!is_range(space, address, pages))
		return REFUSED;
	lock(space);
	if (is_ordinary(space, range))
		result = sum_of(write_protect(space, range));
	unlock(space);
	return result;
}

/* Dirty and accessed. */

static always_inline uint64_t clean(struct c_space *space, struct range range)
{
	struct summary summary = write_protect(space, range);
	struct run run;
	uint64_t sum = 0;

	summary.dirty = 0;
	while (next_run(space, &range, &run)) {
		for (size_t i = 0; i < run.count; i++) {
			uint64_t entry = load(run.entry + i);

			if (!(entry & PTE_P) || !(entry & PTE_DIRTY))
				continue;
			entry = mark_clean(run.entry + i);
			summary.dirty++;
			sum += sum_of_page(run.address + i * 4096, entry);
		}
	}
	return sum + sum_of(summary);
}

uint64_t c_clean(struct c_space *space, uint64_t address, uint64_t pages)
{
	struct range range = { address, pages };
	uint64_t result = REFUSED;

	if (!is_range(space, address, pages))
		return REFUSED;
	lock(space);
	if (is_ordinary(space, range))
		result = clean(space, range);
	unlock(space);
	return result;
}

uint64_t c_harvest_accessed(struct c_space *space, uint64_t address, uint64_t pages)
{
	struct range range = { address, pages };
	struct run run;
	uint64_t sum = 0;

	if (!is_range(space, address, pages))
		return REFUSED;
	lock(space);
	if (!has_whole_ends(space, range))
		range.pages = 0, sum = REFUSED;
	while (next_run(space, &range, &run)) {
		for (size_t i = 0; i < run.count; i++) {
			if (load(run.entry + i) & PTE_P && test_and_clear_accessed(run.entry + i))
				sum += run.address + i * 4096 + 1;
		}
	}
	unlock(space);
	return sum;
}

static always_inline uint64_t harvest_entry(uint64_t *live, uint64_t address, struct summary *summary, bool *flush)
{
	uint64_t entry = load(live);

	if (!(entry & PTE_P))
		return 0;
	if (entry & PTE_DIRTY && !is_shadow_stack(entry)) {
		entry = mark_clean(live);
		if (entry & PTE_D)
			*flush = true;
	}
	note(summary, entry);
	return entry & PTE_DIRTY ? sum_of_page(address, entry) : 0;
}

uint64_t c_harvest_dirty(struct c_space *space, uint64_t address, uint64_t pages)
{
	struct range range = { address, pages };
	struct summary summary = { 0 };
	struct run run;
	uint64_t sum = 0;
	bool flush = false;

	if (!is_range(space, address, pages))
		return REFUSED;
	lock(space);
	if (!has_whole_ends(space, range))
		range.pages = 0, sum = REFUSED;
	while (next_run(space, &range, &run)) {
		for (size_t i = 0; i < run.count; i++)
			sum += harvest_entry(run.entry + i, run.address + i * 4096, &summary, &flush);
	}
	if (flush) {
		shoot_down();
		summary.flushed = 1;
	}
	unlock(space);
	return sum + sum_of(summary);
}

uint64_t c_for_each_page(struct c_space *space, uint64_t address, uint64_t pages)
{
	struct range range = { address, pages };
	struct run run;
	uint64_t sum = 0;

	if (!is_range(space, address, pages))
		return REFUSED;
	lock(space);
	if (!has_whole_ends(space, range))
		range.pages = 0, sum = REFUSED;
	while (next_run(space, &range, &run)) {
		for (size_t i = 0; i < run.count; i++) {
			uint64_t entry = load(run.entry + i);

			if (has_page(entry))
				sum += sum_of_page(run.address + i * 4096, entry);
			else if (is_software(entry))
				sum += entry >> 10;
		}
	}
	unlock(space);
	return sum;
}
