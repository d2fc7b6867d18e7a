/* Swift fault-copy+write
"handleFault(at:...) copies a page that others use, while a sibling writes through a translation from before it was write-protected."
Include=Tables.swift
Region=x z
(* Result: Never *)
(* Result copied: Always *)
(* The page stands still before it is copied, and no CPU has the old frame after the second flush. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(z)] = (oa:PA(z), rw:1);
}
exists lost: (x=1 /\ z=0)
exists freed: (stale_frame(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
forall copied: ([PTE(x)]=(oa:PA(z), p:1, rw:1, d:1))
*/
import AddressSpace

@_cdecl("P0") func fault(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, z: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        // As a fork leaves it: it may be written, but not yet.
        try space.protect(at: address(x), [.write, .user])
        try space.writeProtect(at: address(x))
        let outcome = try space.handleFault(
            at: address(x), .write, isExclusive: { _ in false },
            copy: { _, _ in
                WRITE_ONCE(z, READ_ONCE(memory(of: x)))
                return frame(of: z)
            })
        if case .copied = outcome { free_frame(x) }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
