import X86

/// What drops translations and partial walks (levels.md, table (c)).
extension TestMachine {
    /// `invlpg`: the current tag's translations that cover the address, of whatever size, global ones of any tag, and the tag's
    /// partial walks.
    func invalidatePage(_ state: inout State, _ cpu: Int, _ place: Place) {
        endWalks(&state, cpu)
        let tag = layout.tag(state.processors[cpu].space)
        state.processors[cpu].translations.removeAll { cached in
            guard covers(cached, place) else { return false }
            return cached.global ? !profiles[cpu].invlpgKeepsGlobal : cached.tag == tag
        }
        dropPartials(&state, cpu, tag: tag, place: profiles[cpu].tce ? place : nil)
    }

    /// A tag's translations but global ones, all of them or those at a place, and its partial walks.
    ///
    /// - Parameter onlyPath: whether partial walks that do not lead to the place stay.
    func dropTag(_ state: inout State, _ cpu: Int, _ tag: Int, place: Place? = nil, onlyPath: Bool = false) {
        endWalks(&state, cpu)
        state.processors[cpu].translations.removeAll { cached in
            cached.tag == tag && !cached.global && (place.map { covers(cached, $0) } ?? true)
        }
        dropPartials(&state, cpu, tag: tag, place: onlyPath ? place : nil)
    }

    /// Every tag's translations, with the global ones or without, and all partial walks.
    func dropAll(_ state: inout State, _ cpu: Int, includingGlobal: Bool) {
        endWalks(&state, cpu)
        state.processors[cpu].translations.removeAll { includingGlobal || !$0.global }
        state.processors[cpu].partials = []
        state.processors[cpu].entries = []
    }

    /// A page fault: what was made of the page under the current tag, and the way to it.
    func dropFaulting(_ state: inout State, _ cpu: Int, _ page: Int) {
        endWalks(&state, cpu)
        let tag = layout.tag(state.processors[cpu].space)
        state.processors[cpu].translations.removeAll { $0.tag == tag && covers($0, page) }
        dropPartials(&state, cpu, tag: tag, place: layout.place(page))
    }

    // MARK: Instructions

    /// `invpcid`; nil while it has to wait.
    func invalidateContext(
        _ state: State, _ cpu: Int, _ instruction: Instruction, type: UInt64, descriptor: UInt64
    ) throws -> State? {
        if profiles[cpu].invpcidSerialises, !state.processors[cpu].buffer.isEmpty { return nil }
        var next = state
        var words: [UInt64] = []
        for address in [descriptor, descriptor &+ 8] {
            let access = MemoryAccess(address: address, width: .quad)
            guard case .direct(let word) = try layout.target(access, at: instruction.place) else {
                throw OracleError.unsupported("a descriptor of invpcid in a translated page")
            }
            words.append(load(&next, cpu, word, mask: ~0))
        }
        guard words[0] >> 12 == 0 else { throw OracleError.badValue(words[0], instruction.place) }
        let place = layout.place(layout.page(ofAddress: words[1]))
        guard dropContext(&next, cpu, type: type, Int(words[0]), place) else {
            throw OracleError.badValue(type, instruction.place)
        }
        return finish(next, cpu, instruction, loaded: 0)
    }

    /// - Returns: false where there is no such type of `invpcid`.
    func dropContext(_ state: inout State, _ cpu: Int, type: UInt64, _ tag: Int, _ place: Place) -> Bool {
        switch type {
        case 0: dropTag(&state, cpu, tag, place: place, onlyPath: profiles[cpu].tce)
        case 1: dropTag(&state, cpu, tag)
        case 2: dropAll(&state, cpu, includingGlobal: true)
        case 3: dropAll(&state, cpu, includingGlobal: false)
        default: return false
        }
        return true
    }

    /// `mov` to CR3: the loaded tag's translations go, unless bit 63 says that they stay.
    func writeCR3(_ state: State, _ cpu: Int, _ instruction: Instruction, _ value: UInt64) throws -> State {
        let root = value & ~Layout.keepTranslations
        guard let space = layout.spaces.indices.first(where: { layout.rootValue($0) == root }) else {
            throw OracleError.badAddress(value, instruction.place)
        }
        var next = state
        endWalks(&next, cpu)
        if value & Layout.keepTranslations == 0, !profiles[cpu].cr3FlushFilter {
            dropTag(&next, cpu, layout.tag(space))
        }
        next.processors[cpu].space = space
        next.processors[cpu].wanted = space
        return finish(next, cpu, instruction, loaded: 0)
    }

