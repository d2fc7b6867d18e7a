/* Swift copy-on-write+read
"breakCopyOnWrite(at:expecting:into:) gives a page a frame of its own, while another CPU reads the old one."
Include=Tables.swift
Region=x z
(* Result: Never *)
(* The old frame is free when no CPU has a translation to it. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:0, d:0);
  [PTE(z)] = (oa:PA(z), rw:1);
}
exists freed: (stale_frame(x))
*/
import AddressSpace

@_cdecl("P0") func copy(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, z: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), [.write, .user])
        WRITE_ONCE(z, READ_ONCE(x))
        try space.breakCopyOnWrite(at: address(x), expecting: try space.walk(address(x)).entry, into: frame(of: z))
        free_frame(x)
    }
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) { _ = READ_ONCE(x) }
