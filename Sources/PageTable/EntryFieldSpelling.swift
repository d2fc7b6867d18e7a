extension EntryFieldName {
    /// The name in the test language.
    public var spelling: String {
        switch self {
        case .present: "p"
        case .writable: "rw"
        case .user: "us"
        case .writeThrough: "pwt"
        case .cacheDisable: "pcd"
        case .accessed: "a"
        case .dirty: "d"
        case .pageSize: "ps"
        case .pat: "pat"
        case .global: "g"
        case .software1: "sw1"
        case .userfaultfd: "uffd"
        case .softDirty: "soft"
        case .savedDirty: "sd"
        case .protectionKey: "pkey"
        case .noExecute: "nx"
        }
    }

    /// Finds a field by its name in the test language (lower case, exact); nil if there is none.
    public init?(spelling: some StringProtocol) {
        for field in Self.allCases where field.spelling == spelling {
            self = field
            return
        }
        return nil
    }
}

extension EntryFieldName: CustomStringConvertible {
    /// The name in the test language.
    public var description: String { spelling }
}
