import PageTable

/// How large a page is: what a leaf of one of three levels maps (SDM volume 3A, section 4.5).
public enum PageSize: UInt8, CaseIterable, Hashable, Sendable {
    /// 4 KByte, by an entry of a page table.
    case page4K = 1
    /// 2 MByte, by an entry of a page directory with PS=1.
    case page2M = 2
    /// 1 GByte, by an entry of a page-directory-pointer table with PS=1.
    case page1G = 3

    /// The number of bytes.
    @inlinable @inline(__always) public var byteCount: UInt64 { 4096 &<< (9 &* UInt64(rawValue &- 1)) }
    /// The number of frames, and of pages of 4 KByte.
    @inlinable @inline(__always) public var frameCount: Int { 1 &<< (9 &* Int(rawValue &- 1)) }

    /// The next smaller size; the smallest for the smallest.
    @inlinable @inline(__always) var smaller: PageSize { self == .page1G ? .page2M : .page4K }
    /// The level whose entries map pages of this size.
    @inlinable @inline(__always) var level: PagingLevel { PagingLevel(number: UInt64(rawValue)) }

    /// The size of the pages that entries of a level map; nil above 1 GByte.
    @inlinable @inline(__always)
    init?(of level: PagingLevel) {
        switch level.number {
        case 1: self = .page4K
        case 2: self = .page2M
        case 3: self = .page1G
        default: return nil
        }
    }
}

extension PageSize: CustomStringConvertible {
    /// `4 KByte`, `2 MByte` or `1 GByte`.
    public var description: String {
        switch self {
        case .page4K: "4 KByte"
        case .page2M: "2 MByte"
        case .page1G: "1 GByte"
        }
    }
}
