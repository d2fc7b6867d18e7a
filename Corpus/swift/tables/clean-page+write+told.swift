/* Swift clean-page+write+told
"cleanForWriteback(at:) says that the page was dirty whenever it has the write when it returns."
Include=Tables.swift
(* Result: Never *)
(* D is looked at after the flush: what was set late counts. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists untold: (0:r1=0 /\ 0:r2=1)
*/
import AddressSpace

@_cdecl("P0") func clean(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        observe(r1: try space.cleanForWriteback(at: address(x)))
    }
    observe(r2: READ_ONCE(x))
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
