import AddressSpace
import PageTable

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The fault handler of a machine under stress: one call, and what it leaves to the caller.
extension StressMachine {
    /// Handles a fault of a walker under the page lock.
    func handleFault(_ page: Int, _ access: FaultAccess, _ random: inout Xorshift) throws {
        let outcome = try withPage(page) { state in
            let outcome = try handle(page, access, space)
            switch outcome {
            case .copied(_, let new): state.place = .frame(new)
            case .notMapped:
                guard state.place == .away else { throw StressFailure("page \(page) is mapped, but was not found") }
                state.place = .frame(try map(page, state.backing, &random))
            case .software(let slot):
                guard state.slot == slot else { throw StressFailure("page \(page) is not in place \(slot)") }
                state.place = .frame(try bringBack(page, slot, in: space))
            default: break
            }
            return outcome
        }
        // Another thread has taken the right away for a moment.
        if case .forbidden = outcome { sched_yield() }
    }

    /// The one call; the old frame of a page that was copied is counted.
    func handle(_ page: Int, _ access: FaultAccess, _ space: borrowing Space) throws -> FaultOutcome {
        var copied: [UInt64] = []
        let outcome = try space.handleFault(
            at: address(page), access, isExclusive: { counts.isExclusive($0) },
            copy: { frame, _ in
                guard let content = try? self.content(frame) else { return nil }
                copied = content
                return try? counts.newFrame(content)
            })
        if case .copied(let old, _) = outcome {
            if try content(old.frame) != copied { throw StressFailure("a copied page \(page) did not stand still") }
            counts.drop(old.frame)
        }
        return outcome
    }

    /// Maps a page of which everything was written back.
    private func map(_ page: Int, _ content: [UInt64], _ random: inout Xorshift) throws -> Frame {
        if isLarge(page) { return try mapLargePage(page, &random) }
        let frame = try counts.newFrame(content)
        if isShadowStack(page) {
            try space.map(Leaf<ShadowStackMapping>(frame), at: address(page))
        } else {
            let leaf = Leaf<PrivateMapping>(frame, [.write, .user])
            try space.map(random.oneIn(4) ? leaf.writeProtected.accessed : leaf, at: address(page))
        }
        return frame
    }

    /// Maps the large page in one or in 512 pieces; it keeps its frames for good.
    private func mapLargePage(_ page: Int, _ random: inout Xorshift) throws -> Frame {
        let first = Leaf<SharedMapping>(try Frame(number: StressFrames.largeFrame), [.write, .user])
        let start = Self.address(offset: Self.largeRange.lowerBound)
        if random.oneIn(2) {
            try space.map(first, at: start, pages: Self.largeRange.count)
        } else {
            try space.map(first, at: start, size: .page2M)
        }
        for other in Self.largePages { pages[other].place = .frame(try largeFrame(other)) }
        return try largeFrame(page)
    }

    func largeFrame(_ page: Int) throws -> Frame {
        try Frame(number: StressFrames.largeFrame + UInt64(pages[page].offset - Self.largeRange.lowerBound))
    }

    /// Maps a page whose content is in the swap file.
    func bringBack(_ page: Int, _ slot: SoftwareEntry, in space: borrowing Space) throws -> Frame {
        let frame = try counts.newFrame(try counts.content(slot))
        if isShadowStack(page) {
            try space.map(Leaf<ShadowStackMapping>(frame), at: address(page), replacing: slot)
        } else {
            try space.map(Leaf<PrivateMapping>(frame, [.write, .user]), at: address(page), replacing: slot)
        }
        counts.drop(slot)
        return frame
    }
}
