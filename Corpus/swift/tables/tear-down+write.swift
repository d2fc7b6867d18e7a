/* Swift tear-down+write
"tearDown() reports the page and gives back all tables of an address space that no CPU has loaded, while its frame is written elsewhere."
Include=Tables.swift
(* Result: Never *)
(* Result all: Always *)
(* Each table is read before it goes, and no CPU walks them. *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PGD(child:x)] = (table:PDPT(child:x));
  [PTE(child:x)] = (oa:PA(x), rw:1, d:1);
}
exists lost-dirty: (lost_dirty(x))
exists stale-table: (stale_table(PT(child:x)) \/ stale_table(PD(child:x)) \/ stale_table(PDPT(child:x)))
forall all: (0:r1=3 /\ 0:r2=1)
*/
import AddressSpace

@_cdecl("P0") func tearDown(child: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    var taken = 0
    withUnsafeMutablePointer(to: &taken) { taken in
        let root = frame(ofTableAt: child)
        let frames = TestFrames(first: nil, second: nil, third: nil, taken: taken, root: root)
        guard
            let space = try? AddressSpace(adopting: root, frames: frames, shootdown: Interrupts(), lock: NoLock())
        else { return }
        let summary = space.tearDown { page in if page.wasDirty { set_page_dirty(x) } }
        observe(r1: summary.tables)
        observe(r2: summary.dirtyPages)
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
