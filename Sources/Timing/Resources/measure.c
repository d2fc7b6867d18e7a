/* Times the blocks of blocks.s, which `ptero measure` writes.
 *
 *   measure PERCENT SECONDS JOB ...
 *
 * PERCENT scales how often each block is timed; after SECONDS no further job is begun. Prints a line for what is known:
 *
 *   clock TICKS-PER-SECOND
 *   cpu NUMBER OTHER            -1 for a CPU that it could not be pinned to
 *   begin JOB
 *   job JOB SECONDS STOLEN PREEMPTED COUNT  MINIMUM MEDIAN SAMPLES ...
 *   failed JOB REASON
 *   end
 *
 * A minimum and a median are ticks per entry; COUNT of them follow, one group for each block of the job's row. Of the passes
 * the fastest fiftieth is left out of the minimum: clocks jump, and processors are fast for a moment. Where another CPU works
 * on the same entries they are the median and the upper quartile. STOLEN is the time in seconds that the hypervisor
 * gave to somebody else. */
#define _GNU_SOURCE
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

enum { MOST_BLOCKS = 6, MOST_SAMPLES = 4096, SECONDS_OF_A_JOB = 5 };
enum kind { CODE, FAULT, MPROTECT, MEMBARRIER };
enum fill { CLEAN, DIRTY, OLD, MIXED };
enum setting { SMALL, MEDIUM, LARGE, CONTENDED };

typedef void block(uint64_t *first, uint64_t *end);

/* What blocks.s has: the first block of a row does nothing, the second is the unit, the third what is asked.
 *
 * AGAIN is how often they go over 512 entries in a sample. It is 1 where that would meet other entries than at first; more
 * where once takes hardly longer than to read the clock. */
struct row {
  int32_t kind, fill, count, again;
  block *blocks[MOST_BLOCKS];
};
struct job {
  int32_t row, setting;
};
extern const struct row rows[];
extern const struct job jobs[];
extern const int64_t job_count;

static const struct plan {
  size_t entries, chunk;
  int passes;
} plans[] = {
    [SMALL] = {512, 512, 10000},
    [MEDIUM] = {65536, 4096, 200},
    [LARGE] = {8 << 20, 65536, 4},
    [CONTENDED] = {512, 512, 1000},
};

static uint64_t *table;
static uint32_t samples[MOST_BLOCKS][MOST_SAMPLES];
static int sample_count[MOST_BLOCKS];
static int cpu = -1, other_cpu = -1, percent = 100;
static double ticks_per_second;
static volatile sig_atomic_t current_job;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline uint64_t ticks(void) {
  _mm_lfence();
  uint64_t t = __rdtsc();
  _mm_lfence();
  return t;
}

/* A job that does not end by itself, because its code waits for somebody, ends the program; the caller goes on after it. */
static void out_of_patience(int number) {
  (void)number;
  char text[32] = "failed ";
  int at = 7, job = current_job;
  char digits[12];
  int count = 0;
  do digits[count++] = (char)('0' + job % 10);
  while (job /= 10);
  while (count) text[at++] = digits[--count];
  memcpy(text + at, " endless\n", 9);
  if (write(1, text, (size_t)at + 9) < 0) _exit(3);
  _exit(2);
}

static int pinned(pthread_t thread, int number) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(number, &set);
  return pthread_setaffinity_np(thread, sizeof set, &set) == 0;
}

/* The last CPU that this process may use, and the first for the other thread. */
static void choose_cpus(void) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  int first = -1, last = -1;
  for (int i = 0; i < CPU_SETSIZE; i++) {
    if (!CPU_ISSET(i, &allowed)) continue;
    if (first < 0) first = i;
    last = i;
  }
  if (last < 0 || !pinned(pthread_self(), last)) return;
  cpu = last;
  if (first != last) other_cpu = first;
}

static void find_clock(void) {
  double start = now();
  uint64_t first = ticks();
  while (now() - start < 0.05) {}
  double end = now();
  ticks_per_second = (double)(ticks() - first) / (end - start);
}

/* Seconds that the hypervisor took from our CPU so far; proc_stat(5). */
static double stolen(void) {
  FILE *file = fopen("/proc/stat", "r");
  if (!file || cpu < 0) {
    if (file) fclose(file);
    return 0;
  }
  char line[512], name[16];
  snprintf(name, sizeof name, "cpu%d ", cpu);
  unsigned long long v[8] = {0};
  while (fgets(line, sizeof line, file)) {
    if (strncmp(line, name, strlen(name)) != 0) continue;
    sscanf(line + strlen(name), "%llu %llu %llu %llu %llu %llu %llu %llu", v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6,
           v + 7);
  }
  fclose(file);
  return (double)v[7] / (double)sysconf(_SC_CLK_TCK);
}

