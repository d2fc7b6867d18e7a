/* Swift map-linked-first+read
"Planted: the new table is linked before it is cleared, and a CPU reads the page of its last owner."
(* Result: Sometimes *)
(* Between the two stores a walk finds the old entry. *)
{
  int x = 1;
  int secret = 2;
  [PMD(x)] = (p:0);
  [PTE(x)] = (oa:PA(secret));
}
exists (1:r1=2)
*/
import PageTable

@_cdecl("P0") func map(pmd_x: UnsafeMutablePointer<UInt64>, pte_x: UnsafeMutablePointer<UInt64>) {
    // The table lies in the direct map.
    let table = UInt64(UInt(bitPattern: pte_x)) - 0xffff_8880_0000_0000
    AtomicPageTableEntry(pmd_x).store(PageTableEntry(rawValue: table | 0x67))
    AtomicPageTableEntry(pte_x).store(PageTableEntry(rawValue: 0))
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) { observe(r1: READ_ONCE(x)) }
