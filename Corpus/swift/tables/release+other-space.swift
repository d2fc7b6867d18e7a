/* Swift release+other-space
"The tables of an address space are released at the end of its life, while no CPU has it loaded."
Include=Tables.swift
(* Result: Never *)
(* Lower tables go before those above them; each is read before it goes, and no CPU walks them. *)
{
  [PTE(x)] = (oa:PA(x));
  [PGD(child:x)] = (table:PDPT(child:x));
  [PTE(child:x)] = (oa:PA(x));
}
exists (stale_table(PT(child:x)) \/ stale_table(PD(child:x)) \/ stale_table(PDPT(child:x)))
*/
import AddressSpace

@_cdecl("P0") func release(child: UnsafeMutablePointer<UInt64>) {
    var taken = 0
    withUnsafeMutablePointer(to: &taken) { taken in
        let root = frame(ofTableAt: child)
        let frames = TestFrames(first: nil, second: nil, third: nil, taken: taken, root: root)
        // The value's life ends here, and its tables are released.
        _ = try? AddressSpace(adopting: root, frames: frames, shootdown: Interrupts(), lock: NoLock())
    }
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) { _ = READ_ONCE(x) }
