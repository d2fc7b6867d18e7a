/* fork() write-protects the entry of a page that other CPUs write, copies it to the child, and shoots down: the
 * questions ../questions/fork-*.litmus, in Promela, from the description of the machine alone.
 * "machine 3" below means its section 3: 1 state, 2 instructions, 3 translation, 4 Dirty update, 5 faults and
 * interrupts, 6 profiles, 7 properties (Documentation/machine.md tells the same under those words).
 *
 *   SEQUENCE  0 lock-and   1 compare-and-exchange   2 exchange dance
 *   WRITERS   1 to 4 CPUs that store to the page
 *   STORES    how often each does so
 *   LATE      0 profile cet (onWriteRevoked: refault)   1 profile late (setThenWrite); both have onNotPresent: refault
 *   OBSERVE   1 also tells which CPUs faulted apart, so that whole final states can be compared (../agree.sh)
 *
 *   spin -o2 -DSEQUENCE=1 -DWRITERS=4 -DLATE=1 -a fork.pml
 *   cc -O3 -march=native -w -DSAFETY -DNOREDUCE -DNOBOUNDCHECK -DNOFAIR -o pan pan.c && ./pan -m100000 -w22
 *
 * What the state is, and why no more of it is needed for these questions (machine 1 to 3):
 *   - An entry is P, W, D, SavedDirty. Its frame never changes, U=1, and A=1 whenever P=1: A starts as 1, is never
 *     cleared alone, and neither profile sets A in an entry with P=0; so there is no step that sets A.
 *   - The TLB has the lazy form (machine 3): every writable translation that memory showed since the last invalidation
 *     is in it, it never loses one by itself, and a walk is always allowed as well. One bit for each of D=0 and D=1.
 *     Entries with W=0 could only raise a fault; W never comes back here, so a walk raises the same fault.
 *   - `decide` and `update` of the Dirty update are one step (machine 4 allows it with the lazy TLB).
 *   - `refault` is no step of its own: the walk that follows it faults, and that walk is always offered.
 *   - The value of a store to the page is not looked at; whether one reached memory is (`written`, machine 7).
 *   - CPU 0 makes no translated access, so its own TLB is left out; the child's address space runs nowhere.
 *   - A store of CPU 0 enters the buffer in the step before it: nobody else can see it there. */
#ifndef SEQUENCE
#define SEQUENCE 1
#endif
#ifndef WRITERS
#define WRITERS 2
#endif
#ifndef STORES
#define STORES 2
#endif
#ifndef LATE
#define LATE 0
#endif
#ifndef OBSERVE
#define OBSERVE 0
#endif

#define P 1
#define W 2
#define D 4
#define S 8                     /* SavedDirty, Linux's software bit 58 */
#define CLEAN 1                 /* the TLB may hold a translation with W=1, D=0 */
#define DIRTY 2                 /* the TLB may hold a translation with W=1, D=1 */
#define SHOWN(e)     (((e) & (P|W)) == (P|W) -> (((e) & D) -> DIRTY : CLEAN) : 0)
#define SHADOW(e)    (((e) & (P|W|D)) == (P|D))
#define PROTECTED(e) (((e) & ~(W|D)) | (((e) & D) << 1))
#define MARKED(e)    (((e) & P) && ((e) & (D|S)))

byte pte = P|W;                 /* PTE(x):       (oa:PA(x), rw:1, d:0) */
byte child;                     /* PTE(child:x): (p:0) */
byte pc;                        /* CPU 0 */
byte entry;                     /* CPU 0's register: the entry it read, then the entry it stores */
bit entryBuffered;              /* CPU 0's store buffer: at most the store to PTE(x), then the one to PTE(child:x); */
bit childBuffered;              /* both have the value `entry` */
byte left[WRITERS];             /* stores that a writer still has to do; 0: its thread has ended or stopped */
byte buffered[WRITERS];         /* stores to the page in its store buffer */
byte tlb[WRITERS];              /* CLEAN, DIRTY */
bit request[WRITERS];           /* a flush request that it has not acknowledged */
bit written;                    /* ghost, machine 7: a translated store reached memory */
bit kernelShadowStack;          /* ghost, machine 7: software made a leaf W=0, D=1 */
#if OBSERVE
bit faulted[WRITERS];
#define FAULTED(u) faulted[u] = 1
#else
#define FAULTED(u) skip
#endif

#if WRITERS == 1
#define ALL(p) (p(0))
#elif WRITERS == 2
#define ALL(p) (p(0) && p(1))
#elif WRITERS == 3
#define ALL(p) (p(0) && p(1) && p(2))
#else
#define ALL(p) (p(0) && p(1) && p(2) && p(3))
#endif
#define ACKNOWLEDGED(u) (!request[u])
#define AT_REST(u)      (left[u] == 0 && buffered[u] == 0)

/* Machine 7: every final state is noted; the set is printed when the search ends. */
c_decl {
  \#include <stdlib.h>
  static unsigned char finals[1 << 16];
  static void note(int pte, int child, int written, int kernelShadowStack, int faults) {
    finals[pte | child << 4 | written << 8 | kernelShadowStack << 9 | faults << 10] = 1;
  }
  static void report(void) {
    for (int f = 0; f < 1 << 16; f++) if (finals[f]) {
      int e = f & 15, c = f >> 4 & 15, marked = (e & 1 && e & 12) || (c & 1 && c & 12);
      printf("final pte=%x child=%x written=%d kernel_shadow_stack=%d lost_dirty=%d faults=%x\n",
             e, c, f >> 8 & 1, f >> 9 & 1, (f >> 8 & 1) && !marked, f >> 10);
    }
  }
}