static long preempted(void) {
  struct rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : 0;
}

static uint64_t random_state = 88172645463325252u;

static uint64_t random_number(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  return random_state ^= random_state << 17;
}

/* Entries as they are before a sequence: present, writable, for user mode. */
static void fill(size_t entries, enum fill kind) {
  static const uint64_t flags[] = {[CLEAN] = 0x27, [DIRTY] = 0x67, [OLD] = 0x47};
  for (size_t i = 0; i < entries; i++) {
    uint64_t frame = 0x8000000000000000u | (0x100000 + i) << 12;
    table[i] = frame | flags[kind == MIXED ? random_number() % 3 : kind];
  }
}

static void note(int number, uint64_t taken) {
  if (sample_count[number] < MOST_SAMPLES)
    samples[number][sample_count[number]++] = taken > UINT32_MAX ? UINT32_MAX : (uint32_t)taken;
}

static int ascending(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static uint64_t timed(block *code, uint64_t *first, size_t entries, int again) {
  uint64_t start = ticks();
  for (int i = 0; i < again; i++) code(first, first + entries);
  return (ticks() - start) / (uint64_t)again;
}

static int passes(int count) {
  int scaled = count * percent / 100;
  return scaled < 2 ? 2 : scaled;
}

/* The blocks take turns, so that what changes with time (the clock's rate, a neighbour) meets all alike. */
static void time_alone(const struct row *row, const struct plan *plan, int first_block, int end_block, int count) {
  int turn = 0, width = end_block - first_block, again = plan->entries == plans[SMALL].entries ? row->again : 1;
  for (int pass = 0; pass < count; pass++) {
    fill(plan->entries, (enum fill)row->fill);
    for (size_t at = 0; at < plan->entries; at += plan->chunk) {
      int number = first_block + turn++ % width;
      note(number, timed(row->blocks[number], table + at, plan->chunk, again));
    }
  }
}

/* ---- the other CPU ---- */

static atomic_int wanted;
static atomic_ulong done __attribute__((aligned(128)));
static char *watched __attribute__((aligned(128)));

static void *set_dirty_bits(void *unused) {
  uint64_t state = 2463534242u;
  while (atomic_load_explicit(&wanted, memory_order_relaxed)) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    __asm__ volatile("lock orb $64,%0" : "+m"(table[state % 512]) : : "memory", "cc");
    atomic_fetch_add_explicit(&done, 1, memory_order_relaxed);
  }
  return unused;
}

static void *touch_page(void *unused) {
  while (atomic_load_explicit(&wanted, memory_order_relaxed)) {
    (void)*(volatile char *)watched;
    atomic_store_explicit(&done, atomic_load_explicit(&done, memory_order_relaxed) + 1, memory_order_relaxed);
  }
  return unused;
}

static pthread_t other;

static const char *start_other(void *(*function)(void *)) {
  if (other_cpu < 0) return "onecpu";
  atomic_store(&wanted, 1);
  atomic_store(&done, 0);
  if (pthread_create(&other, NULL, function, NULL) != 0) return "thread";
  if (!pinned(other, other_cpu)) {
    atomic_store(&wanted, 0);
    pthread_join(other, NULL);
    return "onecpu";
  }
  return NULL;
}

/* Until the other CPU runs: one that sleeps need not be interrupted, and the kernel does not. */
static void wait_for_other(void) {
  unsigned long before = atomic_load(&done);
  while (atomic_load(&done) - before < 100) {}
}

static void end_other(void) {
  atomic_store(&wanted, 0);
  pthread_join(other, NULL);
}

/* Passes over the table that are timed together here: one alone is over before the other CPU has met it often. */
enum { TOGETHER = 16 };
/* The other CPU may have been preempted; one that runs sets a bit at least every so many ticks. */
enum { TICKS_OF_A_BIT = 4000 };

static const char *time_contended(const struct row *row, const struct plan *plan) {
  time_alone(row, plan, 0, 2, passes(plan->passes));
  const char *problem = start_other(set_dirty_bits);
  if (problem) return problem;
  for (int pass = 0; pass < passes(plan->passes); pass++) {
    int number = 2 + pass % (row->count - 2);
    fill(plan->entries, (enum fill)row->fill);
    unsigned long before = atomic_load(&done);
    uint64_t taken = timed(row->blocks[number], table, plan->chunk, TOGETHER);
    if ((atomic_load(&done) - before) * TICKS_OF_A_BIT >= taken * TOGETHER) note(number, taken);
  }
  end_other();
  return NULL;
}

/* ---- what only the kernel can do, by its nearest neighbour ---- */

