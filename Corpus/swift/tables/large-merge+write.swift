/* Swift large-merge+write
"writeProtectForMerge(at:mayMerge:), comparison and merge(at:expecting:into:) of pages of 2 MByte, while another CPU writes one."
Include=Tables.swift
Region=x | z
(* Result: Never *)
(* The content stands still from the first flush on, and no CPU has the old frames after the second. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
  [PMD(z)] = (oa:PA(z), ps:1, rw:0, d:0);
}
exists changes: (0:r1=0 /\ x=1)
exists freed: (stale_frame(x))
*/
import AddressSpace

@_cdecl("P0") func merge(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, z: UnsafeMutablePointer<Int32>
) {
    var content: Int32 = 1
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        guard
            case .protected(let still, _) = try space.writeProtectForMerge(at: address(x), mayMerge: { _ in true })
        else { return }
        content = READ_ONCE(memory(of: x))
        // Both pages have the same content if it is 0; z stays as it is.
        guard content == 0 else { return }
        try space.merge(at: address(x), expecting: still, into: frame(of: z))
        free_frame(x)
    }
    observe(r1: content)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
