import Litmus

extension TestMachine {
    /// Who changes memory.
    enum Writer {
        /// An instruction, through the direct map or a translation.
        case software(Route?)
        /// The page walker.
        case hardware
    }

    /// Changes bits of a word, and judges the change.
    func write(_ state: inout State, _ word: UInt64, mask: UInt64, value: UInt64, by writer: Writer) {
        let old = state.word(word)
        let new = (old & ~mask) | (value & mask)
        state.setWord(word, new)
        touchTable(&state, word)
        if layout.tables.entries[word] != nil {
            entryChanged(&state, word, from: Entry(old), to: Entry(new), mask: mask, by: writer)
        }
        if case .software(let route) = writer {
            if let route { translatedWrite(&state, route) }
            touch(&state, word)
        }
    }

    /// Any access to a frame that was freed is `stale_frame`.
    func touch(_ state: inout State, _ word: UInt64) {
        if let owner = layout.owner(ofWord: word), state.ghosts.freed & bit(owner) != 0 {
            state.ghosts.staleFrame |= bit(owner)
        }
    }

    /// Any access to a word of a table that was freed is `stale_table`, by whatever address.
    func touchTable(_ state: inout State, _ word: UInt64) {
        if let table = layout.table(ofWord: word), state.ghosts.freedTables & bit(table) != 0 {
            state.ghosts.staleTable |= bit(table)
        }
    }

    func bit(_ variable: Int) -> UInt64 { 1 << UInt64(variable) }

    /// The pages (bits) whose entry a word is at the start.
    private func pages(ofEntry word: UInt64) -> UInt64 {
        (layout.tables.entries[word]?.pages ?? []).reduce(0) { $0 | bit($1) }
    }

    private func entryChanged(
        _ state: inout State, _ word: UInt64, from old: Entry, to new: Entry, mask: UInt64, by writer: Writer
    ) {
        switch writer {
        case .software:
            let level = layout.tables.entries[word]?.level ?? 1
            func isShadowStack(_ entry: Entry) -> Bool { entry.isShadowStack && entry.isLeaf(level: level) }
            if !isShadowStack(old), isShadowStack(new) {
                state.ghosts.kernelShadowStack |= pages(ofEntry: word) & ordinary
            }
            // Software has put its own bits where A and D are.
            if mask & (Entry.accessedBit | Entry.dirtyBit) != 0 { state.ghosts.stray.removeAll { $0 == word } }
        case .hardware:
            if !new.present, new != old, !state.ghosts.stray.contains(word) {
                state.ghosts.stray = (state.ghosts.stray + [word]).sorted()
            }
        }
        if new.present { state.ghosts.stray.removeAll { $0 == word } }
        judgeMemory(&state)
    }

    /// Judges what walks of memory come to.
    func judgeMemory(_ state: inout State) {
        guard observed.contains(.staleWrite) || observed.contains(.shadowStackExposed) else { return }
        for space in layout.spaces.indices {
            for page in layout.pages {
                guard case .mapped(let translation) = walkOfMemory(state, space, page) else { continue }
                if translation.writable, let number = layout.number(ofFrame: frame(translation, page)) {
                    state.ghosts.barred[space * layout.variables.count + page] &= ~bit(number)
                }
                judgeExposure(&state, page, translation.shadowStack)
            }
        }
    }

    /// A page can be reached by shadow-stack accesses on some processor.
    func judgeExposure(_ state: inout State, _ page: Int, _ isShadowStack: Bool) {
        if isShadowStack, profiles.indices.contains(where: hasShadowStack) {
            state.ghosts.shadowStackExposed |= bit(page) & ordinary
        }
    }

    private func translatedWrite(_ state: inout State, _ route: Route) {
        if let owner = layout.owner(ofFrame: route.frame) {
            state.ghosts.written |= bit(owner)
            if state.ghosts.reclaimed & bit(owner) != 0 { state.ghosts.lostDirty |= bit(owner) }
        }
        // Rights that were not needed break no promise.
        if route.writable, let number = layout.number(ofFrame: route.frame),
            state.ghosts.barred[route.space * layout.variables.count + route.page] & bit(number) != 0
        {
            state.ghosts.staleWrite |= bit(route.page)
        }
    }

    /// A flush has completed on all processors: from here on nobody may write through what it dropped.
    func flushCompleted(_ state: inout State, _ scope: FlushScope) {
        guard observed.contains(.staleWrite), !scope.dropsNothing else { return }
        for space in layout.members(ofFamily: scope.space) {
            for page in layout.pages where scope.covers(page) { bar(&state, space, page) }
        }
    }

