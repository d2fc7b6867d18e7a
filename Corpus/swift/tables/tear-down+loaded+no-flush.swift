/* Swift tear-down+loaded+no-flush
"Planted: a CPU has the address space loaded, and the shootdown does nothing."
Include=Tables.swift
(* Result: Sometimes *)
(* The walker reads tables that were released. *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PGD(child:x)] = (table:PDPT(child:x));
  [PTE(child:x)] = (oa:PA(x), rw:1, d:1);
  1:mm = child;
}
exists stale-table: (stale_table(PT(child:x)) \/ stale_table(PD(child:x)) \/ stale_table(PDPT(child:x)))
*/
import AddressSpace

@_cdecl("P0") func tearDown(child: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    var taken = 0
    withUnsafeMutablePointer(to: &taken) { taken in
        let root = frame(ofTableAt: child)
        let frames = TestFrames(first: nil, second: nil, third: nil, taken: taken, root: root)
        guard
            let space = try? AddressSpace(adopting: root, frames: frames, shootdown: NoInterrupts(), lock: NoLock())
        else { return }
        space.tearDown { page in if page.wasDirty { set_page_dirty(x) } }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
