/* What the search asks of the processor beyond what Swift can say. */
#ifndef PTERO_CHOST_H
#define PTERO_CHOST_H

/* Begins to bring the cache line of a place nearer. Nothing is read, so any place will do. */
static inline void host_prefetch(const void *place) { __builtin_prefetch(place); }

#endif
