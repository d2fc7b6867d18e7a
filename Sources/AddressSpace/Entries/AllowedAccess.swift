import PageTable

/// May an access go on?
extension Translation {
    /// Whether the mapping allows an access, be it after the fault handler has made the page writable or copied it.
    ///
    /// If not, the fault is the process's own mistake.
    /// - Parameters:
    ///   - access: what the access wants.
    ///   - isUser: whether it is a user's.
    @inlinable @inline(__always)
    public func allows(_ access: FaultAccess, isUser: Bool = true) -> Bool {
        let rights = rights
        if rights.contains(.noAccess) || isUser && !rights.contains(.user) { return false }
        if access.isShadowStack { return kind == .shadowStack && rights.contains(.user) == isUser }
        switch access {
        case .write: return kind != .shadowStack && rights.contains(.write)
        case .fetch: return rights.contains(.execute)
        default: return true
        }
    }

    /// Whether a CPU that walks to the entry lets an access go on without a fault.
    ///
    /// Where ``allows(_:isUser:)`` is true and this is not, the fault handler has something to do. SMAP, SMEP, protection keys and
    /// CR0.WP=0 are not looked at.
    /// - Parameters:
    ///   - access: what the access wants.
    ///   - isUser: whether it is a user's.
    @inlinable @inline(__always)
    public func permitsNow(_ access: FaultAccess, isUser: Bool = true) -> Bool {
        // A shadow-stack read needs the encoding of one that can be written, too.
        allows(access, isUser: isUser) && (isWritable || !access.isWrite && !access.isShadowStack)
    }
}
