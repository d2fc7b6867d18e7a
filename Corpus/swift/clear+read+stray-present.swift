/* Swift clear+read+stray-present
"Software reads what hardware set after the entry was taken away."
Sequence=clear(), then the flush
Remark=reads what hardware set in the empty entry, on purpose
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, a:0, d:0);
}
exists (stray_present(x))
*/
import PageTable

@_cdecl("P0") func take(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let entry = AtomicPageTableEntry(pte_x)
    let old = entry.clear()
    flush_tlb_page(x)
    _ = old
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) {
    _ = READ_ONCE(x)
}
