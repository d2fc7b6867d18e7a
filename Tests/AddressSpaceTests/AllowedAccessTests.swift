import AddressSpace
import PageTable
import Testing

private let base: UInt64 = 0x7000_0000_0000

/// Which accesses a page allows, and which go on now.
@Suite struct AllowedAccessTests {
    let memory: Memory

    init() throws { memory = try Memory(frames: 64) }

    /// A page as it is found after it was mapped.
    private func page<Kind: Mapping>(_ leaf: Leaf<Kind>) throws -> Translation {
        let space = try memory.space()
        try space.map(leaf, at: base)
        return try space.walk(base)
    }

    /// The accesses for which something holds.
    private func accesses(_ holds: (FaultAccess) -> Bool) -> Set<FaultAccess> {
        Set(FaultAccess.allCases.filter(holds))
    }

    @Test func rightsDecide() throws {
        let open = try page(try memory.page([.write, .execute, .user]))
        #expect(accesses { open.allows($0) } == [.read, .write, .fetch])
        #expect(accesses { open.allows($0, isUser: false) } == [.read, .write, .fetch])
        let plain = try page(try memory.page(.user))
        #expect(accesses { plain.allows($0) } == [.read])
        let kernel = try page(try memory.page(.write))
        #expect(accesses { kernel.allows($0) } == [])
        #expect(accesses { kernel.allows($0, isUser: false) } == [.read, .write])
    }

    @Test func shadowStacksAllowTheirOwnAccesses() throws {
        let stack = try page(Leaf<ShadowStackMapping>(try memory.frame()))
        #expect(accesses { stack.allows($0) } == [.read, .shadowStackRead, .shadowStackWrite])
        #expect(accesses { stack.allows($0, isUser: false) } == [.read])
        #expect(accesses { stack.permitsNow($0) } == [.read, .shadowStackRead, .shadowStackWrite])
        let protected = try page(Leaf<ShadowStackMapping>(try memory.frame()).writeProtected)
        #expect(accesses { protected.allows($0) } == [.read, .shadowStackRead, .shadowStackWrite])
        #expect(accesses { protected.permitsNow($0) } == [.read])
    }

    @Test func aWriteProtectedPageAllowsWhatItDoesNotPermitNow() throws {
        let page = try page(try memory.page([.write, .user]).writeProtected)
        #expect(accesses { page.allows($0) } == [.read, .write])
        #expect(accesses { page.permitsNow($0) } == [.read])
    }

    @Test func aPageWithoutAccessAllowsNothing() throws {
        let space = try memory.space()
        try space.map(try memory.page(), at: base)
        try space.protect(at: base, [.noAccess, .write, .user])
        guard case .inaccessible(let page) = try space.content(at: base) else { throw Missing() }
        #expect(accesses { page.allows($0) || page.permitsNow($0, isUser: false) } == [])
    }

    @Test func permissionIsTheWalkers() throws {
        // What permitsNow says is what a CPU with shadow stacks does, for each kind of leaf, access and mode.
        let port = try WalkerPort(in: memory.pool)
        let frame = try memory.frame()
        for rights in (0..<8).map({ Rights(rawValue: $0) }) {
            try compare(Leaf<PrivateMapping>(frame, rights), port)
            try compare(Leaf<PrivateMapping>(frame, rights).writeProtected, port)
            try compare(Leaf<SharedMapping>(frame, rights).dirty, port)
        }
        for isUser in [false, true] {
            try compare(Leaf<ShadowStackMapping>(frame, isUser: isUser), port)
            try compare(Leaf<ShadowStackMapping>(frame, isUser: isUser).writeProtected, port)
        }
    }

    private func compare<Kind: Mapping>(_ leaf: Leaf<Kind>, _ port: WalkerPort) throws {
        let space = try memory.space([port])
        try space.map(leaf, at: base)
        let page = try space.walk(base)
        for access in FaultAccess.allCases {
            for isUser in [false, true] {
                var cpu = SoftwareWalker(port: port, frames: memory, behaviour: .cet, root: space.root)
                cpu.isUser = isUser
                let result =
                    switch access {
                    case .read: try cpu.read(at: base)
                    case .write: try cpu.write(1, at: base)
                    case .fetch: try cpu.fetch(at: base)
                    case .shadowStackRead: try cpu.readShadowStack(at: base)
                    case .shadowStackWrite: try cpu.writeShadowStack(1, at: base)
                    }
                #expect((result.errorCode == nil) == page.permitsNow(access, isUser: isUser), "\(leaf) \(access)")
            }
        }
    }
}
