/* Swift merge-pages+write+no-flush
"The same with a shootdown that does nothing: the page changes after it was compared."
Include=Tables.swift
Region=x z
(* Result: Sometimes *)
(* A write through a translation from before reaches the frame after the comparison, and after it was freed. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(z)] = (oa:PA(z), rw:0, d:0);
}
exists changes: (0:r1=0 /\ x=1)
exists freed: (stale_frame(x))
*/
import AddressSpace

@_cdecl("P0") func merge(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, z: UnsafeMutablePointer<Int32>
) {
    var content: Int32 = 1
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        guard
            case .protected(let still, let wasDirty) = try space.writeProtectForMerge(
                at: address(x), mayMerge: { _ in true })
        else { return }
        if wasDirty { set_page_dirty(x) }
        content = READ_ONCE(x)
        // Both pages have the same content if it is 0; z stays as it is.
        guard content == 0 else { return }
        try space.merge(at: address(x), expecting: still, into: frame(of: z))
        free_frame(x)
    }
    observe(r1: content)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
