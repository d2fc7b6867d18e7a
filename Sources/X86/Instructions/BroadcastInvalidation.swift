/// What the operands of `invlpgb` ask for: RAX, ECX and EDX taken apart (APM 3, "INVLPGB"; Linux, asm/tlb.h).
///
/// | register | bits |
/// |---|---|
/// | RAX | 0 address valid, 1 PCID valid, 2 ASID valid, 3 global ones too, 4 final translations only, 5 nested; 12 to 63 the address |
/// | ECX | 0 to 15 the number of pages after the first, 31 steps of 2 MiB instead of 4 KiB |
/// | EDX | 0 to 15 the ASID, 16 to 27 the PCID |
///
/// The model has one ASID, so what is said about it changes nothing.
public struct BroadcastInvalidation: Hashable, Sendable {
    /// Whether pages are named; without it all pages are meant.
    public var hasAddress: Bool
    /// The first page, its low twelve bits 0.
    public var address: UInt64
    /// Whether a PCID is named; without it every PCID is meant.
    public var hasTag: Bool
    /// The PCID.
    public var tag: UInt64
    /// Whether global translations are dropped too.
    public var includesGlobal: Bool
    /// Whether entries above the leaf may stay.
    public var isFinalOnly: Bool
    /// The number of pages, at least 1.
    public var pageCount: UInt64
    /// Bytes from one page to the next: 4 KiB or 2 MiB.
    public var strideBytes: UInt64

    /// Takes the registers apart.
    public init(rax: UInt64, ecx: UInt64, edx: UInt64) {
        hasAddress = rax & RAX.addressValid != 0
        address = rax & RAX.address
        hasTag = rax & RAX.tagValid != 0
        tag = (edx >> EDX.tagShift) & EDX.tag
        includesGlobal = rax & RAX.includesGlobal != 0
        isFinalOnly = rax & RAX.finalOnly != 0
        pageCount = (ecx & ECX.furtherPages) + 1
        strideBytes = ecx & ECX.largeSteps != 0 ? 1 << 21 : 1 << 12
    }

    /// What names no page and no PCID, of 4 KiB steps.
    public init(isFinalOnly: Bool, includesGlobal: Bool) {
        self.init(
            rax: (isFinalOnly ? RAX.finalOnly : 0) | (includesGlobal ? RAX.includesGlobal : 0), ecx: 0, edx: 0)
    }

    private enum RAX {
        static let addressValid: UInt64 = 1 << 0
        static let tagValid: UInt64 = 1 << 1
        static let includesGlobal: UInt64 = 1 << 3
        static let finalOnly: UInt64 = 1 << 4
        static let address: UInt64 = ~0xfff
    }

    private enum ECX {
        static let furtherPages: UInt64 = 0xffff
        static let largeSteps: UInt64 = 1 << 31
    }

    private enum EDX {
        static let tagShift: UInt64 = 16
        static let tag: UInt64 = 0xfff
    }

    /// Whether one of the steps lies in the 4 KiB page that begins at an address.
    ///
    /// Software's translations are of 4 KiB: a step of 2 MiB reaches the page at which it lands, not the pages between.
    public func covers(pageAt page: UInt64) -> Bool {
        guard hasAddress else { return true }
        let distance = page &- address
        return page >= address && distance % strideBytes == 0 && distance / strideBytes < pageCount
    }
}
