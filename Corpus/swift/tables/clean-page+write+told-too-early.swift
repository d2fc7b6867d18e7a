/* Swift clean-page+write+told-too-early
"Planted: one compare-and-exchange takes W and dirtiness away, and what it displaced says whether the page was dirty."
Include=Tables.swift
(* Result: late=Sometimes knl=Sometimes book=Sometimes Never *)
(* There D is set after the compare-and-exchange, and the write goes on. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists untold: (0:r1=0 /\ 0:r2=1)
*/
import AddressSpace
import PageTable

@_cdecl("P0") func clean(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let old = AtomicPageTableEntry(pte_x).setWriteProtectedAndClean()
    flush_tlb_page(x)
    observe(r1: LinuxGeneration.savedDirty.isDirty(old))
    observe(r2: READ_ONCE(x))
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
