/* Swift harvest-dirty+write+no-flush
"The same with a shootdown that does nothing: a write after the copy sets no D."
Include=Tables.swift
(* Result: Never *)
(* Result missed: Sometimes *)
(* The other CPU has a translation with D=1. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1);
}
exists missed: (0:r1=0 /\ x=1 /\ [PTE(x)].d=0)
exists makes-shadow-stack: (kernel_shadow_stack(x))
*/
import AddressSpace

@_cdecl("P0") func log(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
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
