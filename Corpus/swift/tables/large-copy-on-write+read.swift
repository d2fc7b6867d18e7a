/* Swift large-copy-on-write+read
"breakCopyOnWrite(at:expecting:into:) gives a page of 2 MByte frames of its own, while another CPU reads the old ones."
Include=Tables.swift
Region=x | z
(* Result: Never *)
(* The old frames are free when no CPU has a translation to them. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:0, d:0);
  [PMD(z)] = (oa:PA(z), ps:1, rw:1);
}
exists freed: (stale_frame(x))
*/
import AddressSpace

@_cdecl("P0") func copy(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, z: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), pages: 512, [.write, .user])
        try space.breakCopyOnWrite(at: address(x), expecting: try space.walk(address(x)).entry, into: frame(of: z))
        free_frame(x)
    }
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) { _ = READ_ONCE(x) }
