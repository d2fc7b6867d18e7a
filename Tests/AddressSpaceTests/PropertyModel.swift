import AddressSpace
import PageTable

/// What is at an address, in plain words: what an address space should be, without tables.
enum ModelEntry: Equatable {
    case page(ModelPage)
    case software(SoftwareEntry)
}

/// A page of the model.
struct ModelPage: Equatable {
    var kind: MappingKind
    var frame: UInt64
    var size: PageSize
    var rights: Rights
    var isWritable: Bool
    var isDirty: Bool
    var isAccessed = false

    var hasAccess: Bool { !rights.contains(.noAccess) }

    init(_ kind: MappingKind, _ frame: UInt64, _ size: PageSize, _ rights: Rights, isWritable: Bool, isDirty: Bool) {
        (self.kind, self.frame, self.size, self.rights) = (kind, frame, size, rights)
        (self.isWritable, self.isDirty) = (isWritable, isDirty)
    }

    /// What an address space says of a page.
    init(_ found: Translation) {
        self.init(
            found.kind, found.frame.number, found.size, found.rights, isWritable: found.isWritable,
            isDirty: found.isDirty)
        isAccessed = found.entry.isAccessed
    }
}

/// An address space as a dictionary: by the address of the first byte, what is there.
struct Model: Equatable {
    var entries: [UInt64: ModelEntry] = [:]

    /// The address of the page that an address is in.
    func start(_ address: UInt64) -> UInt64? {
        let small = address & ~4095
        if entries[small] != nil { return small }
        let large = address & ~(PageSize.page2M.byteCount - 1)
        if case .page(let page) = entries[large], page.size == .page2M { return large }
        return nil
    }

    func page(_ address: UInt64) -> ModelPage? {
        if let start = start(address), case .page(let page) = entries[start] { page } else { nil }
    }

    /// What lies in a range, in order.
    func starts(_ first: UInt64, _ count: Int) -> [UInt64] {
        entries.keys.filter { $0 >= first && $0 - first < UInt64(count) * 4096 }.sorted()
    }

    /// Whether an end of a range lies inside a large page.
    func cutsPage(_ first: UInt64, _ count: Int) -> Bool {
        let last = first + UInt64(count - 1) * 4096
        for address in [first, last] {
            guard let start = start(address), case .page(let page) = entries[start], page.size != .page4K else {
                continue
            }
            if start < first || start + page.size.byteCount - 4096 > last { return true }
        }
        return false
    }

    func isEmpty(_ first: UInt64, _ count: Int) -> Bool { starts(first, count).isEmpty && start(first) == nil }

    /// Changes the pages of a range; nil to take one out.
    mutating func change(_ first: UInt64, _ count: Int, _ body: (inout ModelPage) -> Void) {
        for start in starts(first, count) { change(start, body) }
    }

    mutating func change(_ start: UInt64, _ body: (inout ModelPage) -> Void) {
        guard case .page(var page) = entries[start] else { return }
        body(&page)
        entries[start] = .page(page)
    }

    // MARK: What the operations mean

    /// New rights; a private page gets W back by a fault only.
    mutating func protect(_ first: UInt64, _ count: Int, _ rights: Rights) {
        change(first, count) { page in
            page.rights = rights
            page.isWritable =
                page.hasAccess && rights.contains(.write) && (page.kind == .shared || page.isWritable)
        }
    }

    mutating func clean(_ first: UInt64, _ count: Int) {
        change(first, count) { page in
            if page.hasAccess { (page.isWritable, page.isDirty) = (false, false) }
        }
    }

    mutating func makeWritable(_ start: UInt64, isDirty: Bool) {
        change(start) { page in
            (page.isWritable, page.isAccessed) = (true, true)
            page.isDirty = page.isDirty || isDirty || page.kind == .shadowStack
        }
    }

    /// What a walker does to a page that it finds: A, and D by a write that is allowed.
    mutating func access(_ start: UInt64, isWrite: Bool) {
        change(start) { page in
            guard page.hasAccess else { return }
            page.isAccessed = true
            if isWrite, page.isWritable, page.kind != .shadowStack, page.rights.contains(.user) { page.isDirty = true }
        }
    }

    mutating func split(_ start: UInt64) {
        guard case .page(var page) = entries[start] else { return }
        page.size = .page4K
        for index in 0..<UInt64(512) {
            entries[start + index * 4096] = .page(page)
            page.frame += 1
        }
    }

    /// One page of 512; nil unless they are alike and side by side.
    func collapsed(_ start: UInt64) -> ModelPage? {
        guard case .page(var whole) = entries[start], whole.size == .page4K, whole.hasAccess, whole.frame % 512 == 0
        else {
            return nil
        }
        for index in 0..<UInt64(512) {
            guard case .page(let piece) = entries[start + index * 4096], piece.size == .page4K,
                piece.frame == whole.frame + index, piece.kind == whole.kind, piece.rights == whole.rights,
                piece.isWritable == whole.isWritable
            else { return nil }
            whole.isDirty = whole.isDirty || piece.isDirty
            whole.isAccessed = whole.isAccessed || piece.isAccessed
        }
        whole.size = .page2M
        return whole
    }

    /// Makes the copy of a fork.
    mutating func fork() -> Model {
        var child = self
        for (start, entry) in entries {
            guard case .page(let page) = entry, page.hasAccess else { continue }
            if page.kind != .shared { change(start) { $0.isWritable = false } }
            child.change(start) { copy in
                copy.isAccessed = false
                if copy.kind == .shared { copy.isDirty = false } else { copy.isWritable = false }
            }
        }
        return child
    }
}
