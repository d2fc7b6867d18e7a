/* Swift plain-store+write
"Planted: a load and a plain store in place of setWriteProtected()."
Sequence=planted: load, then store
Failure exposed=exposes a shadow stack
Failure lost-dirty=loses a Dirty bit
Failure makes-shadow-stack=makes a shadow-stack entry
Failure stale-write=lets a CPU write after the flush
(* Result: Never *)
(* Result lost-dirty: Sometimes *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists exposed: (shadow_stack_exposed(x))
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
exists stale-write: (stale_write(x))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let entry = AtomicPageTableEntry(pte_x)
    entry.store(LinuxGeneration.savedDirty.writeProtected(entry.load()))
    flush_tlb_page(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
