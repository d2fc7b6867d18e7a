/* Swift harvest-dirty+write+read-too-early
"Planted: the page is copied when it is reported, before the shootdown."
Include=Tables.swift
(* Result: Never *)
(* Result missed: Sometimes *)
(* Until the flush a write goes through a translation with D=1. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1);
}
exists missed: (0:r1=0 /\ x=1 /\ [PTE(x)].d=0)
exists makes-shadow-stack: (kernel_shadow_stack(x))
*/
import AddressSpace

@_cdecl("P0") func log(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        var content: Int32 = 0
        for _ in 0..<2 { try space.harvestDirty(at: address(x)) { _ in content = READ_ONCE(memory(of: x)) } }
        observe(r1: content)
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
