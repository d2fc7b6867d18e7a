import PageTable

/// A kind of mapping as a type: ``PrivateMapping``, ``SharedMapping`` or ``ShadowStackMapping``.
public protocol Mapping: Sendable {
    /// The kind as a value.
    static var kind: MappingKind { get }
}

/// A kind of mapping whose entries are never W=0, D=1.
public protocol OrdinaryMapping: Mapping {}

/// See ``MappingKind/private``.
public enum PrivateMapping: OrdinaryMapping {
    /// The kind as a value.
    @inlinable public static var kind: MappingKind { .private }
}

/// See ``MappingKind/shared``.
public enum SharedMapping: OrdinaryMapping {
    /// The kind as a value.
    @inlinable public static var kind: MappingKind { .shared }
}

/// See ``MappingKind/shadowStack``.
public enum ShadowStackMapping: Mapping {
    /// The kind as a value.
    @inlinable public static var kind: MappingKind { .shadowStack }
}

/// The entry of a page to map, for a mapping of a kind that is part of the type.
///
/// There is no way to make one from arbitrary bits. A leaf of an ``OrdinaryMapping`` is therefore never W=0, D=1, and a
/// leaf of a ``ShadowStackMapping`` never W=1.
public struct Leaf<Kind: Mapping>: Hashable, Sendable {
    /// The entry.
    public let entry: PageTableEntry

    /// Settles an entry for the kind.
    @inlinable
    init(settling entry: PageTableEntry) { self.entry = Kind.kind.settled(entry) }

    /// A leaf with P=1 for a frame.
    @inlinable
    init(_ frame: Frame, setting mask: UInt64, _ rights: Rights) {
        var entry = PageTableEntry(rawValue: PageTableEntry.presentMask | mask)
        entry.frameNumber = frame.number
        self.init(settling: rights.applied(to: entry))
    }

    /// The frame.
    @inlinable public var frame: Frame { Frame(of: entry) }

    /// The leaf without the right to write for now, as after a fork: a write has to ask the fault handler first.
    @inlinable public var writeProtected: Leaf { Leaf(settling: LinuxGeneration.savedDirty.writeProtected(entry)) }

    /// The leaf with A=1, which spares hardware setting it.
    @inlinable public var accessed: Leaf { Leaf(settling: LinuxGeneration.savedDirty.markedYoung(entry)) }

    /// The leaf with G=1, for pages of the kernel that all address spaces have: CPUs keep its translations when CR3 changes.
    @inlinable public var global: Leaf { Leaf(settling: entry.setting(PageTableEntry.globalMask)) }

    /// The leaf with another way to cache its memory: registers of a device, frame buffers.
    @inlinable
    public func caching(_ policy: CachePolicy) -> Leaf { Leaf(settling: policy.applied(to: entry)) }

    /// The leaf with a protection key.
    /// - Parameter key: 0 to 15; a larger one is cut to its low four bits.
    @inlinable
    public func protectionKey(_ key: UInt8) -> Leaf {
        var entry = entry
        entry.protectionKey = key
        return Leaf(settling: entry)
    }

    /// The entry for a page of a size, with the frame moved by a number of frames.
    @inlinable
    func entry(_ size: PageSize, movedBy frames: UInt64) -> PageTableEntry {
        var moved = entry
        moved.frameNumber = moved.frameNumber &+ frames
        return size == .page4K ? moved : moved.asLargeLeaf
    }
}

extension Leaf where Kind: OrdinaryMapping {
    /// A clean page.
    /// - Parameters:
    ///   - frame: the frame; of a private mapping with the right to write, the caller knows that nobody else uses it,
    ///     or takes ``writeProtected``.
    ///   - rights: what is allowed besides reading.
    @inlinable
    public init(_ frame: Frame, _ rights: Rights) {
        self.init(frame, setting: rights.contains(.write) ? PageTableEntry.writableMask : 0, rights)
    }

    /// The leaf of a page that was written: D where W=1, SavedDirty where W=0.
    @inlinable public var dirty: Leaf { Leaf(settling: entry.setting(PageTableEntry.dirtyMask)) }
}

extension Leaf where Kind == ShadowStackMapping {
    /// A page of a shadow stack that can be written by shadow-stack stores: W=0, D=1.
    /// - Parameters:
    ///   - frame: the frame.
    ///   - isUser: whether it is a user's shadow stack or the kernel's.
    @inlinable
    public init(_ frame: Frame, isUser: Bool = true) {
        self.init(frame, setting: PageTableEntry.dirtyMask, isUser ? .write.union(.user) : .write)
    }
}
