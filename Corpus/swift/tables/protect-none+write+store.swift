/* Swift protect-none+write+store
"Planted: the page loses all access by a load and a plain store, and gets it back: a D that was set between is lost."
Include=Tables.swift
(* Result: Sometimes *)
(* The walker sets D between the load and the store. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func protect(
    mm: UnsafeMutablePointer<UInt64>, pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>
) {
    // Bit 10 with P=0 is a page without access.
    let entry = AtomicPageTableEntry(pte_x)
    let old = LinuxGeneration.savedDirty.writeProtected(entry.load())
    entry.store(PageTableEntry(rawValue: old.rawValue & ~1 | 1 << 10))
    flush_tlb_page(x)
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), [.write, .user])
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
