/* Swift access-flags+write+stuck
"A handler makes a page writable again; the writer gets on without a flush."
Sequence=setAccessFlags(_:)
Failure=another CPU never gets on
Fault=P1:retry
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:0, d:0);
}
exists (stuck(P1))
*/
import PageTable

@_cdecl("P0") func makeWritable(pte_x: UnsafeMutablePointer<UInt64>) {
    AtomicPageTableEntry(pte_x).setAccessFlags([.accessed, .dirty, .writable])
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
