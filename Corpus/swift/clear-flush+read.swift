/* Swift clear-flush+read
"Software reads what hardware set after the entry was taken away."
Sequence=clear(flush:)
Remark stray-present=reads what hardware set in the empty entry, on purpose
Remark strays=hardware can leave A or D in the empty entry
Purpose strays=What hardware sets in an entry after it was taken away must not stay there.
(* Result stray-present: knl=Sometimes book=Sometimes Never *)
(* Result strays: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, a:0, d:0);
}
exists stray-present: (stray_present(x))
exists strays: (~[PTE(x)]=(p:0, a:0, d:0))
*/
import PageTable

@_cdecl("P0") func take(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let entry = AtomicPageTableEntry(pte_x)
    let old = entry.clear { flush_tlb_page(x) }
    _ = old
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) {
    _ = READ_ONCE(x)
}
