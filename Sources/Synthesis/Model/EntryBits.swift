import PageTable

/// The bits of an entry that hardware looks at, as masks.
enum EntryBits {
    static let present = EntryFieldName.present.mask
    static let writable = EntryFieldName.writable.mask
    static let accessed = EntryFieldName.accessed.mask
    static let dirty = EntryFieldName.dirty.mask

    /// Whether an entry looks like one of a shadow-stack page: P=1, W=0, D=1.
    static func isShadowStack(_ entry: UInt64) -> Bool { entry & (present | writable | dirty) == present | dirty }
}