static const char *time_faults(const struct row *row) {
  enum { PAGES = 512 };
  size_t size = (size_t)PAGES << 12;
  char *region = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (region == MAP_FAILED) return "call";
  madvise(region, size, MADV_NOHUGEPAGE);
  for (int pass = 0; pass < passes(200); pass++) {
    time_alone(row, &plans[SMALL], 0, 2, 2);
    if (madvise(region, size, MADV_DONTNEED) != 0) return "call";
    uint64_t start = ticks();
    for (size_t at = 0; at < size; at += 4096) (void)*(volatile char *)(region + at);
    note(2, ticks() - start);
  }
  munmap(region, size);
  return NULL;
}

static const char *time_mprotect(const struct row *row) {
  watched = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (watched == MAP_FAILED) return "call";
  *watched = 1;
  const char *problem = start_other(touch_page);
  for (int pass = 0; !problem && pass < passes(1000); pass++) {
    time_alone(row, &plans[SMALL], 0, 2, 2);
    if (mprotect(watched, 4096, PROT_READ | PROT_WRITE) != 0) problem = "call";
    *(volatile char *)watched = 2;
    wait_for_other();
    unsigned long before = atomic_load(&done);
    uint64_t start = ticks();
    if (mprotect(watched, 4096, PROT_READ) != 0) problem = "call";
    uint64_t taken = ticks() - start;
    if (atomic_load(&done) != before) note(2, taken * plans[SMALL].chunk);
  }
  if (atomic_load(&wanted)) end_other();
  munmap(watched, 4096);
  return problem;
}

static const char *time_membarrier(const struct row *row) {
  static char page;
  watched = &page;
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) != 0) return "call";
  const char *problem = start_other(touch_page);
  for (int pass = 0; !problem && pass < passes(1000); pass++) {
    time_alone(row, &plans[SMALL], 0, 2, 2);
    wait_for_other();
    unsigned long before = atomic_load(&done);
    uint64_t start = ticks();
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0) problem = "call";
    uint64_t taken = ticks() - start;
    if (atomic_load(&done) != before) note(2, taken * plans[SMALL].chunk);
  }
  if (atomic_load(&wanted)) end_other();
  return problem;
}

/* ---- jobs ---- */

static const char *run(const struct row *row, const struct plan *plan, enum setting setting) {
  switch (row->kind) {
  case FAULT: return time_faults(row);
  case MPROTECT: return time_mprotect(row);
  case MEMBARRIER: return time_membarrier(row);
  default: break;
  }
  if (setting == CONTENDED) return time_contended(row, plan);
  time_alone(row, plan, 0, row->count, setting == LARGE ? plan->passes : passes(plan->passes));
  return NULL;
}

static void do_job(int number) {
  const struct row *row = &rows[jobs[number].row];
  enum setting setting = (enum setting)jobs[number].setting;
  const struct plan *plan = &plans[setting];
  memset(sample_count, 0, sizeof sample_count);
  current_job = number;
  printf("begin %d\n", number);
  double begun = now(), theirs = stolen();
  long pauses = preempted();
  alarm(SECONDS_OF_A_JOB);
  const char *problem = run(row, plan, setting);
  alarm(0);
  if (problem) {
    printf("failed %d %s\n", number, problem);
    return;
  }
  printf("job %d %.6f %.6f %ld %d", number, now() - begun, stolen() - theirs, preempted() - pauses, row->count);
  for (int i = 0; i < row->count; i++) {
    int count = sample_count[i];
    qsort(samples[i], (size_t)count, sizeof samples[i][0], ascending);
    double entries = (double)plan->chunk;
    /* With the other CPU at work the smallest time is that of a pass in which it hardly was. */
    int is_contended = setting == CONTENDED && i >= 2;
    int low = is_contended ? count / 2 : count / 50, middle = is_contended ? count * 3 / 4 : count / 2;
    printf(" %.4f %.4f %d", count ? samples[i][low] / entries : 0, count ? samples[i][middle] / entries : 0, count);
  }
  printf("\n");
}

int main(int count, char **values) {
  if (count < 3) return 64;
  setvbuf(stdout, NULL, _IOLBF, 0);
  percent = atoi(values[1]);
  double deadline = now() + atof(values[2]);
  choose_cpus();
  find_clock();
  printf("clock %.0f\ncpu %d %d\n", ticks_per_second, cpu, other_cpu);
  /* A page more, for sequences on several neighbouring entries. */
  size_t size = plans[LARGE].entries * sizeof *table + 4096;
  table = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (table == MAP_FAILED) return 71;
  signal(SIGALRM, out_of_patience);
  for (int i = 3; i < count && now() < deadline; i++) {
    int job = atoi(values[i]);
    if (job >= 0 && job < job_count) do_job(job);
  }
  printf("end\n");
  return 0;
}