/* Software stores to a leaf (judged when the store reaches memory, machine 7). */
inline set(leaf, value) {
  if :: SHADOW(value) && !SHADOW(leaf) -> kernelShadowStack = 1 :: else fi;
  leaf = value
}
/* Machine 5: the request goes to every other CPU with the address space. (CPU 0's own invalidation changes nothing.) */
inline shootdown() { for (i : 0 .. WRITERS - 1) { request[i] = 1 } }

#define WRITER(u) \
  /* a store through a translation with W=1, D=1: it enters the buffer (machine 3.1, 2) */ \
  :: d_step { left[u] && (tlb[u] & DIRTY) -> buffered[u]++; left[u]--; tlb[u] = (left[u] -> tlb[u] : 0) } \
  /* a store through W=1, D=0: the Dirty update finds P=1, W=1, sets D, and the store enters the buffer (machine 4); */ \
  /* all who can walk may now have the dirty translation (machine 3, lazy form) */ \
  :: d_step { left[u] && (tlb[u] & CLEAN) && (pte & (P|W|D)) == (P|W) -> \
       pte = pte | D; buffered[u]++; left[u]--; offer(); tlb[u] = (left[u] -> tlb[u] : 0) } \
  REVOKED(u) \
  /* a walk finds P=0 or W=0: page fault, and the thread stops (machine 3.2, 5) */ \
  :: d_step { left[u] && (pte & (P|W)) != (P|W) -> left[u] = 0; tlb[u] = 0; FAULTED(u) } \
  /* the oldest store reaches the page (machine 1, 7) */ \
  :: d_step { buffered[u] -> buffered[u]--; written = 1 } \
  /* the request is taken between two instructions or after the end: drain, invalidate, acknowledge (machine 5); */ \
  /* what memory shows may be cached again at once (machine 3, lazy form) */ \
  :: d_step { request[u] -> written = (written || buffered[u]); buffered[u] = 0; \
       tlb[u] = (left[u] -> SHOWN(pte) : 0); request[u] = 0 }
#if LATE
  /* the Dirty update finds P=1, W=0: D is set all the same, and the write is performed (machine 4, setThenWrite) */
#define REVOKED(u) \
  :: d_step { left[u] && (tlb[u] & CLEAN) && (pte & (P|W)) == P -> \
       pte = pte | D; buffered[u]++; left[u]--; tlb[u] = (left[u] -> tlb[u] : 0) }
#else
#define REVOKED(u)
#endif
/* Machine 3: what memory shows is added to the TLB of every CPU whose thread has not ended. */
inline offer() {
  for (i : 0 .. WRITERS - 1) { tlb[i] = (left[i] -> (tlb[i] | SHOWN(pte)) : 0) }
  i = 0
}


active proctype machine() {
  byte i;
  c_code { atexit(report); };
  d_step { for (i : 0 .. WRITERS - 1) { left[i] = STORES; tlb[i] = SHOWN(pte) } i = 0 };
end: do
#if SEQUENCE == 0
  /* lock andb $-3,(%rdi): one step with an empty buffer (machine 2) */
  :: d_step { pc == 0 -> set(pte, pte & ~W); pc = 2 }
  /* movq (%rdi),%rax; andq $-3,%rax; movq %rax,(%rsi): a load, and a store that enters the buffer (machine 2) */
  :: d_step { pc == 2 -> entry = pte & ~W; childBuffered = 1; pc = 4 }
#elif SEQUENCE == 1
  /* movq (%rdi),%rax (machine 2) */
  :: d_step { pc == 0 -> entry = pte; pc = 1 }
  /* lock cmpxchgq, then jne L0 or the store to the child's entry, which enters the buffer (machine 2) */
  :: d_step { pc == 1 ->
       if :: pte == entry -> entry = PROTECTED(entry); set(pte, entry); childBuffered = 1; pc = 4
          :: else -> entry = pte fi }
#else
  /* xchgq %rax,(%rdi) with 0 (machine 2) */
  :: d_step { pc == 0 -> entry = pte; set(pte, 0); pc = 1 }
  /* flush_tlb_page(x) starts: needs an empty buffer (machine 2, 5) */
  :: d_step { pc == 1 -> shootdown(); i = 0; pc = 2 }
  /* flush_tlb_page(x) ends; two stores enter the buffer (machine 5, 2) */
  :: d_step { pc == 2 && ALL(ACKNOWLEDGED) -> entry = PROTECTED(entry); entryBuffered = 1; childBuffered = 1; pc = 4 }
#endif
  /* the oldest store of CPU 0's buffer reaches memory (machine 1: FIFO) */
  :: d_step { entryBuffered -> set(pte, entry); entryBuffered = 0 }
  :: d_step { childBuffered && !entryBuffered -> set(child, entry); childBuffered = 0; entry = 0 }
  /* flush_tlb_mm() starts: needs an empty buffer (machine 2, 5) */
  :: d_step { pc == 4 && !childBuffered -> shootdown(); i = 0; pc = 5 }
  /* flush_tlb_mm() ends, and with it the thread (machine 5) */
  :: d_step { pc == 5 && ALL(ACKNOWLEDGED) -> pc = 6 }
  /* nobody can step any more: a final state (machine 7) */
  :: d_step { pc == 6 && ALL(AT_REST) -> pc = 7;
       c_code {
         int faults = 0;
#if OBSERVE
         for (int u = 0; u < WRITERS; u++) faults |= now.faulted[u] << u;
#endif
         note(now.pte, now.child, now.written, now.kernelShadowStack, faults);
       } }
  WRITER(0)
#if WRITERS > 1
  WRITER(1)
#endif
#if WRITERS > 2
  WRITER(2)
#endif
#if WRITERS > 3
  WRITER(3)
#endif
  od
}
