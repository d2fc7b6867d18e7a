extension FaultAccess {
    /// The name in a line of ``WalkerStep``.
    var name: StaticString {
        switch self {
        case .read: "read"
        case .write: "write"
        case .fetch: "fetch"
        case .shadowStackRead: "shadow-stack read"
        case .shadowStackWrite: "shadow-stack write"
        }
    }
}

/// What an access of a software walker came to.
public enum AccessResult: Hashable, Sendable {
    /// It was done: the value read, or written.
    case done(UInt64)
    /// It raised a page fault; nothing was read or written.
    case fault(PageFault)
}

/// A page fault, as the CPU reports it (SDM volume 3A, section 4.7).
public struct PageFault: Hashable, Sendable {
    /// The address accessed, CR2: of an access that lies in two pages, the first byte in the page that faulted.
    public let address: UInt64
    /// The error code.
    ///
    /// Bit 0 if the page was present, 1 for a write, 2 in user mode, 3 for a reserved bit, 4 for an instruction fetch, 6 for
    /// a shadow-stack access.
    public let errorCode: UInt32

    /// Why an address could not be translated.
    enum Reason {
        case notPresent, notPermitted, reservedBit
    }

    init(_ access: FaultAccess, at address: UInt64, isUser: Bool, _ reason: Reason) {
        self.address = address
        var code: UInt32 = reason == .notPresent ? 0 : 1
        if access.isWrite { code |= 1 << 1 }
        if isUser { code |= 1 << 2 }
        if reason == .reservedBit { code |= 1 << 3 }
        if access == .fetch { code |= 1 << 4 }
        if access.isShadowStack { code |= 1 << 6 }
        errorCode = code
    }
}

/// The sizes of an access: unsigned integers of 1, 2, 4 and 8 bytes, and no others.
public protocol AccessValue: FixedWidthInteger & UnsignedInteger & Sendable {}

extension UInt8: AccessValue {}
extension UInt16: AccessValue {}
extension UInt32: AccessValue {}
extension UInt64: AccessValue {}