    /// What CR4 holds: PAE, PCIDE, CET where there is one, and PGE as it stands.
    func controlRegister4(_ processor: Processor, _ cpu: Int) -> UInt64 {
        0x2_0020 | (processor.globalPages ? Layout.globalPages : 0) | (hasShadowStack(cpu) ? 1 << 23 : 0)
    }

    /// `mov` to CR4: everything goes when PGE changes, and nothing else may.
    func writeCR4(_ state: State, _ cpu: Int, _ instruction: Instruction, _ value: UInt64) throws -> State {
        let changed = value ^ controlRegister4(state.processors[cpu], cpu)
        guard changed & ~Layout.globalPages == 0 else { throw OracleError.badValue(value, instruction.place) }
        var next = state
        endWalks(&next, cpu)
        if changed != 0 {
            dropAll(&next, cpu, includingGlobal: true)
            next.processors[cpu].globalPages.toggle()
        }
        return finish(next, cpu, instruction, loaded: 0)
    }

    // MARK: Broadcasts

    /// `invlpgb`: from now on every processor, the sender too, has to take it, page by page and tag by tag.
    func broadcast(
        _ state: State, _ cpu: Int, _ instruction: Instruction, _ operands: BroadcastInvalidation
    ) -> State? {
        var pages: Set<Int>?
        if operands.hasAddress {
            let steps = (0..<operands.pageCount).map { operands.address &+ $0 &* operands.strideBytes }
            pages = Set(layout.pages).intersection(steps.compactMap { layout.page(ofAddress: $0) })
        }
        return broadcast(
            state, cpu, instruction, pages: pages, tag: operands.hasTag ? Int(operands.tag) : nil,
            isFinalOnly: operands.isFinalOnly, includesGlobal: operands.includesGlobal)
    }

    /// - Parameters:
    ///   - named: nil for all pages.
    ///   - tag: nil for all tags.
    func broadcast(
        _ state: State, _ cpu: Int, _ instruction: Instruction, pages named: Set<Int>?, tag: Int?, isFinalOnly: Bool,
        includesGlobal: Bool
    ) -> State? {
        if profiles[cpu].invlpgbOrdered, !state.processors[cpu].buffer.isEmpty { return nil }
        var pages = Set<Int?>(named ?? Set(layout.pages))
        var upper = BroadcastPart.Upper.all
        if named != nil, profiles[cpu].tce { upper = .path }
        // Bit 4, the final translation only: with an address levels.md (c) says so, and without one no manual says otherwise.
        if isFinalOnly { upper = .nothing }
        if layout.tables.rootLevel == 1 { upper = .nothing }
        if upper == .all { pages.insert(nil) }
        var tags = Set<Int?>(
            layout.spaces.indices.map { layout.tag($0) }.filter { tag == nil || $0 == tag })
        // Global translations have no tag: they go even if the PCID is nobody's.
        if tags.isEmpty && includesGlobal { tags = [nil] }
        var parts: Set<BroadcastPart> = []
        for tag in tags {
            for page in pages {
                parts.insert(
                    BroadcastPart(
                        sender: cpu, tag: tag, page: page, includesGlobal: includesGlobal, upper: upper))
            }
        }
        var next = state
        for target in next.processors.indices {
            next.processors[target].broadcasts = parts.union(next.processors[target].broadcasts).sorted()
        }
        return finish(next, cpu, instruction, loaded: 0)
    }

    /// Whether every processor has taken all that one has sent.
    func isTaken(_ state: State, from sender: Int) -> Bool {
        state.processors.allSatisfy { processor in processor.broadcasts.allSatisfy { $0.sender != sender } }
    }

    /// Every way in which a processor, between two of its instructions, can take a part of a broadcast.
    func takingSteps(_ state: State, _ cpu: Int) -> [State] {
        let processor = state.processors[cpu]
        guard processor.atBoundary || processor.thread == .ended else { return [] }
        return processor.broadcasts.indices.map { index in
            var next = state
            if profiles[cpu].broadcastDrains { drainAll(&next, cpu) }
            let part = next.processors[cpu].broadcasts.remove(at: index)
            endWalks(&next, cpu)
            if let tag = part.tag {
                let (partials, entries) = (next.processors[cpu].partials, next.processors[cpu].entries)
                dropTag(&next, cpu, tag, place: layout.place(part.page), onlyPath: part.upper == .path)
                if part.upper == .nothing {
                    next.processors[cpu].partials = partials
                    next.processors[cpu].entries = entries
                }
            }
            if part.includesGlobal, let page = part.page {
                next.processors[cpu].translations.removeAll { $0.global && covers($0, page) }
            }
            return next
        }
    }
}
