-- fork() write-protects the entry of a page that other CPUs write, copies it to the child, and shoots down: the
-- questions ../questions/fork-*.litmus, in Murphi, from the description of the machine alone.
-- "machine 3" below means its section 3 (fork.pml names them).
-- The state is that of fork.pml; the reasons why no more of it is needed stand there.
--
-- The values under `const` are the question; ../compare.sh sets them with sed. SEQUENCE: 0 lock-and,
-- 1 compare-and-exchange, 2 exchange dance. WRITERS: 1 to 4. STORES: of each writer. LATE: 0 profile cet, 1 profile late.
-- BUFFERS: 1 as machine 2 has it; 0 reduced by hand: a store to the page reaches memory at once, because nothing but
-- `written` at the end of a run depends on whether it is still buffered. That is what Ptero finds by itself.
--
--   rumur fork.m -o fork.c --threads 1 --deadlock-detection off
--   clang -O3 -march=native -w -std=c11 -mcx16 fork.c -o fork -lpthread && ./fork
--
-- `cover` counts the final states with each verdict (machine 7). The writers are a scalarset, so that rumur's symmetry
-- reduction applies: the condition cannot tell one writer from another.
const
  SEQUENCE: 1;
  WRITERS: 2;
  STORES: 2;
  LATE: 0;
  BUFFERS: 1;

type
  writer: scalarset(WRITERS);
  leaf: record p: boolean; w: boolean; d: boolean; s: boolean; end;  -- s: SavedDirty. Frame, U and A never matter.

var
  pte: leaf;                               -- PTE(x)
  child: leaf;                             -- PTE(child:x)
  pc: 0..6;                                -- CPU 0
  entry: leaf;                             -- CPU 0's register: the entry it read, then the entry it stores
  entryBuffered: boolean;                  -- CPU 0's store buffer: at most the store to PTE(x), then the one to
  childBuffered: boolean;                  -- PTE(child:x); both have the value `entry`
  left: array [writer] of 0..STORES;            -- stores still to do; 0: the thread has ended or stopped
  buffered: array [writer] of 0..STORES;        -- stores to the page in the writer's store buffer
  clean: array [writer] of boolean;        -- its TLB may hold a translation with W=1, D=0 (lazy form, machine 3)
  dirty: array [writer] of boolean;        -- ... with W=1, D=1
  request: array [writer] of boolean;      -- a flush request that it has not acknowledged
  written: boolean;                        -- ghost, machine 7: a translated store reached memory
  kernelShadowStack: boolean;              -- ghost, machine 7: software made a leaf W=0, D=1

function shadow(e: leaf): boolean; begin return e.p & !e.w & e.d; end;
function marked(e: leaf): boolean; begin return e.p & (e.d | e.s); end;
function same(a: leaf; b: leaf): boolean; begin return a.p = b.p & a.w = b.w & a.d = b.d & a.s = b.s; end;
procedure zero(var e: leaf); begin e.p := false; e.w := false; e.d := false; e.s := false; end;

-- Write-protect as compare-and-exchange and the exchange dance do it: W off, D moved to SavedDirty.
procedure protect(var e: leaf); begin e.w := false; e.s := e.s | e.d; e.d := false; end;

-- Software stores to a leaf (judged when the store reaches memory, machine 7).
procedure set(var e: leaf; v: leaf);
begin
  if shadow(v) & !shadow(e) then kernelShadowStack := true; end;
  e := v;
end;

