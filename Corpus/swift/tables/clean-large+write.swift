/* Swift clean-large+write
"clean(at:pages:report:) of a page of 2 MByte: it is reported whenever it has the write when it returns, and no write comes later."
Include=Tables.swift
(* Result: Never *)
(* First W, then the flush, then dirtiness. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
}
exists untold: (0:r1=0 /\ 0:r2=1)
exists changes: (0:r2=0 /\ x=1)
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
*/
import AddressSpace

@_cdecl("P0") func clean(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    var isTold = false
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.clean(at: address(x), pages: 512) { _ in isTold = true }
    }
    observe(r1: isTold)
    observe(r2: READ_ONCE(memory(of: x)))
    if isTold { writeback(x) }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
