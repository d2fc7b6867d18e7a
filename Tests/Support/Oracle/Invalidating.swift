import X86

/// What drops translations and partial walks (levels.md, table (c)).
extension TestMachine {
    /// `invlpg`: the current tag's translations that cover the address, of whatever size, global ones of any tag, and the tag's
    /// partial walks.
    func invalidatePage(_ state: inout State, _ cpu: Int, _ place: Place) {
        endWalks(&state, cpu)
        let space = state.processors[cpu].space
        state.processors[cpu].translations.removeAll { cached in
            guard covers(cached, place) else { return false }
            return cached.global ? !profiles[cpu].invlpgKeepsGlobal : cached.space == space
        }
        dropPartials(&state, cpu, space: space, place: profiles[cpu].tce ? place : nil)
    }

    /// A tag's translations but global ones, all of them or those at a place, and its partial walks.
    ///
    /// - Parameter onlyPath: whether partial walks that do not lead to the place stay.
    func dropTag(_ state: inout State, _ cpu: Int, space: Int, place: Place? = nil, onlyPath: Bool = false) {
        endWalks(&state, cpu)
        state.processors[cpu].translations.removeAll { cached in
            cached.space == space && !cached.global && (place.map { covers(cached, $0) } ?? true)
        }
        dropPartials(&state, cpu, space: space, place: onlyPath ? place : nil)
    }

    /// Every tag's translations, with the global ones or without, and all partial walks.
    func dropAll(_ state: inout State, _ cpu: Int, includingGlobal: Bool) {
        endWalks(&state, cpu)
        state.processors[cpu].translations.removeAll { includingGlobal || !$0.global }
        state.processors[cpu].partials = []
    }

    /// A tag's partial walks: all, or those whose prefix covers a place.
    private func dropPartials(_ state: inout State, _ cpu: Int, space: Int, place: Place?) {
        state.processors[cpu].partials.removeAll { walk in
            walk.space == space && (place == nil || covers(walk, place))
        }
    }

    private func covers(_ walk: PartialWalk, _ place: Place?) -> Bool {
        guard let indices = place?.indices, indices.count > walk.level else { return false }
        return layout.tables.indices[walk.prefix][walk.level...] == indices[walk.level...]
    }

    /// A page fault: what was made of the page under the current tag, and the way to it.
    func dropFaulting(_ state: inout State, _ cpu: Int, _ page: Int) {
        endWalks(&state, cpu)
        let space = state.processors[cpu].space
        state.processors[cpu].translations.removeAll { $0.space == space && covers($0, page) }
        dropPartials(&state, cpu, space: space, place: layout.place(page))
    }

    /// What a flush service does at one processor: nothing where another address space runs, unless it is a broadcast.
    func serveFlush(_ state: inout State, _ cpu: Int, _ scope: FlushScope) {
        if scope.dropsNothing { return }
        if scope.isBroadcast {
            dropTag(&state, cpu, space: scope.space, place: scope.place, onlyPath: scope.sparesOtherPaths)
        } else if state.processors[cpu].space == scope.space {
            if let place = scope.place {
                invalidatePage(&state, cpu, place)
            } else {
                dropTag(&state, cpu, space: scope.space)
            }
        }
    }

    /// Walks under way come to nothing; a processor without caches of upper levels has no other partial walks.
    func endWalks(_ state: inout State, _ cpu: Int) {
        state.processors[cpu].updates = []
        if profiles[cpu].upperLevels == .none { state.processors[cpu].partials = [] }
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
        let space = layout.spaces.indices.first { layout.tag($0) == words[0] }
        switch type {
        case 0:
            endWalks(&next, cpu)
            let place = layout.place(layout.page(ofAddress: words[1]))
            if let space { dropTag(&next, cpu, space: space, place: place, onlyPath: profiles[cpu].tce) }
        case 1:
            endWalks(&next, cpu)
            if let space { dropTag(&next, cpu, space: space) }
        case 2: dropAll(&next, cpu, includingGlobal: true)
        case 3: dropAll(&next, cpu, includingGlobal: false)
        default: throw OracleError.badValue(type, instruction.place)
        }
        return finish(next, cpu, instruction, loaded: 0)
    }

    /// `mov` to CR3: the loaded tag's translations go, unless bit 63 says that they stay.
    func writeCR3(_ state: State, _ cpu: Int, _ instruction: Instruction, _ value: UInt64) throws -> State {
        let root = value & ~Layout.keepTranslations
        guard let space = layout.spaces.indices.first(where: { layout.rootValue($0) == root }) else {
            throw OracleError.badAddress(value, instruction.place)
        }
        var next = state
        endWalks(&next, cpu)
        if value & Layout.keepTranslations == 0, !profiles[cpu].cr3FlushFilter { dropTag(&next, cpu, space: space) }
        next.processors[cpu].space = space
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
        if profiles[cpu].invlpgbOrdered, !state.processors[cpu].buffer.isEmpty { return nil }
        var pages = Set<Int?>(layout.pages)
        if operands.hasAddress {
            let steps = (0..<operands.pageCount).map { operands.address &+ $0 &* operands.strideBytes }
            pages.formIntersection(steps.compactMap { layout.page(ofAddress: $0) })
        }
        // Bit 4, the final translation only, is about an address.
        var upper = BroadcastPart.Upper.all
        if operands.hasAddress {
            if operands.isFinalOnly { upper = .nothing } else if profiles[cpu].tce { upper = .path }
        }
        if layout.tables.rootLevel == 1 { upper = .nothing }
        if upper == .all { pages.insert(nil) }
        var spaces: [Int?] = layout.spaces.indices.filter { !operands.hasTag || layout.tag($0) == operands.tag }
        // Global translations have no tag: they go even if the PCID is nobody's.
        if spaces.isEmpty && operands.includesGlobal { spaces = [nil] }
        var parts: Set<BroadcastPart> = []
        for space in spaces {
            for page in pages {
                parts.insert(
                    BroadcastPart(
                        sender: cpu, space: space, page: page, includesGlobal: operands.includesGlobal, upper: upper))
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
            if let space = part.space {
                let kept = next.processors[cpu].partials
                dropTag(&next, cpu, space: space, place: layout.place(part.page), onlyPath: part.upper == .path)
                if part.upper == .nothing, profiles[cpu].upperLevels == .byPrefix {
                    next.processors[cpu].partials = kept
                }
            }
            if part.includesGlobal, let page = part.page {
                next.processors[cpu].translations.removeAll { $0.global && covers($0, page) }
            }
            return next
        }
    }
}
