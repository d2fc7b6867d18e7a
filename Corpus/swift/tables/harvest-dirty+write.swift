/* Swift harvest-dirty+write
"harvestDirty(at:) in two rounds misses no write: it is in the copy that is made after a round, or D is set."
Include=Tables.swift
(* Result: Never *)
(* D is clear before the flush, so that a write after it sets D again. One locked operation, so that A stays. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, a:0);
}
exists missed: (0:r1=0 /\ x=1 /\ [PTE(x)].d=0)
exists unused: (x=1 /\ [PTE(x)].a=0)
exists makes-shadow-stack: (kernel_shadow_stack(x))
*/
import AddressSpace

@_cdecl("P0") func log(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        var content: Int32 = 0
        for _ in 0..<2 {
            var isTold = false
            try space.harvestDirty(at: address(x)) { _ in isTold = true }
            if isTold { content = READ_ONCE(memory(of: x)) }
        }
        observe(r1: content)
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
