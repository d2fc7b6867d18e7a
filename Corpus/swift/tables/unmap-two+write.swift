/* Swift unmap-two+write
"unmap(at:pages:) takes two pages of a table out with one shootdown, while another CPU writes the second."
Include=Tables.swift
Region=x y
(* Result: Never *)
(* Both entries lose P before the one flush, and are read after it. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1);
  [PTE(y)] = (oa:PA(y), rw:1);
}
exists lost-dirty: (lost_dirty(y))
exists freed: (stale_frame(y))
*/
import AddressSpace

@_cdecl("P0") func unmap(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.unmap(at: address(x), pages: 2) { page in
            let own: UnsafeRawPointer = page.address == address(x) ? UnsafeRawPointer(x) : UnsafeRawPointer(y)
            if page.wasDirty { set_page_dirty(own) }
            free_frame(own)
        }
    }
}

@_cdecl("P1") func write(y: UnsafeMutablePointer<Int32>) { WRITE_ONCE(y, 1) }
