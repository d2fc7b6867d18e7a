/* What Swift itself has not: a prefetch, which the search's speed needs, and a clock that is there for Embedded Swift too
   (in WebAssembly the C library asks the page for it). */
#ifndef PTERO_CHOST_H
#define PTERO_CHOST_H

/* Begins to bring the cache line of a place nearer. Nothing is read, so any place will do. */
static inline void host_prefetch(const void *place) { __builtin_prefetch(place); }

/* Seconds on a clock that runs steadily from some point in the past. */
double host_seconds(void);

#endif
