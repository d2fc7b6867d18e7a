/* Swift large-copy-on-write+read+no-flush
"The same with a shootdown that does nothing: a CPU reads a frame that is free."
Include=Tables.swift
Region=x | z
(* Result: Sometimes *)
(* Its translation is the one from before. *)
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
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), pages: 512, [.write, .user])
        try space.breakCopyOnWrite(at: address(x), expecting: try space.walk(address(x)).entry, into: frame(of: z))
        free_frame(x)
    }
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) { _ = READ_ONCE(x) }
