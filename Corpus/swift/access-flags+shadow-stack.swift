/* Swift access-flags+shadow-stack
"A fault makes a page of a shadow stack one that can be pushed to again."
Sequence=setShadowStackAccessFlags()
Failure=a push is lost or never happens
CPU=cet
ShadowStack=x
Fault=P1:retry
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:0, d:0, sd:1);
  1:cpl = 3;
}
exists (lost_dirty(x) \/ ~written(x))
*/
import PageTable

@_cdecl("P0") func makeWritable(pte_x: UnsafeMutablePointer<UInt64>) {
    AtomicPageTableEntry(pte_x).setShadowStackAccessFlags()
}

@_cdecl("P1") func push(x: UnsafeMutablePointer<UInt64>) {
    wrss(x, 1)
}
