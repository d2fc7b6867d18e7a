/* Swift reclaim-software+write
"reclaim(at:pages:replacement:) leaves in the place of a page where its content went, while another CPU writes it."
Include=Tables.swift
(* Result: Never *)
(* Result left: Always *)
(* What the caller says is stored after the flush, when D is final and no hardware writes the entry. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
forall left: ([PTE(x)]==(oa:PA(x), p:0, rw:0, us:0, a:0, d:0, sw1:1))
*/
import AddressSpace

@_cdecl("P0") func take(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.reclaim(at: address(x), pages: 1) { page in
            if page.wasDirty { writeback(x) }
            reclaim(x)
            free_frame(x)
            return SoftwareEntry(payload: frame(of: x).address >> 10)
        }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
