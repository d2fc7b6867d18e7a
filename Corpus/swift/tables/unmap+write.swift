/* Swift unmap+write
"unmap(at:) walks from the root, takes a page out and flushes, while another CPU writes the page."
Include=Tables.swift
(* Result: Never *)
(* Result comes-first: Sometimes *)
(* The page is reported after the flush, and the second exchange collects a D that was set in the entry with P=0. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
exists left: (~[PTE(x)]==(p:0))
exists comes-first: (x=1)
*/
import AddressSpace

@_cdecl("P0") func unmap(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.unmap(at: address(x)) { page in
            if page.wasDirty { set_page_dirty(x) }
            free_frame(x)
        }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