-- Machine 5: the request goes to every other CPU with the address space. (CPU 0's own invalidation changes nothing.)
procedure shootdown(); begin for u: writer do request[u] := true; end; end;

-- An ended thread translates nothing any more (machine 3).
procedure settle(u: writer);
begin if left[u] = 0 then clean[u] := false; dirty[u] := false; end; end;

-- One more store enters the store buffer (machine 2).
procedure buffer(u: writer);
begin
  if BUFFERS = 1 then buffered[u] := buffered[u] + 1; else written := true; end;
  left[u] := left[u] - 1;
  settle(u);
end;

startstate begin
  zero(pte); pte.p := true; pte.w := true;
  zero(child); zero(entry); pc := 0; entryBuffered := false; childBuffered := false;
  for u: writer do
    left[u] := STORES; buffered[u] := 0; clean[u] := true; dirty[u] := false; request[u] := false;
  end;
  written := false; kernelShadowStack := false;
end;

-- lock andb $-3,(%rdi): one step with an empty buffer (machine 2)
rule "lock and" SEQUENCE = 0 & pc = 0 ==>
  var v: leaf;
begin v := pte; v.w := false; set(pte, v); pc := 2; end;

-- movq (%rdi),%rax; andq $-3,%rax; movq %rax,(%rsi): a load, and a store that enters the buffer (machine 2)
rule "copy" SEQUENCE = 0 & pc = 2 ==>
begin entry := pte; entry.w := false; childBuffered := true; pc := 4; end;

-- movq (%rdi),%rax (machine 2)
rule "load" SEQUENCE = 1 & pc = 0 ==> begin entry := pte; pc := 1; end;

-- lock cmpxchgq, then jne L0 or the store to the child's entry, which enters the buffer (machine 2)
rule "compare and exchange" SEQUENCE = 1 & pc = 1 ==>
begin
  if same(pte, entry) then protect(entry); set(pte, entry); childBuffered := true; pc := 4;
  else entry := pte; end;
end;

-- xchgq %rax,(%rdi) with 0 (machine 2)
rule "exchange" SEQUENCE = 2 & pc = 0 ==>
  var v: leaf;
begin entry := pte; zero(v); set(pte, v); pc := 1; end;

-- flush_tlb_page(x) starts: needs an empty buffer (machine 2, 5)
rule "flush page" SEQUENCE = 2 & pc = 1 ==> begin shootdown(); pc := 2; end;

-- flush_tlb_page(x) ends; two stores enter the buffer (machine 5, 2)
rule "flushed page" SEQUENCE = 2 & pc = 2 & forall u: writer do !request[u] end ==>
begin protect(entry); entryBuffered := true; childBuffered := true; pc := 4; end;

-- the oldest store of CPU 0's buffer reaches memory (machine 1: FIFO)
rule "drain entry" entryBuffered ==> begin set(pte, entry); entryBuffered := false; end;
rule "drain child" childBuffered & !entryBuffered ==> begin set(child, entry); childBuffered := false; zero(entry); end;

-- flush_tlb_mm() starts: needs an empty buffer (machine 2, 5)
rule "flush mm" pc = 4 & !childBuffered ==> begin shootdown(); pc := 5; end;

-- flush_tlb_mm() ends, and with it the thread (machine 5)
rule "flushed mm" pc = 5 & forall u: writer do !request[u] end ==> begin pc := 6; end;

ruleset u: writer do
  -- a store through a translation with W=1, D=1: it enters the buffer (machine 3.1, 2)
  rule "store" left[u] > 0 & dirty[u] ==> begin buffer(u); end;

  -- a store through W=1, D=0: the Dirty update finds P=1, W=1, sets D, and the store enters the buffer (machine 4);
  -- all who can walk may now have the dirty translation (machine 3, lazy form)
  rule "dirty update" left[u] > 0 & clean[u] & pte.p & pte.w & !pte.d ==>
  begin
    pte.d := true;
    for v: writer do if left[v] > 0 then dirty[v] := true; end; end;
    buffer(u);
  end;

  -- the Dirty update finds P=1, W=0: D is set all the same, and the write is performed (machine 4, setThenWrite)
  rule "late dirty update" LATE = 1 & left[u] > 0 & clean[u] & pte.p & !pte.w ==> begin pte.d := true; buffer(u); end;

  -- a walk finds P=0 or W=0: page fault, and the thread stops (machine 3.2, 5)
  rule "fault" left[u] > 0 & !(pte.p & pte.w) ==> begin left[u] := 0; settle(u); end;

  -- the oldest store reaches the page (machine 1, 7)
  rule "drain" buffered[u] > 0 ==> begin buffered[u] := buffered[u] - 1; written := true; end;

  -- the request is taken between two instructions or after the end: drain, invalidate, acknowledge (machine 5);
  -- what memory shows may be cached again at once (machine 3, lazy form)
  rule "acknowledge" request[u] ==>
  begin
    if buffered[u] > 0 then written := true; buffered[u] := 0; end;
    clean[u] := pte.p & pte.w & !pte.d; dirty[u] := pte.p & pte.w & pte.d; settle(u);
    request[u] := false;
  end;
end;

-- Machine 7: final states, where nobody can step any more.
cover "lost_dirty" pc = 6 & written & !marked(pte) & !marked(child)
  & forall u: writer do left[u] = 0 & buffered[u] = 0 end;
cover "kernel_shadow_stack" pc = 6 & kernelShadowStack & forall u: writer do left[u] = 0 & buffered[u] = 0 end;
cover "neither" pc = 6 & !kernelShadowStack & (!written | marked(pte) | marked(child))
  & forall u: writer do left[u] = 0 & buffered[u] = 0 end;
