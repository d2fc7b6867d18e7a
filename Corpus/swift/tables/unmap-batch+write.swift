/* Swift unmap-batch+write
"unmap(batch:) takes two scattered pages out with one shootdown, while another CPU writes the upper one."
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
        let batch: InlineArray<2, UInt64> = [address(y), address(x)]
        try space.unmap(batch: batch.span) { page in
            let own: UnsafeRawPointer = page.address == address(x) ? UnsafeRawPointer(x) : UnsafeRawPointer(y)
            if page.wasDirty { set_page_dirty(own) }
            free_frame(own)
        }
    }
}

@_cdecl("P1") func write(y: UnsafeMutablePointer<Int32>) { WRITE_ONCE(y, 1) }