    /// From now on a page of an address space is not to be written but through the leaf that memory shows.
    private func bar(_ state: inout State, _ space: Int, _ page: Int) {
        var writableFrame: UInt64?
        if case .mapped(let translation) = walkOfMemory(state, space, page), translation.writable {
            writableFrame = frame(translation, page)
        }
        for frame in layout.allFrames where frame != writableFrame {
            guard let number = layout.number(ofFrame: frame) else { continue }
            state.ghosts.barred[space * layout.variables.count + page] |= bit(number)
        }
    }

    /// What a processor sees in a word: its own buffered stores, byte by byte, newest first, then memory.
    func read(_ state: State, _ cpu: Int, _ word: UInt64) -> UInt64 {
        var value = state.word(word)
        for store in state.processors[cpu].buffer where store.word == word {
            value = (value & ~store.mask) | (store.value & store.mask)
        }
        return value
    }

    /// Whether the processor's own store buffer holds bytes of a word.
    func holds(_ state: State, _ cpu: Int, _ word: UInt64) -> Bool {
        state.processors[cpu].buffer.contains { $0.word == word }
    }

    /// A software load of some bits of a word.
    func load(_ state: inout State, _ cpu: Int, _ word: UInt64, mask: UInt64) -> UInt64 {
        let value = read(state, cpu, word)
        touch(&state, word)
        touchTable(&state, word)
        if state.ghosts.stray.contains(word) {
            // The byte with A and D must come from memory, not from the own store buffer.
            var forwarded: UInt64 = 0
            for store in state.processors[cpu].buffer where store.word == word { forwarded |= store.mask }
            if mask & ~forwarded & (Entry.accessedBit | Entry.dirtyBit) != 0 {
                state.ghosts.strayPresent |= pages(ofEntry: word)
            }
        }
        return value
    }

    /// A software store: into the buffer, or to memory where there is none.
    func store(_ state: inout State, _ cpu: Int, _ word: UInt64, mask: UInt64, value: UInt64, route: Route?) {
        if profiles[cpu].storeBuffer == .sc {
            write(&state, word, mask: mask, value: value, by: .software(route))
        } else {
            state.processors[cpu].buffer.append(
                BufferedStore(word: word, mask: mask, value: value & mask, route: route))
        }
    }

    /// The oldest buffered store reaches memory.
    func drainOne(_ state: inout State, _ cpu: Int) {
        guard !state.processors[cpu].buffer.isEmpty else { return }
        let store = state.processors[cpu].buffer.removeFirst()
        countDrained(&state, cpu)
        write(&state, store.word, mask: store.mask, value: store.value, by: .software(store.route))
    }

    func drainAll(_ state: inout State, _ cpu: Int) {
        while !state.processors[cpu].buffer.isEmpty { drainOne(&state, cpu) }
    }

    /// Caches a translation.
    func fill(_ state: inout State, _ cpu: Int, _ translation: Translation) {
        state.processors[cpu].fill(translation)
        guard hasShadowStack(cpu) else { return }
        for page in layout.pages where covers(translation, page) {
            judgeExposure(&state, page, translation.shadowStack)
        }
    }

    /// Forgets ghost state that no condition of this test reads.
    func forgetUnobserved(_ ghosts: inout Ghosts) {
        func keep(_ property: Property) -> Bool { observed.contains(property) }
        if !keep(.lostDirty) {
            ghosts.lostDirty = 0
            ghosts.reclaimed = 0
            if !keep(.written) { ghosts.written = 0 }
        }
        if !keep(.kernelShadowStack) { ghosts.kernelShadowStack = 0 }
        if !keep(.shadowStackExposed) { ghosts.shadowStackExposed = 0 }
        if !keep(.staleWrite) {
            ghosts.staleWrite = 0
            for index in ghosts.barred.indices where ghosts.barred[index] != 0 { ghosts.barred[index] = 0 }
        }
        if !keep(.staleFrame) {
            ghosts.staleFrame = 0
            ghosts.freed = 0
        }
        if !keep(.strayPresent) {
            ghosts.strayPresent = 0
            ghosts.stray = []
        }
        if !keep(.sizeConflict) { ghosts.sizeConflict = 0 }
        if !keep(.sizeMismatch) { ghosts.sizeMismatch = 0 }
        if !keep(.staleTable) {
            ghosts.staleTable = 0
            ghosts.freedTables = 0
        }
    }
}
